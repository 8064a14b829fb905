import type { WorkspaceRole } from '@parley/contract/roles';
import type { CreatedApiKey, Me } from '@parley/contract/tenancy';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { apiClient, startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { addMember, type TestMember } from '../../../test/members.ts';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

/** What lets somebody change who may do what; more of it makes more of the tries allowed. */
const managing = ['members:manage', 'members:read', 'roles:manage', 'keys:manage'];

const someOf = fc.uniqueArray(fc.constantFrom(...managing, 'audit:read', 'messages:send', 'chat:use'));
const choice = fc.oneof(
  fc.record({ role: fc.constantFrom('owner', 'admin', 'agent', 'viewer') }),
  fc.record({ own: fc.nat(5) }),
);
/** What one of the actors tries; each number chooses among what there is. */
const step = fc.oneof(
  fc.record({ act: fc.constant('change member' as const), by: fc.nat(6), target: fc.nat(3), choice }),
  fc.record({ act: fc.constant('make role' as const), by: fc.nat(6), permissions: someOf }),
  fc.record({ act: fc.constant('change role' as const), by: fc.nat(6), own: fc.nat(5), permissions: someOf }),
  fc.record({ act: fc.constant('make key' as const), by: fc.nat(6), choice, permissions: fc.option(someOf) }),
  fc.record({ act: fc.constant('rotate key' as const), by: fc.nat(6), key: fc.nat(5) }),
  fc.record({ act: fc.constant('leave' as const), by: fc.nat(6) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Holder {
  readonly headers: Record<string, string>;
}

async function play(workspace: TestWorkspace, people: TestMember[], steps: Step[]): Promise<void> {
  const owner = workspace.as('owner');
  const roles: WorkspaceRole[] = [];
  for (const permissions of [
    ['members:read', 'members:manage', 'roles:manage', 'keys:manage'],
    ['audit:read'],
  ]) {
    const name = `Role ${roles.length}`;
    roles.push((await owner.post<WorkspaceRole>('/api/v1/roles', { name, permissions })).body);
  }
  const [manager] = people;
  await owner.put(`/api/v1/members/${manager?.userId}`, { roleId: roles[0]?.id });
  const holders: Holder[] = await Promise.all(
    people.map(async ({ client }) => ({
      headers: { ...(await client.authorization()), 'x-workspace-id': workspace.id },
    })),
  );
  const keys: CreatedApiKey[] = [];
  const clientOf = ({ headers }: Holder) => apiClient(test.url, async () => headers);
  const may = async (holder: Holder) => {
    const { status, body } = await clientOf(holder).get<Me>('/api/v1/auth/me');
    return new Set(status === 200 ? body.permissions : []);
  };
  const all = async () =>
    new Map(await Promise.all(holders.map(async (one) => [one, await may(one)] as const)));
  const grantOf = (chosen: { role: string } | { own: number }) =>
    'role' in chosen ? chosen : { roleId: roles[chosen.own % roles.length]?.id };

  for (const one of steps) {
    const before = await all();
    const actor = holders[one.by % holders.length] as Holder;
    const own = before.get(actor) as Set<string>;
    const client = clientOf(actor);
    if (one.act === 'change member') {
      const target = people[one.target % people.length] as TestMember;
      await client.put(`/api/v1/members/${target.userId}`, grantOf(one.choice));
    } else if (one.act === 'make role') {
      const name = `Role ${roles.length}`;
      const { status, body } = await client.post<WorkspaceRole>('/api/v1/roles', {
        name,
        permissions: one.permissions,
      });
      if (status === 201) roles.push(body);
    } else if (one.act === 'change role') {
      const { id, name } = roles[one.own % roles.length] as WorkspaceRole;
      await client.put(`/api/v1/roles/${id}`, { name, permissions: one.permissions });
    } else if (one.act === 'make key') {
      const grant = one.permissions ? { permissions: one.permissions } : grantOf(one.choice);
      const { status, body } = await client.post<CreatedApiKey>('/api/v1/api-keys', { name: 'K', ...grant });
      if (status === 201) {
        keys.push(body);
        holders.push({ headers: { authorization: `Bearer ${body.key}` } });
      }
    } else if (one.act === 'rotate key' && keys.length > 0) {
      const { id } = keys[one.key % keys.length] as CreatedApiKey;
      const { status, body } = await client.post<CreatedApiKey>(`/api/v1/api-keys/${id}/rotation`, {});
      if (status === 201) holders.push({ headers: { authorization: `Bearer ${body.key}` } });
    } else if (one.act === 'leave') {
      await client.delete('/api/v1/members/me');
    }
    for (const [holder, now] of await all()) {
      const gained = now.difference(before.get(holder) ?? new Set());
      expect([one, [...gained].filter((name) => !own.has(name))]).toEqual([one, []]);
    }
  }
}

it('no sequence of changes gives anybody a permission that whoever made the change did not have', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const workspace = await test.workspace();
      const people = [
        await addMember(test, workspace, 'viewer'),
        await addMember(test, workspace, 'admin'),
        await addMember(test, workspace, 'agent'),
      ];
      await play(workspace, people, steps);
    }),
    { numRuns: 12 },
  );
}, 300_000);
