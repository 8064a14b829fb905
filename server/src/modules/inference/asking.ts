// One question to one outside model: bounded in time, tried again once where nothing was lost by it, its failures named,
// and not asked at all for a while after it failed several times in a row.
import { setTimeout as pause } from 'node:timers/promises';
import type { APICallError, LanguageModelV4 } from '@ai-sdk/provider';
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel';
import { EgressError } from '../../core/egress.ts';
import type { Prompt } from './prompt.ts';

// Prompts hold content: what the library warns of must not reach standard error.
globalThis.AI_SDK_LOG_WARNINGS = false;

export interface Answer {
  readonly text: string;
  /** Null where the endpoint does not count. */
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
}

export type FailureReason =
  | 'timed_out'
  | 'unreachable'
  | 'address_forbidden'
  | 'rate_limited'
  | 'credentials_refused'
  | 'request_refused'
  | 'provider_error'
  | 'unreadable_answer'
  | 'empty_answer'
  | 'filtered'
  | 'circuit_open';

/** Reasons for which nothing can have been billed: the request did not arrive, or was refused. */
const unbilled: ReadonlySet<FailureReason> = new Set([
  'unreachable',
  'address_forbidden',
  'rate_limited',
  'credentials_refused',
  'request_refused',
  'provider_error',
  'circuit_open',
]);
/** Reasons that lie in this one question, or in our own settings, and tell nothing of the endpoint. */
const harmless: ReadonlySet<FailureReason> = new Set(['request_refused', 'filtered', 'address_forbidden']);
const worthAnotherTry: ReadonlySet<FailureReason> = new Set([
  'unreachable',
  'rate_limited',
  'provider_error',
]);

export class ModelFailure extends Error {
  override readonly name = 'ModelFailure';
  readonly reason: FailureReason;
  /** Whether the call may have been billed although no answer came. */
  readonly mayHaveCost: boolean;
  readonly retryAfterMs: number | null;
  constructor(reason: FailureReason, options?: ErrorOptions & { retryAfterMs?: number | null }) {
    super(`the model did not answer: ${reason}`, options);
    this.reason = reason;
    this.mayHaveCost = !unbilled.has(reason);
    this.retryAfterMs = options?.retryAfterMs ?? null;
  }
}

const failuresBeforeOpening = 5;
const openForMs = 30_000;
const pauseMs = 250;
/** An endpoint that asks for a longer pause is passed over instead. */
const retryAfterMsMax = 1000;

/** The breakers of this process, by the model's id and the version of its settings. */
export class Breakers {
  readonly #breakers = new Map<string, { version: string; breaker: CircuitBreakerPolicy }>();

  of(modelId: string, version: string): CircuitBreakerPolicy {
    const known = this.#breakers.get(modelId);
    if (known?.version === version) return known.breaker;
    const breaker = circuitBreaker(
      handleWhen((error) => error instanceof ModelFailure && !harmless.has(error.reason)),
      { halfOpenAfter: openForMs, breaker: new ConsecutiveBreaker(failuresBeforeOpening) },
    );
    this.#breakers.set(modelId, { version, breaker });
    return breaker;
  }
}

export interface AskOptions {
  readonly outputTokensMax: number;
  readonly timeoutMs: number;
  /** The caller's own end; when it comes, its reason is thrown and not a ModelFailure. */
  readonly signal: AbortSignal;
}

/** Asks within the time limit, retries included. @throws ModelFailure */
export async function ask(
  model: LanguageModelV4,
  breaker: CircuitBreakerPolicy,
  prompt: Prompt,
  options: AskOptions,
): Promise<Answer> {
  const deadline = performance.now() + options.timeoutMs;
  const timeLeftMs = () => Math.max(1, Math.floor(deadline - performance.now()));
  const askInTime = () => askOnce(model, prompt, { ...options, timeoutMs: timeLeftMs() });
  try {
    return await breaker.execute(async () => {
      try {
        return await askInTime();
      } catch (error) {
        if (!(error instanceof ModelFailure) || !worthAnotherTry.has(error.reason)) throw error;
        const waitMs = error.retryAfterMs ?? pauseMs * (0.5 + Math.random());
        if (waitMs > retryAfterMsMax || waitMs * 2 > timeLeftMs()) throw error;
        await pause(waitMs, undefined, { signal: options.signal });
        return await askInTime();
      }
    });
  } catch (error) {
    if (error instanceof BrokenCircuitError) throw new ModelFailure('circuit_open', { cause: error });
    throw error;
  }
}

