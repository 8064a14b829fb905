// Changes of a channel that others must hear of: the events, and the one way a status is set.
import type { ChannelStatus } from '@parley/contract/channels';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { defineEvent } from '../../core/events.ts';
import { channelRuntime } from './runtime.ts';

export const channelCreated = defineEvent({
  type: 'channel.created',
  doc: 'A channel was connected.',
  permission: 'channels:read',
  payload: z.object({ channelId: z.uuid(), provider: z.string() }),
  audit: { target: 'channel', id: 'channelId' },
});
export const channelChanged = defineEvent({
  type: 'channel.changed',
  doc: 'A channel was changed: its settings, its credentials, or its status.',
  permission: 'channels:read',
  payload: z.object({
    channelId: z.uuid(),
    changed: z.array(z.string()),
    status: z.enum(['active', 'paused', 'needs_attention']),
    /** The provider's code behind `needs_attention`. */
    statusCode: z.string().nullable(),
  }),
  audit: { target: 'channel', id: 'channelId' },
});
export const channelDeleted = defineEvent({
  type: 'channel.deleted',
  doc: 'A channel was removed; what was said on it stays.',
  permission: 'channels:read',
  payload: z.object({ channelId: z.uuid() }),
  audit: { target: 'channel', id: 'channelId' },
});

/** Makes every process read the channels again once this transaction has committed. */
export function announceChannels(tx: TransactionContext): void {
  tx.afterCommit(() => tx.use(channelRuntime).publishChange());
}

/** Sets the status that the provider's answers give a channel; one that a person paused stays paused. */
export async function setStatus(
  ctx: Context,
  channelId: string,
  status: Exclude<ChannelStatus, 'paused'>,
  statusCode: string | null,
): Promise<void> {
  await ctx.transaction(async (tx) => {
    const rows = await tx.sql(
      `update channels set status = $2, status_code = $3, updated_at = $4
       where id = $1 and deleted_at is null and status <> 'paused'
         and (status, coalesce(status_code, '')) is distinct from ($2, coalesce($3, ''))
       returning id`,
      [channelId, status, statusCode, tx.clock.date()],
    );
    if (rows.length === 0) return;
    tx.append(channelChanged, { channelId, changed: ['status'], status, statusCode });
    announceChannels(tx);
  });
}
