import type { ErrorEnvelope } from '@parley/contract/common';
import type {
  AcceptedInvitation,
  CreatedInvitation,
  Invitation,
  ReadInvitation,
} from '@parley/contract/invitations';
import type { KeptMail, Me, Member } from '@parley/contract/tenancy';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ApiClient, startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { addMember } from '../../../test/members.ts';
import { signIn } from '../../../test/signed-in.ts';
import { fixedClock } from '../../core/clock.ts';
import { mailer } from '../../core/mail.ts';

const dayMs = 86_400_000;
const clock = fixedClock(Date.now());
/** Where mails are kept, as in the demo, and where there are none. */
let test: TestApp;
let silent: TestApp;
let workspace: TestWorkspace;
let people = 0;

beforeAll(async () => {
  test = await startTestApp({ clock, environment: { PARLEY_DEMO: 'true' } });
  silent = await startTestApp();
});
beforeEach(async () => {
  workspace = await test.workspace({ name: 'Harbour <Bakery> http://x.example' });
});
afterAll(async () => {
  await test.close();
  await silent.close();
});

const password = 'tall green window by the sea';
const newEmail = () => `guest-${++people}@example.com`;
const invite = (email: string, by: ApiClient = workspace.as('admin'), grant: object = { role: 'agent' }) =>
  by.post<CreatedInvitation & ErrorEnvelope>('/api/v1/invitations', { email, ...grant });
const mailsTo = async (email: string): Promise<KeptMail[]> =>
  (await test.kernel.use(mailer).listKept(100)).filter(({ to }) => to === email) as never;

/** The token that reached the address last. */
async function tokenOf(email: string, count = 1): Promise<string> {
  const mails = await test.until('the mail', async () => {
    const found = await mailsTo(email);
    return found.length >= count && found;
  });
  return /#token=(\S+)/.exec(mails[0]?.text ?? '')?.[1] ?? '';
}
const accept = (token: string, by: ApiClient = test.anonymous) =>
  by.post<AcceptedInvitation & ErrorEnvelope>('/api/v1/invitation/account', {
    token,
    name: 'Guest',
    password,
  });
const acceptAs = (client: ApiClient, token: string) =>
  client.post<AcceptedInvitation & ErrorEnvelope>('/api/v1/invitation/acceptance', { token });
const code = ({ body }: { body: ErrorEnvelope }) => body.error?.code;
const membersOf = async (of: TestWorkspace) =>
  (await of.as('viewer').get<{ items: Member[] }>('/api/v1/members')).body.items;

/** Somebody with an account, in a workspace of their own. */
async function somebody() {
  const other = await test.workspace();
  return addMember(test, other, 'owner');
}

