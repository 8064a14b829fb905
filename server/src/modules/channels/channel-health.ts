// How a channel is doing, in plain words: what a test of it finds, which calls were refused and why.
import type {
  Channel,
  ChannelHealth,
  ChannelTest,
  Explanation,
  Finding,
  Refusal,
} from '@parley/contract/channels';
import { desc, eq } from 'drizzle-orm';
import type { Context } from '../../core/context.ts';
import { type ChannelAdapter, ProviderUnavailableError } from './adapter.ts';
import { type ChannelRow, openStored, readRow } from './channel-settings.ts';
import { setStatus } from './channel-status.ts';
import { adapterOf, webhookUrls } from './connections.ts';
import { askProvider, explainCode } from './outgoing.ts';
import { accountOf, findNumber, isSameUrl } from './provider-account.ts';
import type { Refused } from './refusals.ts';
import { channelRuntime } from './runtime.ts';
import { refusals } from './tables.ts';

export async function channelHealth(ctx: Context, channelId: string): Promise<ChannelHealth> {
  const { row, refused, counts } = await ctx.transaction(async (tx) => {
    const row = await readRow(tx, channelId);
    const refused = await tx.drizzle
      .select()
      .from(refusals)
      .where(eq(refusals.channelId, channelId))
      .orderBy(desc(refusals.lastAt));
    const [counts] = await tx.sql<{ waiting: number; failed: number }>(
      `select count(*) filter (where status = 'received')::int as waiting,
         count(*) filter (where status = 'failed')::int as failed
       from deliveries where channel_id = $1 and status <> 'processed'`,
      [channelId],
    );
    return { row, refused, counts };
  });
  const { breakers, reachability } = ctx.use(channelRuntime);
  const adapter = adapterOf(ctx, row.provider);
  const webhooks = webhookUrls(ctx, adapter);
  const reach = (await reachability.check()).find(({ provider }) => provider === row.provider);
  return {
    status: row.status,
    explanation: row.statusCode ? explainCode(ctx, row.provider, row.statusCode) : null,
    lastInboundAt: isoOrNull(row.lastInboundAt),
    lastOutboundAt: isoOrNull(row.lastOutboundAt),
    deliveries: counts ?? { waiting: 0, failed: 0 },
    refusals: refused.map(
      ({ hook, reason, count, lastAt }): Refusal => ({
        hook,
        reason: reason as Refused,
        count: Number(count),
        lastAt: new Date(lastAt).toISOString(),
        ...explainRefusal(
          reason as Refused,
          hook === adapter.hooks.status ? webhooks.status : webhooks.inbound,
        ),
      }),
    ),
    breaker: breakers.state(row.provider, row.accountId),
    provider: { reachable: reach?.reachable ?? null, checkedAt: reach?.checkedAt.toISOString() ?? null },
    webhooks,
  };
}

function isoOrNull(moment: Date | null): string | null {
  return moment ? new Date(moment).toISOString() : null;
}

function explainRefusal(reason: Refused, expectedUrl: string): Explanation {
  switch (reason) {
    case 'wrong_signature':
      return {
        message:
          'Calls came whose signature does not fit: the channel has another token than the provider signs with, or somebody forged them.',
        action: `Put the account’s current token into the channel. If it is right, check that the provider calls exactly ${expectedUrl}.`,
      };
    case 'wrong_url':
      return {
        message: 'Calls came by another address than the public one, and their signature fits neither.',
        action: `The provider must call exactly ${expectedUrl}. If it does, let your proxy pass the Host header on (or set PARLEY_TRUST_PROXY); if PUBLIC_URL is wrong, mend it. If both are right, the token of the channel is wrong.`,
      };
    case 'missing_signature':
      return {
        message:
          'Calls came without a signature. The provider signs all of its calls, so these were not its own, or a proxy removed the header.',
        action: 'Nothing to do if messages arrive. If they do not, let your proxy pass all headers on.',
      };
    case 'unreadable':
      return {
        message: 'Calls came that are none of this provider’s.',
        action: `Nothing to do if messages arrive. If they do not, check that the provider calls ${expectedUrl} by POST.`,
      };
    case 'unknown_number':
      return {
        message: 'Calls came from this channel’s account for a number that is not connected here.',
        action: 'Connect that number as a channel, or take our address out of it at the provider.',
      };
  }
}

