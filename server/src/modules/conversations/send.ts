// Sends one message: claims it, makes the one provider call, records what came of it. Nothing is called that was not
// claimed in a committed transaction first, and a claim whose call has no known end is reconciled, never repeated.
import { ExponentialBackoff, handleAll, retry } from 'cockatiel';
import type { Context, TransactionContext } from '../../core/context.ts';
import { newId } from '../../core/identifiers.ts';
import type { JobRun } from '../../core/queue.ts';
import type { SendOutcome } from '../channels/adapter.ts';
import { callProvider, isOptOutCode, reserveSendSlot } from '../channels/channels.ts';
import {
  type AttemptReference,
  endMessage,
  recordAccepted,
  recordNotCalled,
  recordRefused,
  recordUnknown,
  sendMessage,
  wakeNext,
} from './attempts.ts';
import { recordProviderOptOut } from './consent.ts';
import { whileLocked } from './locked-work.ts';
import { mediaLinks } from './media-links.ts';
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

interface ClaimedRow {
  conversation_id: string;
  channel_id: string;
  contact_point_id: string;
  attempt: number;
  content: Uint8Array;
  to_address: string;
  provider: string;
  media_ids: string[] | null;
}

// Another message of the conversation that is being called, or that comes first.
const blocked = `exists (
    select 1 from messages e
    where e.conversation_id = m.conversation_id and e.status = 'pending' and e.id <> m.id
      and (e.claimed_at is not null or (e.due_at <= $2 and (e.due_at, e.id) < (m.due_at, m.id))))`;

// Each is looked up from the one before it, and `offset 0` keeps it so: joined freely, a plan that was made while the
// tables were young walks all rows of the workspace, and lasts as long as its connection.
const parties = `from messages m
    cross join lateral (select contact_point_id from conversations where id = m.conversation_id offset 0) c
    cross join lateral (select id, opted_out_at from contact_points where id = c.contact_point_id offset 0) p
    cross join lateral (
      select provider, status, deleted_at, sends_per_second from channels where id = m.channel_id offset 0
    ) ch`;

// Claims a message that nothing stands in the way of, and leaves every other one as it is. `is not false` keeps the
// planner from looking for the message in the index of all that is pending.
const claim = {
  name: 'message_claim',
  text: `with message as materialized (
      select m.id, m.workspace_id, m.conversation_id, m.channel_id, m.attempt, m.content, m.to_address, m.sender_kind,
        m.sender_id, m.sends_media, p.id as contact_point_id, ch.provider, ${blocked} as blocked
      ${parties}
      where m.id = $1 and (m.status = 'pending') is not false and m.claimed_at is null
        and greatest(m.due_at, m.not_before, m.slot_at) <= $3
        and ch.deleted_at is null and ch.status <> 'paused'
        and (p.opted_out_at is null or m.ignores_consent)
        and ($4 or m.slot_at is not null or ch.sends_per_second is null)
    ), claimed as (
      update messages m set claimed_at = $2 from message
      where m.id = message.id and m.attempt = message.attempt and not message.blocked
        and (m.status = 'pending') is not false and m.claimed_at is null
      returning m.id
    ), attempt as (
      insert into message_attempts
        (id, workspace_id, message_id, number, state, actor_kind, actor_id, job_id, requested_at, started_at)
      select $5, workspace_id, id, attempt, 'calling', sender_kind, sender_id, $6, $2, $2
      from message where exists (select 1 from claimed)
      on conflict (message_id, number) do update
        set state = 'calling', started_at = excluded.started_at, job_id = excluded.job_id
        where message_attempts.state = 'waiting'
      returning number
    )
    select conversation_id, channel_id, contact_point_id, message.attempt, content, to_address, provider,
      case when sends_media then (
        select jsonb_agg(f.id order by f.position) from message_media f where f.message_id = message.id) end as media_ids
    from message, attempt`,
};

interface HinderedRow {
  conversation_id: string;
  channel_id: string;
  status: string;
  attempt: number;
  segments: number;
  start_at: Date | string | null;
  has_slot: boolean;
  claimed: boolean;
  opted_out: boolean;
  channel_status: string;
  channel_gone: boolean;
  attempt_state: string | null;
  job_id: string | null;
  started_at: Date | string | null;
  blocked: boolean;
}

const readHindered = {
  name: 'message_hindered',
  text: `select m.conversation_id, m.channel_id, m.status, m.attempt, m.segments,
      greatest(m.due_at, m.not_before, m.slot_at) as start_at,
      m.slot_at is not null or ch.sends_per_second is null as has_slot, m.claimed_at is not null as claimed,
      p.opted_out_at is not null and not m.ignores_consent as opted_out,
      ch.status as channel_status, ch.deleted_at is not null as channel_gone,
      a.state as attempt_state, a.job_id, a.started_at, ${blocked} as blocked
    ${parties}
    left join message_attempts a on a.message_id = m.id and a.number = m.attempt
    where m.id = $1`,
};

