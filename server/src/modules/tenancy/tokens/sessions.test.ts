import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenSession, Tokens } from '@parley/contract/sessions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import { writePlaces } from '../../../../test/mmdb.ts';
import { signIn } from '../../../../test/signed-in.ts';
import { fixedClock } from '../../../core/clock.ts';
import { createMember } from '../members.ts';

let test: TestApp;
let workspace: TestWorkspace;
let folder: string;
let people = 0;
const clock = fixedClock(Date.now());

const safari =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'places-'));
  const file = join(folder, 'places.mmdb');
  const madrid = { country: { iso_code: 'ES' }, city: { names: { en: 'Madrid', 'pt-BR': 'Madri' } } };
  await writeFile(
    file,
    writePlaces({ '203.0.113.0/24': madrid, '192.0.2.0/24': { country: { iso_code: 'FR' } } }),
  );
  test = await startTestApp({ clock, environment: { GEOIP_FILE: file, PARLEY_TRUST_PROXY: 'true' } });
  workspace = await test.workspace();
});
afterAll(async () => {
  await test.close();
  await rm(folder, { recursive: true });
});

const path = '/api/v1/auth/sessions';
const list = async (client: ApiClient, headers?: Record<string, string>) =>
  (await client.get<{ items: OpenSession[] }>(path, headers)).body.items;
const isIn = async (client: ApiClient) => (await client.get('/api/v1/auth/me')).status === 200;

async function person() {
  const email = `sessions-${++people}@example.com`;
  const made = await createMember(workspace.ctx, { email, name: 'Person', role: 'agent' });
  const credentials = { email, password: made.password ?? '' };
  const again = async () => (await signIn(test, credentials)).client;
  return { ...credentials, userId: made.userId, client: await again(), again };
}

describe('the list of sessions', () => {
  it('says of each the device, the network and the place, and which one asks', async () => {
    const { client } = await person();
    const headers = { 'x-forwarded-for': '203.0.113.77' };
    const { body: tokens } = await client.post<Tokens>(
      '/api/v1/auth/tokens',
      { name: 'Ana’s phone' },
      {
        ...headers,
        'user-agent': safari,
      },
    );
    clock.advance(61_000);
    const [own, phone, ...others] = await list(client, headers);
    expect(others).toEqual([]);
    expect(own).toMatchObject({
      kind: 'session',
      current: true,
      network: '203.0.113.0/24',
      place: { kind: 'known', country: 'ES', city: 'Madrid' },
    });
    expect(phone).toMatchObject({ id: tokens.id, kind: 'tokens', device: 'Ana’s phone', current: false });
    const [inPortuguese] = await list(client, { ...headers, 'accept-language': 'pt-BR' });
    expect(inPortuguese?.place.city).toBe('Madri');
  });

  it('knows a private address as of this network, a country without a city, and says where it knows nothing', async () => {
    const { client } = await person();
    const placeFrom = async (address: string) => {
      clock.advance(61_000);
      await list(client, { 'x-forwarded-for': address });
      return (await list(client, { 'x-forwarded-for': address }))[0]?.place;
    };
    expect(await placeFrom('10.1.2.3')).toEqual({ kind: 'this_network', country: null, city: null });
    expect(await placeFrom('::1')).toMatchObject({ kind: 'this_network' });
    expect(await placeFrom('192.0.2.1')).toEqual({ kind: 'known', country: 'FR', city: null });
    expect(await placeFrom('198.51.100.1')).toEqual({ kind: 'unknown', country: null, city: null });
    expect(await placeFrom('2001:db8::1')).toMatchObject({ kind: 'unknown' });
  });

  it('has the last use to the minute, and writes it no more often', async () => {
    const { client, userId } = await person();
    const written = async () => {
      const rows = await test.kernel.database.asSystem((queries) =>
        queries.sql<{ xmin: string }>('select xmin::text from sessions where user_id = $1', [userId]),
      );
      return rows[0]?.xmin;
    };
    clock.advance(61_000);
    await isIn(client);
    const first = await written();
    clock.advance(59_000);
    await isIn(client);
    expect(await written()).toBe(first);
    clock.advance(2_000);
    await isIn(client);
    expect(await written()).not.toBe(first);
    expect((await list(client))[0]?.lastUsedAt).toBe(clock.date().toISOString());
  });

  it('shows nobody else’s, and an API key has none', async () => {
    const [one, other] = [await person(), await person()];
    const [theirs] = await list(other.client);
    expect((await list(one.client)).map(({ id }) => id)).not.toContain(theirs?.id);
    expect((await one.client.delete(`${path}/${theirs?.id}`)).status).toBe(404);
    expect(await isIn(other.client)).toBe(true);
    expect((await workspace.as('owner').get(path)).status).toBe(403);
  });
});

