// That whoever made an account under somebody's address keeps nothing of it once its owner has come by mail.
import type { CreatedInvitation } from '@parley/contract/invitations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import { addMember, type TestMember } from '../../../../test/members.ts';
import { addAuthenticator, clockAhead, step } from '../../../../test/second-factor.ts';
import { mailer } from '../../../core/mail.ts';
import { createMember } from '../members.ts';

const clock = clockAhead();
let test: TestApp;
let workspace: TestWorkspace;
beforeAll(async () => {
  // The mails of the demo are kept, and can be read.
  test = await startTestApp({ clock, environment: { PARLEY_DEMO: 'true' } });
  workspace = await test.workspace();
});
afterAll(() => test.close());

const sql = <Row>(text: string, values: readonly unknown[]) =>
  test.kernel.database.asSystem((queries) => queries.sql<Row>(text, values));
const newPassword = 'a wholly other pass phrase';

/** Everything that opens an account, or stands in for what does. Returns the refresh token of a program. */
async function leaveWaysIn({ userId, client }: TestMember): Promise<string> {
  await addAuthenticator(client, clock);
  await sql(
    `insert into passkeys (id, name, public_key, user_id, credential_id, counter, device_type, backed_up)
     values ($1, 'left behind', 'x', $1, $1, 0, 'singleDevice', false)`,
    [userId],
  );
  await sql(
    "insert into accounts (id, account_id, provider_id, user_id) values ('g-' || $1, $1, 'google', $1)",
    [userId],
  );
  const { body } = await client.post<{ refreshToken: string }>('/api/v1/auth/tokens', {});
  return body.refreshToken;
}

const waysLeft = async (userId: string) => {
  const [left] = await sql<Record<string, number>>(
    `select (select count(*)::int from totp_secrets where user_id = $1) as totp,
       (select count(*)::int from passkeys where user_id = $1) as passkeys,
       (select count(*)::int from backup_codes where user_id = $1) as codes,
       (select count(*)::int from accounts where user_id = $1 and provider_id <> 'credential') as accounts`,
    [userId],
  );
  return left;
};
const none = { totp: 0, passkeys: 0, codes: 0, accounts: 0 };
const renew = async (refreshToken: string) =>
  (await test.anonymous.put('/api/v1/auth/tokens', { refreshToken })).status;
const mailed = (email: string, text: string) =>
  test.until(`a mail with ${text}`, async () =>
    (await test.kernel.use(mailer).listKept(100)).find(
      (mail) => mail.to === email && mail.text.includes(text),
    ),
  );
async function tokenMailedTo(email: string, page: string): Promise<string> {
  const { text } = await mailed(email, `${page}#token=`);
  return text.split('#token=')[1]?.split(/\s/)[0] ?? '';
}
const post = (path: string, payload: object, headers: Record<string, string> = {}) =>
  test.app.http.inject({
    method: 'POST',
    url: `/api/auth/${path}`,
    headers: { ...headers, origin: test.url },
    payload,
  });
/** The token of the link to confirm the address that somebody signed in has asked for. */
async function confirmationAskedBy({ client, email }: TestMember): Promise<string> {
  await post('send-verification-email', { email }, await client.authorization());
  return tokenMailedTo(email, 'confirm-email');
}
async function resetByMail(email: string): Promise<void> {
  await post('request-password-reset', { email });
  const token = await tokenMailedTo(email, 'reset-password');
  expect((await post('reset-password', { token, newPassword })).statusCode).toBe(200);
}

