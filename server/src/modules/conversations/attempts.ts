// The attempts to send a message: the jobs that make and settle them, and how each outcome is recorded.
//
// Whoever records an outcome holds the lock of the conversation, as does whoever claims a message: that keeps a
// conversation's messages in order, and no wake-up is lost between one that ends and one that waits for it.
import { z } from 'zod';
import type { TransactionContext } from '../../core/context.ts';
import { newId } from '../../core/identifiers.ts';
import { defineJob } from '../../core/queue.ts';
import type { DeliveryStatus } from '../channels/adapter.ts';
import { foldable, type OutboundStatus, statusesBelow } from './delivery-state.ts';
import { messageStatusChanged } from './events.ts';
import { segmentLedger } from './segment-ledger.ts';

export const sendMessage = defineJob({
  name: 'conversations.send',
  doc: 'Sends one message through its channel, in the order of its conversation.',
  input: z.object({ messageId: z.uuid() }),
  effect: 'external',
  concurrency: 16,
  retries: 12,
  retryDelaySecondsMax: 60,
  timeoutSeconds: 60,
});

export const reconcileMessage = defineJob({
  name: 'conversations.reconcile',
  doc: 'Asks the provider what became of a call that it did not answer.',
  input: z.object({ messageId: z.uuid(), attempt: z.number().int() }),
  effect: 'external',
  oneWaitingPerKey: true,
  retries: 12,
  retryDelaySecondsMax: 60,
  timeoutSeconds: 60,
});

/** Attempts by machine before a message counts as failed; a person may always ask for another one. */
const attemptsMax = 5;
/** How long a message waits for a provider that is not called because it fails all the time. */
const notCalledMs = 10_000;
const notCalledMsMax = 6 * 3_600_000;
const retryDelaysMs = [5_000, 20_000, 60_000, 180_000];

const lock = {
  name: 'conversation_lock',
  text: 'select id from conversations where id = $1 for no key update',
};

/**
 * Waits for whoever else claims or settles messages of it. What has to see their work must be a statement of its own
 * after this one (READ COMMITTED takes a snapshot as each statement begins, and one that waits for a lock keeps its old
 * one); it need not wait for this one's answer, for the statements of a transaction run one after another.
 */
export async function lockForSending(tx: TransactionContext, conversationId: string): Promise<void> {
  await tx.sql(lock, [conversationId]);
}

// What waits for its own moment has a job of its own.
const nextWaiting = `select n.id from messages n
  where n.conversation_id = $1 and n.status = 'pending' and n.claimed_at is null and n.due_at <= $2
    and (n.not_before is null or n.not_before <= $2) and (n.slot_at is null or n.slot_at <= $2)`;

const findNext = {
  name: 'message_next',
  text: `${nextWaiting} order by n.due_at, n.id limit 1`,
};

/** Sees to it that the conversation's next message leaves, if one waits. */
export async function wakeNext(tx: TransactionContext, conversationId: string): Promise<void> {
  const [next] = await tx.sql<{ id: string }>(findNext, [conversationId, tx.clock.date()]);
  if (next) tx.enqueue(sendMessage, { messageId: next.id });
}

export interface AttemptReference {
  readonly messageId: string;
  readonly conversationId: string;
  readonly number: number;
}

export interface Acceptance {
  readonly providerId: string;
  readonly status: DeliveryStatus;
  readonly errorCode: string | null;
  readonly segments: number | null;
  readonly priceMicros: number | null;
  readonly currency: string | null;
  readonly source: 'answer' | 'lookup';
}

interface Recorded {
  previous: string;
  status: string | null;
  error_code: string | null;
  next_id: string | null;
}

