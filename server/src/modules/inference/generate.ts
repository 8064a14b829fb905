// Asks models in the router's order until one has answered, or goes on where the one before it was cut off; each call
// bounded in time, money and its provider's quota.
import type { WhenReached } from '@parley/contract/budgets';
import type { ModelReason } from '@parley/contract/runs';
import type { Context } from '../../core/context.ts';
import { type Answer, ask, askOnce, type ChatBody, type Delta } from './asking.ts';
import { openModel } from './catalogue.ts';
import { continuing, OverlapTrimmer, WordGate } from './continuation.ts';
import { recordCall } from './figures.ts';
import { holdRoom, nothing, writeDown } from './held-call.ts';
import { incidentsOf } from './incidents.ts';
import type { Spending, Spent } from './ledger.ts';
import { type FailureReason, type HoldRefusal, ModelFailure } from './model-failure.ts';
import { type Plannable, type PlannedModel, plan } from './planning.ts';
import { addCost, costOf } from './pricing.ts';
import { countRequest, hasQuota } from './quotas.ts';
import { isForbidden, type Step, skip } from './routing.ts';
import { type Catalogue, inferenceRuntime, type KnownModel } from './runtime.ts';
import type { SensitivityLabel } from './sensitivity.ts';

/** All outside models together may take this long, or in pieces be silent for so long. */
export const outsideMsMax = 45_000;
/** An answer in pieces, with all who go on with it; what is held for it would not be held for longer. */
export const streamMsMax = 480_000;
/** Some endpoints send letter by letter. */
const piecesOfTokenMax = 20;
/** Less than this is not worth a call. */
const callMsMin = 500;

export interface ModelQuestion extends Plannable {
  readonly body: ChatBody;
  /** Goes along to models that can call tools; the others answer without. */
  readonly tools?: Readonly<Record<string, unknown>>;
  /** Nobody saw a call that was begun: another model may begin anew. */
  readonly callsMayBeLost?: boolean;
  readonly outputTokensMax: number | null;
  readonly conversationId: string | null;
  readonly signal: AbortSignal;
  /** Asks for the answer in pieces, and gets each: whole words, none of them twice. */
  readonly onDelta?: ((delta: Delta, model: KnownModel) => void) | undefined;
  /** Gets the beginning of the next word as it grows; it is lost where the model fails. */
  readonly onWord?: ((begun: string) => void) | undefined;
}

export interface Outcome {
  /** Null: no outside model has answered. */
  readonly answer: Answer | null;
  readonly model: KnownModel | null;
  /** What has been said in pieces, also where no model has come to the end. */
  readonly said: string;
  /** Who said the last of it. */
  readonly speaker: KnownModel | null;
  /** A cap says that a person is to be called, or the built-in model asked, instead of others. */
  readonly capped: WhenReached | null;
  readonly label: SensitivityLabel;
  /** Null: a model without a price was asked. */
  readonly costMicros: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly reasons: readonly ModelReason[];
}

/** @throws the signal's reason when it aborts */
export async function askModels(
  ctx: Context,
  catalogue: Catalogue,
  question: ModelQuestion,
): Promise<Outcome> {
  const started = performance.now();
  const { candidates, skipped, ...label } = await plan(ctx, catalogue, question);
  const reasons: ModelReason[] = [...skipped];
  const totals = { costMicros: 0 as number | null, inputTokens: 0, outputTokens: 0 };
  const story = new Story(question);
  let capped: WhenReached | null = null;
  const end = (answer: Answer | null, model: KnownModel | null): Outcome => ({
    answer,
    model,
    said: story.said,
    speaker: story.speaker,
    capped,
    label,
    reasons,
    ...totals,
  });
  for (const [at, { model, reason, step }] of candidates.entries()) {
    const now = performance.now();
    const streamMs = started + streamMsMax - now;
    const leftMs = Math.min(streamMs, (story.heardAt ?? started) + outsideMsMax - now);
    const refusal = refusalNow(model, label, capped, leftMs, story);
    if (refusal) {
      reasons.push(refusal);
      continue;
    }
    const continues = story.said !== '';
    const attempt = await askWithinBudget(
      ctx,
      catalogue,
      model.known,
      question,
      story,
      { leftMs, streamMs },
      // With another model to ask, none is waited for.
      at === candidates.length - 1 ? 'patient' : 'brief',
    );
    totals.costMicros = addCost(totals.costMicros, attempt.spent.costMicros);
    totals.inputTokens += attempt.spent.inputTokens;
    totals.outputTokens += attempt.spent.outputTokens;
    if (attempt.answer) {
      reasons.push({
        ...described(model, 'answered', reason, step, attempt.durationMs),
        ...(continues ? { because: ['continued'] } : {}),
      });
      return end(story.whole(attempt.answer), model.known);
    }
    reasons.push(failureReason(model, attempt));
    if (attempt.reason === 'budget_exhausted') capped = attempt.whenReached;
    if (capped === 'stop' || capped === 'built_in') break;
  }
  return end(null, null);
}

