// What members do with messages: write, schedule, approve, edit, discard, cancel and retry.
import type { CreateMessage, Message } from '@parley/contract/messages';
import { eq } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../core/context.ts';
import { conflict, notFound, validationError } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { type ChannelSummary, countSegments, defaultChannel, findChannel } from '../channels/channels.ts';
import { endMessage, lockForSending, requestAttempt, sendMessage } from './attempts.ts';
import { isRetryable } from './delivery-state.ts';
import { messageEdited, messageStatusChanged } from './events.ts';
import { attachMedia } from './media-upload.ts';
import { getMessage } from './message-queries.ts';
import { openConversation, readAddress } from './open-conversation.ts';
import { createOutboundMessage, memberSender, optedOut } from './outbound.ts';
import { markRead } from './reading.ts';
import { spendSegments } from './segment-ledger.ts';
import { conversations, messages } from './tables.ts';
import { undoHold } from './undo-hold.ts';

const sendAtMsMax = 366 * 86_400_000;

/**
 * Writes to a contact, now or later. Who writes has read what was there. One transaction, whose result is the answer.
 * @throws ParleyError 400 for a number or a moment that cannot be; 404; 409 `consent_opted_out`, `budget_exhausted`
 */
export async function writeMessage(ctx: Context, input: CreateMessage): Promise<Message> {
  return ctx.transaction(async (tx) => {
    const holdMs = (input.holdSeconds ?? 0) * 1000;
    const sendAt = holdMs > 0 ? new Date(tx.clock.now() + holdMs) : readSendAt(tx, input.sendAt);
    const conversationId = await conversationFor(tx, input);
    // Before the message gets its moment: the thread tells who took over last as it was, also of two at once. Programs are
    // many, and nobody watches them take turns.
    if (tx.actor.kind === 'member' || holdMs > 0) await lockForSending(tx, conversationId);
    const { messageId } = await createOutboundMessage(tx, {
      conversationId,
      body: readBody(input.body),
      sender: memberSender(tx),
      ...(sendAt ? { sendAt, held: holdMs > 0 } : {}),
    });
    if (input.mediaIds) await attachMedia(tx, messageId, input.mediaIds);
    await markRead(tx, conversationId);
    return getMessage(tx, messageId);
  });
}

/** A text that no database and no carrier takes is refused, not mended: the sender sees what they sent. */
function readBody(body: string): string {
  if (body.isWellFormed() && !body.includes('\0')) return body;
  throw validationError('The text has characters that cannot be sent.', [
    { path: 'body.body', message: 'has NUL or half a character' },
  ]);
}

function readSendAt(tx: TransactionContext, sendAt: string | undefined): Date | null {
  if (sendAt === undefined) return null;
  const at = new Date(sendAt);
  const aheadMs = at.getTime() - tx.clock.now();
  if (aheadMs > 0 && aheadMs <= sendAtMsMax) return at;
  throw validationError('A message is scheduled for the future, at most a year ahead.', [
    { path: 'body.sendAt', message: 'is not within the next year' },
  ]);
}

async function conversationFor(tx: TransactionContext, input: CreateMessage): Promise<string> {
  if (input.conversationId !== undefined) {
    const [row] = await tx.drizzle
      .select({ channelId: conversations.channelId })
      .from(conversations)
      .where(eq(conversations.id, input.conversationId));
    if (!row) throw notFound('conversation');
    if (input.channelId !== undefined && input.channelId !== row.channelId) {
      throw validationError('A conversation stays on its channel.', [
        { path: 'body.channelId', message: 'is not the channel of the conversation' },
      ]);
    }
    return input.conversationId;
  }
  const channel = await channelFor(tx, input.channelId);
  const address = await readAddress(tx, channel, input.to ?? '');
  const { kind } = address.number;
  const problem =
    kind !== 'e164' && kind !== 'short_code'
      ? 'is not a telephone number'
      : address.key === channel.address
        ? 'is the channel itself'
        : null;
  if (problem) {
    throw validationError('The message cannot be sent to this number.', [
      { path: 'body.to', message: problem },
    ]);
  }
  return openConversation(tx, channel, address, tx.clock.date());
}

async function channelFor(tx: TransactionContext, channelId: string | undefined): Promise<ChannelSummary> {
  const channel = await (channelId === undefined ? defaultChannel(tx) : findChannel(tx, channelId));
  if (channel) return channel;
  if (channelId !== undefined) throw notFound('channel');
  throw conflict('no_channel', 'Connect a channel first: there is none to send from.');
}

interface Locked {
  readonly conversationId: string;
  readonly status: string;
  readonly attempt: number;
  readonly claimed: boolean;
  readonly direction: string;
  readonly segments: number;
}

/** Holds the message still, in the order in which the sending side locks. @throws ParleyError 404 */
async function lockMessage(tx: TransactionContext, messageId: string): Promise<Locked> {
  const [found] = await tx.drizzle
    .select({ conversationId: messages.conversationId })
    .from(messages)
    .where(eq(messages.id, messageId));
  if (!found) throw notFound('message');
  await lockForSending(tx, found.conversationId);
  const [row] = await tx.drizzle.select().from(messages).where(eq(messages.id, messageId)).for('update');
  if (!row) throw notFound('message');
  return {
    conversationId: row.conversationId,
    status: row.status,
    attempt: row.attempt,
    claimed: row.claimedAt !== null,
    direction: row.direction,
    segments: row.segments,
  };
}

