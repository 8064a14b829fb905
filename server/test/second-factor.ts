// Members who have an authenticator app, whose codes an independent implementation makes.
import { randomInt } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { Clock } from '../src/core/clock.ts';
import { systemClock } from '../src/core/clock.ts';
import type { ApiClient, TestApp } from './harness.ts';
import { clientWith, cookieOf, type SignedIn } from './signed-in.ts';

export const periodMs = 30_000;

/** The time as it is, and as far ahead as it is moved. */
export function clockAhead(): Clock & { pass(milliseconds: number): void } {
  let aheadMs = 0;
  const now = () => systemClock.now() + aheadMs;
  return {
    now,
    date: () => new Date(now()),
    pass: (milliseconds) => {
      aheadMs += milliseconds;
    },
  };
}

export interface Authenticator {
  readonly secret: string;
  /** The code of now; `periods` says of how many periods later. */
  code(periods?: number): string;
}

export function authenticator(secret: string, clock: Clock): Authenticator {
  const app = new TOTP({ secret: Secret.fromBase32(secret) });
  return { secret, code: (periods = 0) => app.generate({ timestamp: clock.now() + periods * periodMs }) };
}

/** Sets one up. The next code that it makes is good. */
export async function addAuthenticator(
  client: ApiClient,
  clock: Clock & { pass(milliseconds: number): void },
): Promise<Authenticator & { readonly backupCodes: string[] }> {
  const setup = await client.post<{ secret: string; uri: string }>('/api/v1/auth/totp-setup');
  if (setup.status !== 201) throw new Error(`no set-up: ${setup.status}`);
  const app = authenticator(setup.body.secret, clock);
  const confirmed = await client.put<{ codes: string[] | null }>('/api/v1/auth/totp', { code: app.code() });
  if (confirmed.status !== 200) throw new Error(`not confirmed: ${confirmed.status}`);
  clock.pass(periodMs);
  return { ...app, backupCodes: confirmed.body.codes ?? [] };
}

export interface Step extends SignedIn {
  readonly body: { code?: string; ways?: string[]; secondFactor?: boolean; endsIn?: string };
  readonly setCookies: readonly string[];
}

/** One step of a sign-in, as a browser with these cookies makes it. Comes from an address of its own. */
export async function step(
  test: TestApp,
  path: 'sign-in/email' | 'sign-in/second-factor' | 'sign-in/second-factor-code',
  payload: object,
  cookies = '',
): Promise<Step> {
  const answer = await test.app.http.inject({
    method: 'POST',
    url: `/api/auth/${path}`,
    remoteAddress: `198.18.${randomInt(256)}.${randomInt(256)}`,
    headers: { origin: test.url, ...(cookies ? { cookie: cookies } : {}) },
    payload,
  });
  const setCookies = [answer.headers['set-cookie'] ?? []].flat();
  // As a browser keeps them: the last of a name counts, and an empty one is none.
  const kept = new Map<string, string>();
  for (const pair of [
    ...cookies.split('; ').filter(Boolean),
    ...setCookies.map((line) => cookieOf([line])),
  ]) {
    const [name = '', ...value] = pair.split('=');
    if (value.join('=') === '') kept.delete(name);
    else kept.set(name, value.join('='));
  }
  const cookie = [...kept].map(([name, value]) => `${name}=${value}`).join('; ');
  return {
    status: answer.statusCode,
    body: answer.json(),
    setCookies,
    cookie,
    client: clientWith(test, cookie),
  };
}
