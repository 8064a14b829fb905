// Answers by models: chooses who is asked, bounds it in time and money, and falls back to the built-in model, which is
// local, free and always there.
import type { ModelTest } from '@parley/contract/models';
import type { ModelReason } from '@parley/contract/runs';
import type { Context } from '../../core/context.ts';
import { type Answer, ask, askOnce, explain, type FailureReason, ModelFailure } from './asking.ts';
import { type Reservation, reserve, settle } from './budget.ts';
import { BUILTIN_MODEL, BUILTIN_PROVIDER } from './builtin-model.ts';
import { PHRASES } from './builtin-phrases.ts';
import { findModel, isLocal, knownModels, openModel } from './models.ts';
import { composePrompt, type HistoryMessage, type Prompt, type PromptInput, readAnswer } from './prompt.ts';
import { route, type Sensitivity, skip } from './routing.ts';
import { createInferenceRuntime, inferenceRuntime, type StoredModel } from './runtime.ts';

export { createInferenceRuntime, findModel, type HistoryMessage, inferenceRuntime, type Sensitivity };

export const builtInName = `${BUILTIN_PROVIDER}/${BUILTIN_MODEL}`;

/** All outside models together may take this long before the built-in one answers. */
const outsideMsMax = 45_000;
/** Less than this is not worth a call. */
const callMsMin = 500;

/** Whom to ask, for what, and within which bounds. */
export interface Asking {
  readonly sensitivity: Sensitivity;
  /** Null: the built-in one. */
  readonly preferredModelId: string | null;
  /** What the money is spent on, e.g. `run`. */
  readonly purpose: string;
  readonly signal: AbortSignal;
}

export interface ComposedAnswer extends GeneratedAnswer {
  /** A person is needed; `text` is then the honest sentence, after what could be answered. */
  readonly handOver: boolean;
  /** Positions in the question's passages that the answer names as its sources. */
  readonly cited: ReadonlySet<number>;
}

/** Puts a conversation before the models and reads what they make of it. In a transaction only where no model is preferred:
 * then nobody outside is asked. */
export async function composeAnswer(
  ctx: Context,
  question: Omit<PromptInput, 'now'>,
  asking: Asking,
): Promise<ComposedAnswer> {
  const prompt = composePrompt({ ...question, now: ctx.clock.date() });
  const generated = await generateAnswer(ctx, { ...asking, prompt });
  const { answer, handOver, citedPassages } = readAnswer(generated.text);
  const cited = citedPassages
    .map((name) => Number(name.slice(1)) - 1)
    .filter((at) => at in question.passages);
  const language = question.language === 'unknown' ? 'en' : question.language;
  return { ...generated, text: answer || PHRASES[language].handOver, handOver, cited: new Set(cited) };
}

export interface GenerateRequest extends Asking {
  readonly prompt: Prompt;
}

export interface GeneratedAnswer {
  readonly text: string;
  /** The name of the model that answered. */
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costMicros: number;
  /** Every model that was thought of, in order. */
  readonly reasons: readonly ModelReason[];
  readonly durationMs: number;
}

/**
 * Asks the models in their order until one answers; the built-in one is the last. In a transaction only where no model
 * is preferred: then nobody outside is asked.
 * @throws the signal's reason when it aborts; whatever the built-in model throws
 */
export async function generateAnswer(ctx: Context, request: GenerateRequest): Promise<GeneratedAnswer> {
  const started = performance.now();
  const reasons: ModelReason[] = [];
  let costMicros = 0;
  const finish = (
    answer: { text: string; inputTokens: number; outputTokens: number },
    model: string,
  ): GeneratedAnswer => ({
    ...answer,
    model,
    costMicros,
    reasons,
    durationMs: Math.round(performance.now() - started),
  });

  const preferred = request.preferredModelId;
  if (preferred !== null) {
    const models = await knownModels(ctx);
    const routable = models.map((model) => ({ ...model, local: isLocal(ctx.config, model) }));
    const { candidates, skipped } = route(routable, preferred, request.sensitivity);
    reasons.push(...skipped);
    for (const { model, reason } of candidates) {
      const timeoutMs = Math.min(model.timeoutMs, outsideMsMax - (performance.now() - started));
      if (timeoutMs < callMsMin) {
        reasons.push(skip(model, 'out_of_time'));
        continue;
      }
      const attempt = await askWithinBudget(ctx, model, request, timeoutMs);
      costMicros += attempt.costMicros;
      if (attempt.answer) {
        reasons.push(describe(model, 'answered', reason, attempt.durationMs));
        return finish(counted(attempt.answer), model.name);
      }
      const skipped = attempt.reason === 'budget_exhausted' || attempt.reason === 'circuit_open';
      reasons.push(describe(model, skipped ? 'skipped' : 'failed', attempt.reason, attempt.durationMs));
    }
  }

  const answer = await askBuiltIn(ctx, request);
  reasons.push({
    modelId: null,
    model: builtInName,
    decision: 'answered',
    reason: preferred === null ? 'preferred' : 'fallback',
    durationMs: answer.durationMs,
  });
  return finish(counted(answer), builtInName);
}

type Attempt = { readonly costMicros: number; readonly durationMs: number } & (
  | { readonly answer: Answer }
  | { readonly answer: null; readonly reason: FailureReason | 'budget_exhausted' }
);