interface Claimed extends AttemptReference {
  readonly channelId: string;
  readonly contactPointId: string;
  readonly provider: string;
  readonly to: string;
  readonly body: string;
  readonly mediaIds: readonly string[];
  readonly claimedAtMs: number;
}

/** The `conversations.send` job. */
export async function send(ctx: Context, input: { messageId: string }, run: JobRun): Promise<void> {
  const take = (tx: TransactionContext) => claimMessage(tx, input.messageId, run.id);
  const claimed = await whileLocked(ctx, input, take, run.signal);
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
      mediaUrls: claimed.mediaIds.map((mediaId) =>
        ctx.use(mediaLinks).urlOf({ workspaceId: ctx.workspaceId, mediaId }),
      ),
      reference: `${claimed.messageId}.${claimed.number}`,
    },
    { signal: run.signal, beginsWithinMs: callMsMax },
  );
  // Tried several times: what is not recorded has to be asked of the provider again.
  const { conversationId } = claimed;
  await recording.execute(() => whileLocked(ctx, { conversationId }, (tx) => record(tx, claimed, outcome)));
}

const recording = retry(handleAll, {
  maxAttempts: 4,
  backoff: new ExponentialBackoff({ initialDelay: 100, maxDelay: 2000 }),
});

/** Takes the message for this job, if it is its turn; sees to the rest if not. The conversation is locked. */
async function claimMessage(
  tx: TransactionContext,
  messageId: string,
  jobId: string,
): Promise<Claimed | null> {
  const now = tx.clock.date();
  const claimed = await tryClaim(tx, messageId, jobId, now, false);
  if (claimed) return claimed;
  const [row] = await tx.sql<HinderedRow>(readHindered, [messageId, now]);
  if (!row) return null;
  const attempt = { messageId, conversationId: row.conversation_id, number: row.attempt };

  if (row.status !== 'pending') {
    await wakeNext(tx, row.conversation_id);
    return null;
  }
  if (row.claimed) {
    await resumeClaimed(tx, attempt, row, jobId);
    return null;
  }
  const startAt = row.start_at === null ? 0 : Number(new Date(row.start_at));
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
  if (row.opted_out) {
    await endMessage(tx, attempt, 'failed', 'consent_opted_out');
    return null;
  }
  if (row.channel_status === 'paused') {
    tx.enqueue(sendMessage, { messageId }, { startAfter: new Date(now.getTime() + pausedMs) });
    return null;
  }
  if (!row.has_slot && (await waitForSlot(tx, messageId, row))) return null;
  return tryClaim(tx, messageId, jobId, now, true);
}

/**
 * Claims the message if nothing stands in its way. The conversation is locked.
 * @param hasSlot whether its place in the channel's throughput is seen to
 */
async function tryClaim(
  tx: TransactionContext,
  messageId: string,
  jobId: string,
  now: Date,
  hasSlot: boolean,
): Promise<Claimed | null> {
  const soon = new Date(now.getTime() + soonMs);
  const [row] = await tx.sql<ClaimedRow>(claim, [messageId, now, soon, hasSlot, newId(), jobId]);
  if (!row) return null;
  return {
    messageId,
    conversationId: row.conversation_id,
    number: row.attempt,
    channelId: row.channel_id,
    contactPointId: row.contact_point_id,
    provider: row.provider,
    to: row.to_address,
    // Before the commit: what cannot be opened must not stay claimed, for then it would count as called.
    body: tx.openText(row.content, `messages.content:${messageId}`),
    mediaIds: row.media_ids ?? [],
    claimedAtMs: now.getTime(),
  };
}

/** The claim of a process that is gone becomes a question to the provider; the claim of one that lives is left alone. */
async function resumeClaimed(
  tx: TransactionContext,
  attempt: AttemptReference,
  row: HinderedRow,
  jobId: string,
): Promise<void> {
  if (row.attempt_state !== 'calling') return;
  const startedAt = new Date(row.started_at ?? 0);
  const abandoned = row.job_id === jobId || tx.clock.now() - startedAt.getTime() > claimMsMax;
  if (abandoned) await recordUnknown(tx, attempt, 'interrupted', firstLookupAt(tx.clock.now()));
}

/** Takes the message's place in the channel's throughput. Returns whether that is a later one. */
async function waitForSlot(tx: TransactionContext, messageId: string, row: HinderedRow): Promise<boolean> {
  const slot = await reserveSendSlot(tx, row.channel_id, row.segments);
  if (slot.getTime() <= tx.clock.now() + soonMs) return false;
  await tx.sql('update messages set slot_at = $2 where id = $1', [messageId, slot]);
  tx.enqueue(sendMessage, { messageId }, { startAfter: slot });
  return true;
}

/** The conversation is locked. */
async function record(tx: TransactionContext, claimed: Claimed, outcome: SendOutcome): Promise<void> {
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
      if (isOptOutCode(tx, claimed.provider, outcome.code)) {
        await recordProviderOptOut(tx, claimed);
      }
      return recordRefused(tx, claimed, { state: 'refused', code: outcome.code, again: null });
  }
}
