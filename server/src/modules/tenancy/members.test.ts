import type { ErrorEnvelope } from '@parley/contract/common';
import type { Conversation } from '@parley/contract/conversations';
import type { TimelinePage } from '@parley/contract/inbox';
import type { ApiKey, CreatedApiKey, Me, Member, Role } from '@parley/contract/tenancy';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ApiClient, startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { openInbox } from '../../../test/messaging.ts';
import { signIn } from '../../../test/signed-in.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { systemActor } from '../../core/context.ts';
import { newId } from '../../core/identifiers.ts';
import { createMember } from './members.ts';

let test: TestApp;
let twilio: TestTwilio;
let workspace: TestWorkspace;
let people = 0;

beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ environment: twilio.environment });
});
beforeEach(async () => {
  workspace = await test.workspace();
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});

const newEmail = () => `person-${++people}@example.com`;

/** A person with that role, signed in. */
async function join(role: Role, into: TestWorkspace = workspace): Promise<Member & { client: ApiClient }> {
  const email = newEmail();
  const { password, ...member } = await createMember(into.ctx, { email, name: `The ${role}`, role });
  const { client } = await signIn(test, { email, password: password ?? '' }, into.id);
  return { ...member, client };
}

const rolesOf = async (in_: TestWorkspace = workspace) => {
  const { body } = await in_.as('viewer').get<{ items: Member[] }>('/api/v1/members');
  return Object.fromEntries(body.items.map(({ userId, role }) => [userId, role]));
};

const countUsers = async (email: string) => {
  const [row] = await test.kernel.database.asSystem((queries) =>
    queries.sql<{ count: number }>('select count(*)::int as count from users where email = $1', [email]),
  );
  return row?.count;
};

describe('a member whom the operator makes', () => {
  it('gets a first password when they are new here, which is shown once and opens the workspace', async () => {
    const input = { email: 'Grace@Example.com', name: 'Grace', role: 'agent' } as const;
    const { password, ...made } = await createMember(workspace.ctx, input);
    await expect(createMember(workspace.ctx, input)).rejects.toMatchObject({ status: 409 });
    expect(password?.length).toBeGreaterThan(15);
    const { client } = await signIn(test, { email: input.email, password: password as string });
    expect((await client.get<Me>('/api/v1/auth/me')).body).toMatchObject({
      user: { id: made.userId, name: 'Grace', email: 'grace@example.com' },
      workspace: { id: workspace.id, role: 'agent' },
    });
    const event = await test.event('member.created', ({ payload }) => payload.userId === made.userId);
    expect(event.payload).toEqual({ userId: made.userId, role: 'agent' });
  });

  it('keeps name and password when they are known, and their address is confirmed', async () => {
    const other = await test.workspace();
    const email = newEmail();
    const first = await createMember(other.ctx, { email, name: 'Hopper', role: 'owner' });
    await test.kernel.database.asSystem((queries) =>
      queries.sql('update users set email_verified = true where email = $1', [email]),
    );
    const again = await createMember(workspace.ctx, { email, name: 'Somebody', role: 'viewer' });
    expect(again).toMatchObject({ userId: first.userId, name: 'Hopper', role: 'viewer', password: null });
    const { client } = await signIn(test, { email, password: first.password as string }, workspace.id);
    const me = (await client.get<Me>('/api/v1/auth/me')).body;
    expect(me.workspaces.map(({ id }) => id)).toEqual([other.id, workspace.id]);
  });

  it('comes in with no password that somebody else may know: of an unconfirmed address, with a new one only', async () => {
    const email = newEmail();
    const input = { email, name: 'Mallory', role: 'agent' } as const;
    const first = await createMember((await test.workspace()).ctx, input);
    const add = (newPassword?: boolean) => createMember(workspace.ctx, { ...input, newPassword });
    await expect(add()).rejects.toMatchObject({ status: 409, code: 'address_unconfirmed' });
    const { password } = await add(true);
    expect((await signIn(test, { email, password: first.password as string })).status).toBe(401);
    expect((await signIn(test, { email, password: password as string })).status).toBe(200);
  });

  it('leaves no user behind when the membership could not be written', async () => {
    const email = newEmail();
    const nowhere = test.kernel.context({ workspaceId: newId(), actor: systemActor, requestId: 'test' });
    await expect(createMember(nowhere, { email, name: 'Nobody', role: 'agent' })).rejects.toThrow();
    expect(await countUsers(email)).toBe(0);
  });
});

