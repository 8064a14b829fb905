import { auditPage } from '@parley/contract/audit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../../test/harness.ts';
import { addMember } from '../../../../test/members.ts';
import { signIn } from '../../../../test/signed-in.ts';
import { fixedClock } from '../../../core/clock.ts';

let test: TestApp;
const clock = fixedClock(Date.now());
beforeAll(async () => {
  test = await startTestApp({ clock });
});
afterAll(() => test.close());

it('a sign-in is an entry with its way and where it came from; more of them within a minute are counted', async () => {
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
