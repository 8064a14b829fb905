// What a user does with their second factors, and what an owner does with those of a member.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import { addMember, makeStale, type TestMember } from '../../../../test/members.ts';
import {
  addAuthenticator,
  authenticator,
  clockAhead,
  periodMs,
  step,
} from '../../../../test/second-factor.ts';
import { commandOrigin } from '../../../core/audit.ts';
import { mailer } from '../../../core/mail.ts';
import { resetByOperator } from '../tenancy.ts';

const clock = clockAhead();
let test: TestApp;
let workspace: TestWorkspace;
beforeAll(async () => {
  // The mails of the demo are kept, and can be read.
  test = await startTestApp({ clock, environment: { PARLEY_DEMO: 'true' } });
  workspace = await test.workspace();
});
afterAll(() => test.close());

const read = ({ client }: TestMember) =>
  client.get<{ totp: object | null; backupCodesLeft: number | null }>('/api/v1/auth/second-factor');
const signInStep = ({ email, password }: TestMember) => step(test, 'sign-in/email', { email, password });
const told = (type: string, { userId }: TestMember) =>
  test.event(type, ({ payload }) => (payload as { userId: string }).userId === userId);
const mailed = async (to: string, subject: RegExp) =>
  test.until(`a mail to ${to}`, async () => {
    const kept = await test.kernel.use(mailer).listKept(100);
    return kept.find((mail) => mail.to === to && subject.test(mail.subject));
  });

describe('an authenticator app', () => {
  it('is on only after a first code of it was right, and its user is told by mail', async () => {
    const member = await addMember(test, workspace);
    const setup = await member.client.post<{ secret: string }>('/api/v1/auth/totp-setup');
    expect((await signInStep(member)).body.secondFactor).toBeUndefined();
    const wrong = await member.client.put('/api/v1/auth/totp', { code: '000000' });
    expect(wrong).toMatchObject({ status: 400, body: { error: { code: 'wrong_code' } } });
    expect((await read(member)).body).toMatchObject({ totp: null, backupCodesLeft: null });
    const app = authenticator(setup.body.secret, clock);
    const { body } = await member.client.put<{ codes: string[] }>('/api/v1/auth/totp', { code: app.code() });
    expect(new Set(body.codes).size).toBe(10);
    expect((await read(member)).body).toMatchObject({ backupCodesLeft: 10 });
    expect((await signInStep(member)).body.secondFactor).toBe(true);
    await told('second_factor.enabled', member);
    const mail = await mailed(member.email, /asks for a code now/);
    for (const code of [...body.codes, setup.body.secret]) expect(mail.text).not.toContain(code);
  });

  it('stays in use while another one is being set up, and goes when that is on; the backup codes stay', async () => {
    const member = await addMember(test, workspace);
    const old = await addAuthenticator(member.client, clock);
    const setup = await member.client.post<{ secret: string }>('/api/v1/auth/totp-setup');
    const asked = await signInStep(member);
    const give = (cookies: string, code: string) =>
      step(test, 'sign-in/second-factor', { way: 'totp', code }, cookies);
    expect((await give(asked.cookie, old.code())).status).toBe(200);
    clock.pass(periodMs);
    const next = authenticator(setup.body.secret, clock);
    expect((await member.client.put('/api/v1/auth/totp', { code: next.code() })).body).toEqual({
      codes: null,
    });
    clock.pass(periodMs);
    const again = await signInStep(member);
    expect((await give(again.cookie, old.code())).status).toBe(401);
    expect((await give(again.cookie, next.code())).status).toBe(200);
  });

  it('is taken away with what stood in for it, and the password is enough again', async () => {
    const member = await addMember(test, workspace);
    await addAuthenticator(member.client, clock);
    expect((await member.client.delete('/api/v1/auth/totp')).status).toBe(204);
    expect((await read(member)).body).toMatchObject({ totp: null, backupCodesLeft: null });
    expect((await signInStep(member)).body.secondFactor).toBeUndefined();
    await told('second_factor.disabled', member);
    await mailed(member.email, /no code any more/);
    expect((await member.client.delete('/api/v1/auth/totp')).status).toBe(404);
  });

  it('is no backup for nothing: codes are made for who has a second factor only', async () => {
    const member = await addMember(test, workspace);
    expect((await member.client.post('/api/v1/auth/backup-codes')).body).toMatchObject({
      error: { code: 'no_second_factor' },
    });
  });

  it('proves that it is them before a step-up, once for each code', async () => {
    const member = await addMember(test, workspace, 'owner');
    const app = await addAuthenticator(member.client, clock);
    await makeStale(test, member.userId);
    const prove = (way: string, code: string) =>
      member.client.put('/api/v1/auth/verification', { way, code });
    const { body } = await member.client.get<{ ways: string[] }>('/api/v1/auth/verification');
    expect(body.ways).toEqual(['totp', 'backup_code']);
    // The password alone opens nothing at the door, and takes no factor away here.
    const { password } = member;
    const given = await member.client.put('/api/v1/auth/verification', { way: 'password', password });
    expect(given).toMatchObject({ status: 400, body: { error: { code: 'verification_failed' } } });
    expect((await member.client.delete('/api/v1/auth/totp')).status).toBe(403);
    expect((await prove('totp', '000000')).status).toBe(400);
    expect((await prove('totp', app.code())).status).toBe(200);
    expect((await prove('totp', app.code())).status).toBe(400);
    expect((await prove('backup_code', app.backupCodes[0] ?? '')).status).toBe(200);
  });
});

