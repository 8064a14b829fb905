// A look at a provider's account before any channel stands on it: do the credentials open it, and which numbers has it?
// Nothing is stored, nothing is changed at the provider.
import type { Finding, InspectAccount, InspectedAccount } from '@parley/contract/channels';
import type { Context } from '../../core/context.ts';
import { EgressError } from '../../core/egress.ts';
import { validationError } from '../../core/errors.ts';
import { type ChannelAdapter, ProviderUnavailableError } from './adapter.ts';
import { channelAdapters } from './connections.ts';
import { askProvider, explainCode } from './outgoing.ts';
import { accountOf, connectedChannels, parseCredentials } from './provider-account.ts';

/**
 * What the provider says is in the answer, also that it refuses.
 * @throws ParleyError 400 for a provider that is none and for credentials that cannot be any
 */
export async function inspectAccount(ctx: Context, input: InspectAccount): Promise<InspectedAccount> {
  const adapter = ctx.use(channelAdapters).get(input.provider);
  if (!adapter) {
    const known = [...ctx.use(channelAdapters).keys()].join(', ');
    throw validationError('The request is not valid.', [
      { path: 'body.provider', message: `is one of: ${known}` },
    ]);
  }
  const credentials = parseCredentials(adapter, input.credentials);
  try {
    return await ask(ctx, adapter, credentials);
  } catch (error) {
    if (!(error instanceof ProviderUnavailableError)) throw error;
    if (error.retryable || error.cause instanceof EgressError) return unavailable;
    return refused(ctx, adapter, error.code);
  }
}

/** @throws ProviderUnavailableError */
async function ask(ctx: Context, adapter: ChannelAdapter, credentials: unknown): Promise<InspectedAccount> {
  const account = accountOf(adapter, credentials);
  const answer = await askProvider(ctx, account, 'check', () => adapter.check(credentials));
  if (!answer.ok) return refused(ctx, adapter, answer.code);
  const { accountName } = answer;
  const { numbers } = adapter;
  if (!numbers) return { ok: true, accountName, finding: null, numbers: null };
  const owned = await askProvider(ctx, account, 'numbers', () => numbers.list(credentials));
  const channelIds = await connectedChannels(
    ctx,
    adapter.provider,
    owned.map(({ phoneNumber }) => phoneNumber),
  );
  return {
    ok: true,
    accountName,
    finding: null,
    numbers: owned.map(({ phoneNumber, label, country, capabilities }) => ({
      phoneNumber,
      label,
      country,
      capabilities,
      channelId: channelIds.get(phoneNumber) ?? null,
    })),
  };
}

function refused(ctx: Context, adapter: ChannelAdapter, providerCode: string): InspectedAccount {
  return failed({
    level: 'error',
    code: 'credentials_refused',
    ...explainCode(ctx, adapter.provider, providerCode),
  });
}

const failed = (finding: Finding): InspectedAccount => ({
  ok: false,
  accountName: null,
  finding,
  numbers: null,
});

const unavailable = failed({
  level: 'error',
  code: 'provider_unavailable',
  message: 'The provider could not be asked just now.',
  action:
    'Try again in a moment. If it lasts, check the internet connection of this installation. Nothing was changed.',
});
