// What a workspace's own identity provider, and whoever sets it, never gets: more than they have, an owner, another workspace.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ApiClient, startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import { type IdentityProvider, startIdentityProvider } from '../../../../test/identity-provider.ts';
import { type MailServer, startMailServer } from '../../../../test/mail-server.ts';
import { addMember, type TestMember } from '../../../../test/members.ts';
import { clientWith, cookieOf } from '../../../../test/signed-in.ts';

let test: TestApp;
let mails: MailServer;
let idp: IdentityProvider;
let other: IdentityProvider;
let acme: TestWorkspace;
let beta: TestWorkspace;
let owner: TestMember;
let people = 0;

const sql = <Row = unknown>(text: string, values: unknown[]) =>
  test.kernel.database.asSystem((queries) => queries.sql<Row>(text, values));

beforeAll(async () => {
  mails = await startMailServer();
  test = await startTestApp({
    environment: { EGRESS_ALLOW_SSO_HOSTS: '127.0.0.1', SMTP_URL: mails.url },
  });
  acme = await test.workspace({ name: 'Acme' });
  beta = await test.workspace({ name: 'Beta' });
  idp = await startIdentityProvider([`${test.url}/api/v1/auth/callbacks/${acme.id}`]);
  other = await startIdentityProvider([`${test.url}/api/v1/auth/callbacks/${acme.id}`]);
  owner = await member('owner');
});
afterAll(async () => {
  await test.close();
  await Promise.all([idp.close(), other.close(), mails.close()]);
});
beforeEach(async () => {
  expect((await set(owner.client)).status).toBe(200);
});

/** With a confirmed address of Acme's domain. */
async function member(role: 'owner' | 'admin' | 'agent'): Promise<TestMember> {
  const made = await addMember(test, acme, role);
  const email = `person-${++people}@acme.example`;
  await sql('update users set email = $2, email_verified = true where id = $1', [made.userId, email]);
  return { ...made, email };
}
const set = (client: ApiClient, more: object = {}) =>
  client.put<{ error?: { code: string } }>('/api/v1/workspace/sso', {
    issuer: idp.issuer,
    clientId: idp.clientId,
    clientSecret: idp.clientSecret,
    domains: ['acme.example'],
    defaultRole: 'agent',
    enforced: false,
    ...more,
  });

async function follow(url: string, cookie: string) {
  const answer = await fetch(await idp.visit(url), { redirect: 'manual', headers: { cookie } });
  await answer.arrayBuffer();
  const session = answer.headers.getSetCookie().filter((line) => line.includes('session_token='));
  return {
    to: answer.headers.get('location'),
    client: session.length > 0 ? clientWith(test, cookieOf(session)) : null,
  };
}
async function come(email: string) {
  idp.person = { sub: `sub of ${email}`, email, email_verified: true };
  const begun = await test.anonymous.post<{ url: string }>('/api/v1/auth/sign-ins', {
    way: 'company',
    email,
  });
  return follow(begun.body.url, cookieOf(begun.headers.getSetCookie()));
}
const meOf = async (client: ApiClient | null) => {
  const answer = await client?.get<{ workspace: { role: string } | null }>('/api/v1/auth/me');
  return answer && { status: answer.status, role: answer.body.workspace?.role ?? null };
};

describe('setting the sign-in', () => {
  it('is for owners who have signed in: no own role, key or admin may', async () => {
    const admin = await member('admin');
    expect((await set(admin.client)).status).toBe(403);
    expect((await set(acme.as('owner'))).status).toBe(403);
    expect((await acme.as('owner').delete('/api/v1/workspace/sso')).status).toBe(403);
    const permissions = ['sso:manage'];
    const key = await owner.client.post('/api/v1/api-keys', { name: 'small', permissions });
    const role = await owner.client.post('/api/v1/roles', { name: 'Small', permissions });
    expect([key.status, role.status]).toEqual([400, 400]);
  });

  it('by another issuer ends what came by the one before', async () => {
    const { client } = await come((await member('agent')).email);
    const made = await client?.post<{ accessToken: string }>('/api/v1/auth/tokens', {});
    const asProgram = { authorization: `Bearer ${made?.body.accessToken}` };
    expect((await set(owner.client)).status).toBe(200);
    expect((await meOf(client))?.status).toBe(200);
    const { issuer, clientId, clientSecret } = other;
    expect((await set(owner.client, { issuer, clientId, clientSecret })).status).toBe(200);
    expect((await meOf(client))?.status).toBe(401);
    expect((await test.anonymous.get('/api/v1/auth/me', asProgram)).status).toBe(401);
    expect((await meOf(owner.client))?.status).toBe(200);
  });
});

