import type { ErrorEnvelope } from '@parley/contract/common';
import type { WorkspaceRole } from '@parley/contract/roles';
import type { ApiKey, CreatedApiKey, Me } from '@parley/contract/tenancy';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ApiClient, startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { addMember } from '../../../test/members.ts';
import { fixedClock } from '../../core/clock.ts';

const hourMs = 3_600_000;
const clock = fixedClock(Date.now());
let test: TestApp;
let workspace: TestWorkspace;

beforeAll(async () => {
  test = await startTestApp({ clock });
});
beforeEach(async () => {
  workspace = await test.workspace();
});
afterAll(() => test.close());

async function make(by: ApiClient, grant: object): Promise<CreatedApiKey> {
  const made = await by.post<CreatedApiKey>('/api/v1/api-keys', { name: 'K', ...grant });
  expect(made.status).toBe(201);
  return made.body;
}
const use = (key: string) => test.anonymous.get<Me>('/api/v1/auth/me', { authorization: `Bearer ${key}` });
const may = async (key: string) => (await use(key)).body.permissions;
const listed = async (id: string): Promise<ApiKey | undefined> => {
  const { body } = await workspace.as('owner').get<{ items: ApiKey[] }>('/api/v1/api-keys');
  return body.items.find((key) => key.id === id);
};
const change = (userId: string, role: string) =>
  workspace.as('owner').put(`/api/v1/members/${userId}`, { role });

describe('a key', () => {
  it('of chosen permissions may do these, and nothing else', async () => {
    const made = await make(workspace.as('admin'), { permissions: ['messages:send', 'conversations:read'] });
    expect(made).toMatchObject({ role: 'chosen', permissions: ['conversations:read', 'messages:send'] });
    const headers = { authorization: `Bearer ${made.key}` };
    expect((await test.anonymous.get('/api/v1/conversations', headers)).status).toBe(200);
    expect((await test.anonymous.get('/api/v1/members', headers)).status).toBe(403);
    expect((await use(made.key)).body.workspace?.role).toBe('chosen');
  });

  it('names exactly one of role, own role and permissions, and none that is for owners only', async () => {
    const post = (grant: object) =>
      workspace.as('owner').post<ErrorEnvelope>('/api/v1/api-keys', { name: 'K', ...grant });
    for (const grant of [
      {},
      { role: 'agent', permissions: ['chat:use'] },
      { permissions: [] },
      { permissions: ['owners:manage'] },
      { role: 'owner' },
    ])
      expect((await post(grant)).status).toBe(400);
  });

  it('does less as soon as its maker may do less, and again as much as before when they may', async () => {
    const maker = await addMember(test, workspace, 'admin');
    const { key } = await make(maker.client, { permissions: ['audit:read', 'members:read'] });
    await change(maker.userId, 'agent');
    expect(await may(key)).toEqual(['members:read']);
    await change(maker.userId, 'admin');
    expect(await may(key)).toEqual(['audit:read', 'members:read']);
  });

  it('stays when its maker goes, and may never again do more than it did then', async () => {
    const maker = await addMember(test, workspace, 'admin');
    const { key, id } = await make(maker.client, { role: 'admin' });
    await change(maker.userId, 'viewer');
    const then = await may(key);
    expect((await maker.client.delete('/api/v1/members/me')).status).toBe(204);
    expect(await may(key)).toEqual(then);
    expect((await listed(id))?.role).toBe('chosen');
  });

  it('that was made with a key is limited by the same member', async () => {
    const maker = await addMember(test, workspace, 'admin');
    const first = await make(maker.client, { role: 'admin' });
    const client: Record<string, string> = { authorization: `Bearer ${first.key}` };
    const second = await test.anonymous.post<CreatedApiKey>(
      '/api/v1/api-keys',
      { name: 'K', role: 'admin' },
      client,
    );
    await change(maker.userId, 'viewer');
    expect(await may(second.body.key)).not.toContain('keys:manage');
  });
});

