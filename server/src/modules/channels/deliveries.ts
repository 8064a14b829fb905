// The journal's rows: read and settled by whoever processes them, swept when their job vanished.
import { z } from 'zod';
import { type SystemContext, systemActor, type TransactionContext } from '../../core/context.ts';
import type { Statement } from '../../core/database.ts';
import { defineJob, work } from '../../core/queue.ts';
import type { InboundEvent } from './adapter.ts';
import { adapterOf, type ChannelSummary, type SummaryRow, summaryColumns, toSummary } from './connections.ts';

/** Enqueued by the journal in the transaction that stores the delivery. */
export const deliveryReceived = defineJob({
  name: 'conversations.receive',
  doc: 'Turns a delivery from the journal into messages and status events.',
  input: z.object({ deliveryId: z.uuid() }),
  effect: 'database',
});

export type DeliveryState = 'received' | 'processed' | 'failed';

export interface Delivery {
  readonly id: string;
  readonly channel: ChannelSummary;
  /** Which of the provider's webhooks was called. */
  readonly hook: string;
  readonly receivedAt: Date;
  readonly status: DeliveryState;
  readonly requestId: string;
  /** Opens the payload. @throws ProviderPayloadError when the adapter cannot understand it; CryptoError */
  events(): InboundEvent[];
}

/** What rests sealed in `deliveries.payload`. */
export interface StoredPayload {
  readonly url: string;
  /** Base64: the bytes as they arrived. */
  readonly body: string;
}

export const payloadPlace = (deliveryId: string) => `deliveries.payload:${deliveryId}`;

const selectOne: Statement = {
  name: 'delivery_read',
  text: `select d.id as delivery_id, d.hook, d.payload, d.request_id, d.received_at, d.status as delivery_status,
      ${summaryColumns}
    from deliveries d join channels c on c.id = d.channel_id where d.id = $1`,
};

interface DeliveryRow extends SummaryRow {
  delivery_id: string;
  hook: string;
  payload: Uint8Array;
  request_id: string;
  received_at: Date | string;
  delivery_status: DeliveryState;
}

/** Also of a channel that was deleted meanwhile. */
export async function readDelivery(tx: TransactionContext, deliveryId: string): Promise<Delivery | null> {
  const [row] = await tx.sql<DeliveryRow>(selectOne, [deliveryId]);
  if (!row) return null;
  return {
    id: row.delivery_id,
    channel: toSummary(tx, row),
    hook: row.hook,
    receivedAt: new Date(row.received_at),
    status: row.delivery_status,
    requestId: row.request_id,
    events: () => {
      const stored = JSON.parse(tx.openText(row.payload, payloadPlace(deliveryId))) as StoredPayload;
      return adapterOf(tx, row.provider).parse(row.hook, Buffer.from(stored.body, 'base64'), stored.url);
    },
  };
}

const settle: Statement = {
  name: 'delivery_settle',
  text: 'update deliveries set status = $2, error_code = $3, processed_at = $4 where id = $1',
};

/** @param errorCode why it failed, as a stable code without content. */
export async function settleDelivery(
  tx: TransactionContext,
  deliveryId: string,
  status: 'processed' | 'failed',
  errorCode: string | null = null,
): Promise<void> {
  await tx.sql(settle, [deliveryId, status, errorCode, tx.clock.date()]);
}

export const sweepJournal = defineJob({
  name: 'channels.sweep_journal',
  doc: 'Gives deliveries that nobody processed their job again.',
  input: z.object({}),
  effect: 'system',
});

/** A delivery is processed within a second; its job is missed after a minute, then after 4, 16, 64 … minutes. */
const overdueSeconds = 60;
const sweepsMax = 6;
const sweptMax = 500;

/** Returns how many deliveries got their job again. */
export async function runSweep(ctx: SystemContext): Promise<number> {
  const overdue = await ctx.system((queries) =>
    queries.sql<{ id: string; workspace_id: string; request_id: string; sweeps: number }>(
      `select id, workspace_id, request_id, sweeps from deliveries
       where status = 'received' and sweeps < $2
         and received_at < $1::timestamptz - make_interval(secs => $3::int * power(4, sweeps))
       order by received_at limit $4`,
      [ctx.clock.date(), sweepsMax, overdueSeconds, sweptMax],
    ),
  );
  for (const delivery of overdue) {
    const scope = ctx.workspace(delivery.workspace_id, systemActor, delivery.request_id);
    await scope.transaction(async (tx) => {
      const rows = await tx.sql(
        `update deliveries set sweeps = sweeps + 1 where id = $1 and sweeps = $2 and status = 'received' returning id`,
        [delivery.id, delivery.sweeps],
      );
      if (rows.length > 0) tx.enqueue(deliveryReceived, { deliveryId: delivery.id });
    });
  }
  if (overdue.length > 0)
    ctx.log.warn({ count: overdue.length }, 'deliveries waited too long and got their job again');
  return overdue.length;
}

export const sweepJournalHandler = work(sweepJournal, runSweep);