/** What a plan cannot know before the models that come first were asked. */
function refusalNow(
  model: PlannedModel,
  label: SensitivityLabel,
  capped: WhenReached | null,
  leftMs: number,
  story: Story,
): ModelReason | null {
  if (isForbidden(model, label.sensitivity))
    return { ...skip(model, 'private_content', 'sensitivity'), because: [...label.because] };
  if (capped === 'local' && !model.local) return skip(model, 'budget_exhausted', 'cost');
  if (leftMs < callMsMin) return skip(model, 'out_of_time', 'latency');
  if (!story.canContinue) return skip(model, 'cannot_continue', 'call');
  return null;
}

function failureReason(model: PlannedModel, attempt: FailedAttempt): ModelReason {
  const steps: Partial<Record<FailedAttempt['reason'], Step>> = {
    budget_exhausted: 'cost',
    price_unknown: 'cost',
    quota_exhausted: 'quota',
    circuit_open: 'health',
  };
  const step = steps[attempt.reason];
  return described(model, step ? 'skipped' : 'failed', attempt.reason, step ?? 'call', attempt.durationMs);
}

function described(
  { id, name }: PlannedModel,
  decision: ModelReason['decision'],
  reason: string,
  step: Step,
  durationMs: number,
): ModelReason {
  return { modelId: id, model: name, decision, reason, step, durationMs };
}

/** What was said so far, by one model after the other. */
class Story {
  readonly #question: ModelQuestion;
  said = '';
  speaker: KnownModel | null = null;
  /** When the last word came, or a part of one. */
  heardAt: number | null = null;
  /** Half a call of a tool is nothing that another model could go on with. */
  canContinue = true;

  constructor(question: ModelQuestion) {
    this.#question = question;
  }

  body(): ChatBody {
    const { body } = this.#question;
    return this.said === '' ? body : { ...body, messages: continuing(body.messages, this.said) };
  }