describe('a role', () => {
  it('that changes counts from the next request on', async () => {
    const { client, userId } = await join('admin');
    expect((await client.get('/api/v1/api-keys')).status).toBe(200);
    const path = `/api/v1/members/${userId}`;
    const changed = await workspace.as('admin').put<Member>(path, { role: 'viewer' });
    expect(changed).toMatchObject({ status: 200, body: { userId, role: 'viewer' } });
    expect((await client.get('/api/v1/api-keys')).status).toBe(403);
    expect((await client.get<Me>('/api/v1/auth/me')).body.workspace?.role).toBe('viewer');
    const event = await test.event('member.changed', ({ payload }) => payload.userId === userId);
    expect(event.payload).toEqual({ userId, role: 'viewer', previous: 'admin' });
  });

  it('of an owner is given and taken by owners only', async () => {
    const [owner, admin] = [await join('owner'), await join('admin')];
    const put = (by: ApiClient, userId: string, role: Role) =>
      by.put<ErrorEnvelope>(`/api/v1/members/${userId}`, { role });
    expect((await put(admin.client, owner.userId, 'agent')).status).toBe(403);
    expect((await put(admin.client, admin.userId, 'owner')).status).toBe(403);
    expect((await admin.client.delete(`/api/v1/members/${owner.userId}`)).status).toBe(403);
    expect((await put(owner.client, admin.userId, 'owner')).status).toBe(200);
    expect((await put(admin.client, owner.userId, 'agent')).status).toBe(200);
    expect(await rolesOf()).toEqual({ [owner.userId]: 'agent', [admin.userId]: 'owner' });
  });

  it('of the last owner cannot be taken, nor can the last owner go', async () => {
    const { client, userId } = await join('owner');
    const answers = [
      await client.put<ErrorEnvelope>(`/api/v1/members/${userId}`, { role: 'admin' }),
      await client.delete<ErrorEnvelope>(`/api/v1/members/${userId}`),
      await client.delete<ErrorEnvelope>('/api/v1/members/me'),
    ];
    expect(answers.map(({ status, body }) => [status, body.error.code])).toEqual(
      answers.map(() => [409, 'last_owner']),
    );
    expect(await rolesOf()).toEqual({ [userId]: 'owner' });
  });

  it('of two owners who take each other’s at the same moment is left to one of them', async () => {
    const [first, second] = [await join('owner'), await join('owner')];
    const statuses = await Promise.all([
      first.client.put(`/api/v1/members/${second.userId}`, { role: 'agent' }),
      second.client.delete(`/api/v1/members/${first.userId}`),
    ]);
    expect(statuses.filter(({ status }) => status < 300).length).toBe(1);
    expect(Object.values(await rolesOf()).filter((role) => role === 'owner')).toEqual(['owner']);
  });
});

describe('a member who may only look on', () => {
  it('is given no conversation, for nobody would answer it', async () => {
    const inbox = await openInbox(test, twilio);
    const viewer = await join('viewer', inbox.workspace);
    await twilio.text({ from: '+15551230015', body: 'hi' });
    await test.until('the conversation', async () => (await inbox.conversations()).length === 1);
    const [conversation] = await inbox.conversations();
    const owner = { kind: 'member', id: viewer.userId };
    const answer = await inbox.workspace
      .as('admin')
      .put(`/api/v1/conversations/${conversation?.id}`, { owner });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'sms.validation_error' } } });
    expect((await inbox.conversations())[0]?.owner).not.toMatchObject(owner);
  });
});

