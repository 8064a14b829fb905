// Sends one message: claims it, makes the one provider call, records what came of it. Nothing is called that was not
// claimed in a committed transaction first, and a claim whose call has no known end is reconciled, never repeated.
import { ExponentialBackoff, handleAll, retry } from 'cockatiel';
import type { Context, TransactionContext } from '../../core/context.ts';
import { newId } from '../../core/identifiers.ts';
import type { JobRun } from '../../core/queue.ts';
import type { SendOutcome } from '../channels/adapter.ts';
import { callProvider, reserveSendSlot } from '../channels/channels.ts';
import {
  type AttemptReference,
  endMessage,
  lockForSending,
  recordAccepted,
  recordNotCalled,
  recordRefused,
  recordUnknown,
  sendMessage,
  wakeNext,
} from './attempts.ts';
import { isOptOutCode, recordProviderOptOut } from './consent.ts';
import { firstLookupAt } from './reconcile.ts';

/** No provider call begins later than this after its claim: the reconciliation counts on it. */
const callMsMax = 10_000;
/** A claim that is older belongs to a process that is gone, whoever asks. */
const claimMsMax = 60_000;
/** Moments that are nearer than this are now. */
const soonMs = 20;
const skewMsMax = 5000;
const pausedMs = 60_000;
/** What the channels say when they did not call, or stopped calling after refusals. */
const notCalledCodes: ReadonlySet<string> = new Set(['circuit_open', 'given_up', 'channel_paused']);

interface MessageRow {
  conversation_id: string;
  channel_id: string;
  contact_point_id: string;
  status: string;
  attempt: number;
  content: Uint8Array;
  to_address: string;
  segments: number;
  sender_kind: string;
  sender_id: string | null;
  ignores_consent: boolean;
  due_at: Date | string | null;
  not_before: Date | string | null;
  slot_at: Date | string | null;
  claimed_at: Date | string | null;
  opted_out: boolean;
  provider: string;
  channel_status: string;
  channel_gone: boolean;
  attempt_state: string | null;
  job_id: string | null;
  started_at: Date | string | null;
  blocked: boolean;
}

const findConversation = {
  name: 'message_conversation',
  text: 'select conversation_id from messages where id = $1',
};

const readMessage = {
  name: 'message_to_send',
  text: `select m.conversation_id, m.channel_id, m.status, m.attempt, m.content, m.to_address, m.segments, m.sender_kind,
      m.sender_id, m.ignores_consent, m.due_at, m.not_before, m.slot_at, m.claimed_at,
      p.id as contact_point_id, p.opted_out_at is not null as opted_out,
      ch.provider, ch.status as channel_status, ch.deleted_at is not null as channel_gone,
      a.state as attempt_state, a.job_id, a.started_at,
      exists (
        select 1 from messages e
        where e.conversation_id = m.conversation_id and e.status = 'pending' and e.id <> m.id
          and (e.claimed_at is not null or (e.due_at <= $2 and (e.due_at, e.id) < (m.due_at, m.id)))
      ) as blocked
    from messages m
    join conversations c on c.id = m.conversation_id
    join contact_points p on p.id = c.contact_point_id
    join channels ch on ch.id = m.channel_id
    left join message_attempts a on a.message_id = m.id and a.number = m.attempt
    where m.id = $1`,
};

const claim = {
  name: 'message_claim',
  text: `with claimed as (
      update messages set claimed_at = $3
      where id = $1 and attempt = $2 and status = 'pending' and claimed_at is null
      returning workspace_id, id, attempt
    )
    insert into message_attempts
      (id, workspace_id, message_id, number, state, actor_kind, actor_id, job_id, requested_at, started_at)
    select $4, workspace_id, id, attempt, 'calling', $5, $6, $7, $3, $3 from claimed
    on conflict (message_id, number) do update
      set state = 'calling', started_at = excluded.started_at, job_id = excluded.job_id
      where message_attempts.state = 'waiting'
    returning number`,
};

interface Claimed extends AttemptReference {
  readonly channelId: string;
  readonly contactPointId: string;
  readonly provider: string;
  readonly to: string;
  readonly body: string;
  readonly claimedAtMs: number;
}

/** The `conversations.send` job. */
export async function send(ctx: Context, input: { messageId: string }, run: JobRun): Promise<void> {
  const claimed = await ctx.transaction((tx) => claimMessage(tx, input.messageId, run.id));
  if (!claimed) return;
  // A process that stood still (a laptop's lid, a frozen container) must not call on behalf of a claim that others have
  // given up meanwhile: thrown, so that the job comes back and reconciles.
  if (ctx.clock.now() - claimed.claimedAtMs > callMsMax) throw new Error('too late to call the provider');
  const outcome = await callProvider(
    ctx,
    claimed.channelId,
    {
      to: claimed.to,
      body: claimed.body,
      mediaUrls: [],
      reference: `${claimed.messageId}.${claimed.number}`,
    },
    { signal: AbortSignal.any([run.signal, AbortSignal.timeout(callMsMax)]) },
  );
  // Tried several times: what is not recorded has to be asked of the provider again.
  await recording.execute(() => ctx.transaction((tx) => record(tx, claimed, outcome)));
}

