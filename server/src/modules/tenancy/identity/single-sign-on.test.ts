// A workspace's own sign-in, with a real OpenID provider: whom it lets in, how far, and what it refuses.
import { randomUUID } from 'node:crypto';
import type { OpenSession } from '@parley/contract/sessions';
import type { Me } from '@parley/contract/tenancy';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ApiClient, startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import { type IdentityProvider, startIdentityProvider } from '../../../../test/identity-provider.ts';
import { addMember } from '../../../../test/members.ts';
import { clientWith, cookieOf, signIn } from '../../../../test/signed-in.ts';
import { newId } from '../../../core/identifiers.ts';
import { signInPort } from '../sign-in-port.ts';

let test: TestApp;
let idp: IdentityProvider;
let other: IdentityProvider;
let acme: TestWorkspace;
let beta: TestWorkspace;
let acmeOwner: ApiClient;
let betaOwner: ApiClient;

const anywhere = (test: TestApp, ...ids: string[]) =>
  ids.map((id) => `${test.url}/api/v1/auth/callbacks/${id}`);

beforeAll(async () => {
  // The providers' ports are known when they listen, and theirs are allowed as a host.
  test = await startTestApp({ environment: { EGRESS_ALLOW_SSO_HOSTS: '127.0.0.1' } });
  acme = await test.workspace({ name: 'Acme' });
  beta = await test.workspace({ name: 'Beta' });
  acmeOwner = (await addMember(test, acme, 'owner')).client;
  betaOwner = (await addMember(test, beta, 'owner')).client;
  idp = await startIdentityProvider(anywhere(test, acme.id));
  other = await startIdentityProvider(anywhere(test, acme.id, beta.id));
});
afterAll(async () => {
  await test.close();
  await Promise.all([idp.close(), other.close()]);
});

const password = 'a password of a member';
async function member(workspace: TestWorkspace, email: string, role = 'agent', confirmed = true) {
  const { id } = await test.kernel.use(signInPort).createUser({ email, password, name: 'Somebody' });
  await test.kernel.database.asSystem((queries) =>
    queries.sql('update users set email_verified = $2 where id = $1', [id, confirmed]),
  );
  await join(workspace, id, role);
  return { userId: id, email };
}
const join = (workspace: TestWorkspace, userId: string, role = 'agent') =>
  test.kernel.database.asSystem((queries) =>
    queries.sql('insert into members (workspace_id, user_id, role) values ($1, $2, $3)', [
      workspace.id,
      userId,
      role,
    ]),
  );

const settings = (provider: IdentityProvider, more: object = {}) => ({
  issuer: provider.issuer,
  clientId: provider.clientId,
  clientSecret: provider.clientSecret,
  domains: ['acme.example'],
  defaultRole: 'agent',
  enforced: false,
  ...more,
});
const set = (workspace: TestWorkspace, provider: IdentityProvider, more: object = {}) =>
  (workspace === acme ? acmeOwner : betaOwner).put<{ error?: { code: string } }>(
    '/api/v1/workspace/sso',
    settings(provider, more),
  );

interface Begun {
  readonly url: string;
  readonly cookie: string;
}
async function begin(email: string): Promise<Begun> {
  const answer = await test.anonymous.post<{ url: string }>('/api/v1/auth/sign-ins', {
    way: 'company',
    email,
  });
  if (answer.status !== 201) throw new Error(`it did not begin: ${JSON.stringify(answer.body)}`);
  return { url: answer.body.url, cookie: cookieOf(answer.headers.getSetCookie()) };
}
async function comeBack(url: string, cookie: string) {
  const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
  await answer.arrayBuffer();
  const session = answer.headers.getSetCookie().filter((line) => line.includes('session_token='));
  return {
    to: answer.headers.get('location'),
    client: session.length > 0 ? clientWith(test, cookieOf(session)) : null,
  };
}
/** From the sign-in page to where one ends. */
async function come(
  person: { sub: string; email?: string; email_verified?: unknown; name?: string },
  email = person.email,
) {
  idp.person = person;
  const { url, cookie } = await begin(email ?? 'x@acme.example');
  return comeBack(await idp.visit(url), cookie);
}
const someone = (more: object = {}) => {
  const name = newId().slice(-12);
  return { sub: `sub-${name}`, email: `${name}@acme.example`, email_verified: true, name: 'Ana', ...more };
};
const me = async (client: ApiClient | null, headers?: Record<string, string>) =>
  client?.get<Me>('/api/v1/auth/me', headers);

