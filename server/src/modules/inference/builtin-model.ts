// The model that is always there: no key, no network, no cost. It speaks the AI SDK's language model interface, so nobody
// above it knows the difference, and says only what the passages say.
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4Prompt,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4Warning,
} from '@ai-sdk/provider';
import { answerPrompt, type PassageIndexer, type PassageRanker } from './builtin-answer.ts';
import { type CitablePassage, readPrompt } from './prompt.ts';

export const BUILTIN_PROVIDER = 'parley';
export const BUILTIN_MODEL = 'builtin';

const FINISHED: LanguageModelV4FinishReason = { unified: 'stop', raw: undefined };
const INDEXES_MAX = 32;

/** Makes the model `parley/builtin`. It keeps the indexes of the last few sets of passages that it was asked with. */
export function createBuiltinModel(indexPassages: PassageIndexer): LanguageModelV4 {
  const indexes = new Map<string, PassageRanker<CitablePassage>>();

  function rankerFor(
    instructions: string,
    passages: readonly CitablePassage[],
  ): PassageRanker<CitablePassage> {
    const key = instructions.slice(instructions.lastIndexOf('\n<passages>\n'));
    const known = indexes.get(key);
    const ranker = known ?? indexPassages(passages);
    indexes.delete(key);
    indexes.set(key, ranker);
    const oldest = indexes.keys().next();
    if (indexes.size > INDEXES_MAX && oldest.done === false) indexes.delete(oldest.value);
    return ranker;
  }

  function answer(options: LanguageModelV4CallOptions) {
    options.abortSignal?.throwIfAborted();
    const { instructions, messages } = textOf(options.prompt);
    const prompt = readPrompt(instructions, messages);
    const text = answerPrompt(prompt, rankerFor(instructions, prompt.passages), indexPassages);
    const inputLength = instructions.length + messages.reduce((sum, message) => sum + message.text.length, 0);
    return { text, usage: usageOf(inputLength, text.length), warnings: warningsOf(options) };
  }

  return {
    specificationVersion: 'v4',
    provider: BUILTIN_PROVIDER,
    modelId: BUILTIN_MODEL,
    supportedUrls: {},
    async doGenerate(options) {
      const { text, usage, warnings } = answer(options);
      return { content: [{ type: 'text', text }], finishReason: FINISHED, usage, warnings };
    },
    async doStream(options) {
      const { text, usage, warnings } = answer(options);
      const deltas = (text.match(/\S+\s*/g) ?? []).map((delta) => ({
        type: 'text-delta' as const,
        id: 'answer',
        delta,
      }));
      const parts: LanguageModelV4StreamPart[] = [
        { type: 'stream-start', warnings },
        { type: 'text-start', id: 'answer' },
        ...deltas,
        { type: 'text-end', id: 'answer' },
        { type: 'finish', finishReason: FINISHED, usage },
      ];
      return { stream: ReadableStream.from(parts) };
    },
  };
}

/** The text of a prompt; what is no text (files, tool results) is nothing to this model. */
function textOf(prompt: LanguageModelV4Prompt) {
  const instructions: string[] = [];
  const messages: { role: 'user' | 'assistant'; text: string }[] = [];
  for (const message of prompt) {
    if (message.role === 'system') {
      instructions.push(message.content);
    } else if (message.role !== 'tool') {
      const parts: readonly { type: string; text?: string }[] = message.content;
      const text = parts.map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join('');
      messages.push({ role: message.role, text });
    }
  }
  return { instructions: instructions.join('\n'), messages };
}

const CHARACTERS_PER_TOKEN = 4;

/** An estimate, so that budgets and figures have something to count. */
function usageOf(inputLength: number, outputLength: number): LanguageModelV4Usage {
  const input = Math.ceil(inputLength / CHARACTERS_PER_TOKEN);
  const output = Math.ceil(outputLength / CHARACTERS_PER_TOKEN);
  return {
    inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: output, text: output, reasoning: 0 },
  };
}

function warningsOf(options: LanguageModelV4CallOptions): SharedV4Warning[] {
  const unsupported = [
    ...((options.tools?.length ?? 0) > 0 ? ['tools'] : []),
    ...(options.responseFormat?.type === 'json' ? ['responseFormat'] : []),
  ];
  return unsupported.map((feature) => ({ type: 'unsupported', feature }));
}
