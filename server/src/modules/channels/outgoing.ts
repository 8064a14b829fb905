// Calls to the provider on behalf of a channel: sends, look-ups, media. Outside transactions, always.
//
// One logical send is one call, repeated only where the provider said that it refused for now: an unknown outcome goes
// back to the caller, who looks it up before anything is sent again.
import type { Explanation } from '@parley/contract/channels';
import { DelegateBackoff, handleWhen, handleWhenResult, type IRetryBackoffContext, retry } from 'cockatiel';
import type { Context, Parts, TransactionContext } from '../../core/context.ts';
import type { Statement } from '../../core/database.ts';
import {
  type LookupQuery,
  type ProviderMessage,
  ProviderUnavailableError,
  type SendOutcome,
} from './adapter.ts';
import { circuitOpen } from './breakers.ts';
import { setStatus } from './channel-status.ts';
import { adapterOf, type OpenChannel, toConnection, webhookUrls } from './connections.ts';
import { type ChannelRuntime, channelRuntime } from './runtime.ts';

/** Tries after the first one. */
const retriesMax = 3;
const backoffMsMin = 100;
const backoffMsMax = 2000;
/** A provider that wants a longer pause than this gets it from the job queue, which holds nothing meanwhile. */
const retryAfterMsMax = 5000;

export interface ProviderSend {
  readonly to: string;
  readonly body: string;
  readonly mediaUrls: readonly string[];
  /** `{messageId}.{attempt}`: unique for every logical call. */
  readonly reference: string;
}

/** Our own outcomes, where no provider was asked. */
const ownCodes: Readonly<Record<string, Explanation>> = {
  [circuitOpen]: {
    message: 'The provider failed several times in a row, so calls to it pause for a moment.',
    action: 'Nothing to do: Parley tries again by itself.',
  },
  channel_exists: {
    message: 'The number is connected in another workspace.',
    action: 'Remove its channel there first.',
  },
  channel_deleted: {
    message: 'The channel that this would have gone out on was removed.',
    action: 'Send it on another channel.',
  },
  channel_paused: {
    message: 'The channel is paused.',
    action: 'Set the channel to active again: what waits is sent then.',
  },
  adapter_failed: {
    message: 'Something went wrong while the message was handed to the provider; it may have it.',
    action: 'Nothing to do: Parley looks it up before anything is sent again.',
  },
  given_up: {
    message: 'There was no time left for this call.',
    action: 'Nothing to do: Parley tries again.',
  },
};

/** A sentence that a shopkeeper understands, for an error code of a provider's or of ours. */
export function explainCode(parts: Pick<Parts, 'use'>, provider: string, code: string): Explanation {
  return ownCodes[code] ?? adapterOf(parts, provider).explain(code);
}

/** Whether a provider says by this code that the contact opted out there. */
export function isOptOutCode(parts: Pick<Parts, 'use'>, provider: string, code: string | null): boolean {
  return code !== null && adapterOf(parts, provider).isOptOutCode(code);
}

const reserve: Statement = {
  name: 'channel_reserve_send',
  text: `update channels
    set next_send_at = greatest(next_send_at, $2::timestamptz) + make_interval(secs => $3::float8 / sends_per_second)
    where id = $1 and sends_per_second is not null
    returning next_send_at - make_interval(secs => $3::float8 / sends_per_second) as slot`,
};

/**
 * Takes the next moment at which the carrier takes a message of that many segments from this channel (GCRA with the
 * channel's row as its state), so that a burst queues here and not at the carrier. Now, where there is no limit.
 */
export async function reserveSendSlot(
  tx: TransactionContext,
  channelId: string,
  segments: number,
): Promise<Date> {
  const now = tx.clock.date();
  const [row] = await tx.sql<{ slot: Date | string }>(reserve, [channelId, now, Math.max(1, segments)]);
  return row ? new Date(row.slot) : now;
}

/**
 * Makes one logical call to the provider. Never throws once the call may have left.
 * @param options nothing leaves any more once the signal has aborted, or so long after this call.
 */
