// The journal's rows: read and settled by whoever processes them, swept when their job vanished.
import { z } from 'zod';
import { type SystemContext, systemActor, type TransactionContext } from '../../core/context.ts';
import { unlessGone } from '../../core/crypto.ts';
import type { Statement } from '../../core/database.ts';
import { defineJob, work } from '../../core/queue.ts';
import type { InboundEvent } from './adapter.ts';
import { adapterOf, type ChannelSummary, type SummaryRow, summaryColumns, toSummary } from './connections.ts';

/** Enqueued by the journal in the transaction that stores the delivery. */
export const deliveryReceived = defineJob({
  name: 'conversations.receive',
  doc: 'Turns deliveries from the journal into messages and status events.',
  input: z.object({
    /** What was journaled together is processed together. */
    deliveryIds: z.array(z.uuid()).min(1).max(200),
    /** How often they were looked at and put off. */
    postponed: z.number().int().default(0),
  }),
  effect: 'database',
  concurrency: 16,
  // Each is as many deliveries as were journaled together: in a flood, enough for a transaction.
  size: { of: ({ deliveryIds }) => deliveryIds.length, max: 200 },
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

/** What rests sealed in `deliveries.payload`: the URL that was called, a line feed, the body's bytes as they arrived. */
export function packPayload(url: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${url}\n`), body]);
}

function unpackPayload(packed: Buffer): { url: string; body: Buffer } {
  const end = packed.indexOf(0x0a);
  return { url: packed.toString('utf8', 0, end), body: packed.subarray(end + 1) };
}

export const payloadPlace = (deliveryId: string) => `deliveries.payload:${deliveryId}`;

const select: Statement = {
  name: 'deliveries_read',
  text: `select d.id as delivery_id, d.hook, d.payload, d.request_id, d.received_at, d.status as delivery_status,
      ${summaryColumns}
    from deliveries d join channels c on c.id = d.channel_id where d.id = any($1) order by d.received_at, d.id`,
};

interface DeliveryRow extends SummaryRow {
  delivery_id: string;
  hook: string;
  payload: Uint8Array;
  request_id: string;
  received_at: Date | string;
  delivery_status: DeliveryState;
}

/** In the order in which they came; also those of a channel that was deleted meanwhile. What is not there is left out. */
export async function readDeliveries(
  tx: TransactionContext,
  deliveryIds: readonly string[],
): Promise<Delivery[]> {
  const rows = await tx.sql<DeliveryRow>(select, [deliveryIds]);
  return rows.map((row) => ({
    id: row.delivery_id,
    channel: toSummary(tx, row),
    hook: row.hook,
    receivedAt: new Date(row.received_at),
    status: row.delivery_status,
    requestId: row.request_id,
    events: () => {
      const { url, body } = unpackPayload(tx.open(row.payload, payloadPlace(row.delivery_id)));
      return adapterOf(tx, row.provider).parse(row.hook, body, url);
    },
  }));
}

const settle: Statement = {
  name: 'deliveries_settle',
  text: `update deliveries d set status = s.status, error_code = s.error_code, processed_at = $2
    from jsonb_to_recordset($1::jsonb) as s(id uuid, status text, error_code text) where d.id = s.id`,
};

export interface SettledDelivery {
  readonly id: string;
  readonly status: 'processed' | 'failed';
  /** Why it failed, as a stable code without content. */
  readonly errorCode: string | null;
}

/** At the end of the transaction that processed them. */
export function settleDeliveries(tx: TransactionContext, settled: readonly SettledDelivery[]): void {
  const rows = settled.map(({ id, status, errorCode }) => ({ id, status, error_code: errorCode }));
  tx.last(settle, [JSON.stringify(rows), tx.clock.date()]);
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
    await unlessGone(
      scope.transaction(async (tx) => {
        const rows = await tx.sql(
          `update deliveries set sweeps = sweeps + 1 where id = $1 and sweeps = $2 and status = 'received' returning id`,
          [delivery.id, delivery.sweeps],
        );
        if (rows.length > 0) tx.enqueue(deliveryReceived, { deliveryIds: [delivery.id], postponed: 0 });
      }),
    );
  }
  if (overdue.length > 0)
    ctx.log.warn({ count: overdue.length }, 'deliveries waited too long and got their job again');
  return overdue.length;
}

export const sweepJournalHandler = work(sweepJournal, runSweep);