describe('setting it', () => {
  it('needs a confirmed address of the domain, and no domain where anybody gets one', async () => {
    expect(await set(acme, idp)).toMatchObject({
      status: 400,
      body: { error: { code: 'sso_domain_not_yours' } },
    });
    await member(acme, 'unconfirmed@acme.example', 'owner', false);
    expect((await set(acme, idp)).status).toBe(400);
    await member(acme, 'boss@acme.example', 'owner');
    await member(acme, 'boss@gmail.com', 'admin');
    expect((await set(acme, idp, { domains: ['acme.example', 'gmail.com'] })).status).toBe(400);
    expect((await set(acme, idp)).status).toBe(200);
  });

  it('asks the provider first: whether it is one, and knows the client', async () => {
    const check = (more: object) =>
      acmeOwner.put('/api/v1/workspace/sso/check', { ...settings(idp), domains: undefined, ...more });
    expect((await check({})).body).toEqual({ ok: true, problem: null });
    expect((await check({ clientSecret: 'wrong' })).body).toEqual({ ok: false, problem: 'client' });
    expect((await check({ clientId: 'unknown' })).body).toEqual({ ok: false, problem: 'client' });
    expect((await check({ issuer: `${test.url}/nothing` })).body).toEqual({
      ok: false,
      problem: 'unreachable',
    });
    // Not this machine's other doors, whatever host stands in the address.
    expect((await check({ issuer: 'http://[::1]:80' })).body).toEqual({ ok: false, problem: 'unreachable' });
    expect(await set(acme, idp, { clientSecret: 'wrong' })).toMatchObject({
      status: 400,
      body: { error: { code: 'sso_client_refused' } },
    });
  });

  it('keeps the secret sealed, shows it to nobody, and sends it to no other issuer', async () => {
    const shown = await acme.as('owner').get('/api/v1/workspace/sso');
    expect(JSON.stringify(shown.body)).not.toContain(idp.clientSecret);
    const { clientSecret: _, ...rest } = settings(idp);
    expect((await acmeOwner.put('/api/v1/workspace/sso', rest)).status).toBe(200);
    const moved = await acmeOwner.put('/api/v1/workspace/sso', { ...rest, issuer: other.issuer });
    expect(moved).toMatchObject({ status: 400, body: { error: { code: 'sso_secret_needed' } } });
    expect((await acme.as('agent').get('/api/v1/workspace/sso')).status).toBe(403);
  });

  it('gives a domain to one workspace', async () => {
    await member(beta, 'intruder@acme.example', 'owner');
    expect(await set(beta, other)).toMatchObject({
      status: 409,
      body: { error: { code: 'sso_domain_taken' } },
    });
  });
});

describe('coming by it', () => {
  beforeEach(async () => {
    expect((await set(acme, idp)).status).toBe(200);
  });

  it('makes a member of who is new, with the role that was set, and knows them again by their subject', async () => {
    const person = someone();
    const first = await come(person);
    expect(first.to).toBe('/');
    const mine = await me(first.client);
    expect(mine?.body).toMatchObject({
      user: { email: person.email, name: 'Ana' },
      workspace: { id: acme.id, role: 'agent' },
    });
    const again = await come(
      { ...person, email: 'renamed@elsewhere.example', email_verified: false },
      person.email,
    );
    expect((await me(again.client))?.body.user?.id).toBe(mine?.body.user?.id);
    const sessions = (await again.client?.get<{ items: OpenSession[] }>('/api/v1/auth/sessions'))?.body.items;
    expect(sessions).toHaveLength(2);
  });

  it('needs an address that the provider has confirmed, in a domain of the connection', async () => {
    for (const more of [
      { email_verified: false },
      { email_verified: undefined },
      { email: undefined },
      { email: 'ana@other.example' },
      { email: 'ana@acme.example.evil.example' },
    ]) {
      const answer = await come(someone(more), 'x@acme.example');
      expect([more, answer.to, answer.client]).toEqual([more, '/?problem=email_unverified', null]);
    }
  });

  it('lets in only members where nobody is made one, and nobody who was removed', async () => {
    expect((await set(acme, idp, { defaultRole: null })).status).toBe(200);
    const stranger = await come(someone());
    expect([stranger.to, stranger.client]).toEqual(['/?problem=not_invited', null]);
    const known = someone();
    const { userId } = await member(acme, known.email);
    expect((await me((await come(known)).client))?.body.user?.id).toBe(userId);
    expect((await set(acme, idp)).status).toBe(200);
    expect((await acmeOwner.delete(`/api/v1/members/${userId}`)).status).toBe(204);
    expect((await come(known)).to).toBe('/?problem=not_invited');
  });

  it('makes no owner of who names the owner’s address: owners link it themselves', async () => {
    const owner = someone();
    const { userId } = await member(acme, owner.email, 'owner');
    expect((await come(owner)).to).toBe('/?problem=owner_links_first');
    const signedIn = await signIn(test, { email: owner.email, password }, acme.id);
    const begun = await signedIn.client.post<{ url: string }>('/api/v1/auth/accounts', { way: 'company' });
    expect(begun.status).toBe(201);
    idp.person = owner;
    const cookie = `${signedIn.cookie}; ${cookieOf(begun.headers.getSetCookie())}`;
    const back = await idp.visit(begun.body.url);
    expect((await comeBack(back, cookie)).to).toBe('/settings?linked=1');
    expect((await me((await come(owner)).client))?.body).toMatchObject({
      user: { id: userId },
      workspace: { role: 'owner' },
    });
  });

  it('ends the session that the browser had', async () => {
    const person = someone();
    const { client } = await come(person);
    const before = (await client?.authorization())?.cookie ?? '';
    const { url, cookie } = await begin(person.email);
    const next = await comeBack(await idp.visit(url), `${before}; ${cookie}`);
    expect((await me(next.client))?.status).toBe(200);
    expect((await me(client))?.status).toBe(401);
  });
});

