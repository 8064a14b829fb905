// The model that is always there: no key, no network, no cost. It speaks the AI SDK's language model interface, so nobody
// above it knows the difference, and says only what the passages say.
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4Prompt,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4Warning,
} from '@ai-sdk/provider';
import { burstOf } from './asked.ts';
import { answerPrompt, type PassageIndexer, spoken } from './builtin-answer.ts';
import type { SpokenLanguage } from './builtin-phrases.ts';
import { callFor, sayResult } from './builtin-tools.ts';
import { readPrompt, unquote } from './prompt.ts';

export const BUILTIN_PROVIDER = 'parley';
export const BUILTIN_MODEL = 'builtin';

const FINISHED: LanguageModelV4FinishReason = { unified: 'stop', raw: undefined };
const CALLED: LanguageModelV4FinishReason = { unified: 'tool-calls', raw: undefined };

/** Makes the model `parley/builtin`. */
export function createBuiltinModel(indexPassages: PassageIndexer): LanguageModelV4 {
  async function answer(options: LanguageModelV4CallOptions) {
    options.abortSignal?.throwIfAborted();
    const { instructions, messages } = textOf(options.prompt);
    const prompt = readPrompt(instructions, messages);
    const text =
      saidOf(options.prompt, spoken(prompt.language, null, prompt.passages)) ??
      (await answerPrompt(prompt, indexPassages));
    const inputLength = instructions.length + messages.reduce((sum, message) => sum + message.text.length, 0);
    return { text, usage: usageOf(inputLength, text.length), warnings: warningsOf(options) };
  }

  return {
    specificationVersion: 'v4',
    provider: BUILTIN_PROVIDER,
    modelId: BUILTIN_MODEL,
    supportedUrls: {},
    async doGenerate(options) {
      const call = callOf(options);
      if (call)
        return { content: [call], finishReason: CALLED, usage: usageOf(0, call.input.length), warnings: [] };
      const { text, usage, warnings } = await answer(options);
      return { content: [{ type: 'text', text }], finishReason: FINISHED, usage, warnings };
    },
    async doStream(options) {
      const call = callOf(options);
      if (call) {
        const parts: LanguageModelV4StreamPart[] = [
          { type: 'stream-start', warnings: [] },
          call,
          { type: 'finish', finishReason: CALLED, usage: usageOf(0, call.input.length) },
        ];
        return { stream: ReadableStream.from(parts) };
      }
      const { text, usage, warnings } = await answer(options);
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

/** The call that a rule makes of the newest message; once tools were called, it is answered. */
function callOf({
  prompt,
  tools = [],
  toolChoice,
}: LanguageModelV4CallOptions): Extract<LanguageModelV4Content, { type: 'tool-call' }> | null {
  if (tools.length === 0 || toolChoice?.type === 'none' || prompt.at(-1)?.role === 'tool') return null;
  const { instructions, messages } = textOf(prompt);
  const [, now] = /^Now: (\S+)$/m.exec(instructions) ?? [];
  const offered = new Set(tools.map(({ name }) => name));
  const call = callFor(
    burstOf(readPrompt(instructions, messages).turns).burst,
    offered,
    now ? new Date(now) : null,
  );
  if (!call) return null;
  return { type: 'tool-call', toolCallId: 'call_1', toolName: call.name, input: JSON.stringify(call.input) };
}

/** A sentence about the newest call; null where there is none, or no rule knows it. */
function saidOf(prompt: LanguageModelV4Prompt, language: SpokenLanguage): string | null {
  const last = prompt.at(-1);
  const result = last?.role === 'tool' ? last.content.at(-1) : undefined;
  if (result?.type !== 'tool-result' || result.output.type !== 'text') return null;
  return sayResult(result.toolName, unquote(result.output.value), language);
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
  return options.responseFormat?.type === 'json' ? [{ type: 'unsupported', feature: 'responseFormat' }] : [];
}
