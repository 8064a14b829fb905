import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { signIn } from '../../../test/signed-in.ts';
import { systemClock } from '../../core/clock.ts';
import { forgetOldAttempts, LockOut } from './lock-out.ts';
import { createMember } from './members.ts';
import { signInPort } from './sign-in-port.ts';

let test: TestApp;
let workspace: TestWorkspace;
let people = 0;
let aheadMs = 0;
const passes = (seconds: number) => {
  aheadMs += seconds * 1000;
};
beforeAll(async () => {
  const start = systemClock.now();
  const now = () => start + aheadMs;
  test = await startTestApp({ clock: { ...systemClock, now, date: () => new Date(now()) } });
  workspace = await test.workspace();
});
afterAll(() => test.close());

async function person() {
  const email = `locked-${++people}@example.com`;
  const { password } = await createMember(workspace.ctx, { email, name: 'Grace', role: 'agent' });
  return { email, password: password ?? '' };
}

async function tryOnce(email: string, password: string, remoteAddress: string) {
  const answer = await test.app.http.inject({
    method: 'POST',
    url: '/api/auth/sign-in/email',
    remoteAddress,
    headers: { origin: test.url },
    payload: { email, password },
  });
  return { status: answer.statusCode, wait: Number(answer.headers['retry-after'] ?? 0), body: answer.body };
}
let addresses = 0;
const anyAddress = () => `203.0.113.${++addresses}`;
const wrong = (email: string) => tryOnce(email, 'not the password', anyAddress());

describe('an account', () => {
  it('waits longer after each further wrong password, and the right one is not heard meanwhile', async () => {
    const { email, password } = await person();
    const waits: number[] = [];
    for (let count = 0; count < 5; count += 1) expect((await wrong(email)).status).toBe(401);
    for (let count = 0; count < 7; count += 1) {
      const refused = await tryOnce(email.toUpperCase(), password, anyAddress());
      expect(refused).toMatchObject({ status: 429 });
      waits.push(refused.wait);
      passes(refused.wait);
      expect((await wrong(email)).status).toBe(401);
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 900, 900]);
    passes(900);
    expect((await signIn(test, { email, password })).status).toBe(200);
    expect((await wrong(email)).status).toBe(401);
    expect((await signIn(test, { email, password })).status).toBe(200);
  });

  it('that does not exist is locked out in the same words', async () => {
    const { email } = await person();
    const tell = async (address: string) => {
      const said = [];
      for (let count = 0; count < 6; count += 1) said.push(await wrong(address));
      return said;
    };
    expect(await tell('nobody-at-all@example.com')).toEqual(await tell(email));
  });

  it('is guessed at no more often by many at once', async () => {
    const { email } = await person();
    const answers = await Promise.all(Array.from({ length: 20 }, () => wrong(email)));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
  });

  it('is locked against guesses from within a session, as against those at the door', async () => {
    const { email, password } = await person();
    const { cookie } = await signIn(test, { email, password });
    const guess = async (currentPassword: string) => {
      const answer = await test.app.http.inject({
        method: 'POST',
        url: '/api/auth/change-password',
        remoteAddress: anyAddress(),
        headers: { origin: test.url, cookie },
        payload: { currentPassword, newPassword: 'a quiet harbour at dawn', revokeOtherSessions: true },
      });
      return answer.statusCode;
    };
    for (let count = 0; count < 5; count += 1) expect(await guess(`guess number ${count}`)).toBe(400);
    expect(await guess(password)).toBe(429);
    expect((await tryOnce(email, password, anyAddress())).status).toBe(429);
    passes(60);
    expect(await guess(password)).toBe(200);
  });

  it('is free again when its password is reset', async () => {
    const { email } = await person();
    for (let count = 0; count < 6; count += 1) await wrong(email);
    const password = (await test.kernel.use(signInPort).resetPassword(email)) ?? '';
    expect((await signIn(test, { email, password })).status).toBe(200);
  });

  it('is locked on every node, and after a restart', async () => {
    const email = 'two-nodes@example.com';
    const [one, other] = [new LockOut(test.kernel), new LockOut(test.kernel)];
    for (let count = 0; count < 5; count += 1) expect(await one.begin(email, anyAddress())).toBeNull();
    expect(await other.begin(email, anyAddress())).toBe(30);
  });
});

describe('an address', () => {
  it('waits when it tries many accounts, and one that signs in is not held against it', async () => {
    const { email, password } = await person();
    const lockOut = new LockOut(test.kernel);
    const office = '192.0.2.7';
    for (let count = 0; count < 40; count += 1) {
      expect(await lockOut.begin(email, office)).toBeNull();
      await lockOut.succeed(email, office);
    }
    const guesser = '192.0.2.8';
    for (let count = 0; count < 30; count += 1) {
      expect(await lockOut.begin(`guessed-${count}@example.com`, guesser)).toBeNull();
    }
    expect(await tryOnce(email, password, guesser)).toMatchObject({ status: 429, wait: 30 });
    expect(await tryOnce(email, password, office)).toMatchObject({ status: 200 });
  });
});

it('nobody is flooded with mails that others ask for', async () => {
  const lockOut = new LockOut(test.kernel);
  const email = 'flooded@example.com';
  const asked = [];
  for (let count = 0; count < 5; count += 1) asked.push(await lockOut.mayMail(email));
  expect(asked).toEqual([true, true, true, false, false]);
  passes(3600);
  expect(await lockOut.mayMail(email)).toBe(true);
});

it('counts are forgotten after a day, and name nobody', async () => {
  const count = async () => {
    const rows = await test.kernel.database.asSystem((queries) =>
      queries.sql<{ key_hash: string }>('select key_hash from sign_in_attempts'),
    );
    expect(rows.filter(({ key_hash: hash }) => !/^[0-9a-f]{64}$/.test(hash))).toEqual([]);
    return rows.length;
  };
  await wrong('forgotten@example.com');
  await forgetOldAttempts(test.kernel.systemContext());
  expect(await count()).toBeGreaterThan(0);
  passes(25 * 3600);
  await forgetOldAttempts(test.kernel.systemContext());
  expect(await count()).toBe(0);
});
