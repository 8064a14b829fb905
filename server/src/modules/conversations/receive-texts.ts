// What contacts said: into their conversations as messages, with the opt-out words obeyed and the files to be fetched.
import type { TransactionContext } from '../../core/context.ts';
import { newId } from '../../core/identifiers.ts';
import type { InboundEvent } from '../channels/adapter.ts';
import { countSegments, type Delivery } from '../channels/channels.ts';
import { recordActivities } from './activities.ts';
import { applyAiWords } from './ai-consent.ts';
import { readAiWords } from './ai-words.ts';
import { applyKeyword, keywordOf } from './consent.ts';
import { conversationChanged, messageCreated, messageReceived } from './events.ts';
import { fetchMedia } from './media.ts';
import { openConversation, readAddress } from './open-conversation.ts';
import type { OptOutLanguage } from './opt-out.ts';
import { messageMedia } from './tables.ts';

export interface InboundText {
  /** On behalf of the webhook call that brought it. */
  readonly tx: TransactionContext;
  readonly delivery: Delivery;
  readonly event: Extract<InboundEvent, { kind: 'message' }>;
}

export interface LockedConversation {
  readonly id: string;
  readonly contact_id: string;
  readonly contact_point_id: string;
  readonly status: string;
  readonly language: OptOutLanguage | 'unknown';
  readonly snoozed: boolean;
  opted_out: boolean;
}

const find = {
  name: 'conversations_of_addresses',
  text: `select a.index, c.id
    from jsonb_to_recordset($1::jsonb) as a(index int, address text, channel_id uuid)
    cross join lateral (select id from contact_points where workspace_id = $2 and address = a.address offset 0) p
    cross join lateral (
      select id from conversations where channel_id = a.channel_id and contact_point_id = p.id offset 0
    ) c`,
};

interface Place {
  readonly conversationId: string;
  /** What the contact point is known by. */
  readonly address: string;
}

/** Where each text belongs; conversations that a contact begins are opened. */
export async function findOrOpenConversations(
  tx: TransactionContext,
  texts: readonly InboundText[],
): Promise<ReadonlyMap<InboundText, Place>> {
  if (texts.length === 0) return new Map();
  const addresses = await Promise.all(
    texts.map(({ delivery, event }) => readAddress(tx, delivery.channel, event.from)),
  );
  const asked = texts.map(({ delivery }, index) => ({
    index,
    address: addresses[index]?.key ?? '',
    channel_id: delivery.channel.id,
  }));
  const keyOf = ({ address, channel_id }: (typeof asked)[number]) => `${address} ${channel_id}`;
  const rows = await tx.sql<{ index: number; id: string }>(find, [JSON.stringify(asked), tx.workspaceId]);
  const known = new Map(rows.flatMap(({ index, id }) => (asked[index] ? [[keyOf(asked[index]), id]] : [])));

  // One for each address, in one order everywhere: two transactions with the same strangers must not wait in a circle.
  const strangers = new Map<string, () => Promise<string>>();
  for (const [index, { tx: own, delivery }] of texts.entries()) {
    const [address, question] = [addresses[index], asked[index]];
    if (!address || !question || known.has(keyOf(question)) || strangers.has(keyOf(question))) continue;
    strangers.set(keyOf(question), () =>
      openConversation(own, delivery.channel, address, delivery.receivedAt),
    );
  }
  const ordered = [...strangers].toSorted(([one], [other]) => (one < other ? -1 : 1));
  await Promise.all(ordered.map(async ([key, open]) => known.set(key, await open())));
  return new Map(
    texts.flatMap((text, index) => {
      const question = asked[index];
      const conversationId = question && known.get(keyOf(question));
      return conversationId ? [[text, { conversationId, address: question.address }]] : [];
    }),
  );
}

// The contents come as one value, cut by position: an array of bytea would cross the wire as text of twice the size.
const insert = {
  name: 'messages_receive',
  text: `insert into messages
      (id, workspace_id, conversation_id, channel_id, direction, sender_kind, sender_id, provider_message_id,
       from_address, to_address, content, status, encoding, segments, delivery_id, created_at, updated_at)
    select m.id, $3, m.conversation_id, m.channel_id, 'inbound', 'contact', m.sender_id, m.provider_message_id,
      m.from_address, m.to_address, substring($2::bytea from m.start for m.length), 'received', m.encoding, m.segments,
      m.delivery_id, m.created_at, $4
    from jsonb_to_recordset($1::jsonb) as m(id uuid, conversation_id uuid, channel_id uuid, sender_id text,
      provider_message_id text, from_address text, to_address text, start int, length int, encoding text, segments int,
      delivery_id uuid, created_at timestamptz)
    on conflict (channel_id, provider_message_id) where provider_message_id is not null do nothing
    returning id`,
};
const touch = {
  name: 'conversations_touch',
  text: `update conversations c set last_message_at = greatest(c.last_message_at, t.at),
      last_inbound_at = greatest(c.last_inbound_at, t.at), updated_at = $2, snoozed_until = null,
      read_by = '',
      status = case when c.status = 'archived' then 'active' else c.status end
    from jsonb_to_recordset($1::jsonb) as t(id uuid, at timestamptz) where c.id = t.id`,
};

