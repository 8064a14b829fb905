// That a new PARLEY_SECRET leaves the second factors as they are. Every app here is on one database.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../../test/harness.ts';
import { addMember } from '../../../../test/members.ts';
import { addAuthenticator, clockAhead, periodMs, step } from '../../../../test/second-factor.ts';
import { type App, createApp } from '../../../app.ts';
import { rotateKeys, rotationWaits } from '../../../core/rotation.ts';
import { totpColumn } from './sealed.ts';

const clock = clockAhead();
const secretOfBefore = 'the secret of before, which was written on a wall';
const secretOfNow = 'the secret of now, which nobody but the tests knows';
let test: TestApp;
const others: App[] = [];
beforeAll(async () => {
  test = await startTestApp({ clock, environment: { PARLEY_SECRET: secretOfBefore } });
});
afterAll(async () => {
  for (const { http, kernel } of others) {
    await http.close();
    // What is left of them but the database, which is one.
    await kernel.bus.close();
  }
  await test.close();
});

/** Another process, as the operator starts it with other secrets. */
async function withSecrets(present: string, previous?: string): Promise<TestApp> {
  const { config, log, database } = test.kernel;
  const app = await createApp({
    config: { ...config, PARLEY_SECRET: present, PARLEY_PREVIOUS_SECRET: previous },
    log,
    clock,
    database,
  });
  others.push(app);
  await app.http.ready();
  return { ...test, app, kernel: app.kernel };
}

it('a sign-in with a code, a backup code and a remembered device goes on over a rotation of PARLEY_SECRET', async () => {
  const { email, password, client, userId } = await addMember(test, await test.workspace());
  const app = await addAuthenticator(client, clock);
  const signIn = async (at: TestApp, way: string, code: string) => {
    const asked = await step(at, 'sign-in/email', { email, password });
    expect(asked.body.secondFactor).toBe(true);
    return step(at, 'sign-in/second-factor', { way, code, rememberDevice: true }, asked.cookie);
  };
  const first = await signIn(test, 'totp', app.code());
  expect(first.status).toBe(200);
  clock.pass(periodMs);

  const between = await withSecrets(secretOfNow, secretOfBefore);
  expect((await signIn(between, 'totp', app.code())).status).toBe(200);
  clock.pass(periodMs);
  const sealedNow = async () => {
    const rows = await test.kernel.database.asSystem((queries) =>
      queries.sql<{ sealed: Uint8Array }>('select sealed from totp_secrets where user_id = $1', [userId]),
    );
    return Buffer.from(rows[0]?.sealed ?? []).toString('hex');
  };
  const before = await sealedNow();
  const options = { ...rotationWaits.nobody, installation: [totpColumn], batchSize: 1 };
  expect(await rotateKeys(between.kernel, [], options)).toMatchObject({ finished: true, resealed: 1 });
  expect(await sealedNow()).not.toBe(before);
  expect(await rotateKeys(between.kernel, [], options)).toMatchObject({ resealed: 0, unreadable: 0 });

  const after = await withSecrets(secretOfNow);
  expect((await signIn(after, 'totp', app.code())).status).toBe(200);
  expect((await signIn(after, 'backup_code', app.backupCodes[0] ?? '')).status).toBe(200);
  const remembered = await step(after, 'sign-in/email', { email, password }, first.cookie);
  expect(remembered.body.secondFactor).toBeUndefined();
});
