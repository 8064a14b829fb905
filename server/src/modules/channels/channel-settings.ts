// Connecting, changing and removing channels. What the provider must be asked is asked before the transaction.
import type {
  ChangeChannel,
  Channel,
  CreateChannel,
  createChannel as createChannelSchema,
  ReplaceCredentials,
} from '@parley/contract/channels';
import { and, desc, eq, isNull, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import {
  databaseErrorCode,
  notFound,
  ParleyError,
  uniqueViolation,
  validationError,
} from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { defineJob, type JobRun, work } from '../../core/queue.ts';
import { type ChannelAdapter, ProviderUnavailableError } from './adapter.ts';
import { announceChannels, channelChanged, channelCreated, channelDeleted } from './channel-status.ts';
import {
  adapterOf,
  channelAdapters,
  credentialsPlace,
  type StoredCredentials,
  webhookUrls,
} from './connections.ts';
import { countryOf, isCountryCode, normalizePhoneNumber } from './phone-numbers.ts';
import {
  acceptCredentials,
  clearNumber,
  findNumber,
  isSameUrl,
  orExternalFailed,
  pointAtUs,
} from './provider-account.ts';
import { channels } from './tables.ts';

export type ChannelRow = typeof channels.$inferSelect;

export const live = (channelId: string) => and(eq(channels.id, channelId), isNull(channels.deletedAt));

/** @throws ParleyError 404 */
export async function readRow(tx: TransactionContext, channelId: string): Promise<ChannelRow> {
  const [row] = await tx.drizzle.select().from(channels).where(live(channelId));
  if (!row) throw notFound('channel');
  return row;
}

export function openStored(
  tx: TransactionContext,
  row: Pick<ChannelRow, 'id' | 'credentials'>,
): StoredCredentials {
  return JSON.parse(tx.openText(row.credentials, credentialsPlace(row.id))) as StoredCredentials;
}

export function sealStored(tx: TransactionContext, channelId: string, stored: StoredCredentials): Buffer {
  return tx.seal(JSON.stringify(stored), credentialsPlace(channelId));
}

function toChannel(tx: TransactionContext, row: ChannelRow): Channel {
  const adapter = adapterOf(tx, row.provider);
  return {
    id: row.id,
    provider: row.provider,
    name: row.name,
    address: row.address,
    poolId: row.poolId,
    accountId: row.accountId,
    country: row.country,
    status: row.status,
    statusCode: row.statusCode,
    sendsPerSecond: row.sendsPerSecond,
    capabilities: adapter.capabilities,
    webhooks: webhookUrls(tx, adapter),
    hasPreviousCredentials: openStored(tx, row).previous !== null,
    createdAt: new Date(row.createdAt).toISOString(),
    updatedAt: new Date(row.updatedAt).toISOString(),
  };
}

export async function readChannel(ctx: Context, channelId: string): Promise<Channel> {
  return ctx.transaction(async (tx) => toChannel(tx, await readRow(tx, channelId)));
}

export async function listChannels(ctx: Context, input: { limit: number; cursor?: string }) {
  const before = input.cursor ? decodeCursor(input.cursor, z.tuple([z.uuid()])) : null;
  return ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .select()
      .from(channels)
      .where(
        and(
          eq(channels.workspaceId, tx.workspaceId),
          isNull(channels.deletedAt),
          before ? lt(channels.id, before[0]) : undefined,
        ),
      )
      .orderBy(desc(channels.id))
      .limit(input.limit + 1);
    const { items, nextCursor } = toPage(rows, input.limit, (row) => [row.id]);
    return { items: items.map((row) => toChannel(tx, row)), nextCursor };
  });
}

/**
 * Connects a channel, after the provider has confirmed the credentials and that the number belongs to their account.
 * @throws ParleyError for what is wrong with the input, 409 `channel_exists`, 502 when the provider cannot be asked
 */
