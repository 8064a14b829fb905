// Renting numbers: found at the provider, ordered by a row, bought at most once by a job, released by another.
import type {
  AccountNumbers,
  AvailableNumbers,
  BuyNumber,
  GhostNumber,
  searchNumbers,
} from '@parley/contract/channels';
import { and, desc, eq, isNull, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { EgressError } from '../../core/egress.ts';
import {
  conflict,
  databaseErrorCode,
  notFound,
  ParleyError,
  uniqueViolation,
  validationError,
} from '../../core/errors.ts';
import { defineEvent } from '../../core/events.ts';
import { newId } from '../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { defineJob, work } from '../../core/queue.ts';
import { type ChannelAdapter, type NumberDesk, ProviderUnavailableError } from './adapter.ts';
import { insertChannel, openStored, readRow, removeChannel } from './channel-settings.ts';
import { adapterOf, type OpenChannel, webhookUrls } from './connections.ts';
import { askProvider, explainCode } from './outgoing.ts';
import { countryOf } from './phone-numbers.ts';
import { connectedChannels, findNumber, orExternalFailed, pointAtUs } from './provider-account.ts';
import { channelRuntime } from './runtime.ts';
import { channels, numberOrders } from './tables.ts';

export const ghostNumberChanged = defineEvent({
  type: 'ghost_number.changed',
  doc: 'A rented number went on: ordered, bought, failed, being released, released.',
  permission: 'channels:read',
  payload: z.object({
    ghostNumberId: z.uuid(),
    status: z.enum(['pending', 'bought', 'failed', 'releasing', 'released']),
    channelId: z.uuid().nullable(),
  }),
  audit: { target: 'ghost_number', id: 'ghostNumberId' },
});

type Order = typeof numberOrders.$inferSelect;

function toGhostNumber(tx: TransactionContext, order: Order): GhostNumber {
  const { id, provider, phoneNumber, name, status, channelId, errorCode } = order;
  return {
    id,
    provider,
    phoneNumber,
    name,
    status,
    channelId,
    errorCode,
    explanation: errorCode ? explainCode(tx, provider, errorCode) : null,
    createdAt: new Date(order.createdAt).toISOString(),
    updatedAt: new Date(order.updatedAt).toISOString(),
  };
}

interface Desk {
  readonly channel: OpenChannel;
  readonly adapter: ChannelAdapter;
  readonly numbers: NumberDesk<unknown>;
}

/** @throws ParleyError 404, and 400 where the provider rents no numbers */
async function openDesk(ctx: Context, channelId: string): Promise<Desk> {
  const channel = await ctx.use(channelRuntime).connections.open(ctx.workspaceId, channelId);
  if (!channel) throw notFound('channel');
  const adapter = adapterOf(ctx, channel.provider);
  if (!adapter.numbers) throw validationError(`Numbers cannot be rented from ${channel.provider}.`);
  return { channel, adapter, numbers: adapter.numbers };
}

export async function searchAvailable(
  ctx: Context,
  { channelId, ...query }: z.output<typeof searchNumbers>,
): Promise<AvailableNumbers> {
  const { channel, adapter, numbers } = await openDesk(ctx, channelId);
  const question = askProvider(ctx, channel, 'search', () => numbers.search(channel.current, query));
  return { items: await orExternalFailed(adapter, question) };
}

export async function listAccountNumbers(ctx: Context, channelId: string): Promise<AccountNumbers> {
  const { channel, adapter, numbers } = await openDesk(ctx, channelId);
  const question = askProvider(ctx, channel, 'numbers', () => numbers.list(channel.current));
  const owned = await orExternalFailed(adapter, question);
  const channelIds = await connectedChannels(
    ctx,
    channel.provider,
    owned.map(({ phoneNumber }) => phoneNumber),
  );
  return {
    items: owned.map(({ inboundUrl: _inboundUrl, ...number }) => ({
      ...number,
      channelId: channelIds.get(number.phoneNumber) ?? null,
    })),
  };
}

export async function listGhostNumbers(ctx: Context, input: { limit: number; cursor?: string }) {
  const before = input.cursor ? decodeCursor(input.cursor, z.tuple([z.uuid()])) : null;
  return ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .select()
      .from(numberOrders)
      .where(
        and(
          eq(numberOrders.workspaceId, tx.workspaceId),
          before ? lt(numberOrders.id, before[0]) : undefined,
        ),
      )
      .orderBy(desc(numberOrders.id))
      .limit(input.limit + 1);
    const { items, nextCursor } = toPage(rows, input.limit, (row) => [row.id]);
    return { items: items.map((row) => toGhostNumber(tx, row)), nextCursor };
  });
}