describe('of an account that nobody confirmed', () => {
  it('a password that is reset by mail takes every other way in away, and tells the owner', async () => {
    const squatter = await addMember(test, workspace);
    const refreshToken = await leaveWaysIn(squatter);
    await resetByMail(squatter.email);
    expect(await waysLeft(squatter.userId)).toEqual(none);
    expect(await renew(refreshToken)).toBe(401);
    expect((await squatter.client.get('/api/v1/auth/me')).status).toBe(401);
    await mailed(squatter.email, 'second factors and linked accounts of before were taken away');
    const owner = await step(test, 'sign-in/email', { email: squatter.email, password: newPassword });
    expect(owner.body.secondFactor).toBeUndefined();
    expect((await owner.client.get('/api/v1/auth/me')).status).toBe(200);
  });

  it('an invitation that came by mail does too, and leaves who accepts it signed in', async () => {
    const squatter = await addMember(test, workspace);
    const refreshToken = await leaveWaysIn(squatter);
    const elsewhere = await step(test, 'sign-in/email', squatter);
    expect(elsewhere.body.secondFactor).toBe(true);
    const other = await test.workspace();
    await other.as('admin').post<CreatedInvitation>('/api/v1/invitations', {
      email: squatter.email,
      role: 'agent',
    });
    const token = await tokenMailedTo(squatter.email, 'invitation');
    expect((await squatter.client.post('/api/v1/invitation/acceptance', { token })).status).toBe(201);
    expect(await waysLeft(squatter.userId)).toEqual(none);
    expect(await renew(refreshToken)).toBe(401);
    expect((await squatter.client.get('/api/v1/auth/me')).status).toBe(200);
  });

  it('a link that confirms the address does too, followed by who is not signed in to it, and tells the owner', async () => {
    const [squatter, owner] = [await addMember(test, workspace), await addMember(test, workspace)];
    const refreshToken = await leaveWaysIn(squatter);
    const token = await confirmationAskedBy(squatter);
    const ofOwner = await owner.client.authorization();
    expect((await post('confirm-email', { token }, ofOwner)).statusCode).toBe(200);
    expect(await waysLeft(squatter.userId)).toEqual(none);
    expect(await renew(refreshToken)).toBe(401);
    expect((await squatter.client.get('/api/v1/auth/me')).status).toBe(401);
    expect((await owner.client.get('/api/v1/auth/me')).status).toBe(200);
    await mailed(squatter.email, 'second factors and linked accounts of before were taken away');
  });

  it('the same link, followed in a browser that is signed in to it, takes nothing away', async () => {
    const member = await addMember(test, workspace);
    const refreshToken = await leaveWaysIn(member);
    const token = await confirmationAskedBy(member);
    expect((await post('confirm-email', { token }, await member.client.authorization())).statusCode).toBe(
      200,
    );
    expect(await waysLeft(member.userId)).toEqual({ totp: 1, passkeys: 1, codes: 10, accounts: 1 });
    expect(await renew(refreshToken)).toBe(200);
    expect((await member.client.get('/api/v1/auth/me')).status).toBe(200);
  });

  it('mails greet nobody by the name that was given with it, nor does the one that it was cleared', async () => {
    const name = 'Win a prize at evil.example';
    const squatter = await addMember(test, workspace);
    await sql('update users set name = $2 where id = $1', [squatter.userId, name]);
    await leaveWaysIn(squatter);
    const enabled = await mailed(squatter.email, 'an authenticator app was set up');
    await resetByMail(squatter.email);
    const cleared = await mailed(squatter.email, 'you have just confirmed the address');
    for (const { text } of [enabled, cleared]) {
      expect(text).toMatch(/^Hello,/);
      expect(text).not.toContain(name);
    }
    const confirmed = await addMember(test, workspace);
    await sql('update users set email_verified = true where id = $1', [confirmed.userId]);
    await addAuthenticator(confirmed.client, clock);
    const { text } = await mailed(confirmed.email, 'an authenticator app was set up');
    expect(text).toMatch(/^Hello A agent,/);
  });

  it('an operator who gives it a new password takes every other way in away', async () => {
    const squatter = await addMember(test, workspace);
    const refreshToken = await leaveWaysIn(squatter);
    const other = await test.workspace();
    await createMember(other.ctx, { email: squatter.email, name: 'Owner', role: 'agent', newPassword: true });
    expect(await waysLeft(squatter.userId)).toEqual(none);
    expect(await renew(refreshToken)).toBe(401);
  });
});

it('a confirmed account keeps its second factor when its password is reset by mail', async () => {
  const member = await addMember(test, workspace);
  await sql('update users set email_verified = true where id = $1', [member.userId]);
  await leaveWaysIn(member);
  await resetByMail(member.email);
  expect(await waysLeft(member.userId)).toEqual({ totp: 1, passkeys: 1, codes: 10, accounts: 1 });
  const again = await step(test, 'sign-in/email', { email: member.email, password: newPassword });
  expect(again.body.secondFactor).toBe(true);
});