describe('how far it reaches', () => {
  it('is the workspace and nothing else, though the same user is a member of another', async () => {
    const person = someone();
    const { userId } = await member(beta, person.email, 'owner');
    await join(acme, userId);
    const { client } = await come(person);
    const mine = (await me(client))?.body;
    expect(mine?.user?.id).toBe(userId);
    expect(mine?.workspaces.map(({ id }) => id)).toEqual([acme.id]);
    expect((await me(client, { 'x-workspace-id': beta.id }))?.status).toBe(404);
    expect((await client?.get('/api/v1/members', { 'x-workspace-id': beta.id }))?.status).toBe(404);
    // Programs that it makes reach no further.
    const made = await client?.post<{ accessToken: string }>('/api/v1/auth/tokens', {});
    const asProgram = { authorization: `Bearer ${made?.body.accessToken}` };
    expect((await test.anonymous.get('/api/v1/members', asProgram)).status).toBe(200);
    expect(
      (await test.anonymous.get('/api/v1/members', { ...asProgram, 'x-workspace-id': beta.id })).status,
    ).toBe(404);
  });

  it('is not the account: neither its name, password, address, links nor other sessions', async () => {
    const person = someone();
    await join(acme, (await member(beta, person.email)).userId);
    const elsewhere = await signIn(test, { email: person.email, password });
    const { client } = await come(person);
    const refused = [
      await client?.put('/api/v1/auth/me', { name: 'Eve' }),
      await client?.post('/api/v1/auth/accounts', { way: 'company' }),
      await client?.post('/api/auth/change-password', {
        currentPassword: password,
        newPassword: 'another long one',
      }),
      await client?.post('/api/auth/change-email', { newEmail: 'eve@evil.example', password }),
    ];
    expect(refused.map((answer) => answer?.status)).toEqual([403, 403, 403, 403]);
    expect((await client?.put('/api/v1/auth/preferences', { theme: 'dark' }))?.status).toBe(200);
    expect((await client?.get<{ items: unknown[] }>('/api/v1/auth/sessions'))?.body.items).toHaveLength(1);
    expect((await client?.delete('/api/v1/auth/sessions'))?.status).toBe(204);
    expect((await me(elsewhere.client))?.status).toBe(200);
  });

  it('ends with the connection', async () => {
    const { client } = await come(someone());
    expect((await acmeOwner.delete('/api/v1/workspace/sso')).status).toBe(204);
    expect((await me(client))?.status).toBe(401);
    expect((await set(acme, idp)).status).toBe(200);
  });
});

