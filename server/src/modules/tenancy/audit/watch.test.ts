import type { SecurityAlert } from '@parley/contract/audit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditEntries, auditedActions } from '../../../../test/audited.ts';
import { startTestApp, type TestApp } from '../../../../test/harness.ts';
import { addMember } from '../../../../test/members.ts';
import { fixedClock } from '../../../core/clock.ts';
import { securityWatch } from '../tenancy.ts';
import { KeyReads } from './key-reads.ts';

const clock = fixedClock();
let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ clock });
});
afterAll(() => test.close());

describe('what is refused', () => {
  it('is an entry, once a minute for each who tries and each route, with how often', async () => {
    const workspace = await test.workspace();
    const tries = async (count: number) => {
      const answers = await Promise.all(
        Array.from({ length: count }, () =>
          workspace.as('viewer').put('/api/v1/workspace', { name: 'Mine' }),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(count).fill(403));
    };
    await tries(30);
    clock.advance(60_000);
    await tries(1);
    const refusals = await test.until('both entries', async () => {
      const found = await auditEntries(workspace, '&result=refused');
      return found.length >= 2 && found;
    });
    expect(refusals.map(({ action, target, details }) => [action, target.id, details])).toEqual([
      ['access.refused', 'PUT /api/v1/workspace', { count: 30 }],
      ['access.refused', 'PUT /api/v1/workspace', { count: 1 }],
    ]);
    expect(refusals[0]?.actor).toMatchObject({ kind: 'api_key', name: 'test viewer' });
  });

  it('is an entry also where the module refuses, and none where somebody only looks', async () => {
    const workspace = await test.workspace();
    const owner = await addMember(test, workspace, 'owner');
    await workspace.as('viewer').get('/api/v1/api-keys');
    const answer = await workspace.as('admin').put(`/api/v1/members/${owner.userId}`, { role: 'viewer' });
    expect(answer.status).toBe(403);
    const refusals = await test.until('the entry', async () => {
      const found = await auditEntries(workspace, '&result=refused');
      return found.length > 0 && found;
    });
    expect(refusals.map(({ target }) => target.id)).toEqual(['PUT /api/v1/members/:userId']);
  });
});

describe('alerts', () => {
  it('count up while nobody has dismissed them, and are told to owners and admins alone, once an hour', async () => {
    const workspace = await test.workspace();
    const member = await addMember(test, workspace, 'viewer');
    const change = async (role: string) =>
      expect((await workspace.as('owner').put(`/api/v1/members/${member.userId}`, { role })).status).toBe(
        200,
      );
    await change('agent');
    await change('admin');
    clock.advance(3_600_000);
    await change('agent');
    await test.settled();
    const told = async (role: 'owner' | 'viewer') =>
      (
        await workspace.as(role).get<{ items: { type: string }[] }>('/api/v1/events?limit=500')
      ).body.items.filter(({ type }) => type === 'security.alerted').length;
    expect([await told('owner'), await told('viewer')]).toEqual([2, 0]);
    const list = () => workspace.as('admin').get<{ items: SecurityAlert[] }>('/api/v1/security-alerts');
    const [alert] = (await list()).body.items;
    expect(alert).toMatchObject({ kind: 'member.changed', times: 3, target: { id: member.userId } });
    expect((await workspace.as('agent').get('/api/v1/security-alerts')).status).toBe(403);
    const dismissal = `/api/v1/security-alerts/${alert?.id}/dismissal`;
    const stranger = await test.workspace();
    expect((await stranger.as('owner').put(dismissal)).status).toBe(404);
    expect((await workspace.as('admin').put(dismissal)).status).toBe(204);
    expect((await workspace.as('admin').put(dismissal)).status).toBe(204);
    expect((await list()).body.items).toEqual([]);
    expect(await auditEntries(workspace, '&action=security_alert.dismissed')).toHaveLength(1);
    await change('viewer');
    expect((await list()).body.items).toMatchObject([{ times: 1 }]);
  });

  it('tell when a key reads far more than it does', async () => {
    const workspace = await test.workspace();
    const { body } = await workspace
      .as('owner')
      .post<{ id: string }>('/api/v1/api-keys', { name: 'A program', role: 'viewer' });
    const reads = new KeyReads(test.kernel);
    const readTimes = async (count: number) => {
      for (let read = 0; read < count; read += 1) reads.note(body.id, workspace.id);
      await reads.write();
    };
    // On its first day, nobody knows what is usual.
    await readTimes(5000);
    expect(await auditedActions(workspace)).not.toContain('api_key.read_much');
    clock.advance(25 * 3_600_000);
    await readTimes(1999);
    expect(await auditedActions(workspace)).not.toContain('api_key.read_much');
    await readTimes(1);
    await readTimes(5000);
    const found = (await auditedActions(workspace)).filter((action) => action === 'api_key.read_much');
    expect(found).toHaveLength(1);
    await reads.close();
  });
});

it('what waits is written when the server stops', async () => {
  const own = await startTestApp({ clock: fixedClock() });
  try {
    const workspace = await own.workspace();
    for (let attempt = 0; attempt < 3; attempt += 1)
      await workspace.as('viewer').put('/api/v1/workspace', { name: 'x' });
    await own.kernel.use(securityWatch).close();
    const rows = await workspace.ctx.transaction((tx) =>
      tx.sql<{ count: number }>(
        "select (details->>'count')::int as count from audit_entries where action = 'access.refused' order by number",
      ),
    );
    expect(rows.map(({ count }) => count)).toEqual([1, 2]);
  } finally {
    await own.close();
  }
});
