// OpenID Connect with one provider, by openid-client: all of its calls go the guarded way out, and an ID token's signature is
// looked at although it came over TLS.
import type { Configuration } from 'openid-client';
import { z } from 'zod';
import type { Provider } from './providers.ts';

const timeoutSeconds = 10;
/** How long what a provider says of itself is kept. */
const keptMs = 600_000;

export interface Pending {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** What an ID token says, as far as it is read here. */
const claims = z.object({
  iss: z.string(),
  sub: z.string().min(1).max(500),
  email: z.string().max(200).optional(),
  email_verified: z.unknown().optional(),
  name: z.string().max(300).optional().catch(undefined),
  /** Google: the organisation that has the address. */
  hd: z.string().optional().catch(undefined),
  /** Microsoft: whether the organisation has shown that the address's domain is its own. */
  xms_edov: z.unknown().optional(),
});
export type IdClaims = z.infer<typeof claims>;

type Library = typeof import('openid-client');

const known = new Map<string, { readonly configuration: Promise<Configuration>; readonly at: number }>();

async function configurationOf(library: Library, provider: Provider): Promise<Configuration> {
  const key = `${provider.issuer} ${provider.clientId} ${provider.clientSecret}`;
  const kept = known.get(key);
  if (kept && Date.now() - kept.at < keptMs) return kept.configuration;
  const configuration = discover(library, provider);
  if (known.size > 1000) known.clear();
  known.set(key, { configuration, at: Date.now() });
  configuration.catch(() => known.delete(key));
  return configuration;
}

async function discover(library: Library, provider: Provider): Promise<Configuration> {
  const issuer = new URL(provider.issuer);
  const configuration = await library.discovery(issuer, provider.clientId, provider.clientSecret, undefined, {
    timeout: timeoutSeconds,
    // The way out refuses http to all but the operator's exceptions.
    execute: [
      ...(issuer.protocol === 'http:' ? [library.allowInsecureRequests] : []),
      library.enableNonRepudiationChecks,
    ],
    [library.customFetch]: (url, options) => provider.egress.fetch(url, options as RequestInit),
  });
  const { authorization_endpoint: authorization, token_endpoint: token } = configuration.serverMetadata();
  if (!authorization || !token) throw new Error('the identity provider names no endpoints');
  return configuration;
}

/** @throws where the provider cannot be asked */
export async function authorizationUrl(
  provider: Provider,
  pending: Pending,
  loginHint: string | null,
): Promise<URL> {
  const library = await import('openid-client');
  const configuration = await configurationOf(library, provider);
  return library.buildAuthorizationUrl(configuration, {
    redirect_uri: provider.redirectUri,
    scope: 'openid email profile',
    response_type: 'code',
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: await library.calculatePKCECodeChallenge(pending.codeVerifier),
    code_challenge_method: 'S256',
    // Whoever shares a browser chooses.
    ...(provider.way === 'company' ? {} : { prompt: 'select_account' }),
    ...(loginHint ? { login_hint: loginHint } : {}),
  });
}

/** @param query what the browser came back with. @throws where anything of it is not as it was asked for */
export async function exchange(provider: Provider, query: string, pending: Pending): Promise<IdClaims> {
  const library = await import('openid-client');
  const configuration = await configurationOf(library, provider);
  const url = new URL(provider.redirectUri);
  url.search = query;
  const tokens = await library.authorizationCodeGrant(configuration, url, {
    expectedState: pending.state,
    expectedNonce: pending.nonce,
    pkceCodeVerifier: pending.codeVerifier,
    idTokenExpected: true,
  });
  return claims.parse(tokens.claims());
}

/**
 * Whether it is an identity provider, and knows the client: asked with a code that is none, one that knows the client says so,
 * and one that does not says that.
 */
export async function checkProvider(provider: Provider): Promise<'unreachable' | 'client' | null> {
  const library = await import('openid-client');
  let configuration: Configuration;
  try {
    configuration = await discover(library, provider);
  } catch {
    return 'unreachable';
  }
  const url = new URL(provider.redirectUri);
  url.searchParams.set('code', 'a-code-that-is-none');
  const { issuer } = configuration.serverMetadata();
  url.searchParams.set('iss', issuer);
  try {
    const pkceCodeVerifier = library.randomPKCECodeVerifier();
    await library.authorizationCodeGrant(configuration, url, { pkceCodeVerifier });
    return 'unreachable';
  } catch (error) {
    const code = error instanceof library.ResponseBodyError ? error.error : null;
    if (code === 'invalid_grant') return null;
    return code === 'invalid_client' ||
      code === 'unauthorized_client' ||
      error instanceof library.WWWAuthenticateChallengeError
      ? 'client'
      : 'unreachable';
  }
}

export async function newPending(): Promise<Pending> {
  const library = await import('openid-client');
  return {
    state: library.randomState(),
    nonce: library.randomNonce(),
    codeVerifier: library.randomPKCECodeVerifier(),
  };
}
