// A real OpenID provider on loopback, with people of its own, who sign in without being asked.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import { interactionPolicy, Provider } from 'oidc-provider';

export interface IdentityPerson {
  readonly sub: string;
  readonly [claim: string]: unknown;
}

export interface IdentityProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Whoever comes next is this one. */
  person: IdentityPerson;
  /** Begins to serve. */
  sendBackTo(redirectUris: readonly string[]): void;
  /** Where a browser is sent back to, that was sent to `url` and consented. */
  visit(url: string): Promise<string>;
  close(): Promise<void>;
}

/** @param redirectUris where it sends back to; without them it waits to be told */
export async function startIdentityProvider(redirectUris?: readonly string[]): Promise<IdentityProvider> {
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  const server: Server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const clientSecret = 'a secret of the client, which only it and we know';
  const state: { person: IdentityPerson } = { person: { sub: 'nobody' } };
  const jwk = { ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256', kid: 'one' };
  const sendBackTo = (uris: readonly string[]) => {
    const policy = interactionPolicy.base();
    policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0);
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: 'parley',
          client_secret: clientSecret,
          redirect_uris: [...uris],
          token_endpoint_auth_method: 'client_secret_post',
        },
      ],
      jwks: { keys: [jwk] },
      cookies: { keys: ['only for tests'] },
      features: { devInteractions: { enabled: false } },
      conformIdTokenClaims: false,
      claims: { email: ['email', 'email_verified', 'hd', 'xms_edov'], profile: ['name'] },
      findAccount: (_context, id) => ({
        accountId: id,
        claims: async () => ({ ...state.person, sub: id }),
      }),
      interactions: { policy, url: (_context, interaction) => `/interaction/${interaction.uid}` },
      pkce: { required: () => true },
      ttl: {
        Interaction: 600,
        Session: 600,
        Grant: 600,
        AccessToken: 600,
        IdToken: 600,
        AuthorizationCode: 60,
      },
    });
    const answer = provider.callback();
    handle = (request, response) => {
      if (!request.url?.startsWith('/interaction/')) return void answer(request, response);
      void interact(provider, request, response, state.person.sub).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    };
  };
  if (redirectUris) sendBackTo(redirectUris);
  return {
    issuer,
    clientId: 'parley',
    clientSecret,
    sendBackTo,
    get person() {
      return state.person;
    },
    set person(next) {
      state.person = next;
    },
    visit: (url) => visit(issuer, url),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  accountId: string,
): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login' || prompt.name === 'select_account') {
    await provider.interactionFinished(request, response, { [prompt.name]: {}, login: { accountId } });
    return;
  }
  const grant = new provider.Grant({
    accountId: session?.accountId ?? accountId,
    clientId: String(params.client_id),
  });
  grant.addOIDCScope('openid email profile');
  const grantId = await grant.save();
  await provider.interactionFinished(request, response, { consent: { grantId } });
}

/** As a browser would: with its cookies, from one redirect to the next, until one leads away. */
async function visit(issuer: string, url: string): Promise<string> {
  const cookies = new Map<string, string>();
  let next = url;
  for (let hop = 0; hop < 12; hop += 1) {
    const answer = await fetch(next, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
      cookies.set(name, value);
    }
    const location = answer.headers.get('location');
    if (!location) throw new Error(`the identity provider answered ${answer.status}: ${await answer.text()}`);
    await answer.arrayBuffer();
    next = new URL(location, next).href;
    if (!next.startsWith(issuer)) return next;
  }
  throw new Error('the identity provider goes round in circles');
}