describe('a workspace that requires a second factor', () => {
  const require = ({ client }: TestMember, secondFactor = 'required') =>
    client.put('/api/v1/workspace/second-factor', { secondFactor });

  it('is closed to members without one until they have one; keys go on, and who they are is answered', async () => {
    const strict = await test.workspace();
    const owner = await addMember(test, strict, 'owner');
    const member = await addMember(test, strict);
    const refused = await require(owner);
    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'no_second_factor' } } });
    await addAuthenticator(owner.client, clock);
    expect(await require(owner)).toMatchObject({ status: 200, body: { secondFactor: 'required' } });

    expect((await owner.client.get('/api/v1/members')).status).toBe(200);
    expect((await strict.as('viewer').get('/api/v1/members')).status).toBe(200);
    expect(await member.client.get('/api/v1/members')).toMatchObject({
      status: 403,
      body: { error: { code: 'second_factor_required' } },
    });
    expect((await member.client.get('/api/v1/auth/me')).body).toMatchObject({ needsSecondFactor: true });
    await addAuthenticator(member.client, clock);
    expect((await member.client.get('/api/v1/members')).status).toBe(200);
    expect((await member.client.get('/api/v1/auth/me')).body).toMatchObject({ needsSecondFactor: false });
    // And closed again to who takes it away.
    await member.client.delete('/api/v1/auth/totp');
    expect((await member.client.get('/api/v1/members')).status).toBe(403);
    expect((await require(owner, 'optional')).status).toBe(200);
    expect((await member.client.get('/api/v1/members')).status).toBe(200);
  });

  it('ends the live sockets of members without one, and opens none for them', async () => {
    const strict = await test.workspace();
    const owner = await addMember(test, strict, 'owner');
    const member = await addMember(test, strict);
    const { cookie = '' } = await member.client.authorization();
    const open = () =>
      new Promise<{ socket: WebSocket; closed: Promise<number> }>((resolve, reject) => {
        const address = `${test.url.replace('http', 'ws')}/api/v1/realtime`;
        const socket = new WebSocket(address, { headers: { cookie, origin: test.url } } as never);
        const closed = new Promise<number>((end) => {
          socket.addEventListener('close', ({ code }) => end(code));
        });
        socket.addEventListener('open', () => resolve({ socket, closed }));
        socket.addEventListener('error', () => reject(new Error('no socket')));
      });
    const { closed } = await open();
    await addAuthenticator(owner.client, clock);
    expect((await require(owner)).status).toBe(200);
    expect(await closed).toBeGreaterThan(1000);
    const again = await open().then(
      ({ closed: end }) => end,
      () => 'refused',
    );
    expect(again === 'refused' || Number(again) > 1000).toBe(true);
  });
});

describe('a reset', () => {
  const reset = (by: TestMember, of: TestMember) =>
    by.client.delete(`/api/v1/members/${of.userId}/second-factor`);

  it('by an admin takes everything away, ends the sessions, and is told to the member and to the audit', async () => {
    const admin = await addMember(test, workspace, 'admin');
    const member = await addMember(test, workspace);
    await addAuthenticator(member.client, clock);
    expect((await reset(admin, member)).status).toBe(204);
    expect((await member.client.get('/api/v1/auth/me')).status).toBe(401);
    const { body } = await signInStep(member);
    expect(body.secondFactor).toBeUndefined();
    const event = await told('second_factor.reset', member);
    expect(event.actor).toMatchObject({ kind: 'member', id: admin.userId });
    await mailed(member.email, /were reset/);
  });

  it('is an owner’s where the member is one, and nobody’s who does not manage every workspace of theirs', async () => {
    const admin = await addMember(test, workspace, 'admin');
    const owner = await addMember(test, workspace, 'owner');
    expect((await reset(admin, owner)).status).toBe(403);
    const elsewhere = await test.workspace();
    const member = await addMember(test, workspace);
    await elsewhere.ctx.transaction((tx) =>
      tx.sql("insert into members (workspace_id, user_id, role) values ($1, $2, 'agent')", [
        elsewhere.id,
        member.userId,
      ]),
    );
    expect(await reset(admin, member)).toMatchObject({
      status: 409,
      body: { error: { code: 'member_elsewhere' } },
    });
    const stranger = await addMember(test, elsewhere);
    expect((await reset(admin, stranger)).status).toBe(404);
  });

  it('from the command line works for everybody', async () => {
    const owner = await addMember(test, workspace, 'owner');
    await addAuthenticator(owner.client, clock);
    expect(await resetByOperator(test.kernel, owner.email.toUpperCase(), commandOrigin)).toBe(true);
    expect((await signInStep(owner)).body.secondFactor).toBeUndefined();
    expect(await resetByOperator(test.kernel, 'nobody@example.com', commandOrigin)).toBe(false);
  });
});