async function readOrder(tx: TransactionContext, orderId: string): Promise<Order> {
  const [order] = await tx.drizzle.select().from(numberOrders).where(eq(numberOrders.id, orderId));
  if (!order) throw notFound('number');
  return order;
}

export async function readGhostNumber(ctx: Context, orderId: string): Promise<GhostNumber> {
  return ctx.transaction(async (tx) => toGhostNumber(tx, await readOrder(tx, orderId)));
}

/** Orders a number: the row first, then a job that buys it. */
export async function buyNumber(ctx: Context, input: BuyNumber): Promise<GhostNumber> {
  try {
    return await ctx.transaction(async (tx) => {
      const source = await readRow(tx, input.channelId);
      if (!adapterOf(tx, source.provider).numbers) {
        throw validationError(`Numbers cannot be rented from ${source.provider}.`);
      }
      const now = tx.clock.date();
      const [order] = await tx.drizzle
        .insert(numberOrders)
        .values({
          id: newId(),
          workspaceId: tx.workspaceId,
          provider: source.provider,
          phoneNumber: input.phoneNumber,
          name: input.name ?? null,
          sendsPerSecond: input.sendsPerSecond ?? null,
          sourceChannelId: source.id,
          createdAt: now,
          updatedAt: now,
        })
        .returning();
      const { id, status, channelId } = order as Order;
      tx.append(ghostNumberChanged, { ghostNumberId: id, status, channelId });
      tx.enqueue(buyJob, { orderId: id });
      return toGhostNumber(tx, order as Order);
    });
  } catch (error) {
    if (databaseErrorCode(error) !== uniqueViolation) throw error;
    throw new ParleyError({
      status: 409,
      code: 'number_ordered',
      message: 'This number was ordered already.',
      cause: error,
    });
  }
}

/** Gives a number back: its channel ends when the provider has it. */
export async function releaseNumber(ctx: Context, orderId: string): Promise<GhostNumber> {
  return ctx.transaction(async (tx) => {
    const order = await readOrder(tx, orderId);
    if (order.status === 'releasing' || order.status === 'released') return toGhostNumber(tx, order);
    if (order.status !== 'bought')
      throw conflict('number_not_bought', 'Only a number that was bought can be released.');
    tx.enqueue(releaseJob, { orderId });
    return toGhostNumber(tx, await change(tx, orderId, { status: 'releasing', errorCode: null }));
  });
}

async function change(tx: TransactionContext, orderId: string, values: Partial<Order>): Promise<Order> {
  const [order] = await tx.drizzle
    .update(numberOrders)
    .set({ ...values, updatedAt: tx.clock.date() })
    .where(eq(numberOrders.id, orderId))
    .returning();
  if (!order) throw notFound('number');
  if (values.status) {
    const { id, status, channelId } = order;
    tx.append(ghostNumberChanged, { ghostNumberId: id, status, channelId });
  }
  return order;
}

const order = z.object({ orderId: z.uuid() });

export const buyJob = defineJob({
  name: 'channels.buy_number',
  doc: 'Rents an ordered number at the provider and connects it as a channel.',
  input: order,
  effect: 'external',
  retryDelaySeconds: 5,
});

export const releaseJob = defineJob({
  name: 'channels.release_number',
  doc: 'Gives a rented number back to the provider and removes its channel.',
  input: order,
  effect: 'external',
  retryDelaySeconds: 5,
});

