// What is kept of changes of an account, and what keeps guessers from making them.
import { randomInt } from 'node:crypto';
import type { AuditPage } from '@parley/contract/audit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { type MailServer, startMailServer } from '../../../test/mail-server.ts';
import { signIn } from '../../../test/signed-in.ts';
import { forgetOldAsks } from './account-asks.ts';
import { createMember } from './members.ts';

let server: MailServer;
let test: TestApp;
let workspace: TestWorkspace;
let other: TestWorkspace;
let people = 0;
beforeAll(async () => {
  server = await startMailServer();
  test = await startTestApp({ environment: { SMTP_URL: server.url } });
  workspace = await test.workspace();
  other = await test.workspace();
});
afterAll(async () => {
  await test.close();
  await server.close();
});

async function person() {
  const email = `guarded-${++people}@example.com`;
  const made = await createMember(workspace.ctx, { email, name: 'Ada', role: 'agent' });
  await test.kernel.database.asSystem((queries) =>
    queries.sql("insert into members (workspace_id, user_id, role) values ($1, $2, 'viewer')", [
      other.id,
      made.userId,
    ]),
  );
  const password = made.password ?? '';
  return { userId: made.userId, email, password, ...(await signIn(test, { email, password })) };
}

const anyAddress = () => `198.19.${randomInt(256)}.${randomInt(256)}`;

async function call(path: string, body: object, cookie = '', remoteAddress = anyAddress()) {
  const answer = await test.app.http.inject({
    method: 'POST',
    url: `/api/auth/${path}`,
    remoteAddress,
    headers: { origin: test.url, 'user-agent': 'a-test/1.0', ...(cookie ? { cookie } : {}) },
    payload: body,
  });
  return { status: answer.statusCode, setCookies: [answer.headers['set-cookie'] ?? []].flat() };
}

async function tokenMailedTo(email: string): Promise<string> {
  const mail = await test.until(`a link to ${email}`, async () =>
    server.arrived.findLast(({ to, text }) => to.includes(email) && text.includes('#token=')),
  );
  return /#token=(\S+)/.exec(mail.text)?.[1] ?? '';
}

const auditOf = async (where: TestWorkspace, action: string, userId: string) =>
  (await where.as('owner').get<AuditPage>(`/api/v1/audit?action=${action}`)).body.items.filter(
    ({ target }) => target.id === userId,
  );

describe('the audit of every workspace of a member', () => {
  it('has a password that was reset by a link, from where it was, written with the reset', async () => {
    const { userId, email } = await person();
    await call('request-password-reset', { email });
    const token = await tokenMailedTo(email);
    const { status } = await call(
      'reset-password',
      { token, newPassword: 'a calm lighthouse at noon' },
      '',
      '198.51.100.9',
    );
    expect(status).toBe(200);
    for (const where of [workspace, other]) {
      expect(await auditOf(where, 'password.changed', userId)).toMatchObject([
        { actor: { kind: 'member', id: userId }, via: 'http', address: '198.51.100.9', device: 'a-test/1.0' },
      ]);
    }
  });

  it('has another e-mail address, but not the address; a confirmed one is no change', async () => {
    const { userId, email, password, cookie } = await person();
    const newEmail = `moved-${people}@example.com`;
    expect((await call('send-verification-email', {}, cookie)).status).toBe(200);
    expect((await call('confirm-email', { token: await tokenMailedTo(email) }, cookie)).status).toBe(200);
    expect((await call('change-email', { newEmail, password }, cookie)).status).toBe(200);
    expect((await call('confirm-email', { token: await tokenMailedTo(newEmail) }, cookie)).status).toBe(200);
    for (const where of [workspace, other]) {
      const entries = await auditOf(where, 'email.changed', userId);
      expect(entries).toHaveLength(1);
      expect(JSON.stringify(entries)).not.toContain('@');
    }
  });
});

describe('a password that is guessed at', () => {
  it('to move an account to another address is locked like one at the door', async () => {
    const { email, password, cookie } = await person();
    const session = cookie.split('; ').find((part) => part.includes('session_token')) ?? '';
    const guess = (tried: string) =>
      call('change-email', { newEmail: 'thief@example.com', password: tried }, session);
    for (let count = 0; count < 5; count += 1) expect((await guess(`guess ${count}`)).status).toBe(400);
    expect((await guess(password)).status).toBe(429);
    expect((await call('sign-in/email', { email, password })).status).toBe(429);
  });

  it('by strangers keeps out neither a browser that has signed in before, nor lets it guess for ever', async () => {
    const { email, password } = await person();
    const signedIn = await call('sign-in/email', { email, password });
    const known = signedIn.setCookies.find((line) => line.startsWith('parley.known_browser=')) ?? '';
    expect(known).toMatch(/Path=\/; HttpOnly; SameSite=Strict/i);
    const mark = known.split(';')[0] ?? '';
    for (let count = 0; count < 6; count += 1) await call('sign-in/email', { email, password: 'a guess' });
    expect((await call('sign-in/email', { email, password })).status).toBe(429);
    expect((await call('sign-in/email', { email, password }, mark)).status).toBe(200);

    const another = await person();
    for (const forged of [
      `${mark}0`,
      mark.replace(/\w$/, (end) => (end === '0' ? '1' : '0')),
      'parley.known_browser=.',
      'parley.known_browser=%00',
    ]) {
      expect((await call('sign-in/email', { email, password }, forged)).status).toBe(429);
    }
    // Of one account, it is worth nothing at another.
    for (let count = 0; count < 5; count += 1)
      await call('sign-in/email', { email: another.email, password: 'a guess' });
    const { status } = await call('sign-in/email', another, mark);
    expect(status).toBe(429);

    for (let count = 0; count < 5; count += 1)
      expect((await call('sign-in/email', { email, password: 'a guess' }, mark)).status).toBe(401);
    expect((await call('sign-in/email', { email, password }, mark)).status).toBe(429);
  });

  it('from all of an IPv6 line is guessed at from one caller', async () => {
    const answers: number[] = [];
    for (let count = 0; count < 32; count += 1) {
      const body = { email: `nobody-${count}@example.com`, password: 'a guess' };
      answers.push((await call('sign-in/email', body, '', `2001:db8:0:7::${count.toString(16)}`)).status);
    }
    expect(answers.slice(-2)).toEqual([429, 429]);
    const body = { email: 'nobody@example.com', password: 'a guess' };
    expect((await call('sign-in/email', body, '', '2001:db8:0:8::1')).status).toBe(401);
  });
});

it('what was asked for and never answered is deleted after a week', async () => {
  const count = async () =>
    (
      await test.kernel.database.asSystem((queries) =>
        queries.sql('select 1 from account_asks where created_at < now()'),
      )
    ).length;
  await test.settled();
  await test.kernel.database.asSystem((queries) =>
    queries.sql("insert into account_asks (id, sealed, created_at) values (gen_random_uuid(), 'x', $1)", [
      new Date(test.kernel.clock.now() - 6 * 86_400_000),
    ]),
  );
  const ctx = test.kernel.systemContext();
  await forgetOldAsks(ctx);
  expect(await count()).toBe(1);
  const later = test.kernel.clock.now() + 2 * 86_400_000;
  await forgetOldAsks({ ...ctx, clock: { ...ctx.clock, now: () => later } });
  expect(await count()).toBe(0);
});
