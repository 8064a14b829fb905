// Turns a delivery from the journal into messages and status events, once, whatever comes twice or in another order.
import type { TransactionContext } from '../../core/context.ts';
import { newId } from '../../core/identifiers.ts';
import type { JobRun } from '../../core/queue.ts';
import { type InboundEvent, ProviderPayloadError } from '../channels/adapter.ts';
import {
  type ChannelSummary,
  countSegments,
  type Delivery,
  readDelivery,
  settleDelivery,
} from '../channels/channels.ts';
import { wakeNext } from './attempts.ts';
import { applyKeyword, isOptOutCode, keywordOf, recordProviderOptOut } from './consent.ts';
import { foldable, isReceipt, statusesBelow } from './delivery-state.ts';
import { conversationChanged, messageCreated, messageReceived, messageStatusChanged } from './events.ts';
import { fetchMedia } from './media.ts';
import { openConversation, readAddress } from './open-conversation.ts';
import type { OptOutLanguage } from './opt-out.ts';
import { messageMedia } from './tables.ts';

type InboundMessage = Extract<InboundEvent, { kind: 'message' }>;
type StatusReport = Extract<InboundEvent, { kind: 'status' }>;

/** The job that processes the journal's deliveries (`conversations.receive`). */
export async function receive(
  tx: TransactionContext,
  { deliveryId }: { deliveryId: string },
  run: JobRun,
): Promise<void> {
  const delivery = await readDelivery(tx, deliveryId);
  if (!delivery || delivery.status === 'processed') return;
  let events: InboundEvent[];
  try {
    events = delivery.events();
  } catch (error) {
    if (!(error instanceof ProviderPayloadError)) throw error;
    tx.log.warn({ err: error, delivery_id: deliveryId }, 'a delivery cannot be understood; it is kept');
    return settleDelivery(tx, deliveryId, 'failed', 'unreadable');
  }
  for (const event of events) {
    if (event.kind === 'message') await receiveMessage(tx, delivery, event);
    else if (!(await applyStatus(tx, delivery, event))) {
      // The send may not be recorded yet: come back a little later, for a while.
      if (!run.isLastAttempt) throw new Error('a status report names no message of ours yet');
      return settleDelivery(tx, deliveryId, 'failed', 'unknown_message');
    }
  }
  await settleDelivery(tx, deliveryId, 'processed');
}

interface Stored {
  id: string;
  contact_id: string;
  contact_point_id: string;
  status: string;
  language: OptOutLanguage | 'unknown';
  opted_out: boolean;
  is_new: boolean;
}

// No row: the conversation does not exist yet.
const store = {
  name: 'message_receive',
  text: `with target as (
      select c.id, c.contact_id, c.contact_point_id, c.status, c.language, p.opted_out_at is not null as opted_out
      from contact_points p join conversations c on c.contact_point_id = p.id and c.channel_id = $3
      where p.workspace_id = $1 and p.address = $2
      for no key update of c
    ), made as (
      insert into messages
        (id, workspace_id, conversation_id, channel_id, direction, sender_kind, sender_id, provider_message_id,
         from_address, to_address, content, status, encoding, segments, delivery_id, created_at, updated_at)
      select $4, $1, id, $3, 'inbound', 'contact', contact_id::text, $5, $2, $6, $7, 'received', $8, $9, $10, $11, $12
      from target
      on conflict (channel_id, provider_message_id) where provider_message_id is not null do nothing
      returning conversation_id
    ), touched as (
      update conversations set last_message_at = greatest(last_message_at, $11),
        last_inbound_at = greatest(last_inbound_at, $11), updated_at = $12,
        status = case when status = 'archived' then 'active' else status end
      where id = (select conversation_id from made)
    )
    select target.*, exists (select 1 from made) as is_new from target`,
};

async function receiveMessage(
  tx: TransactionContext,
  delivery: Delivery,
  event: InboundMessage,
): Promise<void> {
  const { channel, receivedAt } = delivery;
  const from = await readAddress(tx, channel, event.from);
  const messageId = newId();
  const { encoding, segments } = countSegments(event.body);
  const values = [
    tx.workspaceId,
    from.key,
    channel.id,
    messageId,
    event.providerId,
    event.to,
    tx.seal(event.body, `messages.content:${messageId}`),
    encoding,
    segments,
    delivery.id,
    receivedAt,
    tx.clock.date(),
  ];
  let [stored] = await tx.sql<Stored>(store, values);
  if (!stored) {
    await openConversation(tx, channel, from, receivedAt);
    [stored] = await tx.sql<Stored>(store, values);
  }
  if (!stored) throw new Error('a conversation was opened and is not there');
  if (stored.is_new) await announce(tx, channel, event, stored, messageId, receivedAt);
}

