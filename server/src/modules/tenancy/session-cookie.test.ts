import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { createMember } from './members.ts';

const publicUrl = 'https://parley.example.com';
let test: TestApp;
let credentials: { email: string; password: string };
beforeAll(async () => {
  test = await startTestApp({ environment: { PUBLIC_URL: publicUrl } });
  const email = 'ada@example.com';
  const made = await createMember((await test.workspace()).ctx, { email, name: 'Ada', role: 'agent' });
  credentials = { email, password: made.password ?? '' };
});
afterAll(() => test.close());

/** From another address each time: the sign-in library counts by it, for every test of this process. */
const signIn = (cookie?: string) =>
  test.app.http.inject({
    method: 'POST',
    remoteAddress: `198.18.${randomInt(256)}.${randomInt(256)}`,
    url: '/api/auth/sign-in/email',
    headers: { origin: publicUrl, ...(cookie ? { cookie } : {}) },
    payload: credentials,
  });

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly attributes: ReadonlyMap<string, string>;
}
const cookiesOf = (answer: Awaited<ReturnType<typeof signIn>>): Cookie[] =>
  [answer.headers['set-cookie'] ?? []].flat().map((line) => {
    const [pair = '', ...rest] = line.split('; ');
    const at = pair.indexOf('=');
    const attributes = rest.map((one): [string, string] => {
      const [name = '', value = ''] = one.split('=');
      return [name.toLowerCase(), value];
    });
    return { name: pair.slice(0, at), value: pair.slice(at + 1), attributes: new Map(attributes) };
  });
const sessionOf = (cookies: readonly Cookie[]) => {
  const found = cookies.find(({ name }) => name.endsWith('session_token'));
  if (!found) throw new Error('there is no session');
  return found;
};

it('every cookie is Secure, of this host alone, closed to scripts, and not sent for foreign pages', async () => {
  const cookies = cookiesOf(await signIn());
  expect(cookies.length).toBeGreaterThan(0);
  for (const { name, attributes } of cookies) {
    expect([name, name.startsWith('__Host-')]).toEqual([name, true]);
    expect([name, attributes.has('secure'), attributes.has('httponly')]).toEqual([name, true, true]);
    expect([name, /^(?:lax|strict)$/i.test(attributes.get('samesite') ?? '')]).toEqual([name, true]);
    expect([name, attributes.get('path'), attributes.has('domain')]).toEqual([name, '/', false]);
  }
});

it('the token of a session is in its cookie and nowhere else that a script could read', async () => {
  const answer = await signIn();
  const { name, value } = sessionOf(cookiesOf(answer));
  const token = decodeURIComponent(value).split('.')[0] ?? '';
  expect(token.length).toBeGreaterThan(20);
  expect(answer.body).not.toContain(token);
  const cookie = `${name}=${value}`;
  for (const url of ['/api/auth/get-session', '/api/v1/auth/me', '/api/v1/auth/sessions']) {
    const read = await test.app.http.inject({ url, headers: { cookie } });
    expect([url, read.statusCode, read.body.includes(token)]).toEqual([url, 200, false]);
  }
});

it('each sign-in has a token of its own, of 128 random bits at least, whatever the browser brought along', async () => {
  const first = sessionOf(cookiesOf(await signIn()));
  const second = sessionOf(cookiesOf(await signIn(`${first.name}=${first.value}`)));
  const chosen = sessionOf(cookiesOf(await signIn(`${first.name}=chosen.by-somebody-else`)));
  const tokens = [first, second, chosen].map(({ value }) => decodeURIComponent(value).split('.')[0] ?? '');
  expect(new Set(tokens).size).toBe(3);
  expect(tokens).not.toContain('chosen');
  // 62 letters and digits have 5.95 bits each.
  for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9]{22,}$/);
});

it('signing in again ends the session that the browser had, and no other one', async () => {
  const [first, elsewhere] = [sessionOf(cookiesOf(await signIn())), sessionOf(cookiesOf(await signIn()))];
  const cookieOf = ({ name, value }: Cookie) => `${name}=${value}`;
  const second = sessionOf(cookiesOf(await signIn(cookieOf(first))));
  const statusOf = async (cookie: Cookie) =>
    (await test.app.http.inject({ url: '/api/v1/auth/me', headers: { cookie: cookieOf(cookie) } }))
      .statusCode;
  expect([await statusOf(first), await statusOf(second), await statusOf(elsewhere)]).toEqual([401, 200, 200]);
  const wrong = await test.app.http.inject({
    method: 'POST',
    url: '/api/auth/sign-in/email',
    headers: { origin: publicUrl, cookie: cookieOf(second) },
    payload: { ...credentials, password: 'a wrong password' },
  });
  expect([wrong.statusCode, await statusOf(second)]).toEqual([401, 200]);
});

it('a session ends after thirty days, however often it is prolonged', async () => {
  const { name, value } = sessionOf(cookiesOf(await signIn()));
  const ask = (url: string) => test.app.http.inject({ url, headers: { cookie: `${name}=${value}` } });
  const begunDaysAgo = (days: number) =>
    test.kernel.database.asSystem((queries) =>
      queries.sql(
        `update sessions set created_at = now() - $1 * interval '1 day', expires_at = now() + interval '2 days'`,
        [days],
      ),
    );
  const hoursLeft = async () => {
    const rows = await test.kernel.database.asSystem((queries) =>
      queries.sql<{ hours: number }>(
        'select round(extract(epoch from max(expires_at) - now()) / 3600)::int as hours from sessions',
      ),
    );
    return rows[0]?.hours;
  };
  await begunDaysAgo(29);
  // The page asks, and prolongs what has few days left.
  expect((await ask('/api/auth/get-session')).statusCode).toBe(200);
  expect(await hoursLeft()).toBe(24);
  expect((await ask('/api/v1/auth/me')).statusCode).toBe(200);
  await begunDaysAgo(31);
  expect((await ask('/api/v1/auth/me')).statusCode).toBe(401);
});
