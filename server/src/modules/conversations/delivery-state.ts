// Folds the steps of an outbound message's life into its one state. Pure: the order in which the same steps arrive, and
// how often each does, never changes where they end.
//
// The fold is the greatest step by a total order, so it is a lattice and only moves forward:
// 1. A receipt (`delivered`, `read`) stands above everything else, of whichever attempt: a handset that has the text
//    has it, and no carrier's earlier or later guess takes that back. Carriers do report `undelivered` first and
//    `delivered` afterwards, when a telephone was switched off meanwhile.
// 2. Otherwise a later attempt stands above an earlier one: a retry starts over, and what is still reported of the
//    attempt before it is history.
// 3. Within an attempt the rank below decides. Of two ways to fail, the one that came further wins: `undelivered`
//    (the carrier gave up) above `failed` (it never left the provider).
import type { DeliveryStatus } from '../channels/adapter.ts';

/** The states of an outbound message. */
const ranks = {
  draft: 0,
  pending: 1,
  // We called and shall never know: any word from the provider is better.
  unknown: 2,
  queued: 3,
  sending: 4,
  sent: 5,
  canceled: 6,
  failed: 7,
  undelivered: 8,
  delivered: 9,
  read: 10,
} as const;

export type OutboundStatus = keyof typeof ranks;

const receiptRankMin = ranks.delivered;

export interface FoldedState {
  readonly status: OutboundStatus;
  /** The latest attempt that anything is known of. */
  readonly attempt: number;
  /** Why it is `failed`, `undelivered` or `canceled`. */
  readonly errorCode: string | null;
}

export function isOutboundStatus(status: string): status is OutboundStatus {
  return Object.hasOwn(ranks, status);
}

/**
 * What the provider's status means for the state; null for one that is history only: `receiving` and `received` belong to
 * inbound messages, `unknown` is a word that we have no meaning for.
 */
export function foldable(status: DeliveryStatus): OutboundStatus | null {
  return status !== 'unknown' && isOutboundStatus(status) ? status : null;
}

/** The contact has it. */
export function isReceipt(status: OutboundStatus): boolean {
  return ranks[status] >= receiptRankMin;
}

/** Nothing further can be expected, and a person may send it anew. */
export function isRetryable(status: string): boolean {
  return status === 'failed' || status === 'undelivered' || status === 'unknown';
}

/** Every status that this one stands above within an attempt: what SQL needs to fold without knowing the order. */
export function statusesBelow(status: OutboundStatus): OutboundStatus[] {
  return (Object.keys(ranks) as OutboundStatus[]).filter((other) => ranks[other] < ranks[status]);
}

/** Compares by the order above; negative when `left` stands below `right`. */
function compare(left: FoldedState, right: FoldedState): number {
  const receipts = Number(isReceipt(left.status)) - Number(isReceipt(right.status));
  if (receipts !== 0) return receipts;
  if (!isReceipt(left.status) && left.attempt !== right.attempt) return left.attempt - right.attempt;
  if (left.status !== right.status) return ranks[left.status] - ranks[right.status];
  const [leftCode, rightCode] = [left.errorCode ?? '', right.errorCode ?? ''];
  return leftCode === rightCode ? 0 : leftCode < rightCode ? -1 : 1;
}

export function foldStatus(current: FoldedState, incoming: FoldedState): FoldedState {
  const winner = compare(current, incoming) < 0 ? incoming : current;
  const attempt = Math.max(current.attempt, incoming.attempt);
  return { ...winner, attempt };
}