const notDraft = () => conflict('not_a_draft', 'This message is no draft any more.');

/**
 * Puts a message into its conversation's queue, behind what waits there, and spends its segments.
 * @throws ParleyError 409 `consent_opted_out`, `budget_exhausted`
 */
async function release(
  tx: TransactionContext,
  messageId: string,
  { conversationId, status, segments }: Locked,
  attempt: number,
): Promise<void> {
  const [to] = await tx.sql<{ contact_id: string; opted_out: boolean }>(
    `select p.contact_id, p.opted_out_at is not null as opted_out
     from conversations c join contact_points p on p.id = c.contact_point_id where c.id = $1`,
    [conversationId],
  );
  if (!to) throw notFound('message');
  if (to.opted_out) throw optedOut();
  const sent = { messageId, conversationId, contactId: to.contact_id, segments };
  await spendSegments(tx, { ...sent, purpose: 'send' });
  const now = tx.clock.date();
  await tx.sql(
    `with event as (
       insert into message_status_events
         (id, workspace_id, message_id, attempt, status, provider_status, source, occurred_at)
       values ($2, $3, $1, $4, 'pending', 'pending', 'parley', $5)
     )
     update messages set status = 'pending', error_code = null, due_at = $5, updated_at = $5 where id = $1`,
    [messageId, newId(), tx.workspaceId, attempt, now],
  );
  tx.append(messageStatusChanged, {
    messageId,
    conversationId,
    status: 'pending',
    previous: status,
    errorCode: null,
  });
}

/**
 * Approves a draft: it goes out. Twice is once.
 * @param read what the draft said when it was approved, where that is known: nothing leaves that nobody has read.
 * @throws ParleyError 404; 409 `not_a_draft`, `draft_changed`, `consent_opted_out`, `budget_exhausted`
 */
export async function approveDraft(ctx: Context, messageId: string, read?: string): Promise<Message> {
  return ctx.transaction(async (tx) => {
    const locked = await lockMessage(tx, messageId);
    if (locked.status === 'pending') return getMessage(tx, messageId);
    if (locked.status !== 'draft') throw notDraft();
    if (read !== undefined && read !== (await getMessage(tx, messageId)).body) {
      throw conflict('draft_changed', 'Somebody changed this draft meanwhile: read it again.');
    }
    await release(tx, messageId, locked, locked.attempt);
    settleDraft(tx, locked.conversationId);
    await markRead(tx, locked.conversationId);
    tx.enqueue(sendMessage, { messageId });
    return getMessage(tx, messageId);
  });
}

/** One draft less waits in the conversation, which is locked. */
function settleDraft(tx: TransactionContext, conversationId: string): void {
  tx.last('update conversations set draft_count = draft_count - 1 where id = $1', [conversationId]);
}

/** @throws ParleyError 404; 409 `not_a_draft` */
export async function editDraft(ctx: Context, messageId: string, body: string): Promise<Message> {
  return ctx.transaction(async (tx) => {
    const locked = await lockMessage(tx, messageId);
    if (locked.status !== 'draft') throw notDraft();
    const { encoding, segments } = countSegments(readBody(body));
    const content = tx.seal(body, `messages.content:${messageId}`);
    await tx.drizzle
      .update(messages)
      .set({ content, encoding, segments, updatedAt: tx.clock.date() })
      .where(eq(messages.id, messageId));
    tx.append(messageEdited, { messageId, conversationId: locked.conversationId });
    return getMessage(tx, messageId);
  });
}

/**
 * Discards a draft, cancels what has not left yet, or undoes what is held back. Twice is once.
 * @throws ParleyError 404; 409 `already_sent`
 */
export async function cancelMessage(ctx: Context, messageId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const { conversationId, status, attempt, claimed, direction } = await lockMessage(tx, messageId);
    if (status === 'canceled') return;
    if (direction === 'inbound' || claimed || (status !== 'draft' && status !== 'pending')) {
      throw conflict('already_sent', 'This message has left already.');
    }
    await endMessage(tx, { messageId, conversationId, number: attempt }, 'canceled', null);
    if (status === 'draft') settleDraft(tx, conversationId);
    else await undoHold(tx, messageId);
  });
}

/**
 * A person sends a failed message anew: the next attempt, in their name.
 * @throws ParleyError 404; 409 `not_failed`, `consent_opted_out`, `budget_exhausted`
 */
export async function retryMessage(ctx: Context, messageId: string): Promise<Message> {
  return ctx.transaction(async (tx) => {
    const locked = await lockMessage(tx, messageId);
    if (locked.direction === 'inbound' || !isRetryable(locked.status)) {
      throw conflict('not_failed', 'Only a message that failed can be sent again.');
    }
    const { conversationId, attempt: number } = locked;
    await release(tx, messageId, locked, number + 1);
    await requestAttempt(tx, { messageId, conversationId, number }, tx.actor, tx.clock.date());
    return getMessage(tx, messageId);
  });
}