describe('where nothing else is allowed', () => {
  it('members of the domains come by it only; owners, and others, by their password', async () => {
    const [inside, owner] = [someone(), someone()];
    await member(acme, inside.email);
    await member(acme, owner.email, 'owner');
    await member(acme, 'guest@partner.example');
    const before = await signIn(test, { email: inside.email, password });
    expect((await set(acme, idp, { enforced: true })).status).toBe(200);
    const into = async (client: ApiClient | null) =>
      (await client?.get('/api/v1/members', { 'x-workspace-id': acme.id }))?.status;
    expect(await into(before.client)).toBe(403);
    expect((await me((await signIn(test, { email: inside.email, password })).client))?.body).toMatchObject({
      workspace: null,
      workspaces: [],
    });
    expect(await into((await signIn(test, { email: owner.email, password })).client)).toBe(200);
    expect(await into((await signIn(test, { email: 'guest@partner.example', password })).client)).toBe(200);
    expect(await into((await come(inside)).client)).toBe(200);
    expect((await set(acme, idp)).status).toBe(200);
  });
});

describe('an answer of a provider', () => {
  it('serves once, in the browser that was sent, for ten minutes', async () => {
    const person = someone();
    idp.person = person;
    const { url, cookie } = await begin(person.email);
    const back = await idp.visit(url);
    expect((await comeBack(back, (await begin(person.email)).cookie)).to).toBe('/?problem=expired');
    expect((await comeBack(back, cookie)).to).toBe('/?problem=expired');
    const next = await begin(person.email);
    const fresh = await idp.visit(next.url);
    expect((await comeBack(fresh, next.cookie)).client).not.toBeNull();
    expect((await comeBack(fresh, next.cookie)).to).toBe('/?problem=expired');
    expect((await comeBack(fresh, '')).client).toBeNull();
  });

  it('is refused with another state, another nonce, a code of before, another issuer, or none', async () => {
    const person = someone();
    idp.person = person;
    const visited = async (change: (back: URL) => void) => {
      const { url, cookie } = await begin(person.email);
      const back = new URL(await idp.visit(url));
      change(back);
      return comeBack(back.href, cookie);
    };
    const used = await begin(person.email);
    const usedBack = new URL(await idp.visit(used.url));
    await comeBack(usedBack.href, used.cookie);
    const changes: Record<string, (back: URL) => void> = {
      'another state': (back) => back.searchParams.set('state', randomUUID()),
      'a code of before': (back) => back.searchParams.set('code', usedBack.searchParams.get('code') ?? ''),
      'another issuer': (back) => back.searchParams.set('iss', other.issuer),
      'no issuer': (back) => back.searchParams.delete('iss'),
      'no code': (back) => back.searchParams.delete('code'),
      'an error': (back) => back.searchParams.set('error', 'access_denied'),
      'another provider’s address': (back) => {
        back.pathname = back.pathname.replace(acme.id, beta.id);
      },
    };
    for (const [what, change] of Object.entries(changes)) {
      const { to, client } = await visited(change);
      expect([what, to, client]).toEqual([
        what,
        expect.stringMatching(/^\/\?problem=(failed|expired)$/),
        null,
      ]);
    }
    const { url, cookie } = await begin(person.email);
    const tampered = new URL(url);
    tampered.searchParams.set('nonce', 'of-somebody-else');
    expect((await comeBack(await idp.visit(tampered.href), cookie)).to).toBe('/?problem=failed');
    expect((await visited(() => undefined)).client).not.toBeNull();
  });

  it('leads to a page of ours only', async () => {
    for (const returnTo of [
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      'javascript:alert(1)',
      'inbox',
    ]) {
      const answer = await test.anonymous.post('/api/v1/auth/sign-ins', {
        way: 'company',
        email: 'x@acme.example',
        returnTo,
      });
      expect([returnTo, answer.status]).toEqual([returnTo, 400]);
    }
  });
});

describe('the sign-in page', () => {
  it('learns of a company by the domain alone, and of no account', async () => {
    const { email } = await member(acme, someone().email);
    const asked = async (address: string) => {
      const { status, body } = await test.anonymous.post<{ url?: string }>('/api/v1/auth/sign-ins', {
        way: 'company',
        email: address,
      });
      return [status, body.url?.split('?')[0]];
    };
    expect(await asked(email)).toEqual(await asked('nobody-at-all@acme.example'));
    expect((await asked('boss@gmail.com'))[0]).toBe(404);
    expect((await test.anonymous.get('/api/v1/start')).body).toMatchObject({ signInWays: ['company'] });
    const foreign = await test.anonymous.post(
      '/api/v1/auth/sign-ins',
      { way: 'company', email },
      { origin: 'https://evil.example' },
    );
    expect(foreign.status).toBe(403);
  });
});