const recordAcceptance = {
  name: 'attempt_accept',
  text: `with before as (
      select status from messages where id = $3
    ), attempt as (
      update message_attempts set state = 'accepted', code = null, next_lookup_at = null,
        provider_message_id = coalesce(provider_message_id, $5), finished_at = coalesce(finished_at, $2)
      where message_id = $3 and number = $4
    ), event as (
      insert into message_status_events
        (id, workspace_id, message_id, attempt, status, provider_status, error_code, source, occurred_at)
      values ($6, $7, $3, $4, $8, $8, $9, $10, $2)
    ), moved as (
      update messages set provider_message_id = $5, claimed_at = null, updated_at = $2,
        status = case when status = any($12) then $11 else status end,
        error_code = case when status = any($12) then $9 else error_code end,
        segments = coalesce($13, segments), price_micros = coalesce($14, price_micros),
        currency = coalesce($15, currency)
      where id = $3 and attempt = $4
      returning status, error_code
    ), next as (
      ${nextWaiting} and n.id <> $3 order by n.due_at, n.id limit 1
    )
    select before.status as previous, (select status from moved) as status,
      (select error_code from moved) as error_code, (select id from next) as next_id
    from before`,
};

/** The provider has it. The conversation is locked. */
export async function recordAccepted(
  tx: TransactionContext,
  attempt: AttemptReference,
  acceptance: Acceptance,
): Promise<void> {
  // It has it, whatever it calls that.
  const status: OutboundStatus = foldable(acceptance.status) ?? 'queued';
  const [row] = await tx.sql<Recorded>(recordAcceptance, [
    attempt.conversationId,
    tx.clock.date(),
    attempt.messageId,
    attempt.number,
    acceptance.providerId,
    newId(),
    tx.workspaceId,
    acceptance.status,
    acceptance.errorCode,
    acceptance.source,
    status,
    statusesBelow(status),
    acceptance.segments,
    acceptance.priceMicros,
    acceptance.currency,
  ]);
  if (!row) return;
  if (row.status === null) {
    tx.log.error(
      { message_id: attempt.messageId, attempt: attempt.number },
      'the provider accepted an attempt after it was given up as lost',
    );
  } else announce(tx, attempt, row.previous, row.status, row.error_code);
  if (row.next_id) tx.enqueue(sendMessage, { messageId: row.next_id });
}

function announce(
  tx: TransactionContext,
  { messageId, conversationId }: AttemptReference,
  previous: string,
  status: string,
  errorCode: string | null,
): void {
  if (previous !== status)
    tx.append(messageStatusChanged, { messageId, conversationId, status, previous, errorCode });
}

/**
 * Puts an end to a message by our own word: `failed`, `canceled` or `unknown`, if it is not further already. Whoever waits
 * behind it is woken. The conversation is locked.
 */
export async function endMessage(
  tx: TransactionContext,
  attempt: AttemptReference,
  status: 'failed' | 'canceled' | 'unknown',
  errorCode: string | null,
  source: 'answer' | 'lookup' | 'parley' = 'parley',
): Promise<void> {
  const now = tx.clock.date();
  const [row] = await tx.sql<{ previous: string }>(
    `with before as (select id, status from messages where id = $1 and attempt = $2 and status = any($3)),
     event as (
       insert into message_status_events
         (id, workspace_id, message_id, attempt, status, provider_status, error_code, source, occurred_at)
       select $6, $7, $1, $2, $4, $4, $5, $8, $9 from before
     )
     update messages m set status = $4, error_code = $5, claimed_at = null, updated_at = $9
     from before where m.id = before.id returning before.status as previous`,
    [
      attempt.messageId,
      attempt.number,
      statusesBelow(status),
      status,
      errorCode,
      newId(),
      tx.workspaceId,
      source,
      now,
    ],
  );
  if (row) {
    announce(tx, attempt, row.previous, status, errorCode);
    // It never left, or was refused, so nobody bills it; of what a look-up did not find, that is not sure.
    if (status !== 'unknown' && source !== 'lookup' && row.previous !== 'draft')
      await tx.use(segmentLedger).giveBack(tx, attempt.messageId);
  }
  await wakeNext(tx, attempt.conversationId);
}

/**
 * The attempt came to nothing: the provider refused it, or was asked and does not have it. Begins the next one where
 * that can help and the machine has one left, else the message failed. The conversation is locked.
 * @param again when the next attempt may begin; null when none can help.
 */
