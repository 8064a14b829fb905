// That a right password is not enough where somebody has a second factor. The codes are made by another implementation.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import { addMember, type TestMember } from '../../../../test/members.ts';
import { addAuthenticator, clockAhead, periodMs, step } from '../../../../test/second-factor.ts';
import { signInPort } from '../sign-in-port.ts';

const clock = clockAhead();
let test: TestApp;
let workspace: TestWorkspace;
beforeAll(async () => {
  test = await startTestApp({ clock });
  workspace = await test.workspace();
});
afterAll(() => test.close());

async function protectedMember() {
  const member = await addMember(test, workspace, 'agent');
  const app = await addAuthenticator(member.client, clock);
  return { member, app };
}
const givePassword = ({ email, password }: TestMember, cookies?: string) =>
  step(test, 'sign-in/email', { email, password }, cookies);
const giveCode = (cookies: string, code: string, more: object = {}) =>
  step(test, 'sign-in/second-factor', { way: 'totp', code, ...more }, cookies);
const isIn = async ({ client }: { client: TestMember['client'] }) =>
  (await client.get('/api/v1/auth/me')).status === 200;

describe('a right password', () => {
  it('opens nothing where there is a second factor, and says which ways there are', async () => {
    const { member } = await protectedMember();
    const asked = await givePassword(member);
    expect(asked).toMatchObject({
      status: 200,
      body: { secondFactor: true, ways: ['totp', 'backup_code'] },
    });
    expect(JSON.stringify(asked.body)).not.toContain(member.email);
    expect(await isIn(asked)).toBe(false);
    // Nor what the library had begun before it was stopped.
    for (const line of asked.setCookies.filter((one) => one.includes('session_token=')))
      expect(await isIn(await step(test, 'sign-in/second-factor', {}, line.split(';')[0]))).toBe(false);
  });

  it('is answered as ever where the password is wrong or nobody has the address: nothing tells of a second factor', async () => {
    const { member } = await protectedMember();
    const wrong = await givePassword({ ...member, password: 'not the password' });
    const nobody = await givePassword({ ...member, email: 'nobody-at-all@example.com' });
    expect([wrong.status, wrong.body]).toEqual([nobody.status, nobody.body]);
    expect(wrong.status).toBe(401);
    expect(wrong.setCookies).toEqual(nobody.setCookies);
  });
});

