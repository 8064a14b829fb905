// Reads messages as the API shows them: contents opened row by row, codes in words.
import type { Failure, Message, MessageDetail } from '@parley/contract/messages';
import { asc, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { notFound } from '../../core/errors.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { explainCode } from '../channels/channels.ts';
import { messageAttempts, messageStatusEvents } from './tables.ts';

export interface MessageRow {
  id: string;
  conversation_id: string;
  channel_id: string;
  provider: string;
  direction: Message['direction'];
  sender_kind: Message['sender']['kind'];
  sender_id: string | null;
  provider_message_id: string | null;
  from_address: string;
  to_address: string;
  content: Uint8Array;
  status: Message['status'];
  error_code: string | null;
  encoding: Message['encoding'];
  segments: number;
  price_micros: string | number | null;
  currency: string | null;
  run_id: string | null;
  attempt: number;
  send_at: Date | string | null;
  created_at: Date | string;
  updated_at: Date | string;
  media: Message['media'];
}

const columns = `m.id, m.conversation_id, m.channel_id, ch.provider, m.direction, m.sender_kind, m.sender_id,
  m.provider_message_id, m.from_address, m.to_address, m.content, m.status, m.error_code, m.encoding, m.segments,
  m.price_micros, m.currency, m.run_id, m.attempt, m.send_at, m.created_at, m.updated_at,
  (select coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'contentType', f.content_type, 'bytes', f.bytes,
     'status', f.status, 'errorCode', f.error_code) order by f.position), '[]')
   from message_media f where f.message_id = m.id) as media`;

/** SQL over `m`, a message: all but what its sender undid while it was held back. It was never said. */
export const notUndone = `not (m.status = 'canceled' and m.before_hold is not null)`;

/** Codes of our own, where no provider had a say. */
const ownFailures: Readonly<Record<string, Omit<Failure, 'code'>>> = {
  consent_opted_out: {
    message: 'The contact said STOP, so the message was not sent.',
    action: 'Nothing may be sent until they say START. Reach them another way if you must.',
  },
  lost: {
    message: 'The provider was called several times and never got the message.',
    action: 'Check the provider’s status page, then retry the message.',
  },
  interrupted: {
    message: 'Parley was interrupted while it called the provider.',
    action: 'Nothing to do: the provider is asked what became of it.',
  },
  unanswered: {
    message: 'The provider did not answer the call.',
    action: 'Nothing to do: the provider is asked what became of it.',
  },
  outcome_unknown: {
    message: 'The provider could not tell for a whole day whether it has the message.',
    action: 'Look in the provider’s console. If it is not there, retry the message.',
  },
};

function failureOf(ctx: Context, provider: string, code: string | null): Failure | null {
  return code === null ? null : { code, ...(ownFailures[code] ?? explainCode(ctx, provider, code)) };
}

const iso = (at: Date | string) => new Date(at).toISOString();
const isoOrNull = (at: Date | string | null) => (at === null ? null : iso(at));

export function toMessage(tx: TransactionContext, row: MessageRow): Message {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    channelId: row.channel_id,
    direction: row.direction,
    sender: { kind: row.sender_kind, id: row.sender_id },
    providerId: row.provider_message_id,
    from: row.from_address,
    to: row.to_address,
    body: tx.openText(row.content, `messages.content:${row.id}`),
    status: row.status,
    failure: failureOf(tx, row.provider, row.error_code),
    encoding: row.encoding,
    segments: row.segments,
    price:
      row.price_micros === null || row.currency === null
        ? null
        : { micros: Number(row.price_micros), currency: row.currency },
    media: row.media,
    runId: row.run_id,
    sendAt: isoOrNull(row.send_at),
    createdAt: iso(row.created_at),
    updatedAt: iso(row.updated_at),
  };
}