/** @param texts in the order in which they came. */
export async function receiveTexts(
  tx: TransactionContext,
  texts: readonly InboundText[],
  places: ReadonlyMap<InboundText, Place>,
  locked: ReadonlyMap<string, LockedConversation>,
): Promise<void> {
  if (texts.length === 0) return;
  const now = tx.clock.date();
  const contents: Buffer[] = [];
  let end = 0;
  const prepared = texts.map((text) => {
    const { delivery, event } = text;
    const place = places.get(text);
    const conversation = place && locked.get(place.conversationId);
    if (!conversation) throw new Error('a conversation was opened and is not there');
    const messageId = newId();
    const content = tx.seal(event.body, `messages.content:${messageId}`);
    const start = end + 1;
    end += content.length;
    contents.push(content);
    const row = {
      id: messageId,
      conversation_id: conversation.id,
      channel_id: delivery.channel.id,
      sender_id: conversation.contact_id,
      provider_message_id: event.providerId,
      from_address: place.address,
      to_address: event.to,
      start,
      length: content.length,
      ...countSegments(event.body),
      delivery_id: delivery.id,
      created_at: delivery.receivedAt,
    };
    return { text, conversation, messageId, row };
  });
  const stored = await tx.sql<{ id: string }>(insert, [
    JSON.stringify(prepared.map(({ row }) => row)),
    Buffer.concat(contents, end),
    tx.workspaceId,
    now,
  ]);
  const isNew = new Set(stored.map(({ id }) => id));
  const lastAt = new Map<string, Date>();
  for (const { text, conversation, messageId } of prepared) {
    if (!isNew.has(messageId)) continue;
    const { receivedAt } = text.delivery;
    if (!lastAt.has(conversation.id)) bringBack(text.tx, conversation);
    lastAt.set(conversation.id, receivedAt);
    await announce(text, conversation, messageId);
  }
  if (lastAt.size === 0) return;
  tx.last(touch, [JSON.stringify(Array.from(lastAt, ([id, at]) => ({ id, at }))), now]);
}

/** What the contact says brings a conversation back from the archive, and wakes it. */
function bringBack(
  tx: TransactionContext,
  { id: conversationId, status, snoozed }: LockedConversation,
): void {
  if (status !== 'archived' && !snoozed) return;
  const [kind, changed] =
    status === 'archived' ? (['reopened', 'status'] as const) : (['woken', 'snoozedUntil'] as const);
  tx.append(conversationChanged, { conversationId, changed: [changed] });
  recordActivities(tx, [{ conversationId, kind, actor: { kind: 'contact', id: null } }]);
}

async function announce(
  { tx, delivery, event }: InboundText,
  conversation: LockedConversation,
  messageId: string,
): Promise<void> {
  const conversationId = conversation.id;
  const channelId = delivery.channel.id;
  const proof = keywordOf(event.body, conversation.opted_out);
  const aiProof = proof === null ? readAiWords(event.body) : null;
  tx.append(messageCreated, {
    messageId,
    conversationId,
    direction: 'inbound',
    senderKind: 'contact',
    status: 'received',
  });
  tx.append(messageReceived, {
    messageId,
    conversationId,
    channelId,
    contactId: conversation.contact_id,
    answerable: proof === null && aiProof === null && !conversation.opted_out,
  });
  if (event.media.length > 0) await keepMedia(tx, messageId, event.media);
  if (aiProof) {
    const { contact_id: contactId, opted_out: optedOut } = conversation;
    await applyAiWords(tx, aiProof, { contactId, conversationId, messageId, optedOut });
  }
  if (!proof) return;
  await applyKeyword(tx, proof, {
    conversationId,
    contactPointId: conversation.contact_point_id,
    channelId,
    messageId,
    language: conversation.language,
    at: delivery.receivedAt,
  });
  // For what the contact said next, in the same breath.
  if (proof.keyword === 'stop') conversation.opted_out = true;
  if (proof.keyword === 'start') conversation.opted_out = false;
}

async function keepMedia(
  tx: TransactionContext,
  messageId: string,
  media: InboundText['event']['media'],
): Promise<void> {
  const rows = media.map(({ url, contentType }, position) => {
    const id = newId();
    return {
      id,
      workspaceId: tx.workspaceId,
      messageId,
      position,
      providerUrl: tx.seal(url, `message_media.provider_url:${id}`),
      contentType: contentType.slice(0, 255),
      status: 'pending' as const,
    };
  });
  await tx.drizzle.insert(messageMedia).values(rows);
  for (const { id } of rows) tx.enqueue(fetchMedia, { mediaId: id });
}