describe('a code of the app', () => {
  it('lets in, once: given again in its time, it is refused', async () => {
    const { member, app } = await protectedMember();
    const code = app.code();
    const first = await giveCode((await givePassword(member)).cookie, code);
    expect(first.status).toBe(200);
    expect(await isIn(first)).toBe(true);
    const again = await giveCode((await givePassword(member)).cookie, code);
    expect(again).toMatchObject({ status: 401, body: { code: 'INVALID_CODE' } });
    expect(await isIn(again)).toBe(false);
    // Nor one of before it, which would be in time too.
    expect((await giveCode((await givePassword(member)).cookie, app.code(-1))).status).toBe(401);
    clock.pass(periodMs);
    expect((await giveCode((await givePassword(member)).cookie, app.code())).status).toBe(200);
  });

  it('that many give at the same moment lets one in', async () => {
    const { member, app } = await protectedMember();
    const asked = await Promise.all([1, 2, 3, 4].map(() => givePassword(member)));
    const code = app.code();
    const answers = await Promise.all(asked.map(({ cookie }) => giveCode(cookie, code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('of a clock that is half a minute off is taken, of one that is further off not', async () => {
    const { member, app } = await protectedMember();
    clock.pass(10 * periodMs);
    const { cookie } = await givePassword(member);
    expect((await giveCode(cookie, app.code(2))).status).toBe(401);
    expect((await giveCode(cookie, app.code(-2))).status).toBe(401);
    expect((await giveCode(cookie, app.code(1))).status).toBe(200);
  });

  it('needs the password before it, and that only once: the step is used up', async () => {
    const { member, app } = await protectedMember();
    expect(await giveCode('', app.code())).toMatchObject({ status: 401, body: { code: 'SIGN_IN_AGAIN' } });
    const { cookie } = await givePassword(member);
    expect((await giveCode(cookie, app.code())).status).toBe(200);
    clock.pass(periodMs);
    expect(await giveCode(cookie, app.code())).toMatchObject({ body: { code: 'SIGN_IN_AGAIN' } });
  });

  it('that is guessed has to wait after some in a row, whatever right passwords are between, and is told to the audit', async () => {
    const { member, app } = await protectedMember();
    const guess = async () => (await giveCode((await givePassword(member)).cookie, '000000')).status;
    const statuses = [];
    for (let index = 0; index < 6; index += 1) statuses.push(await guess());
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    expect((await giveCode((await givePassword(member)).cookie, app.code())).status).toBe(429);
    await test.event(
      'second_factor.failed',
      ({ payload }) => (payload as { userId: string }).userId === member.userId,
    );
    clock.pass(60_000);
    expect((await giveCode((await givePassword(member)).cookie, app.code())).status).toBe(200);
  });
});

describe('a backup code', () => {
  const giveBackupCode = (cookies: string, code: string) =>
    step(test, 'sign-in/second-factor', { way: 'backup_code', code }, cookies);

  it('lets in once, however it is typed, and is told', async () => {
    const { member, app } = await protectedMember();
    expect(app.backupCodes).toHaveLength(10);
    const [code = ''] = app.backupCodes;
    const typed = code.toUpperCase().replace('-', ' ');
    expect(await isIn(await giveBackupCode((await givePassword(member)).cookie, typed))).toBe(true);
    expect((await giveBackupCode((await givePassword(member)).cookie, code)).status).toBe(401);
    await test.event(
      'backup_code.used',
      ({ payload }) => (payload as { userId: string }).userId === member.userId,
    );
    const { body } = await member.client.get<{ backupCodesLeft: number }>('/api/v1/auth/second-factor');
    expect(body.backupCodesLeft).toBe(9);
  });

  it('is void once new ones are made, and stands nowhere to be read', async () => {
    const { member, app } = await protectedMember();
    const renewed = await member.client.post<{ codes: string[] }>('/api/v1/auth/backup-codes');
    expect((await giveBackupCode((await givePassword(member)).cookie, app.backupCodes[0] ?? '')).status).toBe(
      401,
    );
    expect(
      (await giveBackupCode((await givePassword(member)).cookie, renewed.body.codes[0] ?? '')).status,
    ).toBe(200);
    const rows = await test.kernel.database.asOwner((queries) =>
      queries.sql<{ row: string }>('select to_jsonb(b)::text as row from backup_codes b'),
    );
    const kept = rows.map(({ row }) => row).join();
    for (const code of renewed.body.codes) expect(kept).not.toContain(code);
  });
});

describe('a remembered device', () => {
  const remember = async (member: TestMember, code: string) =>
    giveCode((await givePassword(member)).cookie, code, { rememberDevice: true });

  it('is not asked for the second factor for thirty days, in that browser and with its user’s password only', async () => {
    const { member, app } = await protectedMember();
    const remembered = await remember(member, app.code());
    const without = remembered.cookie.replace(/better-auth\.session_token=[^;]*;? ?/, '');
    const again = await givePassword(member, without);
    expect(again.body.secondFactor).toBeUndefined();
    expect(await isIn(again)).toBe(true);
    // The cookie changes with each sign-in: the one of before, copied, serves no more.
    expect((await givePassword(member, without)).body.secondFactor).toBe(true);
    expect((await givePassword(member)).body.secondFactor).toBe(true);
    const other = await protectedMember();
    expect((await givePassword(other.member, again.cookie)).body.secondFactor).toBe(true);
    clock.pass(31 * 86_400_000);
    expect((await givePassword(member, again.cookie)).body.secondFactor).toBe(true);
  });

  it('is listed, and is one no more when its user says so, has another password, or no second factor', async () => {
    const { member, app } = await protectedMember();
    const list = async () =>
      (await member.client.get<{ rememberedDevices: { id: string }[] }>('/api/v1/auth/second-factor')).body
        .rememberedDevices;
    const first = await remember(member, app.code());
    const [device] = await list();
    expect((await member.client.delete(`/api/v1/auth/remembered-devices/${device?.id}`)).status).toBe(204);
    expect(await list()).toEqual([]);
    expect((await givePassword(member, first.cookie)).body.secondFactor).toBe(true);

    clock.pass(periodMs);
    const second = await remember(member, app.code());
    expect(await list()).toHaveLength(1);
    const waiting = await givePassword(member);
    const password = await test.kernel.use(signInPort).resetPassword(member.email);
    const changed = { ...member, password: password ?? '' };
    expect((await givePassword(changed, second.cookie)).body.secondFactor).toBe(true);
    // Nor does the step that waited: it was begun with the old password.
    clock.pass(periodMs);
    expect(await giveCode(waiting.cookie, app.code())).toMatchObject({ body: { code: 'SIGN_IN_AGAIN' } });
    const rows = await test.kernel.database.asSystem((queries) =>
      queries.sql('select 1 from remembered_devices where user_id = $1', [member.userId]),
    );
    expect(rows).toEqual([]);
  });
});