  /** A listener for one model. */
  listen(model: KnownModel): { onDelta: (delta: Delta) => void; end: () => void } | null {
    const { onDelta, onWord } = this.#question;
    if (!onDelta) return null;
    const trimmer = this.said === '' ? null : new OverlapTrimmer(this.said);
    const gate = new WordGate();
    const say = (delta: Delta) => {
      if (delta.text === '' && !delta.other) return;
      this.said += delta.text;
      if (delta.text !== '') this.speaker = model;
      if (delta.other && 'tool_calls' in delta.other && !this.#question.callsMayBeLost)
        this.canContinue = false;
      onDelta(delta, model);
    };
    return {
      onDelta: (delta) => {
        this.heardAt = performance.now();
        const fresh = trimmer ? trimmer.take(delta.text) : delta.text;
        say({ ...delta, text: delta.atOnce ? fresh + (trimmer?.end() ?? '') : gate.take(fresh) });
        if (gate.held !== '') onWord?.(gate.held);
      },
      end: () => say({ text: gate.take(trimmer?.end() ?? '') + gate.end(), other: null }),
    };
  }

  whole(answer: Answer): Answer {
    return this.#question.onDelta ? { ...answer, text: this.said.trim() } : answer;
  }
}

interface AnsweredAttempt {
  readonly answer: Answer;
}
interface FailedAttempt {
  readonly answer: null;
  readonly reason: FailureReason | HoldRefusal;
  readonly whenReached: WhenReached;
  readonly durationMs: number;
}
type Attempt = (AnsweredAttempt | FailedAttempt) & { readonly spent: Spent; readonly durationMs: number };

/** Holds what the call can cost at most, asks, and settles what it did cost. */
async function askWithinBudget(
  ctx: Context,
  catalogue: Catalogue,
  model: KnownModel,
  question: ModelQuestion,
  story: Story,
  { leftMs, streamMs }: { readonly leftMs: number; readonly streamMs: number },
  manner: 'once' | 'brief' | 'patient',
): Promise<Attempt> {
  const started = performance.now();
  const durationMs = () => Math.round(performance.now() - started);
  const endpoint = await openModel(ctx, model);
  const spending: Spending = { kind: 'model', modelId: model.id, model: model.name, ...whose(question) };
  const outputTokensMax = Math.min(question.outputTokensMax ?? model.outputTokensMax, model.outputTokensMax);
  const inputTokensMax = question.inputTokensMax + Buffer.byteLength(story.said);
  const amounts = {
    money: costOf(model.price, inputTokensMax, outputTokensMax),
    tokens: inputTokensMax + outputTokensMax,
    segments: 0,
  };
  const held = await holdRoom(ctx, catalogue, model, spending, amounts);
  if (held && 'refused' in held)
    return {
      answer: null,
      reason: held.refused,
      whenReached: held.whenReached,
      spent: nothing,
      durationMs: durationMs(),
    };
  let spent: Spent = {
    costMicros: amounts.money,
    inputTokens: inputTokensMax,
    outputTokens: outputTokensMax,
    segments: 0,
  };
  let outcome = 'abandoned';
  try {
    const listener = story.listen(model);
    const options = {
      timeoutMs: Math.min(model.timeoutMs, leftMs),
      streamMs,
      piecesMax: outputTokensMax * piecesOfTokenMax,
      firstTokenMs: Math.min(model.firstTokenMs, leftMs),
      betweenTokensMs: model.betweenTokensMs,
      signal: question.signal,
      patient: manner === 'patient',
      mayAskAgain: async () => !hasQuota(model) || countRequest(ctx, model.id, model),
      ...(listener ? { onDelta: listener.onDelta } : {}),
    };
    const body = {
      ...story.body(),
      ...(model.capabilities.includes('tools') ? question.tools : {}),
      max_tokens: outputTokensMax,
    };
    const { breakers } = ctx.use(inferenceRuntime);
    const answer =
      manner === 'once'
        ? await askOnce(endpoint, body, options)
        : await ask(
            endpoint,
            breakers.of(ctx.workspaceId, model, incidentsOf(ctx, model)).policy,
            body,
            options,
          );
    listener?.end();
    outcome = 'answered';
    // An endpoint that does not count is taken to have used all that was held.
    if (answer.inputTokens !== null && answer.outputTokens !== null) {
      const { inputTokens, outputTokens } = answer;
      spent = {
        costMicros: costOf(model.price, inputTokens, outputTokens),
        inputTokens,
        outputTokens,
        segments: 0,
      };
    }
    recordCall(ctx, model.id, {
      answered: true,
      durationMs: performance.now() - started,
      firstTokenMs: answer.firstTokenMs,
      outputTokens: answer.outputTokens ?? 0,
    });
    return { answer, spent, durationMs: durationMs() };
  } catch (error) {
    if (!(error instanceof ModelFailure)) throw error;
    const { reason } = error;
    outcome = reason;
    if (!error.mayHaveCost) spent = nothing;
    if (reason !== 'circuit_open' && reason !== 'quota_exhausted')
      recordCall(ctx, model.id, { answered: false, reason });
    ctx.log.warn({ model_id: model.id, reason, purpose: question.purpose }, 'a model did not answer');
    return { answer: null, reason, whenReached: 'cheaper', spent, durationMs: durationMs() };
  } finally {
    ctx.use(inferenceRuntime).seconds.observe({ kind: 'outside', outcome }, durationMs() / 1000);
    await writeDown(ctx, spending, held, spent, outcome === 'circuit_open');
  }
}

const whose = ({ purpose, conversationId, contactId }: ModelQuestion) => ({
  purpose,
  conversationId,
  contactId,
});

/** One call without a route. */
export async function askOne(
  ctx: Context,
  catalogue: Catalogue,
  model: KnownModel,
  question: ModelQuestion,
): Promise<Attempt> {
  const within = { leftMs: outsideMsMax, streamMs: outsideMsMax };
  return askWithinBudget(ctx, catalogue, model, question, new Story(question), within, 'once');
}
