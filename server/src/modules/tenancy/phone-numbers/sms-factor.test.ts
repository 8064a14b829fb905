// That who chose it is let in by a code to their phone, and that nobody learns of it, or is texted, without the password.
import type { PhoneNumber } from '@parley/contract/phone-numbers';
import type { BackupCodes } from '@parley/contract/second-factor';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../../test/harness.ts';
import { addMember, type TestMember } from '../../../../test/members.ts';
import { type Inbox, openInbox } from '../../../../test/messaging.ts';
import { addAuthenticator, clockAhead, step } from '../../../../test/second-factor.ts';
import { startTwilio, type TestTwilio } from '../../../../test/twilio.ts';
import { mailer } from '../../../core/mail.ts';

const path = '/api/v1/auth/phone-numbers';
const clock = clockAhead();
let twilio: TestTwilio;
let test: TestApp;
let inbox: Inbox;
let numbers = 0;

beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ clock, environment: { ...twilio.environment, PARLEY_DEMO: 'true' } });
  inbox = await openInbox(test, twilio);
});
afterEach(() => test.settled());
afterAll(async () => {
  await test.close();
  await twilio.close();
});

const textsTo = (number: string) => twilio.simulator.messagesWith(number).filter(({ to }) => to === number);
async function codeTo(number: string, count: number): Promise<string> {
  await test.until(`${count} codes`, async () => textsTo(number).length === count);
  return /^\d{6}/.exec(textsTo(number).at(-1)?.body ?? '')?.[0] ?? '';
}

/** A member who has a verified number, and chose it. */
async function protectedMember(role: 'agent' | 'owner' = 'agent') {
  const member = await addMember(test, inbox.workspace, role);
  const number = `+1202556${String(1000 + ++numbers)}`;
  const { id } = (await member.client.post<PhoneNumber>(path, { number })).body;
  const code = await codeTo(number, 1);
  expect((await member.client.put(`${path}/${id}/verification`, { code })).status).toBe(200);
  const chosen = await member.client.put<BackupCodes>(`${path}/${id}/second-factor`);
  expect(chosen.status).toBe(200);
  clock.pass(61_000);
  return { member, number, id, backupCodes: chosen.body.codes };
}
const givePassword = ({ email, password }: TestMember) => step(test, 'sign-in/email', { email, password });
const askForCode = (cookies: string) => step(test, 'sign-in/second-factor-code', {}, cookies);
const giveCode = (cookies: string, code: string) =>
  step(test, 'sign-in/second-factor', { way: 'sms', code }, cookies);
const isIn = async ({ client }: { client: TestMember['client'] }) =>
  (await client.get('/api/v1/auth/me')).status === 200;

describe('a code to the phone', () => {
  it('lets in after the password, once; it is sent when it is asked for, and says only what the number ends in', async () => {
    const { member, number } = await protectedMember();
    const asked = await givePassword(member);
    expect(asked).toMatchObject({ status: 200, body: { secondFactor: true, ways: ['sms', 'backup_code'] } });
    expect(textsTo(number)).toHaveLength(1);
    expect(await isIn(asked)).toBe(false);
    const sent = await askForCode(asked.cookie);
    expect(sent).toMatchObject({ status: 200, body: { endsIn: number.slice(-2) } });
    expect(JSON.stringify(sent.body)).not.toContain(number.slice(-4));
    const code = await codeTo(number, 2);
    expect(textsTo(number).at(-1)?.body).toBe(
      `${code} signs you in to Parley. It works for 10 minutes. Tell it to nobody.`,
    );
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
    expect(await giveCode(asked.cookie, wrong)).toMatchObject({
      status: 401,
      body: { code: 'INVALID_CODE' },
    });
    const first = await giveCode(asked.cookie, code);
    expect(first.status).toBe(200);
    expect(await isIn(first)).toBe(true);
    expect((await giveCode((await givePassword(member)).cookie, code)).status).toBe(401);
  });

  it('is sent to nobody without the right password, and not sooner than a minute after the last one', async () => {
    const { member, number } = await protectedMember();
    for (const cookies of ['', (await givePassword({ ...member, password: 'not the password' })).cookie]) {
      expect(await askForCode(cookies)).toMatchObject({ status: 401, body: { code: 'SIGN_IN_AGAIN' } });
    }
    const { cookie } = await givePassword(member);
    expect((await askForCode(cookie)).status).toBe(200);
    await codeTo(number, 2);
    expect(await askForCode(cookie)).toMatchObject({ status: 429, body: { code: 'too_many_codes' } });
    expect(textsTo(number)).toHaveLength(2);
  });

  it('that verifies a number signs nobody in, and one that signs in verifies nothing', async () => {
    const { member, number } = await protectedMember();
    const { cookie } = await givePassword(member);
    expect((await askForCode(cookie)).status).toBe(200);
    const code = await codeTo(number, 2);
    const other = `+1202556${String(1000 + ++numbers)}`;
    const added = (await member.client.post<PhoneNumber>(path, { number: other })).body;
    const ofOther = await codeTo(other, 1);
    if (code !== ofOther) {
      expect((await member.client.put(`${path}/${added.id}/verification`, { code })).status).toBe(400);
      expect((await giveCode(cookie, ofOther)).status).toBe(401);
    }
    expect((await giveCode(cookie, code)).status).toBe(200);
  });
});