export async function createChannel(ctx: Context, given: CreateChannel): Promise<Channel> {
  const input = given as z.output<typeof createChannelSchema>;
  const adapter = ctx.use(channelAdapters).get(input.provider);
  if (!adapter) {
    const known = [...ctx.use(channelAdapters).keys()].join(', ');
    throw invalid('provider', `is one of: ${known}`);
  }
  const { address, country } = readAddress(input.address, input.country ?? null);
  const credentials = await acceptCredentials(ctx, adapter, input.credentials);
  const number = await orExternalFailed(adapter, findNumber(ctx, adapter, credentials, address));
  if (number === null) throw invalid('address', 'is no number of this account');
  if (input.configureWebhooks) {
    if (!number)
      throw invalid('configureWebhooks', 'is possible for numbers only: set the webhooks at the provider');
    await orExternalFailed(adapter, pointAtUs(ctx, adapter, credentials, number));
  }
  try {
    return await ctx.transaction((tx) =>
      insertChannel(tx, adapter, {
        name: input.name ?? address,
        address,
        poolId: input.poolId ?? null,
        country,
        sendsPerSecond: input.sendsPerSecond ?? null,
        credentials,
      }),
    );
  } catch (error) {
    if (databaseErrorCode(error) !== uniqueViolation) throw error;
    throw new ParleyError({
      status: 409,
      code: 'channel_exists',
      message: 'This address is connected already.',
      cause: error,
    });
  }
}

/** Also for a number that was rented: the provider has said all that `createChannel` would ask. */
export async function insertChannel(
  tx: TransactionContext,
  adapter: ChannelAdapter,
  input: Pick<ChannelRow, 'name' | 'address' | 'poolId' | 'country' | 'sendsPerSecond'> & {
    credentials: unknown;
  },
): Promise<Channel> {
  const { credentials, ...settings } = input;
  const id = newId();
  const now = tx.clock.date();
  const [row] = await tx.drizzle
    .insert(channels)
    .values({
      ...settings,
      id,
      workspaceId: tx.workspaceId,
      provider: adapter.provider,
      accountId: adapter.accountOf(credentials),
      credentials: sealStored(tx, id, { current: credentials, previous: null }),
      nextSendAt: now,
      createdAt: now,
      updatedAt: now,
    })
    .returning();
  tx.append(channelCreated, { channelId: id, provider: adapter.provider });
  announceChannels(tx);
  return toChannel(tx, row as ChannelRow);
}

export async function changeChannel(ctx: Context, channelId: string, input: ChangeChannel): Promise<Channel> {
  return ctx.transaction(async (tx) => {
    const row = await readRow(tx, channelId);
    const changed = Object.keys(input).filter((key) => input[key as keyof ChangeChannel] !== undefined);
    if (changed.length === 0) return toChannel(tx, row);
    const change = input.status ? { ...input, statusCode: null } : input;
    return update(tx, channelId, change, changed);
  });
}

async function update(
  tx: TransactionContext,
  channelId: string,
  change: Partial<ChannelRow>,
  changed: string[],
): Promise<Channel> {
  const [row] = await tx.drizzle
    .update(channels)
    .set({ ...change, updatedAt: tx.clock.date() })
    .where(live(channelId))
    .returning();
  if (!row) throw notFound('channel');
  tx.append(channelChanged, { channelId, changed, status: row.status, statusCode: row.statusCode });
  announceChannels(tx);
  return toChannel(tx, row);
}