const recording = retry(handleAll, {
  maxAttempts: 4,
  backoff: new ExponentialBackoff({ initialDelay: 100, maxDelay: 2000 }),
});

/** Takes the message for this job, if it is its turn; sees to the rest if not. */
async function claimMessage(
  tx: TransactionContext,
  messageId: string,
  jobId: string,
): Promise<Claimed | null> {
  const [found] = await tx.sql<{ conversation_id: string }>(findConversation, [messageId]);
  if (!found) return null;
  await lockForSending(tx, found.conversation_id);
  const now = tx.clock.date();
  const [row] = await tx.sql<MessageRow>(readMessage, [messageId, now]);
  if (!row) return null;
  const attempt = { messageId, conversationId: row.conversation_id, number: row.attempt };

  if (row.status !== 'pending') {
    await wakeNext(tx, row.conversation_id);
    return null;
  }
  if (row.claimed_at !== null) {
    await resumeClaimed(tx, attempt, row, jobId);
    return null;
  }
  const startAt = Math.max(
    ...[row.due_at, row.not_before, row.slot_at].map((at) => (at === null ? 0 : Number(new Date(at)))),
  );
  const earlyMs = startAt - now.getTime();
  if (earlyMs > soonMs) {
    // The queue goes by the database's clock, which need not be ours: what it was early by, it gets on top.
    const startAfter = new Date(startAt + Math.min(earlyMs, skewMsMax));
    tx.enqueue(sendMessage, { messageId }, { startAfter });
    return null;
  }
  // Whoever stands before it wakes it.
  if (row.blocked) return null;
  if (row.channel_gone) {
    await endMessage(tx, attempt, 'failed', 'channel_deleted');
    return null;
  }
  if (row.opted_out && !row.ignores_consent) {
    await endMessage(tx, attempt, 'failed', 'consent_opted_out');
    return null;
  }
  if (row.channel_status === 'paused') {
    tx.enqueue(sendMessage, { messageId }, { startAfter: new Date(now.getTime() + pausedMs) });
    return null;
  }
  if (row.slot_at === null && (await waitForSlot(tx, messageId, row, now))) return null;

  const taken = await tx.sql(claim, [
    messageId,
    row.attempt,
    now,
    newId(),
    row.sender_kind,
    row.sender_id,
    jobId,
  ]);
  if (taken.length === 0) return null;
  return {
    ...attempt,
    channelId: row.channel_id,
    contactPointId: row.contact_point_id,
    provider: row.provider,
    to: row.to_address,
    body: tx.openText(row.content, `messages.content:${messageId}`),
    claimedAtMs: now.getTime(),
  };
}

/** The claim of a process that is gone becomes a question to the provider; the claim of one that lives is left alone. */
async function resumeClaimed(
  tx: TransactionContext,
  attempt: AttemptReference,
  row: MessageRow,
  jobId: string,
): Promise<void> {
  if (row.attempt_state !== 'calling') return;
  const startedAt = new Date(row.started_at ?? 0);
  const abandoned = row.job_id === jobId || tx.clock.now() - startedAt.getTime() > claimMsMax;
  if (abandoned) await recordUnknown(tx, attempt, 'interrupted', firstLookupAt(tx.clock.now()));
}

/** Takes the message's place in the channel's throughput. Returns whether that is a later one. */
async function waitForSlot(
  tx: TransactionContext,
  messageId: string,
  row: MessageRow,
  now: Date,
): Promise<boolean> {
  const slot = await reserveSendSlot(tx, row.channel_id, row.segments);
  if (slot.getTime() <= now.getTime() + soonMs) return false;
  await tx.sql('update messages set slot_at = $2 where id = $1', [messageId, slot]);
  tx.enqueue(sendMessage, { messageId }, { startAfter: slot });
  return true;
}

async function record(tx: TransactionContext, claimed: Claimed, outcome: SendOutcome): Promise<void> {
  await lockForSending(tx, claimed.conversationId);
  switch (outcome.outcome) {
    case 'accepted':
      return recordAccepted(tx, claimed, { ...outcome, errorCode: null, source: 'answer' });
    case 'unknown':
      return recordUnknown(tx, claimed, outcome.code, firstLookupAt(tx.clock.now()));
    case 'retry':
      if (notCalledCodes.has(outcome.code)) return recordNotCalled(tx, claimed, outcome.code);
      return recordRefused(tx, claimed, { state: 'refused', code: outcome.code, again: 'with backoff' });
    case 'reject':
    case 'reconnect':
      if (isOptOutCode(claimed.provider, outcome.code)) {
        await recordProviderOptOut(tx, claimed);
      }
      return recordRefused(tx, claimed, { state: 'refused', code: outcome.code, again: null });
  }
}
