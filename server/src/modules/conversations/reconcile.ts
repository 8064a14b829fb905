// Finds out what became of a provider call that had no answer, before anything is sent again: the provider is asked for
// the message, several times and long enough after the call, because lists lag behind what was just accepted.
import type { Context, TransactionContext } from '../../core/context.ts';
import { type ProviderMessage, ProviderUnavailableError } from '../channels/adapter.ts';
import { lookUpAtProvider } from '../channels/channels.ts';
import {
  type AttemptReference,
  endMessage,
  enqueueLookup,
  lockForSending,
  recordAccepted,
  recordRefused,
  wakeNext,
} from './attempts.ts';

const firstLookupMs = 1_500;
const betweenLookupsMs = 4_000;
/** A message that the provider does not show counts as lost after this many look-ups … */
const lookupsMin = 3;
/** … of which the last is this long after the call's start: longer than a call may take, and than lists lag. */
const confirmAbsentMs = 15_000;
/** While the provider cannot be asked: a quarter of the time that has passed, between these. */
const unreachableMsMin = 2_000;
const unreachableMsMax = 600_000;
/** Then a person has to look. A late callback still settles it. */
const giveUpMs = 24 * 3_600_000;

export function firstLookupAt(nowMs: number): Date {
  return new Date(nowMs + firstLookupMs);
}

interface OpenAttempt extends AttemptReference {
  readonly channelId: string;
  /** Whom it can only have left from; null in a pool, where the provider chooses. */
  readonly from: string | null;
  readonly to: string;
  readonly body: string;
  readonly startedAt: Date;
  readonly lookups: number;
}

interface AttemptRow {
  conversation_id: string;
  channel_id: string;
  to_address: string;
  content: Uint8Array;
  channel_address: string;
  pool_id: string | null;
  started_at: Date | string | null;
  lookups: number;
}

const readOpen = {
  name: 'attempt_unknown',
  text: `select m.conversation_id, m.channel_id, m.to_address, m.content, ch.address as channel_address, ch.pool_id,
      a.started_at, a.lookups
    from message_attempts a join messages m on m.id = a.message_id join channels ch on ch.id = m.channel_id
    where a.message_id = $1 and a.number = $2 and a.state = 'unknown'`,
};

async function readUnknown(
  tx: TransactionContext,
  messageId: string,
  number: number,
): Promise<OpenAttempt | null> {
  const [row] = await tx.sql<AttemptRow>(readOpen, [messageId, number]);
  if (!row) return null;
  return {
    messageId,
    number,
    conversationId: row.conversation_id,
    channelId: row.channel_id,
    from: row.pool_id === null ? row.channel_address : null,
    to: row.to_address,
    body: tx.openText(row.content, `messages.content:${messageId}`),
    startedAt: new Date(row.started_at ?? 0),
    lookups: row.lookups,
  };
}

/** The `conversations.reconcile` job. */
export async function reconcile(ctx: Context, input: { messageId: string; attempt: number }): Promise<void> {
  const attempt = await ctx.transaction((tx) => readUnknown(tx, input.messageId, input.attempt));
  if (!attempt) return;
  const found = await lookUp(ctx, attempt);
  await ctx.transaction(async (tx) => {
    await lockForSending(tx, attempt.conversationId);
    const still = await readUnknown(tx, input.messageId, input.attempt);
    // A callback settled it while we asked.
    if (!still) return wakeNext(tx, attempt.conversationId);
    if (found === 'never') return giveUp(tx, still);
    if (found === 'not now') return postpone(tx, still, tx.clock.now() - still.startedAt.getTime());
    const match = await firstUnclaimed(tx, found);
    if (match) return bind(tx, still, match);
    return confirmAbsent(tx, still);
  });
}

async function lookUp(ctx: Context, attempt: OpenAttempt): Promise<ProviderMessage[] | 'not now' | 'never'> {
  const { channelId, to, body, startedAt } = attempt;
  try {
    const found = await lookUpAtProvider(ctx, channelId, { to, body, since: startedAt });
    return found.filter(({ from }) => attempt.from === null || from === null || from === attempt.from);
  } catch (error) {
    if (!(error instanceof ProviderUnavailableError)) throw error;
    return error.code === 'channel_deleted' ? 'never' : 'not now';
  }
}

/** Of several that fit, the oldest that no message of ours has claimed: ours left in order. */
async function firstUnclaimed(
  tx: TransactionContext,
  found: readonly ProviderMessage[],
): Promise<ProviderMessage | undefined> {
  if (found.length === 0) return undefined;
  const rows = await tx.sql<{ provider_message_id: string }>(
    'select provider_message_id from message_attempts where provider_message_id = any($1)',
    [found.map(({ providerId }) => providerId)],
  );
  const claimed = new Set(rows.map((row) => row.provider_message_id));
  return found
    .filter(({ providerId }) => !claimed.has(providerId))
    .toSorted((left, right) => left.createdAt.getTime() - right.createdAt.getTime())[0];
}

async function bind(tx: TransactionContext, attempt: OpenAttempt, match: ProviderMessage): Promise<void> {
  tx.log.info({ message_id: attempt.messageId, attempt: attempt.number }, 'the provider had the message');
  await recordAccepted(tx, attempt, {
    providerId: match.providerId,
    status: match.status,
    errorCode: match.errorCode,
    segments: null,
    priceMicros: null,
    currency: null,
    source: 'lookup',
  });
}

async function confirmAbsent(tx: TransactionContext, attempt: OpenAttempt): Promise<void> {
  const lookups = attempt.lookups + 1;
  const now = tx.clock.now();
  const confirmedAt = attempt.startedAt.getTime() + confirmAbsentMs;
  if (lookups >= lookupsMin && now >= confirmedAt) {
    tx.log.warn(
      { message_id: attempt.messageId, attempt: attempt.number },
      'the provider never got the message',
    );
    return recordRefused(tx, attempt, { state: 'lost', code: 'lost', again: 'at once' });
  }
  const next =
    lookups === lookupsMin - 1 ? Math.max(confirmedAt, now + betweenLookupsMs) : now + betweenLookupsMs;
  await lookAgain(tx, attempt, lookups, new Date(next));
}

async function postpone(tx: TransactionContext, attempt: OpenAttempt, elapsedMs: number): Promise<void> {
  if (elapsedMs > giveUpMs) return giveUp(tx, attempt);
  const delayMs = Math.min(unreachableMsMax, Math.max(unreachableMsMin, elapsedMs / 4));
  await lookAgain(tx, attempt, attempt.lookups, new Date(tx.clock.now() + delayMs));
}

async function giveUp(tx: TransactionContext, attempt: OpenAttempt): Promise<void> {
  await tx.sql(
    'update message_attempts set next_lookup_at = null, finished_at = $3 where message_id = $1 and number = $2',
    [attempt.messageId, attempt.number, tx.clock.date()],
  );
  await endMessage(tx, attempt, 'unknown', 'outcome_unknown');
}

async function lookAgain(
  tx: TransactionContext,
  attempt: OpenAttempt,
  lookups: number,
  at: Date,
): Promise<void> {
  await tx.sql(
    'update message_attempts set lookups = $3, next_lookup_at = $4 where message_id = $1 and number = $2',
    [attempt.messageId, attempt.number, lookups, at],
  );
  enqueueLookup(tx, attempt, at);
}
