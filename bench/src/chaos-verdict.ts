// Compares what was acknowledged, what the provider accepted and what the database holds.
import type { DeadLetter } from '@parley/server/core/dead-letters';
import type { LedgerEntry } from '@parley/server/providers/twilio/simulator';

export interface Verdict {
  readonly acknowledged: number;
  readonly sends: number;
  /** Acknowledged texts that are no message. */
  readonly lost: number;
  /** Texts that are more than one message. */
  readonly doubledRows: number;
  /** Messages that the provider accepted more than once. */
  readonly doubledSends: number;
  /** Contacts who got more than one answer to their one text. */
  readonly doubledAnswers: number;
  /** Acknowledged texts whose answer the provider never got. */
  readonly unanswered: number;
  /** Status changes that went back. */
  readonly backwards: number;
  /** Holes in the numbering of the event log, and events without a number. */
  readonly eventGaps: number;
  /** Messages that the provider accepted and the database does not know as such. */
  readonly unrecorded: number;
  readonly deadLetters: number;
}

/** What is read from the database, on either engine. */
export interface Evidence {
  readonly inbound: readonly { provider_message_id: string; from_address: string }[];
  readonly outbound: readonly { id: string; provider_message_id: string | null }[];
  readonly changes: readonly { message_id: string; previous: string; status: string }[];
  readonly sequences: { readonly count: number; readonly head: number; readonly unnumbered: number };
  readonly deadLetters: readonly DeadLetter[];
}

export const evidenceQueries = {
  inbound: "select provider_message_id, from_address from messages where direction = 'inbound'",
  outbound: "select id, provider_message_id from messages where direction = 'outbound'",
  changes: `select payload->>'messageId' as message_id, payload->>'previous' as previous, payload->>'status' as status
    from events where type = 'message.status_changed' order by position`,
  sequences: `select count(sequence)::int as count, coalesce(max(sequence), 0)::int as head,
    count(*) filter (where sequence is null)::int as unnumbered from events`,
} as const;

/** How far along a message is; a later status is never followed by an earlier one. */
const stage: Readonly<Record<string, number>> = {
  draft: 0,
  pending: 1,
  queued: 2,
  sending: 3,
  sent: 4,
  failed: 5,
  canceled: 5,
  undelivered: 6,
  delivered: 7,
  read: 8,
};

function surplus(keys: readonly string[]): number {
  return keys.length - new Set(keys).size;
}

export function judge(
  acknowledged: ReadonlyMap<string, string>,
  ledger: readonly LedgerEntry[],
  evidence: Evidence,
): Verdict {
  const rows = new Set(evidence.inbound.map((row) => row.provider_message_id));
  const references = ledger.map(
    (entry) =>
      new URL(entry.statusCallback ?? 'none:').searchParams.get('reference')?.split('.')[0] ?? entry.sid,
  );
  const recipients = ledger.map((entry) => entry.to);
  const answered = new Set(recipients);
  const recorded = new Set(evidence.outbound.map((row) => row.provider_message_id));
  const { count, head, unnumbered } = evidence.sequences;
  return {
    acknowledged: acknowledged.size,
    sends: ledger.length,
    lost: [...acknowledged.keys()].filter((sid) => !rows.has(sid)).length,
    doubledRows: surplus(evidence.inbound.map((row) => row.from_address)),
    doubledSends: surplus(references),
    doubledAnswers: surplus(recipients),
    unanswered: [...acknowledged.values()].filter((from) => !answered.has(from)).length,
    backwards: evidence.changes.filter(
      (change) => (stage[change.status] ?? -1) <= (stage[change.previous] ?? -1),
    ).length,
    eventGaps: head - count + unnumbered,
    unrecorded: ledger.filter((entry) => !recorded.has(entry.sid)).length,
    deadLetters: evidence.deadLetters.length,
  };
}

/** What must be zero. */
const faults = [
  'lost',
  'doubledRows',
  'doubledSends',
  'doubledAnswers',
  'unanswered',
  'backwards',
  'eventGaps',
  'unrecorded',
  'deadLetters',
] as const;

export function isClean(verdict: Verdict): boolean {
  return faults.every((fault) => verdict[fault] === 0);
}

const words: Readonly<Record<keyof Verdict, string>> = {
  acknowledged: 'texts acknowledged',
  sends: 'messages that the provider accepted',
  lost: 'acknowledged and lost',
  doubledRows: 'doubled rows',
  doubledSends: 'doubled sends',
  doubledAnswers: 'doubled answers',
  unanswered: 'acknowledged and never answered',
  backwards: 'states that went backwards',
  eventGaps: 'holes in the event log',
  unrecorded: 'accepted by the provider, unknown to us',
  deadLetters: 'dead letters',
};

export function printVerdict(verdict: Verdict): void {
  for (const [key, word] of Object.entries(words))
    console.log(`${word.padEnd(42)} ${String(verdict[key as keyof Verdict]).padStart(7)}`);
}
