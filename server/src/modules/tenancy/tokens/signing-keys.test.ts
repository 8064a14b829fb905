import type { KeySet, Tokens } from '@parley/contract/sessions';
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../../test/harness.ts';
import { addMember, type TestMember } from '../../../../test/members.ts';
import { fixedClock } from '../../../core/clock.ts';
import { SigningKeys, signingKeys } from './signing-keys.ts';

let test: TestApp;
let member: TestMember;
const clock = fixedClock(Date.now());
const minute = 60_000;
const day = 24 * 60 * minute;

beforeAll(async () => {
  test = await startTestApp({ clock });
  member = await addMember(test, await test.workspace());
});
afterAll(() => test.close());

const published = async () =>
  (await test.anonymous.get<KeySet>('/.well-known/jwks.json')).body.keys.map(({ kid }) => kid);
const open = async () => (await member.client.post<Tokens>('/api/v1/auth/tokens', {})).body.accessToken;
const kidOf = (token: string) => decodeProtectedHeader(token).kid;
const statusOf = async (token: string) =>
  (await test.anonymous.get('/api/v1/auth/me', { authorization: `Bearer ${token}` })).status;

it('there is one key at first, whoever asks at the same moment', async () => {
  const tokens = await Promise.all([open(), open(), open()]);
  expect(new Set(tokens.map(kidOf)).size).toBe(1);
  expect(await published()).toHaveLength(1);
});

it('after 30 days there is a new key, which is published before it signs; the old one stays until its tokens have expired', async () => {
  const keys = test.kernel.use(signingKeys);
  const [old] = await published();
  await keys.renew();
  expect(await published()).toEqual([old]);
  clock.advance(30 * day);
  await keys.renew();
  await keys.renew();
  const both = await published();
  expect(both).toHaveLength(2);
  expect(kidOf(await open())).toBe(old);
  clock.advance(9 * minute);
  const lastOfOld = await open();
  expect(kidOf(lastOfOld)).toBe(old);
  clock.advance(2 * minute);
  expect(kidOf(await open())).not.toBe(old);
  expect(await statusOf(lastOfOld)).toBe(200);
  await keys.renew();
  expect(await published()).toEqual(both);
  clock.advance(21 * minute);
  await keys.renew();
  expect(await published()).not.toContain(old);
});

it('a process that has read the keys before learns of a new one by the token that it signed', async () => {
  const another = new SigningKeys(test.kernel);
  expect((await another.published()).keys).toHaveLength(1);
  const kid = await test.kernel.use(signingKeys).rotate({ forgetOthers: true });
  clock.advance(1001);
  expect(await another.toVerify(kid)).not.toBeNull();
  expect(await another.toVerify('made-up')).toBeNull();
});

it('where keys may have been read, what they signed is worth nothing at once', async () => {
  const token = await open();
  expect(await statusOf(token)).toBe(200);
  await test.kernel.use(signingKeys).rotate({ forgetOthers: true });
  expect(await statusOf(token)).toBe(401);
  expect(await statusOf(await open())).toBe(200);
});

it('private keys rest sealed, and one that cannot be opened any more is replaced', async () => {
  const [kid] = await published();
  const rows = await test.kernel.database.asSystem((queries) =>
    queries.sql<{ whole: string }>('select k::text as whole from signing_keys k'),
  );
  for (const { whole } of rows) expect(whole).not.toMatch(/"d"/);
  await test.kernel.database.asSystem((queries) =>
    queries.sql("update signing_keys set sealed = '\\x00'::bytea where kid = $1", [kid]),
  );
  test.kernel.bus.publish('signing_keys');
  const token = await open();
  expect(kidOf(token)).not.toBe(kid);
  expect(await statusOf(token)).toBe(200);
});
