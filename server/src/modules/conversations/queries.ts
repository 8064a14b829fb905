// Reads conversations as the API shows them.
import type { Conversation, ConversationDetail, ConversationQuery } from '@parley/contract/conversations';
import type { InboxCounts } from '@parley/contract/inbox';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { notFound } from '../../core/errors.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { askingMember, type ConversationFilters, conditionsOf, isUnreadBy, Parameters } from './filters.ts';
import { notUndone, pageOfMessages } from './message-queries.ts';

interface ConversationRow {
  id: string;
  channel_id: string;
  contact_id: string;
  contact_point_id: string;
  contact_name: Uint8Array | null;
  address: string;
  opted_out: boolean;
  ai_consent: Conversation['contact']['aiConsent'];
  status: Conversation['status'];
  flag_reason: string | null;
  owner_kind: Conversation['owner']['kind'];
  owner_id: string | null;
  assistant_policy: Conversation['assistantPolicy'];
  private: boolean;
  language: Conversation['language'];
  language_confidence: number;
  intent: string | null;
  mood: Conversation['mood'];
  workflow_type: string | null;
  workflow_id: string | null;
  directory_status: Conversation['directory']['status'];
  directory_entry_id: string | null;
  directory_name: Uint8Array | null;
  directory_checked_at: Date | string | null;
  last_message_at: Date | string;
  last_inbound_at: Date | string | null;
  snoozed_until: Date | string | null;
  draft_count: number;
  unread: boolean;
  created_at: Date | string;
  updated_at: Date | string;
  newest_id: string | null;
  newest_direction: 'inbound' | 'outbound';
  newest_sender_kind: 'contact' | 'assistant' | 'member' | 'system';
  newest_content: Uint8Array;
  newest_status: NonNullable<Conversation['lastMessage']>['status'];
  newest_created_at: Date | string;
}

/** @param workspace, member the places of the workspace and of the member who asks, null for a program. */
const select = (
  from: string,
  workspace: string,
  member: string,
) => `select c.id, c.channel_id, c.contact_id, c.contact_point_id,
    n.name as contact_name, p.address, p.opted_out_at is not null as opted_out, n.ai_consent, c.status, c.flag_reason, c.owner_kind,
    c.owner_id, c.assistant_policy, c.private, c.language, c.language_confidence, c.intent, c.mood,
    c.workflow_type, c.workflow_id, c.directory_status, c.directory_entry_id, c.directory_name, c.directory_checked_at, c.last_message_at,
    c.last_inbound_at, c.snoozed_until, c.draft_count, (${member}::text is not null and ${isUnreadBy(workspace, member)}) as unread, c.created_at, c.updated_at,
    newest.id as newest_id, newest.direction as newest_direction, newest.sender_kind as newest_sender_kind,
    newest.content as newest_content, newest.status as newest_status, newest.created_at as newest_created_at
  from ${from}
  join contact_points p on p.id = c.contact_point_id
  join contacts n on n.id = c.contact_id
  left join lateral (
    select m.id, m.direction, m.sender_kind, m.content, m.status, m.created_at from messages m
    where m.conversation_id = c.id and ${notUndone} order by m.created_at desc, m.id desc limit 1
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
      aiConsent: row.ai_consent,
    },
    status: row.status,
    flagReason: row.flag_reason,
    owner: { kind: row.owner_kind, id: row.owner_id },
    assistantPolicy: row.assistant_policy,
    private: row.private,
    language: row.language,
    languageConfidence: row.language_confidence,
    intent: row.intent,
    mood: row.mood,
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
    snoozedUntil: row.snoozed_until === null ? null : iso(row.snoozed_until),
    unread: row.unread,
    draftCount: row.draft_count,
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
  const { limit, cursor, ...filters } = query;
  const after = cursor ? decodeCursor(cursor, cursorShape) : null;
  return ctx.transaction(async (tx) => {
    const parameters = new Parameters();
    const conditions = conditionsOf(tx, filters, parameters);
    const place = after
      ? `and (c.last_message_at, c.id) < (${parameters.add(after[0])}::timestamptz, ${parameters.add(after[1])}::uuid)`
      : '';
    // The page first, by itself: what is shown of a conversation is looked up for those on it only.
    const [workspace, member] = [parameters.add(tx.workspaceId), parameters.add(askingMember(tx))];
    const rows = await tx.sql<ConversationRow>(
      `with page as materialized (
         select c.id from conversations c where ${conditions} ${place}
         order by c.last_message_at desc, c.id desc limit ${parameters.add(limit + 1)}
       )
       ${select('page join conversations c on c.id = page.id', workspace, member)}
       order by c.last_message_at desc, c.id desc`,
      parameters.values,
    );
    const { items, nextCursor } = toPage(rows, limit, (row) => [iso(row.last_message_at), row.id]);
    return { items: items.map((row) => toConversation(tx, row)), nextCursor };
  });
}

/** How many there are in each place, up to that many. */
const countMax = 1000;

/** The list that each count is the length of. */
const places = {
  open: { open: true },
  mine: { open: true, ownerId: 'me' },
  unassigned: { open: true, owner: 'nobody' },
  assistant: { open: true, owner: 'assistant' },
  drafts: { draft: true },
  flagged: { status: 'flagged_for_review' },
  snoozed: { snoozed: true },
  unread: { open: true, unread: true },
  mentioned: { mentioned: true },
} as const satisfies Record<keyof InboxCounts, ConversationFilters>;

export async function countConversations(ctx: Context): Promise<InboxCounts> {
  return ctx.transaction(async (tx) => {
    const parameters = new Parameters();
    const columns = Object.entries(places).map(
      ([name, filters]) => `(select count(*)::int from (
         select 1 from conversations c where ${conditionsOf(tx, filters, parameters)} limit ${countMax}
       ) ${name}) as ${name}`,
    );
    const [counts] = await tx.sql<InboxCounts>(`select ${columns.join(', ')}`, parameters.values);
    if (!counts) throw new Error('nothing was counted');
    return counts;
  });
}

/** @throws ParleyError 404 */
export async function readConversation(
  tx: TransactionContext,
  conversationId: string,
): Promise<Conversation> {
  const [row] = await tx.sql<ConversationRow>(`${select('conversations c', '$2', '$3')} where c.id = $1`, [
    conversationId,
    tx.workspaceId,
    askingMember(tx),
  ]);
  if (!row) throw notFound('conversation');
  return toConversation(tx, row);
}

/** Those of these conversations that exist; in no order. */
export async function readConversations(
  tx: TransactionContext,
  conversationIds: readonly string[],
): Promise<Conversation[]> {
  const rows = await tx.sql<ConversationRow>(
    `${select('conversations c', '$2', '$3')} where c.id = any($1)`,
    [conversationIds, tx.workspaceId, askingMember(tx)],
  );
  return rows.map((row) => toConversation(tx, row));
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
