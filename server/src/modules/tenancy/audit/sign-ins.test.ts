import { auditPage, type SecurityAlert } from '@parley/contract/audit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditEntries, auditedActions } from '../../../../test/audited.ts';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import { addMember } from '../../../../test/members.ts';
import { signIn } from '../../../../test/signed-in.ts';
import { fixedClock } from '../../../core/clock.ts';
import { newId } from '../../../core/identifiers.ts';
import { signInPort } from '../tenancy.ts';

let test: TestApp;
const clock = fixedClock(Date.now());
beforeAll(async () => {
  test = await startTestApp({ clock });
});
afterAll(() => test.close());

describe('sign-ins', () => {
  const password = 'a password of a member';
  const makeUser = async (workspaces: TestWorkspace[]) => {
    const email = `${newId()}@example.com`;
    const user = await test.kernel.use(signInPort).createUser({ email, password, name: 'Ana' });
    for (const workspace of workspaces)
      await workspace.ctx.transaction((tx) =>
        tx.sql("insert into members (workspace_id, user_id, role) values ($1, $2, 'agent')", [
          workspace.id,
          user.id,
        ]),
      );
    return { email, userId: user.id };
  };
  const alertsOf = async (workspace: TestWorkspace) =>
    (await workspace.as('owner').get<{ items: SecurityAlert[] }>('/api/v1/security-alerts')).body.items;

  it('are entries with their way and where they came from; more of them within a minute are counted', async () => {
    const workspace = await test.workspace();
    const member = await addMember(test, workspace, 'agent');
    for (let time = 0; time < 3; time += 1) expect((await signIn(test, member)).status).toBe(200);
    clock.advance(60_000);
    expect((await signIn(test, member)).status).toBe(200);
    const began = await test.until('both entries', async () => {
      const answer = await workspace.as('admin').get('/api/v1/audit?action=session.began');
      const { items } = auditPage.parse(answer.body);
      return items.length === 2 && items;
    });
    const [later, first] = began;
    const counts = began.map(({ details }) => Number(details.count));
    expect(first).toMatchObject({
      actor: { kind: 'member', id: member.userId },
      target: { kind: 'member', id: member.userId },
      result: 'done',
      address: expect.stringMatching(/^198\.18\./),
      details: { way: 'password', count: 1 },
    });
    // What is noted is written a little later than it was done.
    expect(later?.details).toMatchObject({ way: 'password' });
    expect(counts.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(5);
    expect(Math.max(...counts)).toBeGreaterThan(1);
  });

  it('that fail are entries in each workspace of the member, and alert when there are many', async () => {
    const [one, other, foreign] = [await test.workspace(), await test.workspace(), await test.workspace()];
    const { email, userId } = await makeUser([one, other]);
    const fail = () => signIn(test, { email: email.toUpperCase(), password: 'a wrong password' });
    expect((await fail()).status).toBe(401);
    for (let attempt = 0; attempt < 8; attempt += 1) await fail();
    expect(await alertsOf(one)).toEqual([]);
    clock.advance(60_000);
    await fail();
    for (const workspace of [one, other]) {
      const failures = await test.until('both entries', async () => {
        const found = await auditEntries(workspace, '&action=sign_in.failed');
        return found.length >= 2 && found;
      });
      expect(failures.map(({ details }) => details)).toEqual([
        { count: 9, withinHour: 10 },
        { count: 1, withinHour: 1 },
      ]);
      expect(failures[0]).toMatchObject({
        result: 'failed',
        target: { kind: 'member', id: userId, name: 'Ana' },
      });
      expect(failures[0]?.address).toMatch(/^198\.18\./);
      expect(await alertsOf(workspace)).toMatchObject([{ kind: 'sign_in.failed', times: 1 }]);
    }
    expect(await auditedActions(foreign)).not.toContain('sign_in.failed');
    const nobody = await signIn(test, { email: 'nobody@example.com', password: 'a wrong password' });
    expect(nobody.status).toBe(401);
  });

  it('from a device or network that was not used before alert, the first one does not', async () => {
    const workspace = await test.workspace();
    const { email, userId } = await makeUser([workspace]);
    const from = (remoteAddress: string, agent: string) =>
      test.app.http.inject({
        method: 'POST',
        url: '/api/auth/sign-in/email',
        remoteAddress,
        headers: { origin: test.url, 'user-agent': agent },
        payload: { email, password },
      });
    const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
    expect((await from('192.0.2.10', firefox)).statusCode).toBe(200);
    expect((await from('192.0.2.99', firefox)).statusCode).toBe(200);
    expect((await from('203.0.113.5', firefox)).statusCode).toBe(200);
    const event = await test.event('session.new_device', ({ workspaceId }) => workspaceId === workspace.id);
    expect(event.actor).toEqual({ kind: 'member', id: userId });
    const found = await auditEntries(workspace, '&action=session.new_device');
    expect(found).toMatchObject([{ address: '203.0.113.5', device: 'Firefox · Linux' }]);
    expect(await alertsOf(workspace)).toMatchObject([
      { kind: 'session.new_device', target: { name: 'Ana' } },
    ]);
  });

  it('a password that its owner changed is an entry', async () => {
    const workspace = await test.workspace();
    const { email, userId } = await makeUser([workspace]);
    const { cookie } = await signIn(test, { email, password });
    const answer = await test.app.http.inject({
      method: 'POST',
      url: '/api/auth/change-password',
      // The library limits how often an address changes passwords.
      remoteAddress: '192.0.2.77',
      headers: { origin: test.url, cookie },
      payload: { currentPassword: password, newPassword: 'another password', revokeOtherSessions: true },
    });
    expect(answer.statusCode).toBe(200);
    await test.event('password.changed', ({ workspaceId }) => workspaceId === workspace.id);
    expect(await auditEntries(workspace, '&action=password.changed')).toMatchObject([
      { actor: { kind: 'member', id: userId }, target: { id: userId } },
    ]);
  });
});