/** Puts other credentials of the same account in; those before verify webhooks until they are removed. */
export async function replaceCredentials(
  ctx: Context,
  channelId: string,
  input: ReplaceCredentials,
): Promise<Channel> {
  const before = await ctx.transaction((tx) => readRow(tx, channelId));
  const adapter = adapterOf(ctx, before.provider);
  const current = await acceptCredentials(ctx, adapter, input.credentials);
  if (adapter.accountOf(current) !== before.accountId) {
    throw invalid('credentials', 'are of another account: connect the number as a new channel');
  }
  return ctx.transaction(async (tx) => {
    const stored = openStored(tx, await readRow(tx, channelId));
    const same = JSON.stringify(stored.current) === JSON.stringify(current);
    const credentials = sealStored(tx, channelId, {
      current,
      previous: same ? stored.previous : stored.current,
    });
    const status = before.status === 'paused' ? 'paused' : 'active';
    return update(tx, channelId, { credentials, status, statusCode: null }, ['credentials']);
  });
}

/** Ends a rotation: webhooks that were signed with the credentials before are refused from now on. */
export async function removePreviousCredentials(ctx: Context, channelId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const { current } = openStored(tx, await readRow(tx, channelId));
    await update(tx, channelId, { credentials: sealStored(tx, channelId, { current, previous: null }) }, [
      'credentials',
    ]);
  });
}

/** Removes a channel: nothing comes in or goes out any more; its conversations stay. */
export async function deleteChannel(ctx: Context, channelId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await removeChannel(tx, channelId);
    tx.enqueue(clearWebhooks, { channelId });
  });
}

/** @throws ParleyError 404 */
export async function removeChannel(tx: TransactionContext, channelId: string): Promise<void> {
  const now = tx.clock.date();
  const rows = await tx.drizzle
    .update(channels)
    .set({ deletedAt: now, updatedAt: now })
    .where(live(channelId))
    .returning({ id: channels.id });
  if (rows.length === 0) throw notFound('channel');
  tx.append(channelDeleted, { channelId });
  announceChannels(tx);
}

export const clearWebhooks = defineJob({
  name: 'channels.clear_webhooks',
  doc: 'Takes our address out of a removed channel’s number at the provider, and forgets its credentials.',
  input: z.object({ channelId: z.uuid() }),
  effect: 'external',
  retries: 4,
});

async function runClearWebhooks(
  ctx: Context,
  { channelId }: { channelId: string },
  run: JobRun,
): Promise<void> {
  const removed = await ctx.transaction(async (tx) => {
    const [row] = await tx.drizzle.select().from(channels).where(eq(channels.id, channelId));
    return row?.deletedAt ? { row, credentials: openStored(tx, row).current } : null;
  });
  if (!removed || removed.credentials === null) return;
  const { row, credentials } = removed;
  const adapter = adapterOf(ctx, row.provider);
  try {
    const number = await findNumber(ctx, adapter, credentials, row.address);
    // Whoever pointed the number elsewhere meanwhile wants it there.
    if (number && isSameUrl(number.inboundUrl, webhookUrls(ctx, adapter).inbound)) {
      await clearNumber(ctx, adapter, credentials, number);
    }
  } catch (error) {
    if (!(error instanceof ProviderUnavailableError)) throw error;
    if (error.retryable && !run.isLastAttempt) throw error;
    ctx.log.warn(
      { err: error, channel: channelId },
      'the webhooks of a removed channel could not be cleared',
    );
  }
  await ctx.transaction((tx) =>
    tx.drizzle
      .update(channels)
      .set({ credentials: sealStored(tx, channelId, { current: null, previous: null }) })
      .where(eq(channels.id, channelId)),
  );
}

export const clearWebhooksHandler = work(clearWebhooks, runClearWebhooks);

function readAddress(raw: string, country: string | null): { address: string; country: string | null } {
  if (country !== null && !isCountryCode(country)) throw invalid('country', 'is no country that we know');
  const { canonical, kind } = normalizePhoneNumber(raw, country);
  if (kind === 'unknown') {
    throw invalid(
      'address',
      'is a number with its country code (or with `country`), a short code or a sender name',
    );
  }
  return { address: canonical, country: country ?? (kind === 'e164' ? countryOf(canonical) : null) };
}

function invalid(path: string, message: string): ParleyError {
  return validationError('The request is not valid.', [{ path: `body.${path}`, message }]);
}