/** @throws ParleyError 404 */
export async function readMessageRow(tx: TransactionContext, messageId: string): Promise<MessageRow> {
  const [row] = await tx.sql<MessageRow>(
    `select ${columns} from messages m join channels ch on ch.id = m.channel_id where m.id = $1`,
    [messageId],
  );
  if (!row) throw notFound('message');
  return row;
}

/** @throws ParleyError 404 */
export async function getMessage(tx: TransactionContext, messageId: string): Promise<Message> {
  return toMessage(tx, await readMessageRow(tx, messageId));
}

/** A message with every step of its life. @throws ParleyError 404 */
export async function readMessageDetail(ctx: Context, messageId: string): Promise<MessageDetail> {
  return ctx.transaction(async (tx) => {
    const row = await readMessageRow(tx, messageId);
    const events = await tx.drizzle
      .select()
      .from(messageStatusEvents)
      .where(eq(messageStatusEvents.messageId, messageId))
      .orderBy(asc(messageStatusEvents.occurredAt), asc(messageStatusEvents.id));
    const attempts = await tx.drizzle
      .select()
      .from(messageAttempts)
      .where(eq(messageAttempts.messageId, messageId))
      .orderBy(asc(messageAttempts.number));
    return {
      ...toMessage(tx, row),
      events: events.map((event) => ({
        id: event.id,
        attempt: event.attempt,
        status: event.status as Message['status'],
        providerStatus: event.providerStatus,
        errorCode: event.errorCode,
        source: event.source,
        occurredAt: event.occurredAt.toISOString(),
      })),
      attempts: attempts.map((attempt) => ({
        number: attempt.number,
        state: attempt.state,
        failure: failureOf(tx, row.provider, attempt.code),
        providerId: attempt.providerMessageId,
        actor: { kind: attempt.actorKind, id: attempt.actorId },
        requestedAt: attempt.requestedAt.toISOString(),
        startedAt: attempt.startedAt?.toISOString() ?? null,
        finishedAt: attempt.finishedAt?.toISOString() ?? null,
      })),
    };
  });
}

const cursorShape = z.tuple([z.iso.datetime(), z.uuid()]);
export type TimelinePlace = z.infer<typeof cursorShape>;

/** The place in a conversation that a cursor names. @throws ParleyError 400 */
export function readPlace(cursor: string | undefined): TimelinePlace | null {
  return cursor ? decodeCursor(cursor, cursorShape) : null;
}

/** The newest ones before a place, newest first; contents still sealed. */
export async function readMessageRows(
  tx: TransactionContext,
  conversationId: string,
  { limit, before }: { limit: number; before: TimelinePlace | null },
): Promise<MessageRow[]> {
  return tx.sql<MessageRow>(
    `select ${columns} from messages m join channels ch on ch.id = m.channel_id
     where m.conversation_id = $1 and ${notUndone} ${before ? 'and (m.created_at, m.id) < ($3::timestamptz, $4::uuid)' : ''}
     order by m.created_at desc, m.id desc limit $2`,
    [conversationId, limit, ...(before ?? [])],
  );
}

/** Those of these messages that were said; in no order. */
export async function readMessages(
  tx: TransactionContext,
  messageIds: readonly string[],
): Promise<Message[]> {
  const rows = await tx.sql<MessageRow>(
    `select ${columns} from messages m join channels ch on ch.id = m.channel_id
     where m.id = any($1) and ${notUndone}`,
    [messageIds],
  );
  return rows.map((row) => toMessage(tx, row));
}

/** Newest first. Of a conversation that does not exist: an empty page; ask for the conversation before. */
export async function pageOfMessages(
  tx: TransactionContext,
  conversationId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: Message[]; nextCursor: string | null }> {
  const before = readPlace(cursor);
  const rows = await readMessageRows(tx, conversationId, { limit: limit + 1, before });
  const { items, nextCursor } = toPage(rows, limit, (row) => [iso(row.created_at), row.id]);
  return { items: items.map((row) => toMessage(tx, row)), nextCursor };
}
