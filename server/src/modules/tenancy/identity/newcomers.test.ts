// Whom a workspace's own sign-in makes a member: who is new in this installation, and nobody else unasked.
import type { CreatedInvitation } from '@parley/contract/invitations';
import type { Me } from '@parley/contract/tenancy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comeByCompany, setSingleSignOn } from '../../../../test/company-sign-in.ts';
import { type ApiClient, startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import { type IdentityProvider, startIdentityProvider } from '../../../../test/identity-provider.ts';
import { addMember, addUser, type TestMember } from '../../../../test/members.ts';
import { signIn } from '../../../../test/signed-in.ts';
import { newId } from '../../../core/identifiers.ts';

let test: TestApp;
let idp: IdentityProvider;
let acme: TestWorkspace;
let beta: TestWorkspace;
let owner: TestMember;
beforeAll(async () => {
  test = await startTestApp({ environment: { EGRESS_ALLOW_SSO_HOSTS: '127.0.0.1' } });
  acme = await test.workspace({ name: 'Acme' });
  beta = await test.workspace({ name: 'Beta' });
  owner = await addMember(test, acme, 'owner');
  idp = await startIdentityProvider([`${test.url}/api/v1/auth/callbacks/${acme.id}`]);
  await setSingleSignOn(test, owner, idp, { domain: 'acme.example' });
});
afterAll(async () => {
  await test.close();
  await idp.close();
});

const sql = <Row>(text: string, values: readonly unknown[]) =>
  test.kernel.database.asSystem((queries) => queries.sql<Row>(text, values));
const someone = () => {
  const name = newId().slice(-12);
  return { sub: `sub-${name}`, email: `${name}@acme.example`, email_verified: true, name: 'Ana' };
};
const come = (person: ReturnType<typeof someone>) => comeByCompany(test, idp, person);
const meOf = async (client: ApiClient | null) => (await client?.get<Me>('/api/v1/auth/me'))?.body;
/** With an address of the company, confirmed. */
async function memberOf(workspace: TestWorkspace, email: string, role: 'agent' | 'admin' = 'agent') {
  const made = await addMember(test, workspace, role);
  await sql('update users set email = $2, email_verified = true where id = $1', [made.userId, email]);
  return made;
}
const refused = { to: '/?problem=not_invited', client: null };
const membersWith = (email: string) =>
  sql('select workspace_id from members m join users u on u.id = m.user_id where u.email = $1', [email]);

describe('a first visit by a company’s sign-in', () => {
  it('makes a member of who has no account here, and links who is a member already', async () => {
    const person = someone();
    const { to, client } = await come(person);
    expect([to, (await meOf(client))?.workspace]).toMatchObject(['/', { id: acme.id, role: 'agent' }]);
    const known = someone();
    const { userId } = await memberOf(acme, known.email, 'admin');
    expect(await meOf((await come(known)).client)).toMatchObject({
      user: { id: userId },
      workspace: { role: 'admin' },
    });
  });

  it('makes none of who has an account already: a workspace that claims a mail provider’s domain enrols nobody unasked', async () => {
    const person = someone();
    await memberOf(beta, person.email);
    expect(await come(person)).toEqual(refused);
    expect(await membersWith(person.email)).toEqual([{ workspace_id: beta.id }]);
    expect(await sql('select 1 from sso_identities where subject = $1', [person.sub])).toEqual([]);
  });

  it('lets them in once they have taken an invitation', async () => {
    const person = someone();
    const { password, userId } = await memberOf(beta, person.email);
    expect(await come(person)).toEqual(refused);
    const invited = await acme
      .as('admin')
      .post<CreatedInvitation>('/api/v1/invitations', { email: person.email, role: 'viewer' });
    const token = invited.body.link?.split('#token=')[1];
    const { client } = await signIn(test, { email: person.email, password });
    expect((await client.post('/api/v1/invitation/acceptance', { token })).status).toBe(201);
    expect(await meOf((await come(person)).client)).toMatchObject({
      user: { id: userId },
      workspace: { role: 'viewer' },
    });
  });

  it('lets nobody back who was removed: whether they never came by it, or come with another subject', async () => {
    const never = someone();
    const removed = await memberOf(acme, never.email);
    expect((await owner.client.delete(`/api/v1/members/${removed.userId}`)).status).toBe(204);
    expect(await come(never)).toEqual(refused);
    const once = someone();
    const user = (await meOf((await come(once)).client))?.user;
    expect((await owner.client.delete(`/api/v1/members/${user?.id}`)).status).toBe(204);
    expect(await come(once)).toEqual(refused);
    expect(await come({ ...once, sub: `${once.sub}-again` })).toEqual(refused);
  });

  it('gives nothing to who made an account with the address before its owner came', async () => {
    const person = someone();
    const invited = await beta
      .as('admin')
      .post<CreatedInvitation>('/api/v1/invitations', { email: person.email, role: 'viewer' });
    const token = invited.body.link?.split('#token=')[1];
    const password = 'squatted pass phrase 991';
    const made = await test.anonymous.post('/api/v1/invitation/account', { token, name: 'CFO', password });
    expect(made.status).toBe(201);
    expect(await come(person)).toEqual(refused);
    const { client } = await signIn(test, { email: person.email, password });
    expect((await meOf(client))?.workspaces.map(({ name }) => name)).toEqual(['Beta']);
  });

  it('is one when two windows come at the same moment: both are in, as one user', async () => {
    const person = someone();
    const both = await Promise.all([come(person), come(person)]);
    const users = await Promise.all(both.map(async ({ client }) => (await meOf(client))?.user?.id));
    expect(users[0]).toEqual(expect.any(String));
    expect(users[1]).toBe(users[0]);
  });

  it('is none of who has an account that nothing opens yet: it is being made, and by whom is not known', async () => {
    const person = someone();
    await addUser(test, person.email, 'Ana');
    expect(await come(person)).toEqual(refused);
  });

  it('leaves nothing of a user where it cannot be finished, and is made again', async () => {
    const person = someone();
    await test.kernel.database.execute(
      'alter table sso_identities rename column by_address to by_address_away',
    );
    const broken = await come(person).catch(() => null);
    await test.kernel.database.execute(
      'alter table sso_identities rename column by_address_away to by_address',
    );
    expect(broken?.client ?? null).toBeNull();
    expect(await sql('select 1 from users where email = $1', [person.email])).toEqual([]);
    expect((await come(person)).to).toBe('/');
  });
});