/** Asks the provider whether credentials and webhooks are right. Sends nothing. */
export async function testChannel(ctx: Context, channelId: string): Promise<ChannelTest> {
  const { row, credentials } = await ctx.transaction(async (tx) => {
    const found = await readRow(tx, channelId);
    return { row: found, credentials: openStored(tx, found).current };
  });
  const adapter = adapterOf(ctx, row.provider);
  const findings: Finding[] = [];
  try {
    findings.push(...(await testAccount(ctx, adapter, row, credentials)));
    if (findings.every(({ level }) => level !== 'error')) {
      findings.push(...(await testNumber(ctx, adapter, row, credentials)));
    }
  } catch (error) {
    if (!(error instanceof ProviderUnavailableError)) throw error;
    findings.push({
      level: 'error',
      code: 'provider_unavailable',
      ...explainCode(ctx, row.provider, error.code),
    });
  }
  findings.push(...testPublicUrl(webhookUrls(ctx, adapter)));
  return { ok: findings.every(({ level }) => level !== 'error'), findings };
}

async function testAccount(
  ctx: Context,
  adapter: ChannelAdapter,
  row: ChannelRow,
  credentials: unknown,
): Promise<Finding[]> {
  const answer = await askProvider(ctx, accountOf(adapter, credentials), 'check', () =>
    adapter.check(credentials),
  );
  if (!answer.ok) {
    await setStatus(ctx, row.id, 'needs_attention', answer.code);
    return [{ level: 'error', code: 'credentials_refused', ...explainCode(ctx, row.provider, answer.code) }];
  }
  await setStatus(ctx, row.id, 'active', null);
  return [
    {
      level: 'ok',
      code: 'credentials',
      message: `The credentials open the account ${answer.accountName}.`,
      action: '',
    },
  ];
}

async function testNumber(
  ctx: Context,
  adapter: ChannelAdapter,
  row: ChannelRow,
  credentials: unknown,
): Promise<Finding[]> {
  const number = await findNumber(ctx, adapter, credentials, row.address);
  if (number === undefined) {
    const message = 'The provider does not tell where calls for this kind of address go.';
    const action = `Check at the provider that they go to ${webhookUrls(ctx, adapter).inbound}.`;
    return [{ level: 'warning', code: 'webhook_unknown', message, action }];
  }
  if (number === null) {
    const message = 'The account does not have this number any more.';
    const action = 'Connect the number with the account that has it, or remove the channel.';
    return [{ level: 'error', code: 'number_missing', message, action }];
  }
  const findings: Finding[] = [];
  if (!number.capabilities.sms) {
    const message = 'This number cannot text.';
    findings.push({ level: 'error', code: 'number_cannot_text', message, action: 'Connect one that can.' });
  }
  const { inbound } = webhookUrls(ctx, adapter);
  if (row.poolId !== null) {
    const message = 'Calls for a number in a pool go where the pool says, which the provider does not tell.';
    findings.push({
      level: 'warning',
      code: 'webhook_unknown',
      message,
      action: `Set the pool’s address to ${inbound}.`,
    });
  } else if (number.inboundUrl === null) {
    const message = 'The number has no address to call for incoming messages.';
    findings.push({ level: 'error', code: 'webhook_unset', message, action: `Set it to ${inbound}.` });
  } else if (!isSameUrl(number.inboundUrl, inbound)) {
    const message = 'Incoming messages of this number go to another address.';
    findings.push({ level: 'error', code: 'webhook_elsewhere', message, action: `Set it to ${inbound}.` });
  } else {
    findings.push({
      level: 'ok',
      code: 'webhook',
      message: 'Incoming messages come to this installation.',
      action: '',
    });
  }
  return findings;
}

function testPublicUrl({ inbound }: Channel['webhooks']): Finding[] {
  const { protocol, hostname } = new URL(inbound);
  const action = 'Set PUBLIC_URL to the address by which the internet reaches this installation.';
  if (/^(localhost|127\.|\[::1\]|0\.0\.0\.0)/.test(hostname)) {
    const message = `${hostname} is an address that only this machine can reach.`;
    return [{ level: 'warning', code: 'public_url_local', message, action }];
  }
  if (protocol === 'http:') {
    const message = 'The public address is not encrypted: messages cross the internet in the clear.';
    return [
      {
        level: 'warning',
        code: 'public_url_plain',
        message,
        action: 'Put a certificate in front, and set PUBLIC_URL to https.',
      },
    ];
  }
  return [];
}
