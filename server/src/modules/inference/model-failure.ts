// Why a model did not answer, in codes that runs, figures and people read.
import { EgressError } from '../../core/egress.ts';

export type FailureReason =
  | 'timed_out'
  | 'cut_off'
  | 'unreachable'
  | 'address_forbidden'
  | 'rate_limited'
  | 'credentials_refused'
  | 'request_refused'
  | 'provider_error'
  | 'unreadable_answer'
  | 'empty_answer'
  | 'filtered'
  | 'quota_exhausted'
  | 'circuit_open';

/** Reasons for which nothing can have been billed: the request did not arrive, or was refused. */
const unbilled: ReadonlySet<FailureReason> = new Set([
  'unreachable',
  'address_forbidden',
  'rate_limited',
  'credentials_refused',
  'request_refused',
  'provider_error',
  'quota_exhausted',
  'circuit_open',
]);
/** Reasons that lie in this one question, or in our own settings, and tell nothing of the endpoint. */
const harmless: ReadonlySet<FailureReason> = new Set([
  'request_refused',
  'filtered',
  'address_forbidden',
  'quota_exhausted',
]);
const passing: ReadonlySet<FailureReason> = new Set(['unreachable', 'rate_limited', 'provider_error']);

export const tellsOfEndpoint = (reason: FailureReason): boolean => !harmless.has(reason);
/** Nothing was lost by it, and it may be another one in a moment. */
export const mayPass = (reason: FailureReason): boolean => passing.has(reason);

export class ModelFailure extends Error {
  override readonly name = 'ModelFailure';
  readonly reason: FailureReason;
  /** Whether the call may have been billed although no answer came. */
  readonly mayHaveCost: boolean;
  readonly retryAfterMs: number | null;
  constructor(
    reason: FailureReason,
    options?: ErrorOptions & { retryAfterMs?: number | null; begun?: boolean },
  ) {
    super(`the model did not answer: ${reason}`, options);
    this.reason = reason;
    this.mayHaveCost = options?.begun === true || !unbilled.has(reason);
    this.retryAfterMs = options?.retryAfterMs ?? null;
  }
}

const ofEgress = {
  forbidden: 'address_forbidden',
  not_sent: 'unreachable',
  unanswered: 'timed_out',
  too_large: 'unreadable_answer',
} as const;

/** @param begun words had arrived: then a lost connection has cut them off. */
export function failureOf(error: unknown, begun: boolean): ModelFailure {
  if (error instanceof ModelFailure) return error;
  const cause = { cause: error, begun };
  if (!(error instanceof EgressError)) return new ModelFailure('unreadable_answer', cause);
  const reason = begun && error.failure === 'unanswered' ? 'cut_off' : ofEgress[error.failure];
  return new ModelFailure(reason, cause);
}

/** What a status other than 200 says. */
export function refusalOf(status: number, headers: Readonly<Record<string, string>>): ModelFailure {
  if (status === 429) {
    const seconds = Number(headers['retry-after'] ?? Number.NaN);
    return new ModelFailure('rate_limited', {
      retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : null,
    });
  }
  if (status === 401 || status === 403) return new ModelFailure('credentials_refused');
  if (status >= 500) return new ModelFailure('provider_error');
  return new ModelFailure('request_refused');
}

/** Why a model was not asked, although it came first. */
export type HoldRefusal = 'budget_exhausted' | 'quota_exhausted' | 'price_unknown';

const explanations: Readonly<Record<FailureReason | HoldRefusal, string>> = {
  timed_out: 'It did not answer in time. Give it more time, or look whether it is overloaded.',
  cut_off: 'It stopped in the middle of its answer. Look whether it is overloaded, or runs out of memory.',
  unreachable: 'No connection could be made. Check the base URL, and that the endpoint is running.',
  address_forbidden: 'This address is private, or not https. Add its host to EGRESS_ALLOW_HOSTS to allow it.',
  rate_limited: 'It refuses for now because it is asked too often. Wait, or raise the limit at the provider.',
  credentials_refused: 'It refuses the API key. Enter a key that is valid for this model.',
  request_refused: 'It refuses the request. Check the name of the model and the longest answer.',
  provider_error: 'It failed on its own side. Try again later.',
  unreadable_answer:
    'What it answered is no chat completion. Check that the base URL ends where its API begins.',
  empty_answer: 'It answered without words. Check the name of the model and the longest answer.',
  filtered: 'Its filter stopped the answer.',
  circuit_open: 'It failed several times in a row and is left alone for half a minute.',
  budget_exhausted: 'The budget has no room for it.',
  price_unknown:
    'It has no price, and a cap on money keeps it from being asked. Set one; 0 where it is free.',
  quota_exhausted: 'It has been asked as often as its provider allows for now.',
};

/** What a reason means and what to do about it, for a person. */
export function explain(reason: keyof typeof explanations): string {
  return explanations[reason];
}
