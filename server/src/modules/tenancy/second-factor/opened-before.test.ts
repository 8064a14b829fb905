// That a second factor counts for what is open too: what a password alone had opened ends with the first one, and what was
// opened with factors ends when they are taken away.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import { addMember, makeStale, type TestMember } from '../../../../test/members.ts';
import { addAuthenticator, clockAhead, step } from '../../../../test/second-factor.ts';
import { openFamily } from '../tokens/families.ts';

const clock = clockAhead();
let test: TestApp;
let workspace: TestWorkspace;
beforeAll(async () => {
  test = await startTestApp({ clock });
  workspace = await test.workspace();
});
afterAll(() => test.close());

const signInStep = ({ email, password }: TestMember) => step(test, 'sign-in/email', { email, password });
const tokensOf = async ({ client }: Pick<TestMember, 'client'>) =>
  (await client.post<{ refreshToken: string }>('/api/v1/auth/tokens', {})).body.refreshToken;
const renew = async (refreshToken: string) =>
  (await test.anonymous.put('/api/v1/auth/tokens', { refreshToken })).status;

it('the first second factor ends every other session and program, and no later one does', async () => {
  const member = await addMember(test, workspace);
  const thief = await signInStep(member);
  const thiefs = await tokensOf(thief);
  await addAuthenticator(member.client, clock);
  expect((await thief.client.get('/api/v1/auth/me')).status).toBe(401);
  expect(await renew(thiefs)).toBe(401);
  expect((await member.client.get('/api/v1/auth/me')).status).toBe(200);
  const own = await tokensOf(member);
  await addAuthenticator(member.client, clock);
  expect(await renew(own)).toBe(200);
});

it('programs end with the sessions of a member whose second factors are taken away', async () => {
  const [member, owner] = [await addMember(test, workspace), await addMember(test, workspace, 'owner')];
  await addAuthenticator(member.client, clock);
  const refreshToken = await tokensOf(member);
  expect((await owner.client.delete(`/api/v1/members/${member.userId}/second-factor`)).status).toBe(204);
  expect(await renew(refreshToken)).toBe(401);
});

it('where a workspace wants a second factor, it texts nobody who has none', async () => {
  const own = await test.workspace();
  const [owner, member] = [await addMember(test, own, 'owner'), await addMember(test, own)];
  await addAuthenticator(owner.client, clock);
  const rule = await owner.client.put('/api/v1/workspace/second-factor', { secondFactor: 'required' });
  expect(rule.status).toBe(200);
  const refused = { status: 403, body: { error: { code: 'second_factor_required' } } };
  const path = '/api/v1/auth/phone-numbers';
  expect(await member.client.get(path)).toMatchObject(refused);
  expect(await member.client.post(path, { number: '+15557310042' })).toMatchObject(refused);
});

it('tokens are made only by who has lately proved who they are, and while their session is there', async () => {
  const member = await addMember(test, workspace);
  await makeStale(test, member.userId);
  expect(await member.client.post('/api/v1/auth/tokens', {})).toMatchObject({
    status: 403,
    body: { error: { code: 'step_up_required' } },
  });
  const origin = { via: 'http', address: null, device: null, sessionId: null } as const;
  const made = openFamily(test.kernel, {
    userId: member.userId,
    sessionId: 'of a session that has ended',
    name: null,
    way: 'password',
    onlyWorkspace: null,
    origin,
  });
  await expect(made).rejects.toMatchObject({ status: 401 });
});