describe('an invitation', () => {
  it('mails a link; who is new chooses name and password, and is a member with a confirmed address', async () => {
    const email = newEmail();
    const made = await invite(email.toUpperCase());
    expect(made).toMatchObject({ status: 201, body: { email, role: 'agent', link: null } });
    const token = await tokenOf(email);
    const [mail] = await mailsTo(email);
    expect(mail?.subject).toBe('An invitation to Harbour Bakery http x example on Parley');

    const read = await test.anonymous.post<ReadInvitation>('/api/v1/invitation', { token });
    expect(read.body).toMatchObject({ email, role: 'agent', account: 'new' });
    expect(await accept(token)).toMatchObject({ status: 201, body: { workspaceId: workspace.id, email } });
    const { client } = await signIn(test, { email, password }, workspace.id);
    const me = (await client.get<Me>('/api/v1/auth/me')).body;
    expect(me).toMatchObject({ user: { name: 'Guest', email }, workspace: { role: 'agent' } });
    const [user] = await test.kernel.database.asSystem((queries) =>
      queries.sql('select email_verified as confirmed from users where email = $1', [email]),
    );
    expect(user).toEqual({ confirmed: true });
    const event = await test.event('member.created', ({ payload }) => payload.userId === me.user?.id);
    expect(event.payload).toMatchObject({ role: 'agent', invitationId: made.body.id });

    // Once.
    expect(code(await accept(token))).toBe('link_used_up');
    expect(
      (await workspace.as('admin').get<{ items: Invitation[] }>('/api/v1/invitations')).body.items,
    ).toEqual([]);
    // And nowhere at rest or in a log.
    expect(test.logged.join('')).not.toContain(token);
  });

  it('of somebody with an account needs its link, and a session of that account', async () => {
    const [guest, stranger] = [await somebody(), await somebody()];
    await invite(guest.email);
    const token = await tokenOf(guest.email);
    const read = await test.anonymous.post<ReadInvitation>('/api/v1/invitation', { token });
    expect(read.body.account).toBe('known');
    expect(code(await accept(token))).toBe('account_exists');
    expect(code(await acceptAs(stranger.client, token))).toBe('other_account');
    expect(code(await acceptAs(guest.client, 'made-up'))).toBe('link_used_up');
    expect(await membersOf(workspace)).toEqual([]);
    expect((await acceptAs(guest.client, token)).status).toBe(201);
    expect((await membersOf(workspace)).map(({ userId }) => userId)).toEqual([guest.userId]);
  });

  it('sent again is another link, for another week; one that expired or was withdrawn is void', async () => {
    const email = newEmail();
    const { body } = await invite(email);
    const first = await tokenOf(email);
    clock.advance(8 * dayMs);
    expect(code(await accept(first))).toBe('link_used_up');
    expect((await workspace.as('admin').post(`/api/v1/invitations/${body.id}/link`)).status).toBe(201);
    const second = await tokenOf(email, 2);
    expect(code(await accept(first))).toBe('link_used_up');
    expect((await workspace.as('admin').delete(`/api/v1/invitations/${body.id}`)).status).toBe(204);
    expect(code(await accept(second))).toBe('link_used_up');
  });

  it('says the same whether or not there is an account, and waits once for an address', async () => {
    const known = (await somebody()).email;
    const unknown = newEmail();
    const answers = [await invite(known), await invite(unknown)];
    const shapes = answers.map(({ status, body }) => [status, Object.keys(body).sort()]);
    expect(shapes[0]).toEqual(shapes[1]);
    expect(code(await invite(unknown))).toBe('invitation_exists');
    const member = await addMember(test, workspace, 'agent');
    expect(code(await invite(member.email))).toBe('member_exists');
  });

  it('mails nobody more than a few times an hour', async () => {
    const email = newEmail();
    const admin = workspace.as('admin');
    const statuses: number[] = [];
    for (let time = 0; time < 6; time += 1) {
      const made = await invite(email, admin);
      statuses.push(made.status);
      if (made.status === 201) await admin.delete(`/api/v1/invitations/${made.body.id}`);
    }
    expect(statuses).toContain(429);
  });

  it('gives nothing that whoever invited may not give, then or any more', async () => {
    expect((await invite(newEmail(), workspace.as('agent'))).status).toBe(403);
    const { body: role } = await workspace.as('owner').post<{ id: string }>('/api/v1/roles', {
      name: 'People',
      permissions: ['members:read', 'members:manage'],
    });
    const manager = await addMember(test, workspace, 'viewer');
    await workspace.as('owner').put(`/api/v1/members/${manager.userId}`, { roleId: role.id });
    expect(code(await invite(newEmail(), manager.client))).toBe('beyond_own_permissions');
    const email = newEmail();
    expect((await invite(email, manager.client, { roleId: role.id })).status).toBe(201);
    const token = await tokenOf(email);
    await workspace.as('owner').put(`/api/v1/members/${manager.userId}`, { role: 'viewer' });
    expect(code(await accept(token))).toBe('link_used_up');
    // And leaves no account behind.
    expect((await signIn(test, { email, password })).status).toBe(401);
  });

  it('of a key is void once the key has expired', async () => {
    const expiresAt = new Date(clock.now() + dayMs).toISOString();
    const { body: key } = await workspace
      .as('owner')
      .post<{ key: string }>('/api/v1/api-keys', { name: 'K', role: 'admin', expiresAt });
    const email = newEmail();
    const made = await test.anonymous.post(
      '/api/v1/invitations',
      { email, role: 'agent' },
      { authorization: `Bearer ${key.key}` },
    );
    expect(made.status).toBe(201);
    const token = await tokenOf(email);
    clock.advance(2 * dayMs);
    expect(code(await accept(token))).toBe('link_used_up');
  });

  it('lets nobody choose a password that is guessed first', async () => {
    const email = newEmail();
    await invite(email);
    const token = await tokenOf(email);
    for (const [weak, expected] of [
      ['short', 'PASSWORD_TOO_SHORT'],
      ['password123', 'PASSWORD_EASY'],
      ['x'.repeat(200), 'PASSWORD_TOO_LONG'],
    ]) {
      const body = { token, name: 'Guest', password: weak };
      expect(code(await test.anonymous.post<ErrorEnvelope>('/api/v1/invitation/account', body))).toBe(
        expected,
      );
    }
  });

  it('accepted twice at the same moment makes one member', async () => {
    const email = newEmail();
    await invite(email);
    const token = await tokenOf(email);
    const answers = await Promise.all([accept(token), accept(token), accept(token)]);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect((await membersOf(workspace)).map(({ email: of }) => of)).toEqual([email]);
    expect((await signIn(test, { email, password })).status).toBe(200);
  });
});

