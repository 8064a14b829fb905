// One request of vectors to one outside model: bounded in time and money, counted in its quota, and what comes back is
// looked at before anything is done with it.
import type { SpendingPurpose } from '@parley/contract/budgets';
import { BrokenCircuitError, CircuitState } from 'cockatiel';
import { z } from 'zod';
import type { Context } from '../../core/context.ts';
import { openModel } from './catalogue.ts';
import { recordCall } from './figures.ts';
import { holdRoom, nothing, writeDown } from './held-call.ts';
import { incidentsOf } from './incidents.ts';
import type { Spending, Spent } from './ledger.ts';
import { type FailureReason, failureOf, type HoldRefusal, ModelFailure, refusalOf } from './model-failure.ts';
import { thisMachine } from './operator-embedder.ts';
import { costOf } from './pricing.ts';
import {
  type Catalogue,
  type ChatEndpoint,
  type EmbeddedKind,
  inferenceRuntime,
  type KnownModel,
} from './runtime.ts';

export interface EmbeddingRequest {
  /** At least one, none of them empty. */
  readonly texts: readonly string[];
  readonly kind: EmbeddedKind;
  readonly purpose: SpendingPurpose;
  readonly conversationId: string | null;
  readonly contactId: string | null;
  readonly timeoutMs: number;
  /** The caller's own end; when it comes, its reason is thrown. */
  readonly signal: AbortSignal;
}

export interface Embedded {
  /** In the order of the texts, all of one length, finite, none of them zero; not of length 1. */
  readonly vectors: readonly Float32Array[];
  readonly inputTokens: number;
}

export interface FailedEmbedding {
  readonly failed: FailureReason | HoldRefusal;
  readonly retryAfterMs: number | null;
}

/** @throws the signal's reason when it aborts */
export async function embedTexts(
  ctx: Context,
  catalogue: Catalogue,
  model: KnownModel,
  request: EmbeddingRequest,
): Promise<Embedded | FailedEmbedding> {
  const started = performance.now();
  const { purpose, conversationId, contactId } = request;
  const spending: Spending = {
    kind: 'model',
    modelId: model.id,
    model: model.name,
    purpose,
    conversationId,
    contactId,
  };
  const tokensMax = Buffer.byteLength(JSON.stringify(request.texts));
  const amounts = { money: costOf(model.price, tokensMax, 0), tokens: tokensMax, segments: 0 };
  const endpoint = await openModel(ctx, model);
  const held = await holdRoom(ctx, catalogue, model, spending, amounts);
  if (held && 'refused' in held) return { failed: held.refused, retryAfterMs: null };
  let spent: Spent = { costMicros: amounts.money, inputTokens: tokensMax, outputTokens: 0, segments: 0 };
  let outcome = 'abandoned';
  try {
    const asking = () => askOnce(endpoint, model, request);
    // On this machine passages are late because there are many: that tells nothing of questions, which go before them.
    const isUnhurried = model.baseUrl === thisMachine && request.kind === 'passage';
    const embedded = await (isUnhurried ? asking() : throughBreaker(ctx, model, asking));
    outcome = 'answered';
    const { vectors, tokens } = embedded;
    if (tokens !== null)
      spent = { ...spent, costMicros: costOf(model.price, tokens, 0), inputTokens: tokens };
    const durationMs = performance.now() - started;
    recordCall(ctx, model.id, { answered: true, durationMs, firstTokenMs: null, outputTokens: 0 });
    return { vectors, inputTokens: spent.inputTokens };
  } catch (error) {
    if (!(error instanceof ModelFailure)) throw error;
    const { reason, retryAfterMs } = error;
    outcome = reason;
    if (!error.mayHaveCost) spent = nothing;
    if (reason !== 'circuit_open') recordCall(ctx, model.id, { answered: false, reason });
    ctx.log.warn({ model_id: model.id, reason, purpose }, 'a model made no vectors');
    return { failed: reason, retryAfterMs };
  } finally {
    const seconds = (performance.now() - started) / 1000;
    ctx.use(inferenceRuntime).seconds.observe({ kind: 'outside', outcome }, seconds);
    await writeDown(ctx, spending, held, spent, outcome === 'circuit_open');
  }
}

async function throughBreaker<T>(ctx: Context, model: KnownModel, work: () => Promise<T>): Promise<T> {
  const { policy } = ctx.use(inferenceRuntime).breakers.of(ctx.workspaceId, model, incidentsOf(ctx, model));
  // The policy would let everybody wait for the probe, for as long as that may take.
  if (policy.state === CircuitState.HalfOpen) throw new ModelFailure('circuit_open');
  try {
    return await policy.execute(work);
  } catch (error) {
    if (error instanceof BrokenCircuitError) throw new ModelFailure('circuit_open', { cause: error });
    throw error;
  }
}

/** @throws ModelFailure; the signal's reason when it aborts */
async function askOnce(
  endpoint: ChatEndpoint,
  { timeoutMs }: KnownModel,
  { texts, kind, signal, ...request }: EmbeddingRequest,
): Promise<{ readonly vectors: Float32Array[]; readonly tokens: number | null }> {
  signal.throwIfAborted();
  const late = AbortSignal.timeout(Math.ceil(Math.min(timeoutMs, request.timeoutMs)));
  try {
    const body = { input: texts, encoding_format: 'float' };
    const answer = await endpoint.embed(body, AbortSignal.any([signal, late]), kind);
    if (answer.status === 200) return readVectors(await answer.json(), texts.length);
    await answer.json().catch(() => undefined);
    throw refusalOf(answer.status, answer.headers);
  } catch (error) {
    signal.throwIfAborted();
    throw late.aborted ? new ModelFailure('timed_out', { cause: error }) : failureOf(error, false);
  }
}

/** The largest that anybody offers have 4096. */
const dimensionsMax = 8192;

const list = z.object({
  data: z.array(
    z.object({
      index: z.number().int().min(0).optional(),
      embedding: z.array(z.number()).min(2).max(dimensionsMax),
    }),
  ),
  usage: z.object({ prompt_tokens: z.number().int().min(0).nullish() }).nullish(),
});

/** @throws ModelFailure `unreadable_answer` for what is no vector for each text */
function readVectors(answer: unknown, count: number) {
  const { data, usage } = list.parse(answer);
  const vectors: Float32Array[] = [];
  for (const [at, { index = at, embedding }] of data.entries()) vectors[index] = Float32Array.from(embedding);
  const [first] = vectors;
  const isWhole = data.length === count && vectors.length === count;
  // As an array without holes: an index that came twice leaves one.
  const isRight =
    isWhole &&
    !Array.from(vectors).some((one) => !one || one.length !== first?.length || !pointsSomewhere(one));
  if (!isRight) throw new ModelFailure('unreadable_answer');
  return { vectors, tokens: usage?.prompt_tokens ?? null };
}

/** Its length is a number, and not 0. */
function pointsSomewhere(vector: Float32Array): boolean {
  const square = vector.reduce((sum, value) => sum + value * value, 0);
  return Number.isFinite(square) && square > 0;
}