/** Reserves what the call can cost at most, asks, and settles what it did cost. */
async function askWithinBudget(
  ctx: Context,
  model: StoredModel,
  request: GenerateRequest,
  timeoutMs: number,
  once = false,
): Promise<Attempt> {
  const started = performance.now();
  const { seconds, breakers } = ctx.use(inferenceRuntime);
  const durationMs = () => Math.round(performance.now() - started);
  const opened = await openModel(ctx, model);
  const amountMicros = costOf(model, tokensMax(request.prompt), model.outputTokensMax);
  const reservation = amountMicros > 0 ? await reserve(ctx, amountMicros, request.purpose) : null;
  if (amountMicros > 0 && !reservation) {
    return { answer: null, reason: 'budget_exhausted', costMicros: 0, durationMs: durationMs() };
  }
  const options = { outputTokensMax: model.outputTokensMax, timeoutMs, signal: request.signal };
  let costMicros = amountMicros;
  let outcome = 'abandoned';
  try {
    const answer = once
      ? await askOnce(opened, request.prompt, options)
      : await ask(opened, breakers.of(model.id, model.updatedAt.toISOString()), request.prompt, options);
    outcome = 'answered';
    // An endpoint that does not count is taken to have used all that was reserved.
    if (answer.inputTokens !== null && answer.outputTokens !== null)
      costMicros = costOf(model, answer.inputTokens, answer.outputTokens);
    return { answer, costMicros, durationMs: durationMs() };
  } catch (error) {
    if (!(error instanceof ModelFailure)) throw error;
    outcome = error.reason;
    if (!error.mayHaveCost) costMicros = 0;
    ctx.log.warn(
      { model_id: model.id, reason: error.reason, purpose: request.purpose },
      'a model did not answer',
    );
    return { answer: null, reason: error.reason, costMicros, durationMs: durationMs() };
  } finally {
    seconds.observe({ kind: 'outside', outcome }, durationMs() / 1000);
    if (reservation) await settleOrLeave(ctx, reservation, costMicros);
  }
}

/** An answer must not be lost because the books are closed: what is not settled counts in full after ten minutes. */
async function settleOrLeave(ctx: Context, reservation: Reservation, costMicros: number): Promise<void> {
  try {
    await settle(ctx, reservation, costMicros);
  } catch (error) {
    ctx.log.error({ err: error, reservation_id: reservation.id }, 'a reservation could not be settled');
  }
}

// Not through the AI SDK's generateText: its timers, retries and tools take longer than this model does.
async function askBuiltIn(
  ctx: Context,
  { prompt, signal }: GenerateRequest,
): Promise<Answer & { durationMs: number }> {
  signal.throwIfAborted();
  const started = performance.now();
  const { builtIn, seconds } = ctx.use(inferenceRuntime);
  const { content, usage } = await builtIn.doGenerate({
    prompt: [
      { role: 'system', content: prompt.instructions },
      ...prompt.messages.map(({ role, content: text }) => ({
        role,
        content: [{ type: 'text' as const, text }],
      })),
    ],
  });
  const durationMs = performance.now() - started;
  seconds.observe({ kind: 'built_in', outcome: 'answered' }, durationMs / 1000);
  return {
    text: content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    inputTokens: usage.inputTokens.total ?? null,
    outputTokens: usage.outputTokens.total ?? null,
    durationMs: Math.round(durationMs),
  };
}

function counted(answer: Answer): { text: string; inputTokens: number; outputTokens: number } {
  return {
    text: answer.text,
    inputTokens: answer.inputTokens ?? 0,
    outputTokens: answer.outputTokens ?? 0,
  };
}

function describe(
  model: StoredModel,
  decision: ModelReason['decision'],
  reason: string,
  durationMs: number,
): ModelReason {
  return { modelId: model.id, model: model.name, decision, reason, durationMs };
}

/** No tokeniser makes more tokens than there are bytes; the JSON around the messages stands for a template's own. */
function tokensMax(prompt: Prompt): number {
  return Buffer.byteLength(JSON.stringify(prompt));
}

function costOf(model: StoredModel, inputTokens: number, outputTokens: number): number {
  return Math.ceil(
    (inputTokens * model.inputPriceMicros + outputTokens * model.outputPriceMicros) / 1_000_000,
  );
}

const trial: Prompt = {
  instructions: 'You are being tested. Answer with one word.',
  messages: [{ role: 'user', content: 'Say hello.' }],
};

/** Asks a model something short, whether it is enabled or not, under the same budget. @throws ParleyError 404 */
export async function testModel(ctx: Context, modelId: string): Promise<ModelTest> {
  const model = await ctx.transaction((tx) => findModel(tx, modelId));
  const request: GenerateRequest = {
    prompt: trial,
    sensitivity: 'normal',
    preferredModelId: modelId,
    purpose: 'test',
    signal: AbortSignal.timeout(outsideMsMax),
  };
  const attempt = await askWithinBudget(ctx, model, request, Math.min(model.timeoutMs, outsideMsMax), true);
  const { durationMs } = attempt;
  return attempt.answer
    ? { ok: true, code: 'ok', message: 'It answers.', durationMs }
    : { ok: false, code: attempt.reason, message: explain(attempt.reason), durationMs };
}