describe('a member who was linked by their address and becomes an owner', () => {
  it('is not reached by the provider, nor by what it opened, until they link it themselves', async () => {
    const later = await member('agent');
    const before = await come(later.email);
    expect(await meOf(before.client)).toEqual({ status: 200, role: 'agent' });
    expect(
      (await owner.client.put(`/api/v1/members/${later.userId}`, { role: 'owner' })).status,
    ).toBeLessThan(300);
    expect(await meOf(before.client)).toEqual({ status: 200, role: null });
    expect((await before.client?.get('/api/v1/members', { 'x-workspace-id': acme.id }))?.status).toBe(403);
    expect((await come(later.email)).to).toBe('/?problem=owner_links_first');
    const begun = await later.client.post<{ url: string }>('/api/v1/auth/accounts', { way: 'company' });
    const { cookie = '' } = await later.client.authorization();
    const linked = await follow(begun.body.url, `${cookie}; ${cookieOf(begun.headers.getSetCookie())}`);
    expect(linked.to).toBe('/settings?linked=1');
    expect(await meOf((await come(later.email)).client)).toEqual({ status: 200, role: 'owner' });
  });

  it('is not reached where they became one by what wrote their role alone', async () => {
    const later = await member('agent');
    expect((await come(later.email)).client).not.toBeNull();
    await sql("update members set role = 'owner' where user_id = $1", [later.userId]);
    expect((await come(later.email)).to).toBe('/?problem=owner_links_first');
  });
});

describe('a sign-in that is enforced', () => {
  const ask = (who: TestMember, newEmail: string) =>
    who.client.post<{ code?: string }>('/api/auth/change-email', { newEmail, password: who.password });

  it('is not left by taking another address, also where that was asked for before', async () => {
    const [early, late] = [await member('agent'), await member('agent')];
    expect((await ask(early, 'early@gmail.example')).status).toBe(200);
    const mail = await test.until('the mail', async () =>
      mails.arrived.find(({ to }) => to.includes('early@gmail.example')),
    );
    const token = /#token=(\S+)/.exec(mail.text)?.[1];
    expect((await set(owner.client, { enforced: true })).status).toBe(200);
    const refused = { status: 403, body: { code: 'ADDRESS_OF_COMPANY' } };
    expect(await early.client.post('/api/auth/confirm-email', { token })).toMatchObject(refused);
    expect(await ask(late, 'late@gmail.example')).toMatchObject(refused);
    expect((await ask(late, 'late@acme.example')).status).toBe(200);
    expect(await sql('select email from users where id = $1', [early.userId])).toEqual([
      { email: early.email },
    ]);
  });
});

describe('a session of one workspace', () => {
  it('takes no factors from who is in another one too', async () => {
    const [boss, victim] = [await member('admin'), await member('agent')];
    for (const [id, role] of [
      [boss.userId, 'admin'],
      [victim.userId, 'agent'],
    ])
      await sql('insert into members (workspace_id, user_id, role) values ($1, $2, $3)', [beta.id, id, role]);
    const { client } = await come(boss.email);
    const path = `/api/v1/members/${victim.userId}/second-factor`;
    const refused = await client?.delete(path);
    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'member_elsewhere' } } });
    expect((await meOf(victim.client))?.status).toBe(200);
    const headers = { 'x-workspace-id': acme.id };
    expect((await boss.client.delete(path, headers)).status).toBe(204);
  });

  it('hears of no other workspace that the user is linked in', async () => {
    const one = await member('agent');
    await sql(
      `insert into sso_identities (id, workspace_id, issuer, subject, user_id, created_at)
       values (gen_random_uuid(), $1, 'https://elsewhere.example', 'x', $2, now())`,
      [beta.id, one.userId],
    );
    const { client } = await come(one.email);
    const seen = await client?.get('/api/v1/auth/accounts');
    expect(seen).toMatchObject({ status: 403, body: { error: { code: 'workspace_session' } } });
    expect(JSON.stringify(seen?.body)).not.toContain('Beta');
  });
});