describe('ending a session', () => {
  it('stops one, all others, or one’s own, at once', async () => {
    const { client, again } = await person();
    const [second, third] = [await again(), await again()];
    const [own] = await list(second);
    expect((await client.delete(`${path}/${own?.id}`)).status).toBe(204);
    expect([await isIn(second), await isIn(third), await isIn(client)]).toEqual([false, true, true]);
    expect((await client.delete(path)).status).toBe(204);
    expect([await isIn(third), await isIn(client)]).toEqual([false, true]);
    const [last] = await list(client);
    expect((await client.delete(`${path}/${last?.id}`)).status).toBe(204);
    expect(await isIn(client)).toBe(false);
  });

  it('needs a page of ours', async () => {
    const { client, again } = await person();
    const other = await again();
    const foreign = { origin: 'https://evil.example' };
    expect((await client.delete(path, foreign)).status).toBe(403);
    expect(await isIn(other)).toBe(true);
  });

  it('closes its sockets at once, and no others', async () => {
    const { client, again } = await person();
    const other = await again();
    const open = async (who: ApiClient) => {
      const socket = new WebSocket(`${test.url.replace('http', 'ws')}/api/v1/realtime`, {
        headers: await who.authorization(),
      } as never);
      const closed = new Promise<number>((resolve) => {
        socket.onclose = ({ code }) => resolve(code);
      });
      const ready = new Promise<void>((resolve) => {
        socket.onmessage = () => resolve();
      });
      socket.onopen = () => socket.send(JSON.stringify({ type: 'subscribe', after: null }));
      await ready;
      return { socket, closed };
    };
    const [mine, theirs] = [await open(client), await open(other)];
    const begun = performance.now();
    expect((await client.delete(path)).status).toBe(204);
    expect(await theirs.closed).toBe(4401);
    // They are asked every three seconds anyway.
    expect(performance.now() - begun).toBeLessThan(1500);
    expect(mine.socket.readyState).toBe(WebSocket.OPEN);
    mine.socket.close();
    await mine.closed;
  });
});

describe('the table of sessions', () => {
  it('holds no token: what a cookie carries is not in it, and what is in it opens nothing', async () => {
    const { client, userId, email, password } = await person();
    const signedIn = await signIn(test, { email, password });
    const value = decodeURIComponent(/session_token=([^;]+)/.exec(signedIn.cookie)?.[1] ?? '');
    const token = value.split('.')[0] ?? '';
    expect(token.length).toBeGreaterThan(20);
    const rows = await test.kernel.database.asSystem((queries) =>
      queries.sql<{ token: string; whole: string }>(
        'select token, s::text as whole from sessions s where user_id = $1',
        [userId],
      ),
    );
    expect(rows).toHaveLength(2);
    for (const row of rows) {
      expect(row.token).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(row.whole).not.toContain(token);
    }
    expect(await isIn(client)).toBe(true);
    const forged = signedIn.cookie.replace(
      encodeURIComponent(value),
      encodeURIComponent(`${rows[0]?.token}.x`),
    );
    expect((await test.anonymous.get('/api/v1/auth/me', { cookie: forged })).status).toBe(401);
  });

  it('has the browser forget what it kept of pages when it is signed out, and leave the waiting messages alone', async () => {
    const { client } = await person();
    const answer = await client.post('/api/auth/sign-out', {});
    expect(answer.headers.get('clear-site-data')).toBe('"cache"');
    expect((await client.get('/api/auth/get-session')).headers.get('clear-site-data')).toBeNull();
  });

  it('is renewed with the cookie, whose token stays as it is', async () => {
    const { client, userId } = await person();
    await test.kernel.database.asSystem((queries) =>
      queries.sql("update sessions set expires_at = now() + interval '2 days' where user_id = $1", [userId]),
    );
    const renewed = await client.get('/api/auth/get-session');
    expect(renewed.headers.getSetCookie().join()).toContain('session_token=');
    expect(await isIn(client)).toBe(true);
    expect((await client.post('/api/auth/sign-out', {})).status).toBe(200);
    expect(await isIn(client)).toBe(false);
  });
});
