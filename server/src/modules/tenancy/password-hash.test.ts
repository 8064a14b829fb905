import { hashPassword as hashAsBefore } from 'better-auth/crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { signIn } from '../../../test/signed-in.ts';
import { createMember } from './members.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

const password = 'harbour lights at nine';

it('a password is hashed by argon2id with the figures of today, and a salt each', async () => {
  const [one, other] = [await hashPassword(password), await hashPassword(password)];
  // OWASP, Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(other).not.toBe(one);
  expect(await verifyPassword({ hash: one, password })).toBe(true);
  expect(await verifyPassword({ hash: one, password: 'harbour lights at ten' })).toBe(false);
});

it('every character counts: none is cut off, none is another case', async () => {
  const long = `${'x'.repeat(127)}Y`;
  const hash = await hashPassword(long);
  for (const [tried, fits] of [
    [long, true],
    [long.slice(0, 127), false],
    [`${long}z`, false],
    [long.toLowerCase(), false],
    [` ${long}`, false],
  ] as const)
    expect([tried.length, await verifyPassword({ hash, password: tried })]).toEqual([tried.length, fits]);
  // An é of one character, and of two: the same key on two keyboards.
  expect(
    await verifyPassword({ hash: await hashPassword('caf\u00e9 au lait'), password: 'cafe\u0301 au lait' }),
  ).toBe(true);
});

it('what others hashed by argon2id opens: the vector of its own tests', async () => {
  // https://github.com/P-H-C/phc-winner-argon2/blob/master/src/test.c
  const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  expect(await verifyPassword({ hash, password: 'password' })).toBe(true);
  expect(await verifyPassword({ hash, password: 'Password' })).toBe(false);
});

it('who had a password before still signs in with it, and rests as today once it is changed', async () => {
  const email = 'ada@example.com';
  const workspace = await test.workspace();
  const { userId } = await createMember(workspace.ctx, { email, name: 'Ada', role: 'agent' });
  const stored = async () => {
    const [row] = await test.kernel.database.asSystem((queries) =>
      queries.sql<{ password: string }>('select password from accounts where user_id = $1', [userId]),
    );
    return row?.password ?? '';
  };
  expect(await stored()).toMatch(/^\$argon2id\$/);
  const older = await hashAsBefore(password);
  await test.kernel.database.asSystem((queries) =>
    queries.sql('update accounts set password = $2 where user_id = $1', [userId, older]),
  );
  expect((await signIn(test, { email, password: `${password}!` })).status).toBe(401);
  const { status, client } = await signIn(test, { email, password });
  expect(status).toBe(200);
  const change = { currentPassword: password, newPassword: 'mi gato duerme al sol' };
  expect((await client.post('/api/auth/change-password', change)).status).toBe(200);
  expect(await stored()).toMatch(/^\$argon2id\$/);
  expect((await signIn(test, { email, password: change.newPassword })).status).toBe(200);
});

it('a password does not expire', async () => {
  const email = 'grace@example.com';
  const workspace = await test.workspace();
  const made = await createMember(workspace.ctx, { email, name: 'Grace', role: 'agent' });
  await test.kernel.database.asSystem((queries) =>
    queries.sql(
      "update accounts set created_at = now() - interval '9 years', updated_at = now() - interval '9 years' where user_id = $1",
      [made.userId],
    ),
  );
  expect((await signIn(test, { email, password: made.password ?? '' })).status).toBe(200);
});
