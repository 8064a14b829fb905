// Reads conversations as the API shows them.
import type { Conversation, ConversationDetail, ConversationQuery } from '@parley/contract/conversations';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { notFound } from '../../core/errors.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { pageOfMessages } from './message-queries.ts';

interface ConversationRow {
  id: string;
  channel_id: string;
  contact_id: string;
  contact_point_id: string;
  contact_name: Uint8Array | null;
  address: string;
  opted_out: boolean;
  status: Conversation['status'];
  flag_reason: string | null;
  owner_kind: Conversation['owner']['kind'];
  owner_id: string | null;
  assistant_policy: Conversation['assistantPolicy'];
  private: boolean;
  language: Conversation['language'];
  language_confidence: number;
  workflow_type: string | null;
  workflow_id: string | null;
  directory_status: Conversation['directory']['status'];
  directory_entry_id: string | null;
  directory_name: Uint8Array | null;
  directory_checked_at: Date | string | null;
  last_message_at: Date | string;
  last_inbound_at: Date | string | null;
  created_at: Date | string;
  updated_at: Date | string;
  newest_id: string | null;
  newest_direction: 'inbound' | 'outbound';
  newest_sender_kind: 'contact' | 'assistant' | 'member' | 'system';
  newest_content: Uint8Array;
  newest_status: NonNullable<Conversation['lastMessage']>['status'];
  newest_created_at: Date | string;
}

const select = `select c.id, c.channel_id, c.contact_id, c.contact_point_id, n.name as contact_name, p.address,
    p.opted_out_at is not null as opted_out, c.status, c.flag_reason, c.owner_kind, c.owner_id, c.assistant_policy,
    c.private, c.language, c.language_confidence, c.workflow_type, c.workflow_id, c.directory_status,
    c.directory_entry_id, c.directory_name, c.directory_checked_at, c.last_message_at, c.last_inbound_at, c.created_at,
    c.updated_at, newest.id as newest_id, newest.direction as newest_direction,
    newest.sender_kind as newest_sender_kind, newest.content as newest_content, newest.status as newest_status,
    newest.created_at as newest_created_at
  from conversations c
  join contact_points p on p.id = c.contact_point_id
  join contacts n on n.id = c.contact_id
  left join lateral (
    select m.id, m.direction, m.sender_kind, m.content, m.status, m.created_at from messages m
    where m.conversation_id = c.id order by m.created_at desc, m.id desc limit 1
  ) newest on true`;

const iso = (at: Date | string) => new Date(at).toISOString();

function toConversation(tx: TransactionContext, row: ConversationRow): Conversation {
  return {
    id: row.id,
    channelId: row.channel_id,
    contact: {
      id: row.contact_id,
      pointId: row.contact_point_id,
      address: row.address,
      name: row.contact_name ? tx.openText(row.contact_name, `contacts.name:${row.contact_id}`) : null,
      optedOut: row.opted_out,
    },
    status: row.status,
    flagReason: row.flag_reason,
    owner: { kind: row.owner_kind, id: row.owner_id },
    assistantPolicy: row.assistant_policy,
    private: row.private,
    language: row.language,
    languageConfidence: row.language_confidence,
    workflowType: row.workflow_type,
    workflowId: row.workflow_id,
    directory: {
      status: row.directory_status,
      entryId: row.directory_entry_id,
      name: row.directory_name
        ? tx.openText(row.directory_name, `conversations.directory_name:${row.id}`)
        : null,
      checkedAt: row.directory_checked_at === null ? null : iso(row.directory_checked_at),
    },
    lastMessage:
      row.newest_id === null
        ? null
        : {
            id: row.newest_id,
            direction: row.newest_direction,
            senderKind: row.newest_sender_kind,
            body: tx.openText(row.newest_content, `messages.content:${row.newest_id}`),
            status: row.newest_status,
            createdAt: iso(row.newest_created_at),
          },
    lastMessageAt: iso(row.last_message_at),
    lastInboundAt: row.last_inbound_at === null ? null : iso(row.last_inbound_at),
    createdAt: iso(row.created_at),
    updatedAt: iso(row.updated_at),
  };
}

const cursorShape = z.tuple([z.iso.datetime(), z.uuid()]);

/** The conversations that fit, those with the newest message first. */
export async function listConversations(
  ctx: Context,
  query: ConversationQuery,
): Promise<{ items: Conversation[]; nextCursor: string | null }> {
  const [lastMessageAt, id] = query.cursor ? decodeCursor(query.cursor, cursorShape) : [null, null];
  return ctx.transaction(async (tx) => {
    const rows = await tx.sql<ConversationRow>(
      `${select}
       where c.workspace_id = $1
         and ($3::timestamptz is null or (c.last_message_at, c.id) < ($3::timestamptz, $4::uuid))
         and ($5::text is null or c.status = $5) and ($6::text is null or c.owner_kind = $6)
         and ($7::text is null or c.owner_id = $7) and ($8::uuid is null or c.channel_id = $8)
         and ($9::text is null or c.language = $9) and ($10::text is null or c.workflow_type = $10)
         and ($11::text is null or c.workflow_id = $11)
         and ($12::timestamptz is null or c.updated_at >= $12)
       order by c.last_message_at desc, c.id desc limit $2`,
      [
        tx.workspaceId,
        query.limit + 1,
        lastMessageAt,
        id,
        query.status ?? null,
        query.owner ?? null,
        query.ownerId ?? null,
        query.channelId ?? null,
        query.language ?? null,
        query.workflowType ?? null,
        query.workflowId ?? null,
        query.updatedSince ?? null,
      ],
    );
    const { items, nextCursor } = toPage(rows, query.limit, (row) => [iso(row.last_message_at), row.id]);
    return { items: items.map((row) => toConversation(tx, row)), nextCursor };
  });
}

/** @throws ParleyError 404 */
export async function readConversation(
  tx: TransactionContext,
  conversationId: string,
): Promise<Conversation> {
  const [row] = await tx.sql<ConversationRow>(`${select} where c.id = $1`, [conversationId]);
  if (!row) throw notFound('conversation');
  return toConversation(tx, row);
}

/** How many messages stand in a conversation's own answer. */
const newestCount = 50;

/** @throws ParleyError 404 */
export async function readConversationDetail(
  ctx: Context,
  conversationId: string,
): Promise<ConversationDetail> {
  return ctx.transaction(async (tx) => {
    const conversation = await readConversation(tx, conversationId);
    const { items, nextCursor } = await pageOfMessages(tx, conversationId, { limit: newestCount });
    return { ...conversation, messages: items.toReversed(), messagesCursor: nextCursor };
  });
}

/** Newest first. @throws ParleyError 404 */
export async function listMessages(
  ctx: Context,
  conversationId: string,
  query: { limit: number; cursor?: string | undefined },
) {
  return ctx.transaction(async (tx) => {
    const rows = await tx.sql('select 1 from conversations where id = $1', [conversationId]);
    if (rows.length === 0) throw notFound('conversation');
    return pageOfMessages(tx, conversationId, query);
  });
}
