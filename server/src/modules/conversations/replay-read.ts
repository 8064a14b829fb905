// What a replay compares: a conversation as it is stored, and its channel's journal.
import { asc, eq, sql } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../core/context.ts';
import { notFound } from '../../core/errors.ts';
import { type InboundEvent, ProviderPayloadError } from '../channels/adapter.ts';
import { readDeliveries } from '../channels/channels.ts';
import { channels, deliveries } from '../channels/tables.ts';
import {
  consentEvents,
  contactPoints,
  conversations,
  messageAttempts,
  messageMedia,
  messageStatusEvents,
  messages,
} from './tables.ts';

export interface Journaled {
  readonly deliveryId: string;
  readonly receivedAt: Date;
  readonly event: InboundEvent;
}

export type Stored = Awaited<ReturnType<typeof readStored>>;

/** @throws ParleyError 404 */
export async function readStored(tx: TransactionContext, conversationId: string) {
  const [row] = await tx.drizzle
    .select({ conversation: conversations, point: contactPoints })
    .from(conversations)
    .innerJoin(contactPoints, eq(contactPoints.id, conversations.contactPointId))
    .where(eq(conversations.id, conversationId));
  if (!row) throw notFound('conversation');
  const [channel] = await tx.drizzle
    .select({ country: channels.country })
    .from(channels)
    .where(eq(channels.id, row.conversation.channelId));
  const ofConversation = eq(messages.conversationId, conversationId);
  const rows = await tx.drizzle
    .select()
    .from(messages)
    .where(ofConversation)
    .orderBy(asc(messages.createdAt));
  const attempts = await tx.drizzle
    .select({ attempt: messageAttempts })
    .from(messageAttempts)
    .innerJoin(messages, eq(messages.id, messageAttempts.messageId))
    .where(ofConversation);
  const events = await tx.drizzle
    .select({ event: messageStatusEvents })
    .from(messageStatusEvents)
    .innerJoin(messages, eq(messages.id, messageStatusEvents.messageId))
    .where(ofConversation);
  const media = await tx.drizzle
    .select({ messageId: messageMedia.messageId, count: sql<number>`count(*)::int` })
    .from(messageMedia)
    .innerJoin(messages, eq(messages.id, messageMedia.messageId))
    .where(ofConversation)
    .groupBy(messageMedia.messageId);
  return {
    conversation: row.conversation,
    point: row.point,
    channelCountry: channel?.country ?? null,
    messages: rows.map((message) => ({
      ...message,
      body: tx.openText(message.content, `messages.content:${message.id}`),
    })),
    attempts: attempts.map(({ attempt }) => attempt),
    events: events.map(({ event }) => event),
    mediaCounts: new Map(media.map(({ messageId, count }) => [messageId, count])),
    ledger: await tx.drizzle
      .select()
      .from(consentEvents)
      .where(eq(consentEvents.contactPointId, row.point.id))
      .orderBy(asc(consentEvents.occurredAt), asc(consentEvents.id)),
  };
}

const pageSize = 200;

/** Everything that ever came in on the channel and can be read, in the order in which it arrived. */
export async function readJournal(ctx: Context, channelId: string): Promise<Journaled[]> {
  const ids = await ctx.transaction((tx) =>
    tx.drizzle
      .select({ id: deliveries.id })
      .from(deliveries)
      .where(eq(deliveries.channelId, channelId))
      .orderBy(asc(deliveries.receivedAt), asc(deliveries.id)),
  );
  const journaled: Journaled[] = [];
  for (let start = 0; start < ids.length; start += pageSize) {
    await ctx.transaction(async (tx) => {
      const page = ids.slice(start, start + pageSize).map(({ id }) => id);
      for (const delivery of await readDeliveries(tx, page)) {
        if (delivery.status === 'received') continue;
        try {
          for (const event of delivery.events()) {
            journaled.push({ deliveryId: delivery.id, receivedAt: delivery.receivedAt, event });
          }
        } catch (error) {
          if (!(error instanceof ProviderPayloadError)) throw error;
        }
      }
    });
  }
  return journaled;
}