export async function callProvider(
  ctx: Context,
  channelId: string,
  message: ProviderSend,
  options: { signal: AbortSignal; beginsWithinMs: number },
): Promise<SendOutcome> {
  const beginsUntil = performance.now() + options.beginsWithinMs;
  const runtime = ctx.use(channelRuntime);
  const channel = await runtime.connections.open(ctx.workspaceId, channelId);
  if (!channel) return { outcome: 'reject', code: 'channel_deleted' };
  if (channel.status === 'paused') return { outcome: 'retry', code: 'channel_paused', retryAfterMs: null };
  const adapter = adapterOf(ctx, channel.provider);
  const statusUrl = webhookUrls(ctx, adapter).status;
  const outgoing = {
    ...message,
    statusCallbackUrl: `${statusUrl}?reference=${encodeURIComponent(message.reference)}`,
  };
  const send = async (): Promise<SendOutcome> => {
    if (options.signal.aborted || performance.now() > beginsUntil) {
      return { outcome: 'retry', code: 'given_up', retryAfterMs: null };
    }
    try {
      return await runtime.breakers.call(channel, 'send', () =>
        adapter.send(toConnection(channel), outgoing),
      );
    } catch (error) {
      if (error instanceof ProviderUnavailableError && error.code === circuitOpen) {
        return { outcome: 'retry', code: circuitOpen, retryAfterMs: null };
      }
      // An adapter that throws has broken its promise: nobody knows whether the message left.
      ctx.log.error({ err: error, channel: channel.id }, 'a channel adapter failed');
      return { outcome: 'unknown', code: 'adapter_failed' };
    }
  };
  const outcome = await sendPolicy.execute(send, options.signal);
  await settleChannel(ctx, runtime, channel, outcome);
  return outcome;
}

const sendPolicy = retry(
  handleWhenResult((result) => {
    const outcome = result as SendOutcome;
    if (outcome.outcome !== 'retry' || outcome.code === circuitOpen || outcome.code === 'given_up')
      return false;
    return (outcome.retryAfterMs ?? 0) <= retryAfterMsMax;
  }),
  { maxAttempts: retriesMax, backoff: new DelegateBackoff(backoffMs) },
);

/** Full jitter (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), and no less than asked for. */
function backoffMs(context: IRetryBackoffContext<unknown>): number {
  const ceiling = Math.min(backoffMsMin * 2 ** (context.attempt - 1), backoffMsMax);
  const askedMs =
    'value' in context.result
      ? ((context.result.value as { retryAfterMs?: number | null }).retryAfterMs ?? 0)
      : 0;
  return Math.max(askedMs, Math.random() * ceiling);
}

/** What the outcome says about the channel itself. The outcome stands, whatever becomes of this. */
async function settleChannel(
  ctx: Context,
  runtime: ChannelRuntime,
  channel: OpenChannel,
  outcome: SendOutcome,
): Promise<void> {
  try {
    if (outcome.outcome === 'accepted') {
      runtime.activity.note(channel.id, 'outbound', ctx.clock.date());
      if (channel.status === 'needs_attention') await setStatus(ctx, channel.id, 'active', null);
    } else if (outcome.outcome === 'reconnect') {
      await setStatus(ctx, channel.id, 'needs_attention', outcome.code);
    }
  } catch (error) {
    ctx.log.error({ err: error, channel: channel.id }, 'the state of a channel could not be written');
  }
}

const askPolicy = retry(
  handleWhen(
    (error) => error instanceof ProviderUnavailableError && error.retryable && error.code !== circuitOpen,
  ),
  { maxAttempts: retriesMax, backoff: new DelegateBackoff(backoffMs) },
);

/**
 * Asks a provider something that may be asked twice.
 * @throws ProviderUnavailableError
 */
export function askProvider<Answer>(
  parts: Pick<Parts, 'use'>,
  account: { provider: string; accountId: string },
  operation: string,
  question: () => Promise<Answer>,
): Promise<Answer> {
  const { breakers } = parts.use(channelRuntime);
  return askPolicy.execute(() => breakers.call(account, operation, question));
}

/**
 * The messages to that recipient with that body that the provider has.
 * @throws ProviderUnavailableError when that is not known
 */
export async function lookUpAtProvider(
  ctx: Context,
  channelId: string,
  query: LookupQuery,
): Promise<ProviderMessage[]> {
  const channel = await openOrFail(ctx, channelId);
  const adapter = adapterOf(ctx, channel.provider);
  return askProvider(ctx, channel, 'lookup', () => adapter.lookup(toConnection(channel), query));
}

/**
 * Fetches one medium of an inbound message, with the channel's credentials.
 * @throws ProviderUnavailableError
 */
export async function fetchChannelMedia(
  ctx: Context,
  channelId: string,
  url: string,
  bytesMax: number,
): Promise<{ body: Buffer; contentType: string }> {
  const channel = await openOrFail(ctx, channelId);
  const adapter = adapterOf(ctx, channel.provider);
  // Files may lie elsewhere than the API: their host's failures say nothing about it.
  const account = { provider: channel.provider, accountId: `${channel.accountId}/media` };
  return askProvider(ctx, account, 'media', () => adapter.fetchMedia(channel.current, url, bytesMax));
}

async function openOrFail(ctx: Context, channelId: string): Promise<OpenChannel> {
  const channel = await ctx.use(channelRuntime).connections.open(ctx.workspaceId, channelId);
  if (!channel) throw new ProviderUnavailableError('channel_deleted', false);
  return channel;
}