describe('a key that was made with a key', () => {
  const inAnHour = () => new Date(clock.now() + hourMs).toISOString();
  const managing = { permissions: ['keys:manage', 'members:read'] };
  const withKey = (key: string) =>
    ({
      post: <T>(path: string, body: object) =>
        test.anonymous.post<T>(path, body, { authorization: `Bearer ${key}` }),
    }) as ApiClient;
  const rotate = (by: ApiClient, id: string, body: object) =>
    by.post<CreatedApiKey & ErrorEnvelope>(`/api/v1/api-keys/${id}/rotation`, body);
  let admin: ApiClient;
  beforeEach(async () => {
    admin = (await addMember(test, workspace, 'admin')).client;
  });

  it('ends no later than that one, whatever is asked for', async () => {
    const expiresAt = inAnHour();
    const first = await make(admin, { ...managing, expiresAt });
    const second = await make(withKey(first.key), managing);
    const third = await make(withKey(second.key), {
      ...managing,
      expiresAt: new Date(clock.now() + 24 * hourMs).toISOString(),
    });
    const sooner = new Date(clock.now() + hourMs / 2).toISOString();
    const fourth = await make(withKey(second.key), { ...managing, expiresAt: sooner });
    expect([second.expiresAt, third.expiresAt, fourth.expiresAt]).toEqual([expiresAt, expiresAt, sooner]);
    expect([first.madeWith, second.madeWith, third.madeWith]).toEqual([null, first.id, second.id]);
    // Not even a member makes it outlive the one that it was made with.
    expect((await rotate(admin, third.id, { expiresAt: null })).body.expiresAt).toBe(expiresAt);
    clock.advance(hourMs + 1);
    expect((await use(third.key)).status).toBe(401);
  });

  it('ends sooner when that one does from now on', async () => {
    const first = await make(admin, managing);
    const second = await make(withKey(first.key), managing);
    const expiresAt = inAnHour();
    await rotate(admin, first.id, { expiresAt });
    expect((await listed(second.id))?.expiresAt).toBe(expiresAt);
  });

  it('is revoked with that one, all the way down, and each is told of', async () => {
    const first = await make(admin, managing);
    const second = await make(withKey(first.key), managing);
    const third = await make(withKey(second.key), managing);
    const other = await make(admin, managing);
    expect((await admin.delete(`/api/v1/api-keys/${first.id}`)).status).toBe(204);
    const keys = [first, second, third, other];
    expect(await Promise.all(keys.map(async ({ key }) => (await use(key)).status))).toEqual([
      401, 401, 401, 200,
    ]);
    await test.event('api_key.revoked', ({ payload }) => payload.apiKeyId === third.id);
  });

  it('is rotated with that one; another key is not, and no key changes its own end', async () => {
    const expiresAt = inAnHour();
    const first = await make(admin, { ...managing, expiresAt });
    const endless = await make(admin, managing);
    const refused = await rotate(withKey(first.key), endless.id, {});
    expect([refused.status, refused.body.error.code]).toEqual([403, 'not_made_with_this_key']);
    const second = await make(withKey(first.key), managing);
    const later = { overlapHours: 1, expiresAt: null };
    const ends = [
      await rotate(withKey(first.key), first.id, later),
      await rotate(withKey(first.key), second.id, later),
    ].map(({ body }) => body.expiresAt);
    expect(ends).toEqual([expiresAt, expiresAt]);
    expect((await rotate(withKey(second.key), first.id, {})).status).toBe(403);
  });
});

