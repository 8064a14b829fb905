// Turns deliveries from the journal into messages and status events, once, whatever comes twice or in another order.
//
// Deliveries that came together are processed together, in few statements. Their conversations are locked in the order of
// their ids: whoever changes a conversation's messages holds its lock. Strangers are added before that, in the order of
// their addresses; should two transactions still wait in a circle, PostgreSQL ends one and its jobs run again.
import type { z } from 'zod';
import { systemActor, type TransactionContext } from '../../core/context.ts';
import type { JobItem } from '../../core/queue.ts';
import { type InboundEvent, ProviderPayloadError } from '../channels/adapter.ts';
import {
  type Delivery,
  deliveryReceived,
  readDeliveries,
  type SettledDelivery,
  settleDeliveries,
} from '../channels/channels.ts';
import { applyCodeReports, type CodeReport } from './code-texts.ts';
import {
  applyReports,
  findAttempts,
  readOutbound,
  readReference,
  type StatusReport,
} from './receive-reports.ts';
import {
  findOrOpenConversations,
  type InboundText,
  type LockedConversation,
  receiveTexts,
} from './receive-texts.ts';

type Input = z.infer<typeof deliveryReceived.input>;

/** A report that names no message of ours is looked at again after 1, 2, 4 … seconds: its send may not be recorded yet. */
const postponedMax = 8;

/** The jobs that process the journal's deliveries (`conversations.receive`). */
export async function receive(items: readonly JobItem<Input>[]): Promise<void> {
  const [first] = items;
  if (!first) return;
  const { tx } = first;
  const postponed = new Map<string, number>();
  for (const { tx: own, input, run } of items) {
    // When it failed, one of them is bad: the others shall not wait for it.
    const apart = run.attempt > 0 && input.deliveryIds.length > 1;
    for (const deliveryId of input.deliveryIds) {
      if (apart) own.enqueue(deliveryReceived, { ...input, deliveryIds: [deliveryId] });
      else postponed.set(deliveryId, input.postponed);
    }
  }
  const deliveries = await readDeliveries(tx, [...postponed.keys()]);
  const settled: SettledDelivery[] = [];
  const contexts = new Map<string, TransactionContext>();
  const texts: InboundText[] = [];
  const reports: StatusReport[] = [];
  for (const delivery of deliveries) {
    if (delivery.status === 'processed') continue;
    const events = readEvents(tx, delivery);
    if (events === null) {
      settled.push({ id: delivery.id, status: 'failed', errorCode: 'unreadable' });
      continue;
    }
    const own = tx.as(systemActor, delivery.requestId);
    contexts.set(delivery.id, own);
    for (const event of events) {
      if (event.kind === 'message') texts.push({ tx: own, delivery, event });
      else reports.push({ tx: own, delivery, event });
    }
    settled.push({ id: delivery.id, status: 'processed', errorCode: null });
  }

  const [attempts, places] = await Promise.all([
    findAttempts(tx, reports),
    findOrOpenConversations(tx, texts),
  ]);
  const ids = new Set([
    ...Array.from(attempts.values(), ({ conversationId }) => conversationId),
    ...Array.from(places.values(), ({ conversationId }) => conversationId),
  ]);
  // Sent together, run in this order: what is read after the lock is what its last holder left.
  const [locked, outbound] = await Promise.all([
    lockConversations(tx, [...ids]),
    readOutbound(tx, [...attempts.values()]),
  ]);
  await Promise.all([applyReports(tx, reports, attempts, outbound), receiveTexts(tx, texts, places, locked)]);

  const strangers = reports.filter((report) => !attempts.has(report));
  const codes = await applyCodeReports(tx, strangers.flatMap(toCodeReport));
  const early = new Set(
    strangers
      .filter(({ event }) => !codes.has(readReference(event.reference)?.messageId ?? ''))
      .map(({ delivery }) => delivery.id),
  );
  settleDeliveries(
    tx,
    settled.flatMap((outcome) =>
      early.has(outcome.id)
        ? postpone(contexts.get(outcome.id) ?? tx, outcome, postponed.get(outcome.id) ?? 0)
        : [outcome],
    ),
  );
}

function toCodeReport({ event }: StatusReport): CodeReport[] {
  const reference = readReference(event.reference);
  const failed = event.status === 'failed' || event.status === 'undelivered';
  return reference ? [{ id: reference.messageId, failed, errorCode: event.errorCode }] : [];
}

/** Null for a delivery that the adapter cannot understand. */
function readEvents(tx: TransactionContext, delivery: Delivery): InboundEvent[] | null {
  try {
    return delivery.events();
  } catch (error) {
    if (!(error instanceof ProviderPayloadError)) throw error;
    tx.log.warn({ err: error, delivery_id: delivery.id }, 'a delivery cannot be understood; it is kept');
    return null;
  }
}

function postpone(tx: TransactionContext, outcome: SettledDelivery, times: number): SettledDelivery[] {
  if (times >= postponedMax) return [{ ...outcome, status: 'failed', errorCode: 'unknown_message' }];
  if (times === 0) tx.log.warn({ delivery_id: outcome.id }, 'a status report names no message of ours yet');
  const startAfter = new Date(tx.clock.now() + 1000 * 2 ** times);
  tx.enqueue(deliveryReceived, { deliveryIds: [outcome.id], postponed: times + 1 }, { startAfter });
  return [];
}

const lock = {
  name: 'conversations_lock',
  text: 'select id from conversations where id = any($1) order by id for no key update',
};
// A statement of its own: one that waits for a lock sees other rows as they were before.
const read = {
  name: 'conversations_locked',
  text: `select c.id, c.contact_id, c.contact_point_id, c.status, c.language,
      c.snoozed_until is not null as snoozed, p.opted_out_at is not null as opted_out
    from conversations c join contact_points p on p.id = c.contact_point_id where c.id = any($1)`,
};

async function lockConversations(
  tx: TransactionContext,
  ids: readonly string[],
): Promise<ReadonlyMap<string, LockedConversation>> {
  if (ids.length === 0) return new Map();
  const [, rows] = await Promise.all([tx.sql(lock, [ids]), tx.sql<LockedConversation>(read, [ids])]);
  return new Map(rows.map((row) => [row.id, row]));
}
