// Reads conversations for what a member answered in them: a few at a time, each in its place, never those that are private
// or of a contact who refused to be read by a machine.
import type { Language } from '@parley/contract/common';
import type { TransactionContext } from '../../../core/context.ts';
import { contactNames, openMessage } from '../../conversations/conversations.ts';
import { answerMsMax, type FoundPair, pairsIn, type SaidMessage } from './pairs.ts';
import type { Place } from './places.ts';

export interface ReadPair extends FoundPair {
  readonly conversationId: string;
  readonly language: Language;
  readonly contactName: string;
}

export interface ReadConversations {
  readonly count: number;
  /** Null: there was none left. */
  readonly last: Place | null;
  readonly pairs: readonly ReadPair[];
}

export interface Reading {
  readonly from: Place;
  readonly newestFirst: boolean;
  /** Only answers from then on are looked at. */
  readonly since: Date;
  /** Where something was said after it is left for later. */
  readonly until: Date;
}

const conversationsAtOnce = 10;
/** The newest of a conversation; what is further back was looked at before, or is too old. */
const messagesMax = 300;

/** Where a member has answered: `$1` the workspace, `$2` since when, `$3` until when something was said last. */
const answeredByMember = `from conversations c where c.workspace_id = $1 and not c.private
  and not exists (select 1 from contacts k where k.id = c.contact_id and k.ai_consent = 'refused') and c.last_message_at <= $3
  and c.last_message_at >= $2 and exists (select 1 from messages m where m.conversation_id = c.id and m.created_at >= $2
    and m.direction = 'outbound' and m.sender_kind = 'member')`;

export async function countConversations(tx: TransactionContext, since: Date, until: Date): Promise<number> {
  const [row] = await tx.sql<{ count: number }>(`select count(*)::int as count ${answeredByMember}`, [
    tx.workspaceId,
    since,
    until,
  ]);
  return row?.count ?? 0;
}

interface ConversationRow {
  id: string;
  at: string;
  language: Language;
}

/** @throws CryptoError */
export async function readConversations(
  tx: TransactionContext,
  { from, newestFirst, since, until }: Reading,
): Promise<ReadConversations> {
  const [after, order] = newestFirst ? ['<', 'desc'] : ['>', 'asc'];
  const rows = await tx.sql<ConversationRow>(
    `select c.id, c.last_message_at::text as at, c.language ${answeredByMember}
       and (c.last_message_at, c.id) ${after} ($4::timestamptz, $5::uuid)
     order by c.last_message_at ${order}, c.id ${order} limit ${conversationsAtOnce}`,
    [tx.workspaceId, since, until, from.at, from.id],
  );
  const ids = rows.map(({ id }) => id);
  const names = await contactNames(tx, 'conversation', ids);
  const said = await readSaid(tx, ids, since);
  const pairs: ReadPair[] = [];
  for (const { id, language } of rows) {
    for (const pair of pairsIn(said.get(id) ?? []))
      if (pair.answeredAt >= since)
        pairs.push({ ...pair, conversationId: id, language, contactName: names.get(id) ?? '' });
  }
  const last = rows.at(-1);
  return { count: rows.length, last: last ? { at: last.at, id: last.id } : null, pairs };
}

interface SaidRow {
  id: string;
  conversation_id: string;
  direction: 'inbound' | 'outbound';
  is_member: boolean;
  sender_id: string | null;
  content: Uint8Array;
  has_media: boolean;
  created_at: Date | string;
}

/** By conversation, oldest first. */
async function readSaid(
  tx: TransactionContext,
  conversationIds: readonly string[],
  since: Date,
): Promise<ReadonlyMap<string, SaidMessage[]>> {
  if (conversationIds.length === 0) return new Map();
  // Who wrote with a key, or is no member any more, has not agreed to anything.
  const rows = await tx.sql<SaidRow>(
    `select n.*, n.sender_kind = 'member' and exists (select 1 from members p
         where p.workspace_id = $2 and p.user_id = n.sender_id) as is_member,
       exists (select 1 from message_media f where f.message_id = n.id) as has_media
     from unnest($1::uuid[]) as c(id) cross join lateral (
       select m.id, m.conversation_id, m.direction, m.sender_kind, m.sender_id, m.content, m.created_at from messages m
       where m.conversation_id = c.id and m.created_at >= $3 and m.sender_kind <> 'system'
         and m.status not in ('draft', 'pending', 'canceled', 'failed', 'undelivered')
       order by m.created_at desc, m.id desc limit ${messagesMax}) n
     order by n.created_at, n.id`,
    [conversationIds, tx.workspaceId, new Date(since.getTime() - answerMsMax)],
  );
  const said = rows.map((row) => ({ conversationId: row.conversation_id, message: toSaid(tx, row) }));
  return new Map(
    [...Map.groupBy(said, ({ conversationId }) => conversationId)].map(([id, each]) => [
      id,
      each.map(({ message }) => message),
    ]),
  );
}

function toSaid(tx: TransactionContext, row: SaidRow): SaidMessage {
  return {
    id: row.id,
    by: row.direction === 'inbound' ? 'contact' : row.is_member ? 'member' : 'other',
    senderId: row.sender_id,
    text: openMessage(tx, row.id, row.content),
    hasMedia: row.has_media,
    at: new Date(row.created_at),
  };
}