describe('a rotation', () => {
  it('gives a new secret; the old one works for as long as was said, and both are shown', async () => {
    const old = await make(workspace.as('admin'), { role: 'viewer' });
    const path = `/api/v1/api-keys/${old.id}/rotation`;
    const { body, status } = await workspace.as('admin').post<CreatedApiKey>(path, { overlapHours: 2 });
    expect(status).toBe(201);
    expect(body).toMatchObject({ id: old.id, previous: { prefix: old.prefix } });
    expect([(await use(old.key)).status, (await use(body.key)).status]).toEqual([200, 200]);
    expect(await listed(old.id)).toMatchObject({ prefix: body.prefix, previous: { prefix: old.prefix } });
    clock.advance(2 * hourMs + 1);
    expect([(await use(old.key)).status, (await use(body.key)).status]).toEqual([401, 200]);
    expect((await listed(old.id))?.previous).toBeNull();
    const event = await test.event('api_key.rotated', ({ payload }) => payload.apiKeyId === old.id);
    expect(event.payload).toEqual({ apiKeyId: old.id, overlapHours: 2 });
  });

  it('without overlap ends the old secret now, and can prolong the key', async () => {
    const expiresAt = clock.date();
    expiresAt.setTime(expiresAt.getTime() + hourMs);
    const old = await make(workspace.as('admin'), { role: 'viewer', expiresAt: expiresAt.toISOString() });
    const { body } = await workspace
      .as('admin')
      .post<CreatedApiKey>(`/api/v1/api-keys/${old.id}/rotation`, { overlapHours: 0, expiresAt: null });
    expect((await use(old.key)).status).toBe(401);
    clock.advance(2 * hourMs);
    expect((await use(body.key)).status).toBe(200);
  });

  it('ends a socket that was opened with the old secret when that ends', async () => {
    const old = await make(workspace.as('admin'), { role: 'viewer' });
    const open = (key: string) => {
      const headers = { authorization: `Bearer ${key}` };
      const socket = new WebSocket(`${test.url.replace('http', 'ws')}/api/v1/realtime`, { headers } as never);
      const state = { socket, opened: false, closed: 0 };
      socket.onopen = () => {
        state.opened = true;
      };
      socket.onclose = (event) => {
        state.closed = event.code;
      };
      return state;
    };
    const first = open(old.key);
    await test.until('the socket', async () => first.opened);
    const { body } = await workspace
      .as('admin')
      .post<CreatedApiKey>(`/api/v1/api-keys/${old.id}/rotation`, { overlapHours: 1 });
    const second = open(body.key);
    await test.until('the socket', async () => second.opened);
    clock.advance(hourMs + 1);
    await test.until('the old one to be cut', async () => first.closed !== 0);
    expect([first.closed, second.closed]).toEqual([4401, 0]);
    second.socket.close();
  });

  it('gives nobody the secret of a key that was made for more than they may do, nor may they revoke it', async () => {
    const owner = workspace.as('owner');
    const { body: role } = await owner.post<WorkspaceRole>('/api/v1/roles', {
      name: 'Keys',
      permissions: ['keys:manage', 'members:read'],
    });
    const keeper = await addMember(test, workspace, 'viewer');
    await owner.put(`/api/v1/members/${keeper.userId}`, { roleId: role.id });
    const maker = await addMember(test, workspace, 'admin');
    const key = await make(maker.client, { role: 'agent' });
    const small = await make(maker.client, { permissions: ['members:read'] });
    const rotate = (id: string) => keeper.client.post<ErrorEnvelope>(`/api/v1/api-keys/${id}/rotation`, {});
    expect((await rotate(key.id)).body.error.code).toBe('beyond_own_permissions');
    // Not even while its maker may hardly do anything.
    await owner.put(`/api/v1/members/${maker.userId}`, { roleId: role.id });
    expect((await rotate(key.id)).body.error.code).toBe('beyond_own_permissions');
    expect((await rotate(small.id)).status).toBe(201);
    const revoke = (id: string) => keeper.client.delete<ErrorEnvelope>(`/api/v1/api-keys/${id}`);
    expect((await revoke(key.id)).body.error.code).toBe('beyond_own_permissions');
    expect((await use(key.key)).status).toBe(200);
    expect((await revoke(small.id)).status).toBe(204);
  });
});
