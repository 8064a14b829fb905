import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { addMember } from '../../../test/members.ts';
import { createCookieRenewal } from './renewed-cookies.ts';

const older = 'the secret of an installation before it was changed';
const newer = 'the secret of an installation after it was changed';
let first: TestApp;
beforeAll(async () => {
  first = await startTestApp({ environment: { PARLEY_SECRET: older } });
});
afterAll(() => first.close());

it('a session goes on on a node that has the new secret and the one before, and on no other', async () => {
  // Two nodes share a database; the embedded one serves one process.
  if (!first.databaseUrl) return;
  const databaseUrl = first.databaseUrl;
  const workspace = await first.workspace();
  const { client } = await addMember(first, workspace);
  const headers = await client.authorization();
  const media = { PARLEY_SECRET: newer, PARLEY_PREVIOUS_SECRET: older };
  const second = await startTestApp({ databaseUrl, environment: media });
  const asked = { ...headers, origin: second.url };
  expect((await second.anonymous.get('/api/v1/auth/me', asked)).status).toBe(200);
  expect((await second.anonymous.get('/api/auth/get-session', asked)).body).not.toBeNull();
  // The node with the old secret works on meanwhile, and both run the jobs of either.
  expect((await client.get('/api/v1/auth/me')).status).toBe(200);
  await second.close();
});

it('a cookie is signed anew where the secret before signed it, and is left alone otherwise', async () => {
  const { createHmac } = await import('node:crypto');
  const sign = (secret: string, value: string) => createHmac('sha256', secret).update(value).digest('base64');
  const cookie = (secret: string, value = 'token') =>
    `better-auth.session_token=${encodeURIComponent(`${value}.${sign(secret, value)}`)}`;
  const renew = createCookieRenewal('new', 'old');
  const renewed = (given: string) => renew(new Headers({ cookie: given })).get('cookie');
  expect(renewed(`a=1; ${cookie('old')}; b=2`)).toBe(`a=1; ${cookie('new')}; b=2`);
  expect(renewed(`__Secure-${cookie('old')}`)).toBe(`__Secure-${cookie('new')}`);
  for (const other of [
    cookie('new'),
    cookie('stranger'),
    'better-auth.session_token=x.y',
    'better-auth.session_token=%zz',
    'a=1',
  ])
    expect(renewed(other)).toBe(other);
  const headers = new Headers({ cookie: cookie('old') });
  expect(createCookieRenewal('new', null)(headers)).toBe(headers);
});