export async function recordRefused(
  tx: TransactionContext,
  attempt: AttemptReference,
  outcome: { state: 'refused' | 'lost'; code: string; again: 'with backoff' | 'at once' | null },
): Promise<void> {
  const now = tx.clock.date();
  const [row] = await tx.sql<{ tries: number }>(
    `update message_attempts a set state = $3, code = $4, finished_at = $5, next_lookup_at = null
     where a.message_id = $1 and a.number = $2 and a.state in ('calling', 'unknown')
     returning a.number - coalesce((select max(number) from message_attempts s
       where s.message_id = $1 and s.actor_kind <> 'system'), 1) + 1 as tries`,
    [attempt.messageId, attempt.number, outcome.state, outcome.code, now],
  );
  // Settled meanwhile, by a callback.
  if (!row) return wakeNext(tx, attempt.conversationId);
  if (outcome.again === null || row.tries >= attemptsMax) {
    return endMessage(tx, attempt, 'failed', outcome.code, outcome.state === 'lost' ? 'lookup' : 'answer');
  }
  const delayMs = outcome.again === 'at once' ? 0 : (retryDelaysMs[row.tries - 1] ?? 0);
  await requestAttempt(tx, attempt, { kind: 'system', id: null }, new Date(now.getTime() + delayMs));
}

/**
 * No call was made after all, and none can be for a moment: the same attempt waits, and none is used up.
 * The conversation is locked.
 */
export async function recordNotCalled(
  tx: TransactionContext,
  attempt: AttemptReference,
  code: string,
): Promise<void> {
  const notBefore = new Date(tx.clock.now() + notCalledMs);
  const rows = await tx.sql<{ gives_up: boolean }>(
    `with attempt as (
       update message_attempts set state = 'waiting', code = $3, job_id = null, started_at = null
       where message_id = $1 and number = $2 and state = 'calling' returning message_id
     )
     update messages m set claimed_at = null, slot_at = null, not_before = $4
     from attempt where m.id = attempt.message_id
     returning m.due_at < $5 as gives_up`,
    [attempt.messageId, attempt.number, code, notBefore, new Date(tx.clock.now() - notCalledMsMax)],
  );
  if (rows[0]?.gives_up) await endMessage(tx, attempt, 'failed', code);
  else if (rows.length > 0) {
    tx.enqueue(sendMessage, { messageId: attempt.messageId }, { startAfter: notBefore });
  }
}

/** Asks for the attempt after this one, and for the job that makes it. */
export async function requestAttempt(
  tx: TransactionContext,
  attempt: AttemptReference,
  actor: { kind: string; id: string | null },
  notBefore: Date,
): Promise<void> {
  const now = tx.clock.date();
  await tx.sql(
    `with attempt as (
       insert into message_attempts (id, workspace_id, message_id, number, state, actor_kind, actor_id, requested_at)
       values ($1, $2, $3, $4, 'waiting', $5, $6, $7)
     )
     update messages set attempt = $4, claimed_at = null, slot_at = null, not_before = $8, updated_at = $7 where id = $3`,
    [newId(), tx.workspaceId, attempt.messageId, attempt.number + 1, actor.kind, actor.id, now, notBefore],
  );
  const startAfter = notBefore > now ? { startAfter: notBefore } : {};
  tx.enqueue(sendMessage, { messageId: attempt.messageId }, startAfter);
}

/** Nobody knows whether the provider has it: from here on only looking it up decides. The conversation is locked. */
export async function recordUnknown(
  tx: TransactionContext,
  attempt: AttemptReference,
  code: string,
  lookupAt: Date,
): Promise<void> {
  const rows = await tx.sql(
    `update message_attempts set state = 'unknown', code = $3, next_lookup_at = $4
     where message_id = $1 and number = $2 and state = 'calling' returning id`,
    [attempt.messageId, attempt.number, code, lookupAt],
  );
  if (rows.length === 0) await wakeNext(tx, attempt.conversationId);
  else enqueueLookup(tx, attempt, lookupAt);
}

export function enqueueLookup(
  tx: TransactionContext,
  { messageId, number }: Pick<AttemptReference, 'messageId' | 'number'>,
  at: Date,
): void {
  tx.enqueue(
    reconcileMessage,
    { messageId, attempt: number },
    { startAfter: at, key: `${messageId}.${number}` },
  );
}