describe('a member who goes', () => {
  it('may go by themselves, whatever their role, and is let in nowhere any more', async () => {
    for (const role of ['viewer', 'agent', 'admin'] satisfies Role[]) {
      const { client, userId } = await join(role);
      expect((await client.delete('/api/v1/members/me')).status).toBe(204);
      expect((await client.get('/api/v1/conversations')).status).toBe(404);
      const event = await test.event('member.removed', ({ payload }) => payload.userId === userId);
      expect(event).toMatchObject({ payload: { userId, role }, actor: { kind: 'member', id: userId } });
    }
    expect(await rolesOf()).toEqual({});
    expect((await workspace.as('admin').delete('/api/v1/members/me')).status).toBe(400);
  });

  it('leaves conversations that are nobody’s, and those of others alone', async () => {
    const inbox = await openInbox(test, twilio);
    const admin = inbox.workspace.as('admin');
    const [gone, stays] = [await join('agent', inbox.workspace), await join('agent', inbox.workspace)];
    await Promise.all(
      ['+15551230011', '+15551230012', '+15551230013'].map((from) => twilio.text({ from, body: 'hi' })),
    );
    await test.until('three conversations', async () => (await inbox.conversations()).length === 3);
    await test.settled();
    const [first, second, third] = await inbox.conversations();
    const take = (client: ApiClient, conversation?: Conversation) =>
      client.put(`/api/v1/conversations/${conversation?.id}`, { owner: { kind: 'member' } });
    for (const answer of [await take(gone.client, first), await take(gone.client, second)])
      expect(answer.status).toBe(200);
    expect((await take(stays.client, third)).status).toBe(200);

    expect((await admin.delete(`/api/v1/members/${gone.userId}`)).status).toBe(204);
    await test.settled();
    const owners = new Map((await inbox.conversations()).map(({ id, owner }) => [id, owner]));
    expect([first, second, third].map((each) => owners.get(each?.id ?? ''))).toEqual([
      { kind: 'nobody', id: null },
      { kind: 'nobody', id: null },
      { kind: 'member', id: stays.userId },
    ]);
    const { items } = (await admin.get<TimelinePage>(`/api/v1/conversations/${first?.id}/timeline`)).body;
    expect(items).toContainEqual(
      expect.objectContaining({ kind: 'activity', activity: expect.objectContaining({ kind: 'released' }) }),
    );
    const told = (await inbox.events('conversation.changed')).filter(({ payload }) =>
      (payload.changed as string[]).includes('owner'),
    );
    expect(
      told
        .slice(-2)
        .map(({ payload }) => payload.conversationId)
        .sort(),
    ).toEqual([first?.id, second?.id].sort());
  });

  it('leaves no conversation with whom it was assigned to at that moment', async () => {
    const inbox = await openInbox(test, twilio);
    const admin = inbox.workspace.as('admin');
    await twilio.text({ from: '+15551230014', body: 'hi' });
    await test.until('the conversation', async () => (await inbox.conversations()).length === 1);
    const [conversation] = await inbox.conversations();
    for (let round = 0; round < 10; round += 1) {
      const { userId } = await join('agent', inbox.workspace);
      const assign = () =>
        admin.put(`/api/v1/conversations/${conversation?.id}`, { owner: { kind: 'member', id: userId } });
      const [assigned, removed] = await Promise.all([assign(), admin.delete(`/api/v1/members/${userId}`)]);
      expect([200, 400]).toContain(assigned.status);
      expect(removed.status).toBe(204);
      await test.settled();
      expect((await inbox.conversations())[0]?.owner).not.toMatchObject({ id: userId });
    }
  });

  it('leaves hundreds of conversations as well as one', async () => {
    const inbox = await openInbox(test, twilio);
    const { userId, client } = await join('agent', inbox.workspace);
    await inbox.sql(
      `with rows as materialized (
         select gen_random_uuid() as contact, gen_random_uuid() as point, n from generate_series(1, 450) n
       ), made_contacts as (
         insert into contacts (id, workspace_id) select contact, $1 from rows
       ), made_points as (
         insert into contact_points (id, workspace_id, contact_id, address, address_original)
         select point, $1, contact, '+1555' || 2000000 + n, '' from rows
       )
       insert into conversations (id, workspace_id, channel_id, contact_id, contact_point_id, owner_kind, owner_id,
         last_message_at)
       select gen_random_uuid(), $1, $2, contact, point, 'member', $3, now() from rows`,
      [inbox.workspace.id, inbox.channel.id, userId],
    );
    expect((await client.delete('/api/v1/members/me')).status).toBe(204);
    await test.settled();
    const owners = await inbox.sql(
      'select owner_kind, count(*)::int as count from conversations where workspace_id = $1 group by 1',
      [inbox.workspace.id],
    );
    expect(owners).toEqual([{ owner_kind: 'nobody', count: 450 }]);
  });

  it('leaves the API keys that they made, which say so, unless these are revoked with them', async () => {
    const admin = workspace.as('owner');
    const make = (client: ApiClient, name: string, headers = {}) =>
      client.post<CreatedApiKey>('/api/v1/api-keys', { name, role: 'admin' }, headers);
    const works = async (key: CreatedApiKey) =>
      (await test.anonymous.get('/api/v1/auth/me', { authorization: `Bearer ${key.key}` })).status === 200;

    const kept = await join('admin');
    const key = (await make(kept.client, 'Till')).body;
    expect(key.createdBy).toBe(kept.userId);
    expect((await admin.delete(`/api/v1/members/${kept.userId}`)).status).toBe(204);
    expect(await works(key)).toBe(true);
    const listed = await admin.get<{ items: ApiKey[] }>('/api/v1/api-keys');
    expect(listed.body.items.find(({ id }) => id === key.id)?.createdBy).toBe(kept.userId);

    const gone = await join('admin');
    const direct = (await make(gone.client, 'Door')).body;
    const withKey = (await make(test.anonymous, 'Window', { authorization: `Bearer ${direct.key}` })).body;
    expect(withKey.createdBy).toBe(gone.userId);
    expect((await admin.delete(`/api/v1/members/${gone.userId}?revokeKeys=true`)).status).toBe(204);
    expect([await works(direct), await works(withKey), await works(key)]).toEqual([false, false, true]);
    await test.event('api_key.revoked', ({ payload }) => payload.apiKeyId === withKey.id);
  });
});

it('a member of another workspace does not exist here', async () => {
  const { userId } = await join('agent', await test.workspace());
  const owner = workspace.as('owner');
  expect((await owner.put(`/api/v1/members/${userId}`, { role: 'viewer' })).status).toBe(404);
  expect((await owner.delete(`/api/v1/members/${userId}`)).status).toBe(404);
  expect(await rolesOf()).toEqual({});
});
