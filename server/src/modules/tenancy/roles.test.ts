import type { ErrorEnvelope } from '@parley/contract/common';
import type { ServerFrame } from '@parley/contract/realtime';
import type { ListedPermission, WorkspaceRole } from '@parley/contract/roles';
import type { CreatedApiKey, Me, Member } from '@parley/contract/tenancy';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ApiClient, startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { addMember, type TestMember } from '../../../test/members.ts';
import { permissions, permissionsOfRole } from './permissions.ts';

let test: TestApp;
let workspace: TestWorkspace;

beforeAll(async () => {
  test = await startTestApp();
});
beforeEach(async () => {
  workspace = await test.workspace();
});
afterAll(() => test.close());

async function makeRole(allows: string[], by: ApiClient = workspace.as('owner')): Promise<WorkspaceRole> {
  const made = await by.post<WorkspaceRole>('/api/v1/roles', {
    name: `A role ${crypto.randomUUID()}`,
    permissions: allows,
  });
  expect(made.status).toBe(201);
  return made.body;
}

const give = (userId: string, grant: object, by: ApiClient = workspace.as('owner')) =>
  by.put<Member & ErrorEnvelope>(`/api/v1/members/${userId}`, grant);

/** A member who may do exactly that. */
async function memberWho(allows: string[]): Promise<TestMember & { role: WorkspaceRole }> {
  const role = await makeRole(allows);
  const member = await addMember(test, workspace, 'viewer');
  expect((await give(member.userId, { roleId: role.id })).status).toBe(200);
  return { ...member, role };
}

const peopleManager = ['members:read', 'members:manage', 'roles:manage', 'keys:manage', 'events:read'];
const code = ({ body }: { body: ErrorEnvelope }) => body.error.code;

describe('the table of permissions', () => {
  it('is what the checks ask', async () => {
    const { body } = await workspace.as('viewer').get<{ items: ListedPermission[] }>('/api/v1/permissions');
    expect(body.items.map(({ name }) => name).sort()).toEqual(Object.keys(permissions).sort());
    for (const { name, roles } of body.items) {
      for (const [role, allowed] of Object.entries(permissionsOfRole))
        expect([name, role, (roles as string[]).includes(role)]).toEqual([
          name,
          role,
          (allowed as Set<string>).has(name),
        ]);
    }
  });
});

describe('a role of the workspace’s own', () => {
  it('allows what it is made of, and nothing else, from the next request on', async () => {
    const member = await memberWho(['members:read', 'audit:read']);
    const me = (await member.client.get<Me>('/api/v1/auth/me')).body;
    expect(me.permissions).toEqual(['audit:read', 'members:read']);
    expect(me.workspace).toMatchObject({
      role: 'own',
      ownRole: { id: member.role.id, name: member.role.name },
    });
    expect((await member.client.get('/api/v1/audit')).status).toBe(200);
    expect((await member.client.get('/api/v1/conversations')).status).toBe(403);

    const change = { name: 'Reader', permissions: ['conversations:read'] };
    expect((await workspace.as('owner').put(`/api/v1/roles/${member.role.id}`, change)).status).toBe(200);
    expect((await member.client.get('/api/v1/audit')).status).toBe(403);
    expect((await member.client.get('/api/v1/conversations')).status).toBe(200);
    const told = await test.event('role.changed', ({ payload }) => payload.roleId === member.role.id);
    expect(told.payload).toMatchObject({
      given: ['conversations:read'],
      taken: ['audit:read', 'members:read'],
    });
  });

  it('is deleted when nobody has it, and says before how many do', async () => {
    const member = await memberWho(['members:read']);
    const path = `/api/v1/roles/${member.role.id}`;
    const owner = workspace.as('owner');
    const key = await owner.post<CreatedApiKey>('/api/v1/api-keys', { name: 'K', roleId: member.role.id });
    const refused = await owner.delete<ErrorEnvelope>(path);
    expect([refused.status, code(refused)]).toEqual([409, 'role_in_use']);
    expect(refused.body.error.message).toContain('members 1, invitations 0, API keys 1');
    await give(member.userId, { role: 'viewer' });
    await owner.delete(`/api/v1/api-keys/${key.body.id}`);
    expect((await owner.delete(path)).status).toBe(204);
    expect((await owner.get<{ items: unknown[] }>('/api/v1/roles')).body.items).toEqual([]);
  });

  it('has a name of its own, known permissions, and none that are for owners only', async () => {
    const owner = workspace.as('owner');
    const post = (body: object) => owner.post<ErrorEnvelope>('/api/v1/roles', body);
    expect((await post({ name: 'Till', permissions: [] })).status).toBe(201);
    expect(code(await post({ name: 'TILL', permissions: [] }))).toBe('role_exists');
    for (const name of ['Owner', 'ADMIN', 'Proprietário', 'lector', 'Till\u202e', 'a\u001b[2J', 'a\nb'])
      expect(code(await post({ name, permissions: [] }))).toBe('sms.validation_error');
    for (const name of ['owners:manage', 'mails:read', 'made:up', 'constructor'])
      expect((await post({ name, permissions: [name] })).status).toBe(400);
    const other = await makeRole([]);
    const renamed = await owner.put<ErrorEnvelope>(`/api/v1/roles/${other.id}`, {
      name: 'till',
      permissions: [],
    });
    expect(code(renamed)).toBe('role_exists');
  });

  it('is not known in another workspace', async () => {
    const role = await makeRole(['members:read']);
    const other = await test.workspace();
    const stranger = other.as('owner');
    const member = await addMember(test, other, 'agent');
    expect((await give(member.userId, { roleId: role.id }, stranger)).status).toBe(404);
    expect((await stranger.post('/api/v1/api-keys', { name: 'K', roleId: role.id })).status).toBe(404);
    expect((await stranger.put(`/api/v1/roles/${role.id}`, { name: 'X', permissions: [] })).status).toBe(404);
  });
});