async function runBuy(ctx: Context, { orderId }: z.infer<typeof order>): Promise<void> {
  const order = await ctx.transaction((tx) => readOrder(tx, orderId));
  if (order.status !== 'pending') return;
  const desk = await deskOf(ctx, order);
  if (!desk) return fail(ctx, orderId, 'failed', 'channel_deleted');
  const { channel, adapter, numbers } = desk;
  let providerNumberId: string;
  try {
    // A try before this one may have bought it, and its answer or its process been lost: the provider knows.
    const owned = await findNumber(ctx, adapter, channel.current, order.phoneNumber);
    if (owned) {
      await pointAtUs(ctx, adapter, channel.current, owned);
      providerNumberId = owned.providerId;
    } else {
      const { breakers } = ctx.use(channelRuntime);
      const bought = await breakers.call(channel, 'buy', () =>
        numbers.buy(channel.current, order.phoneNumber, webhookUrls(ctx, adapter)),
      );
      providerNumberId = bought.providerId;
    }
  } catch (error) {
    if (!(error instanceof ProviderUnavailableError) || mayHaveHappened(error)) throw error;
    return fail(ctx, orderId, 'failed', error.code);
  }
  try {
    await ctx.transaction(async (tx) => {
      const current = await readOrder(tx, orderId);
      if (current.status !== 'pending') return;
      const channelId = await connect(tx, adapter, channel, current);
      await change(tx, orderId, { status: 'bought', providerNumberId, channelId, errorCode: null });
    });
  } catch (error) {
    if (databaseErrorCode(error) !== uniqueViolation) throw error;
    await fail(ctx, orderId, 'failed', 'channel_exists');
  }
}

/** The number's channel, made with the credentials of the one that it was ordered through. */
async function connect(
  tx: TransactionContext,
  adapter: ChannelAdapter,
  source: OpenChannel,
  order: Order,
): Promise<string> {
  const [connected] = await tx.drizzle
    .select({ id: channels.id })
    .from(channels)
    .where(
      and(
        isNull(channels.deletedAt),
        eq(channels.provider, order.provider),
        eq(channels.address, order.phoneNumber),
        eq(channels.accountId, source.accountId),
      ),
    );
  if (connected) return connected.id;
  const { current: credentials } = openStored(tx, await readRow(tx, source.id));
  const channel = await insertChannel(tx, adapter, {
    name: order.name ?? order.phoneNumber,
    address: order.phoneNumber,
    poolId: null,
    country: countryOf(order.phoneNumber),
    sendsPerSecond: order.sendsPerSecond,
    credentials,
  });
  return channel.id;
}

async function runRelease(ctx: Context, { orderId }: z.infer<typeof order>): Promise<void> {
  const order = await ctx.transaction((tx) => readOrder(tx, orderId));
  const { providerNumberId } = order;
  if (order.status !== 'releasing' || providerNumberId === null) return;
  const desk = await deskOf(ctx, order);
  if (!desk) return fail(ctx, orderId, 'bought', 'channel_deleted');
  const { channel, numbers } = desk;
  try {
    await askProvider(ctx, channel, 'release', () => numbers.release(channel.current, providerNumberId));
  } catch (error) {
    if (!(error instanceof ProviderUnavailableError) || mayHaveHappened(error)) throw error;
    return fail(ctx, orderId, 'bought', error.code);
  }
  await ctx.transaction(async (tx) => {
    const { channelId } = await change(tx, orderId, { status: 'released', errorCode: null });
    const [live] = channelId
      ? await tx.drizzle
          .select({ id: channels.id })
          .from(channels)
          .where(and(eq(channels.id, channelId), isNull(channels.deletedAt)))
      : [];
    if (live) await removeChannel(tx, live.id);
  });
}

/** The number's own channel, or the one that it was ordered through, whichever is still there. */
async function deskOf(ctx: Context, { channelId, sourceChannelId }: Order): Promise<Desk | null> {
  for (const id of [channelId, sourceChannelId]) {
    if (id === null) continue;
    const desk = await openDesk(ctx, id).catch((error: unknown) => {
      if (error instanceof ParleyError) return null;
      throw error;
    });
    if (desk) return desk;
  }
  return null;
}

/** Whether the provider may have done it, or may yet: not a clear refusal. */
function mayHaveHappened(error: ProviderUnavailableError): boolean {
  const lost = error.cause instanceof EgressError && error.cause.failure !== 'forbidden';
  return error.retryable || lost;
}

async function fail(
  ctx: Context,
  orderId: string,
  status: 'failed' | 'bought',
  errorCode: string,
): Promise<void> {
  await ctx.transaction((tx) => change(tx, orderId, { status, errorCode }));
}

export const buyHandler = work(buyJob, runBuy);
export const releaseHandler = work(releaseJob, runRelease);
