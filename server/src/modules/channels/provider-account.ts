// What a provider is asked about an account: whether its credentials work, which numbers it has, where they lead.
import type { Context } from '../../core/context.ts';
import { externalFailed, ParleyError, validationError } from '../../core/errors.ts';
import {
  type ChannelAdapter,
  type ProviderNumber,
  ProviderUnavailableError,
  type WebhookUrls,
} from './adapter.ts';
import { webhookUrls } from './connections.ts';
import { askProvider } from './outgoing.ts';

/** Whether a provider's setting leads to our address; what stands after `#` tells the provider how to call, not where. */
export function isSameUrl(theirs: string | null, ours: string): boolean {
  return theirs?.split('#')[0] === ours;
}

/**
 * The channel's number in the account; null when it is not there, undefined where the provider does not list such
 * addresses (short codes, alphanumeric senders).
 * @throws ProviderUnavailableError
 */
export async function findNumber(
  ctx: Context,
  adapter: ChannelAdapter,
  credentials: unknown,
  address: string,
): Promise<ProviderNumber | null | undefined> {
  const { numbers } = adapter;
  if (!numbers || !address.startsWith('+')) return undefined;
  const owned = await askProvider(ctx, accountOf(adapter, credentials), 'numbers', () =>
    numbers.list(credentials),
  );
  return owned.find(({ phoneNumber }) => phoneNumber === address) ?? null;
}

/** @throws ProviderUnavailableError */
export async function pointAtUs(
  ctx: Context,
  adapter: ChannelAdapter,
  credentials: unknown,
  number: ProviderNumber,
): Promise<void> {
  await configure(ctx, adapter, credentials, number, webhookUrls(ctx, adapter));
}

/** @throws ProviderUnavailableError */
export async function clearNumber(
  ctx: Context,
  adapter: ChannelAdapter,
  credentials: unknown,
  number: ProviderNumber,
): Promise<void> {
  await configure(ctx, adapter, credentials, number, { inbound: '', status: '' });
}

async function configure(
  ctx: Context,
  adapter: ChannelAdapter,
  credentials: unknown,
  number: ProviderNumber,
  urls: WebhookUrls,
): Promise<void> {
  await askProvider(ctx, accountOf(adapter, credentials), 'configure', async () =>
    adapter.numbers?.configure(credentials, number.providerId, urls),
  );
}

/** What breakers and figures know an account by. */
export function accountOf(
  adapter: ChannelAdapter,
  credentials: unknown,
): { provider: string; accountId: string } {
  return { provider: adapter.provider, accountId: adapter.accountOf(credentials) };
}

/** The channels of this workspace that stand on these addresses, by address. */
export async function connectedChannels(
  ctx: Context,
  provider: string,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await ctx.transaction((tx) =>
    tx.sql<{ id: string; address: string }>(
      `select id, address from channels
       where workspace_id = $1 and provider = $2 and address = any($3::text[]) and deleted_at is null`,
      [tx.workspaceId, provider, addresses],
    ),
  );
  return new Map(rows.map(({ id, address }) => [address, id]));
}

/** @throws ParleyError 400 that names the fields, and none of their values */
export function parseCredentials(adapter: ChannelAdapter, given: unknown): unknown {
  const parsed = adapter.credentials.safeParse(given);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.map((issue) => ({
    path: ['body', 'credentials', ...issue.path].join('.'),
    message: issue.message,
  }));
  throw validationError('The credentials are not complete.', details);
}

/** @throws ParleyError for credentials that are malformed or that the provider refuses */
export async function acceptCredentials(
  ctx: Context,
  adapter: ChannelAdapter,
  given: unknown,
): Promise<unknown> {
  const credentials = parseCredentials(adapter, given);
  const account = accountOf(adapter, credentials);
  const answer = await orExternalFailed(
    adapter,
    askProvider(ctx, account, 'check', () => adapter.check(credentials)),
  );
  if (!answer.ok) {
    const { message, action } = adapter.explain(answer.code);
    throw new ParleyError({
      status: 400,
      code: 'credentials_refused',
      message: `${message} ${action}`,
      details: [{ path: 'body.credentials', message: `refused by the provider with ${answer.code}` }],
    });
  }
  return credentials;
}

/** A provider that cannot be asked, as the answer to the request that needed it. */
export async function orExternalFailed<Result>(
  adapter: ChannelAdapter,
  asked: Promise<Result>,
): Promise<Result> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof ProviderUnavailableError)) throw error;
    throw externalFailed(adapter.explain(error.code).message, error);
  }
}