describe('a number as second factor', () => {
  it('is chosen only when it is verified, comes with backup codes, and with it they go', async () => {
    const { member, id, backupCodes } = await protectedMember();
    expect(backupCodes?.length).toBeGreaterThan(5);
    const other = `+1202556${String(1000 + ++numbers)}`;
    const added = (await member.client.post<PhoneNumber>(path, { number: other })).body;
    expect(await member.client.put(`${path}/${added.id}/second-factor`)).toMatchObject({
      status: 409,
      body: { error: { code: 'number_not_verified' } },
    });
    expect((await member.client.get('/api/v1/auth/second-factor')).body).toMatchObject({ sms: true });
    expect((await member.client.delete(`${path}/${id}/second-factor`)).status).toBe(204);
    expect((await member.client.get('/api/v1/auth/second-factor')).body).toMatchObject({
      sms: false,
      backupCodesLeft: null,
    });
    expect(await isIn(await givePassword(member))).toBe(true);
  });

  it('that is removed asks for nothing any more', async () => {
    const { member, id } = await protectedMember();
    expect((await member.client.delete(`${path}/${id}`)).status).toBe(204);
    expect(await isIn(await givePassword(member))).toBe(true);
    expect((await member.client.get('/api/v1/auth/second-factor')).body).toMatchObject({
      backupCodesLeft: null,
    });
  });

  it('that goes with a membership does not leave the account to the password: backup codes are asked for', async () => {
    const { member, backupCodes } = await protectedMember();
    const admin = await addMember(test, inbox.workspace, 'admin');
    expect((await admin.client.delete(`/api/v1/members/${member.userId}`)).status).toBe(204);
    await test.event(
      'sms_factor.disabled',
      ({ payload }) => (payload as { userId: string }).userId === member.userId,
    );
    const asked = await givePassword(member);
    expect(asked.body).toMatchObject({ secondFactor: true, ways: ['backup_code'] });
    expect(await isIn(asked)).toBe(false);
    await test.until('the mail', async () =>
      (await test.kernel.use(mailer).listKept(100)).find(
        ({ to, text }) => to === member.email && text.includes('Sign in with one of your backup codes'),
      ),
    );
    const given = await step(
      test,
      'sign-in/second-factor',
      { way: 'backup_code', code: backupCodes?.[0] ?? '' },
      asked.cookie,
    );
    expect(await isIn(given)).toBe(true);
  });

  it('counts where a workspace wants a second factor, unless it wants more than a text', async () => {
    const { member } = await protectedMember('owner');
    const { member: texted } = await protectedMember();
    const rule = (secondFactor: string) =>
      member.client.put('/api/v1/workspace/second-factor', { secondFactor });
    const isOpen = async () => (await member.client.get('/api/v1/members')).status === 200;
    expect((await rule('required')).status).toBe(200);
    expect(await isOpen()).toBe(true);
    expect(await rule('required_without_sms')).toMatchObject({ status: 409 });
    await addAuthenticator(member.client, clock);
    expect((await rule('required_without_sms')).status).toBe(200);
    expect(await isOpen()).toBe(true);
    expect((await texted.client.get('/api/v1/members')).status).toBe(403);
    expect((await rule('optional')).status).toBe(200);
    expect((await texted.client.get('/api/v1/members')).status).toBe(200);
  });
});