async function announce(
  tx: TransactionContext,
  channel: ChannelSummary,
  event: InboundMessage,
  stored: Stored,
  messageId: string,
  receivedAt: Date,
): Promise<void> {
  const conversationId = stored.id;
  const proof = keywordOf(event.body, stored.opted_out);
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
    channelId: channel.id,
    contactId: stored.contact_id,
    answerable: proof === null && !stored.opted_out,
  });
  if (stored.status === 'archived') tx.append(conversationChanged, { conversationId, changed: ['status'] });
  if (event.media.length > 0) await keepMedia(tx, messageId, event.media);
  if (proof) {
    await applyKeyword(tx, proof, {
      conversationId,
      contactPointId: stored.contact_point_id,
      channelId: channel.id,
      messageId,
      language: stored.language,
      at: receivedAt,
    });
  }
}

async function keepMedia(
  tx: TransactionContext,
  messageId: string,
  media: InboundMessage['media'],
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

interface Reported {
  message_id: string;
  conversation_id: string;
  contact_point_id: string;
  previous: string;
  moved: boolean;
}

// The attempt is found by our own reference or by the provider's id. Its message moves when the report is about the
// attempt that the message's state tells of, or is a receipt; see delivery-state.ts.
const applyTo = (found: string) => `with target as (
    select m.id as message_id, m.conversation_id, m.status as previous, m.error_code, m.attempt, a.number, a.id as attempt_id,
      a.provider_message_id as bound_id
    from message_attempts a join messages m on m.id = a.message_id
    where m.channel_id = $1 and ${found}
    for no key update of m, a
  ), event as (
    insert into message_status_events
      (id, workspace_id, message_id, attempt, status, provider_status, error_code, source, delivery_id, occurred_at)
    select $4, $5, message_id, number, $6, $7, $8, 'callback', $9, $10 from target
    on conflict (delivery_id) do nothing
  ), bound as (
    update message_attempts a set provider_message_id = $2, state = 'accepted', code = null, next_lookup_at = null,
      finished_at = coalesce(a.finished_at, $11)
    from target where a.id = target.attempt_id and target.bound_id is null
  ), moved as (
    update messages m set status = $12, error_code = $8, claimed_at = null, updated_at = $11,
      provider_message_id = case when target.number = target.attempt then $2 else m.provider_message_id end
    from target
    where m.id = target.message_id and (target.bound_id is null or target.bound_id = $2)
      and (target.number = target.attempt or $13)
      and (target.previous = any($14)
        or (target.previous = $12 and coalesce(target.error_code, '') < coalesce($8, '')))
    returning m.id
  )
  select target.message_id, target.conversation_id, target.previous, c.contact_point_id,
    exists (select 1 from moved) as moved
  from target join conversations c on c.id = target.conversation_id`;

const applyByReference = {
  name: 'status_apply_by_reference',
  text: applyTo('a.message_id = $3 and a.number = $15'),
};
const applyByProviderId = {
  name: 'status_apply_by_provider_id',
  text: applyTo('a.provider_message_id = $2 and $3::uuid is null and $15::int is null'),
};

const referencePattern = /^([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})\.([1-9]\d{0,5})$/;

/** `{messageId}.{attempt}`, as we put it into the callback URL; null for anything else. Pure. */
export function readReference(reference: string | null): { messageId: string; number: number } | null {
  const [, messageId, number] = referencePattern.exec(reference ?? '') ?? [];
  return messageId && number ? { messageId, number: Number(number) } : null;
}

/** Returns false when no attempt of ours is known to it. */
async function applyStatus(
  tx: TransactionContext,
  { id: deliveryId, channel, receivedAt }: Delivery,
  report: StatusReport,
): Promise<boolean> {
  // A word without a meaning still says that the provider has the message.
  const status = foldable(report.status) ?? 'queued';
  const apply = async (
    statement: typeof applyByReference,
    messageId: string | null,
    number: number | null,
  ) => {
    const [row] = await tx.sql<Reported>(statement, [
      channel.id,
      report.providerId,
      messageId,
      newId(),
      tx.workspaceId,
      report.status,
      report.providerStatus,
      report.errorCode,
      deliveryId,
      receivedAt,
      tx.clock.date(),
      status,
      isReceipt(status),
      statusesBelow(status),
      number,
    ]);
    return row;
  };
  const reference = readReference(report.reference);
  const row =
    (reference && (await apply(applyByReference, reference.messageId, reference.number))) ??
    (await apply(applyByProviderId, null, null));
  if (!row) return false;
  if (row.moved && row.previous !== status) {
    tx.append(messageStatusChanged, {
      messageId: row.message_id,
      conversationId: row.conversation_id,
      status,
      previous: row.previous,
      errorCode: report.errorCode,
    });
    // Its own job would wake them too, only later: it may be busy reconciling.
    if (row.previous === 'pending') await wakeNext(tx, row.conversation_id);
  }
  if (isOptOutCode(channel.provider, report.errorCode)) {
    await recordProviderOptOut(tx, {
      contactPointId: row.contact_point_id,
      channelId: channel.id,
      messageId: row.message_id,
    });
  }
  return true;
}