describe('without a mail server', () => {
  it('the link is shown once, confirms no address, and does not tell whether there is an account', async () => {
    const shop = await silent.workspace();
    const email = newEmail();
    const { body } = await invite(email, shop.as('admin'));
    const token = body.link?.split('#token=')[1] ?? '';
    const read = await silent.anonymous.post<ReadInvitation>('/api/v1/invitation', { token });
    expect(read.body.account).toBe('untold');
    const listed = await shop.as('admin').get<{ items: Invitation[] }>('/api/v1/invitations');
    expect(JSON.stringify(listed.body)).not.toContain(token);
    expect((await accept(token, silent.anonymous)).status).toBe(201);
    const [user] = await silent.kernel.database.asSystem((queries) =>
      queries.sql('select email_verified as confirmed from users where email = $1', [email]),
    );
    expect(user).toEqual({ confirmed: false });

    // Whoever made that account is in no workspace that invites the address later.
    const other = await silent.workspace();
    const attacker = await signIn(silent, { email, password });
    await invite(email, other.as('admin'));
    expect((await attacker.client.get('/api/v1/members', { 'x-workspace-id': other.id })).status).toBe(404);
    expect(code(await acceptAs(attacker.client, 'guessed'))).toBe('link_used_up');
    expect(await membersOf(other)).toEqual([]);
  });
});

describe('ownership', () => {
  const hand = (client: ApiClient, userId: string) =>
    client.put<ErrorEnvelope>('/api/v1/workspace/ownership', { userId });

  it('goes to another member at once, who hands it on; both are told by mail', async () => {
    const [owner, next] = [
      await addMember(test, workspace, 'owner'),
      await addMember(test, workspace, 'agent'),
    ];
    expect((await hand(owner.client, next.userId)).status).toBe(204);
    const roles = Object.fromEntries((await membersOf(workspace)).map(({ userId, role }) => [userId, role]));
    expect(roles).toEqual({ [owner.userId]: 'admin', [next.userId]: 'owner' });
    expect((await hand(owner.client, next.userId)).status).toBe(403);
    expect(await mailsTo(owner.email)).toHaveLength(1);
    expect(await mailsTo(next.email)).toHaveLength(1);
    const event = await test.event('ownership.transferred', ({ payload }) => payload.userId === next.userId);
    expect(event.payload).toEqual({ userId: next.userId, from: owner.userId });
  });

  it('is handed over by an owner, to somebody else who is a member, and by no key', async () => {
    const owner = await addMember(test, workspace, 'owner');
    const admin = await addMember(test, workspace, 'admin');
    expect((await hand(admin.client, admin.userId)).status).toBe(403);
    expect((await hand(owner.client, owner.userId)).status).toBe(400);
    expect((await hand(owner.client, (await somebody()).userId)).status).toBe(404);
    expect((await hand(workspace.as('owner'), admin.userId)).status).toBe(400);
  });
});
