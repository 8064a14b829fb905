// Answers by models: chooses who is asked, bounds it in time and money, and falls back to the built-in model, which is
// local, free and always there.
import type { ModelReason } from '@parley/contract/runs';
import type { Context } from '../../core/context.ts';
import type { Kernel } from '../../core/kernel.ts';
import { askBuiltIn } from './ask-built-in.ts';
import { handOverSentence } from './asked.ts';
import { knownCatalogue } from './catalogue.ts';
import { readEnvironmentModels } from './environment.ts';
import { askModels, type Outcome } from './generate.ts';
import { type OperatorEmbedder, operatorEmbeddingModel, thisMachine } from './operator-embedder.ts';
import { routingFor } from './overrides.ts';
import { composePrompt, type PromptInput, type PromptPassage, readAnswer } from './prompt.ts';
import { type Asking, callsOf, type GeneratedAnswer, type GenerateRequest, toQuestion } from './request.ts';
import { builtInName, writeReceipt } from './routing-settings.ts';
import { createRuntime, type ModelEndpoints } from './runtime.ts';
import { CallCollector } from './tool-calls.ts';

export type { Sensitivity } from '@parley/contract/routing';
export {
  askedParts,
  asksForPerson,
  isSmallTalk,
  type RankedFor,
  rankForPart,
  wordingsOf,
} from './asked.ts';
export { findModel } from './catalogue.ts';
export { type ChatTurn, composeChatPrompt, readChatAnswer } from './chat-prompt.ts';
export { knowledgeEmbedder } from './knowledge-embedder.ts';
export { addCost, costOf } from './pricing.ts';
export { type HistoryMessage, ownWords, type Prompt, quoteData, type Supports } from './prompt.ts';
export type { Asking, GeneratedAnswer, GenerateRequest } from './request.ts';
export { readRouting } from './routing-settings.ts';
export { inferenceRuntime } from './runtime.ts';
export { segmentBooks } from './segments.ts';
export { labelOf } from './sensitivity.ts';
export { testModel } from './test-model.ts';
export type { OfferedTool, ToolCall, ToolExchange } from './tool-calls.ts';
export { builtInName, handOverSentence, thisMachine };

/** @throws ConfigError for models of the environment that cannot be */
export function createInferenceRuntime(
  kernel: Kernel,
  endpoints: ModelEndpoints,
  embedder: OperatorEmbedder | null = null,
) {
  const now = kernel.clock.date();
  const environmentModels = readEnvironmentModels(kernel.config, now);
  if (embedder) environmentModels.push(operatorEmbeddingModel(embedder, now));
  return createRuntime(kernel, { endpoints, environmentModels });
}

export interface ComposedAnswer extends GeneratedAnswer {
  /** A person is needed; `text` is then the honest sentence, after what could be answered. */
  readonly handOver: boolean;
  /** Positions in the question's passages that the answer names as its sources. */
  readonly cited: ReadonlySet<number>;
}

/**
 * Puts a conversation before the models and reads what they make of it. In a transaction only where no model is preferred:
 * then nobody outside is asked.
 * @param generate who answers the prompt: one model, or a loop that uses tools, which may add to the question's passages.
 */
export async function composeAnswer(
  ctx: Context,
  question: Omit<PromptInput, 'now'>,
  asking: Asking,
  generate: (ctx: Context, request: GenerateRequest) => Promise<GeneratedAnswer> = generateAnswer,
): Promise<ComposedAnswer> {
  const prompt = composePrompt({ ...question, now: ctx.clock.date() });
  const { onText } = asking;
  const generated = await generate(ctx, {
    ...asking,
    prompt,
    knowledge: question.passages.map(textOfPassage),
    language: question.language,
    ...(onText ? { onText: (text: string) => onText(readAnswer(withoutOpenMark(text)).answer) } : {}),
  });
  const { answer, handOver, citedPassages } = readAnswer(generated.text);
  const cited = citedPassages
    .map((name) => Number(name.slice(1)) - 1)
    .filter((at) => at in question.passages);
  const text = answer || handOverSentence(question.language);
  return { ...generated, text, handOver, cited: new Set(cited) };
}

export const textOfPassage = ({ heading, text }: Pick<PromptPassage, 'heading' | 'text'>) =>
  `${heading ?? ''}\n${text}`;

/** Without the mark that is just being written at its end. */
function withoutOpenMark(text: string): string {
  return text.replace(/\[[^\]]*\]?$/, '');
}

/**
 * Asks the models in their order until one answers; the built-in one is the last, unless the workspace wants a person
 * then. In a transaction only where no model is preferred: then nobody outside is asked.
 * @throws the signal's reason when it aborts; whatever the built-in model throws
 */
export async function generateAnswer(ctx: Context, request: GenerateRequest): Promise<GeneratedAnswer> {
  const started = performance.now();
  const durationMs = () => Math.round(performance.now() - started);
  if (request.preferredModelId === null) {
    const { reason, ...answer } = await askBuiltIn(ctx, request, 'preferred');
    return {
      ...answer,
      isCutOff: false,
      model: builtInName,
      costMicros: 0,
      reasons: [reason],
      durationMs: durationMs(),
    };
  }
  const catalogue = await knownCatalogue(ctx);
  const collector = new CallCollector();
  const outcome = await askModels(ctx, catalogue, toQuestion(request, collector));
  const { costMicros, inputTokens, outputTokens, reasons } = outcome;
  const figures = { inputTokens, outputTokens, costMicros, reasons };
  if (outcome.answer && outcome.model) {
    const calls = request.mustAnswer ? [] : callsOf(outcome.answer, collector);
    const isCutOff = outcome.answer.finishReason === 'length' && calls.length === 0;
    const text = isCutOff && !request.keepsCutOff ? '' : outcome.answer.text.trim();
    return { text, calls, isCutOff, model: outcome.model.name, ...figures, durationMs: durationMs() };
  }
  const said = outcome.said.trim();
  if (request.keepsCutOff && said !== '') {
    const model = outcome.speaker?.name ?? null;
    return { text: said, calls: [], isCutOff: true, model, ...figures, durationMs: durationMs() };
  }
  const { lastResort } = routingFor(catalogue.routing, request.purpose);
  const wantsPerson = outcome.capped === 'stop' || lastResort === 'person';
  if (wantsPerson || (request.needs ?? []).length > 0) return callPerson(ctx, request, outcome, durationMs());
  const { reason, ...answer } = await askBuiltIn(ctx, request, 'fallback');
  return {
    ...answer,
    isCutOff: false,
    model: builtInName,
    costMicros,
    reasons: [...reasons, reason],
    durationMs: durationMs(),
  };
}

/** No model answers: nothing of what was asked goes anywhere, and where it was private, a receipt says so. */
async function callPerson(
  ctx: Context,
  request: GenerateRequest,
  outcome: Outcome,
  durationMs: number,
): Promise<GeneratedAnswer> {
  const { label, costMicros, inputTokens, outputTokens } = outcome;
  const reasons: ModelReason[] = [
    ...outcome.reasons,
    {
      modelId: null,
      model: builtInName,
      decision: 'skipped',
      reason: 'person_instead',
      step: outcome.capped === 'stop' ? 'cost' : 'order',
      durationMs: 0,
    },
  ];
  if (label.sensitivity === 'private') {
    const because = [...label.because];
    await writeReceipt(ctx, {
      purpose: request.purpose,
      conversationId: request.conversationId ?? null,
      because,
      reasons,
    });
  }
  return {
    text: '',
    calls: [],
    isCutOff: false,
    model: null,
    inputTokens,
    outputTokens,
    costMicros,
    reasons,
    durationMs,
  };
}