/** Asks once. @throws ModelFailure */
export async function askOnce(
  model: LanguageModelV4,
  { instructions, messages }: Prompt,
  { outputTokensMax, timeoutMs, signal }: AskOptions,
): Promise<Answer> {
  // Loaded by those who have a model of their own.
  const { APICallError, generateText } = await import('ai');
  signal.throwIfAborted();
  const timer = AbortSignal.timeout(timeoutMs);
  try {
    const result = await generateText({
      model,
      instructions,
      messages: [...messages],
      maxOutputTokens: outputTokensMax,
      maxRetries: 0,
      abortSignal: AbortSignal.any([signal, timer]),
    });
    if (result.finishReason === 'content-filter') throw new ModelFailure('filtered');
    const text = result.text.trim();
    if (text === '') throw new ModelFailure('empty_answer');
    return {
      text,
      inputTokens: result.usage.inputTokens ?? null,
      outputTokens: result.usage.outputTokens ?? null,
    };
  } catch (error) {
    if (error instanceof ModelFailure) throw error;
    signal.throwIfAborted();
    if (timer.aborted) throw new ModelFailure('timed_out', { cause: error });
    throw failureOf(error, APICallError.isInstance(error) ? error : null);
  }
}

/** @param answered the error as the library names what the endpoint did; null when it is something else. */
function failureOf(error: unknown, answered: APICallError | null): ModelFailure {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth += 1) {
    if (current instanceof EgressError) {
      const reasons = {
        forbidden: 'address_forbidden',
        not_sent: 'unreachable',
        unanswered: 'timed_out',
        too_large: 'unreadable_answer',
      } as const;
      return new ModelFailure(reasons[current.failure], { cause: error });
    }
    current = current.cause;
  }
  if (!answered) return new ModelFailure('unreadable_answer', { cause: error });
  const { statusCode: status, responseHeaders } = answered;
  // Without an answer the connection broke after it stood: what was sent may have been worked on.
  if (status === undefined) return new ModelFailure('timed_out', { cause: error });
  if (status === 429) {
    const seconds = Number(responseHeaders?.['retry-after'] ?? Number.NaN);
    const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : null;
    return new ModelFailure('rate_limited', { cause: error, retryAfterMs });
  }
  if (status === 401 || status === 403) return new ModelFailure('credentials_refused', { cause: error });
  if (status >= 500) return new ModelFailure('provider_error', { cause: error });
  if (status >= 300) return new ModelFailure('request_refused', { cause: error });
  return new ModelFailure('unreadable_answer', { cause: error });
}

const explanations: Readonly<Record<FailureReason | 'budget_exhausted', string>> = {
  timed_out: 'It did not answer in time. Give it more time, or look whether it is overloaded.',
  unreachable: 'No connection could be made. Check the base URL, and that the endpoint is running.',
  address_forbidden: 'This address is private. Add its host to EGRESS_ALLOW_HOSTS to allow calls to it.',
  rate_limited: 'It refuses for now because it is asked too often. Wait, or raise the limit at the provider.',
  credentials_refused: 'It refuses the API key. Enter a key that is valid for this model.',
  request_refused: 'It refuses the request. Check the name of the model and the longest answer.',
  provider_error: 'It failed on its own side. Try again later.',
  unreadable_answer:
    'What it answered is no chat completion. Check that the base URL ends where its API begins.',
  empty_answer: 'It answered without words. Check the name of the model and the longest answer.',
  filtered: 'Its filter stopped the answer.',
  circuit_open: 'It failed several times in a row and is left alone for half a minute.',
  budget_exhausted: 'This month’s budget has no room for it.',
};

/** What a reason means and what to do about it, for a person. */
export function explain(reason: keyof typeof explanations): string {
  return explanations[reason];
}