describe('nobody', () => {
  it('gives what they do not have: by a role, a member, a key, or their own role made wider', async () => {
    const manager = await memberWho(peopleManager);
    const colleague = await addMember(test, workspace, 'viewer');
    const weak = await memberWho(['members:read']);
    const { client } = manager;
    const beyond = [
      client.post<ErrorEnvelope>('/api/v1/roles', { name: 'Up', permissions: ['audit:read'] }),
      client.put<ErrorEnvelope>(`/api/v1/roles/${manager.role.id}`, {
        name: 'Up',
        permissions: [...peopleManager, 'audit:read'],
      }),
      client.put<ErrorEnvelope>(`/api/v1/roles/${weak.role.id}`, { name: 'Up', permissions: ['audit:read'] }),
      client.post<ErrorEnvelope>('/api/v1/api-keys', { name: 'K', permissions: ['audit:read'] }),
      client.post<ErrorEnvelope>('/api/v1/api-keys', { name: 'K', role: 'agent' }),
      give(weak.userId, { role: 'admin' }, client),
      give(manager.userId, { role: 'admin' }, client),
      give(manager.userId, { role: 'owner' }, workspace.as('admin')),
      // A viewer may more than this manager: they see conversations.
      give(colleague.userId, { roleId: weak.role.id }, client),
      client.delete<ErrorEnvelope>(`/api/v1/members/${colleague.userId}`),
    ];
    for (const answer of await Promise.all(beyond))
      expect([answer.status, code(answer)]).toEqual([403, 'beyond_own_permissions']);
    expect((await give(weak.userId, { roleId: manager.role.id }, client)).status).toBe(200);
    expect((await client.delete(`/api/v1/members/${weak.userId}`)).status).toBe(204);
  });

  it('changes a role that allows more than they may, not even to allow less', async () => {
    const manager = await memberWho(peopleManager);
    const strong = await makeRole(['audit:read']);
    const path = `/api/v1/roles/${strong.id}`;
    const answers = [
      await manager.client.put<ErrorEnvelope>(path, { name: 'Less', permissions: [] }),
      await manager.client.delete<ErrorEnvelope>(path),
    ];
    for (const answer of answers) expect(code(answer)).toBe('beyond_own_permissions');
  });
});

describe('an open socket', () => {
  it('hears what its holder’s own role allows now, and ends where it allows no events', async () => {
    const member = await memberWho(['events:read', 'members:read', 'keys:manage']);
    const owner = workspace.as('owner');
    const socket = new WebSocket(`${test.url.replace('http', 'ws')}/api/v1/realtime`, {
      headers: await member.client.authorization(),
    } as never);
    const heard: { type: string; payload: Record<string, unknown> }[] = [];
    let closed: number | null = null;
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(String(data)) as ServerFrame;
      if (frame.type === 'events') heard.push(...(frame.items as typeof heard));
    };
    socket.onclose = (event) => {
      closed = event.code;
    };
    await new Promise<void>((resolve) => {
      socket.onopen = () => resolve();
    });
    socket.send(JSON.stringify({ type: 'subscribe', after: null }));
    const tell = async () => {
      const { body } = await owner.post<CreatedApiKey>('/api/v1/api-keys', { name: 'K', role: 'viewer' });
      const role = await makeRole([]);
      const heardOf = (id: string) => heard.some(({ payload }) => Object.values(payload).includes(id));
      // It may not be subscribed yet, so what everybody hears is waited for a moment only.
      await test.until('the role to be told', async () => heardOf(role.id));
      return heardOf(body.id);
    };
    await test.until('the socket to listen', async () => {
      await makeRole([]);
      return heard.length > 0;
    });
    expect(await tell()).toBe(true);
    const path = `/api/v1/roles/${member.role.id}`;
    await owner.put(path, { name: 'Less', permissions: ['events:read', 'members:read'] });
    await test.until('what is no longer theirs to be silent', async () => !(await tell()));
    await owner.put(path, { name: 'Less', permissions: ['members:read'] });
    await test.until('the socket to be closed', async () => closed !== null);
    expect(closed).toBe(4403);
  });
});
