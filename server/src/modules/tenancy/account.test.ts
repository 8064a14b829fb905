import type { Me, Preferences, Start } from '@parley/contract/tenancy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { clientWith, cookieOf, signIn } from '../../../test/signed-in.ts';
import { createMember } from './members.ts';
import { signInPort } from './sign-in-port.ts';

let test: TestApp;
let workspace: TestWorkspace;
let people = 0;

beforeAll(async () => {
  test = await startTestApp();
  workspace = await test.workspace();
});
afterAll(() => test.close());

interface Person {
  readonly userId: string;
  readonly email: string;
  readonly password: string;
  readonly client: ApiClient;
}

async function person(): Promise<Person> {
  const email = `person-${++people}@example.com`;
  const made = await createMember(workspace.ctx, { email, name: 'Person', role: 'agent' });
  const password = made.password ?? '';
  const { client } = await signIn(test, { email, password });
  return { userId: made.userId, email, password, client };
}

const isIn = async (client: ApiClient) => (await client.get('/api/v1/auth/me')).status === 200;

it('the start page knows what is here before anybody has signed in', async () => {
  const { status, body } = await test.anonymous.get<Start>('/api/v1/start');
  expect({ status, body }).toEqual({
    status: 200,
    body: {
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      demo: false,
      signUp: false,
      mail: 'none',
      languages: ['en', 'es', 'pt'],
      signInWays: [],
    },
  });
});

describe('a user', () => {
  it('changes their own name, and colleagues see it', async () => {
    const { client, userId } = await person();
    const changed = await client.put<Me>('/api/v1/auth/me', { name: '  Ada Lovelace ' });
    expect(changed).toMatchObject({ status: 200, body: { user: { id: userId, name: 'Ada Lovelace' } } });
    const { items } = (await workspace.as('viewer').get<{ items: unknown[] }>('/api/v1/members')).body;
    expect(items).toContainEqual(expect.objectContaining({ userId, name: 'Ada Lovelace' }));
    expect((await client.put('/api/v1/auth/me', { name: ' ' })).status).toBe(400);
  });

  it('has preferences of their own, of which a change leaves the others as they are', async () => {
    const [one, other] = [await person(), await person()];
    const path = '/api/v1/auth/preferences';
    const usual = {
      language: null,
      theme: 'system',
      notify: 'mine',
      enterSends: null,
      tourDone: false,
      timeZone: null,
      quietHours: null,
    };
    expect((await one.client.get<Preferences>(path)).body).toEqual(usual);
    expect((await one.client.put<Preferences>(path, {})).body).toEqual(usual);
    const spanish = { ...usual, language: 'es' };
    expect((await one.client.put<Preferences>(path, { language: 'es' })).body).toEqual(spanish);
    expect((await one.client.put<Preferences>(path, { theme: 'dark', tourDone: true })).body).toEqual({
      ...spanish,
      theme: 'dark',
      tourDone: true,
    });
    expect((await one.client.put<Preferences>(path, { enterSends: false })).body).toMatchObject({
      theme: 'dark',
      enterSends: false,
    });
    const undone = await one.client.put<Preferences>(path, { language: null, enterSends: null });
    expect(undone.body).toMatchObject({ language: null, enterSends: null });
    expect((await other.client.get<Preferences>(path)).body).toEqual(usual);
    const nights = { timeZone: 'Europe/Madrid', quietHours: { from: '22:00', to: '07:00', days: [1, 5] } };
    expect((await one.client.put<Preferences>(path, nights)).body).toMatchObject({
      theme: 'dark',
      ...nights,
    });
    expect((await one.client.put<Preferences>(path, { quietHours: null })).body).toMatchObject({
      timeZone: 'Europe/Madrid',
      quietHours: null,
    });
    for (const wrong of [
      { theme: 'pink' },
      { timeZone: 'Mars/Olympus' },
      { quietHours: { from: '24:00', to: '07:00', days: [1] } },
      { quietHours: { from: '22:00', to: '07:00', days: [] } },
      { quietHours: { from: '22:00', to: '07:00', days: [1, 1] } },
      { quietHours: { from: '22:00', to: '07:00', days: [0] } },
    ]) {
      expect((await one.client.put(path, wrong)).status).toBe(400);
    }
  });

  it('is no API key: a key has neither name nor preferences', async () => {
    const key = workspace.as('admin');
    const answers = [
      await key.put('/api/v1/auth/me', { name: 'Key' }),
      await key.get('/api/v1/auth/preferences'),
      await key.put('/api/v1/auth/preferences', { theme: 'dark' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  });

  it('is read in no workspace but the one that was named, and in none where that is no name of one', async () => {
    const { client } = await person();
    for (const name of ['nonsense', '', 'null', '00000000-0000-7000-8000-000000000000']) {
      const answer = await client.get('/api/v1/auth/me', { 'x-workspace-id': name });
      expect([name, answer.status]).toEqual([name, 404]);
    }
  });

  it('is changed by no page of somebody else’s', async () => {
    const { client } = await person();
    const headers = { origin: 'https://evil.example' };
    expect((await client.put('/api/v1/auth/me', { name: 'Eve' }, headers)).status).toBe(403);
    expect((await client.put('/api/v1/auth/preferences', { theme: 'dark' }, headers)).status).toBe(403);
  });
});

describe('the sign-in library', () => {
  it('changes a password, ends the other sessions with it, and keeps the one that asked', async () => {
    const { client, email, password } = await person();
    const elsewhere = await signIn(test, { email, password });
    const change = (currentPassword: string, newPassword: string) =>
      client.post<{ code: string }>('/api/auth/change-password', {
        currentPassword,
        newPassword,
        revokeOtherSessions: true,
      });
    expect(await change('not the password', 'a new long password')).toMatchObject({
      status: 400,
      body: { code: 'INVALID_PASSWORD' },
    });
    expect(await change(password, 'short')).toMatchObject({
      status: 400,
      body: { code: 'PASSWORD_TOO_SHORT' },
    });
    const changed = await change(password, 'a new long password');
    expect(changed.status).toBe(200);
    expect([await isIn(elsewhere.client), await isIn(client)]).toEqual([false, false]);
    const fresh = clientWith(test, cookieOf(changed.headers.getSetCookie()));
    expect(await isIn(fresh)).toBe(true);
    expect((await signIn(test, { email, password })).status).toBe(401);
    expect((await signIn(test, { email, password: 'a new long password' })).status).toBe(200);
  });

  it('prolongs a session that is in use, and the cookie with it, when a page asks', async () => {
    const { client, email } = await person();
    const sessionDays = async (sql: string) => {
      const rows = await test.kernel.database.asSystem((queries) =>
        queries.sql<{ days: number }>(sql, [email]),
      );
      return rows[0]?.days;
    };
    const ofUser = 'from users u where u.id = s.user_id and email = $1';
    const left = `round(extract(epoch from s.expires_at - now()) / 86400)::int as days`;
    const read = () =>
      sessionDays(`select ${left} from sessions s, users u where u.id = s.user_id and email = $1`);
    // Signed in five days ago.
    await sessionDays(
      `update sessions s set expires_at = now() + interval '2 days' ${ofUser} returning ${left}`,
    );
    // Other calls leave that to the page: they could not renew its cookie.
    expect(await isIn(client)).toBe(true);
    expect(await read()).toBe(2);
    const renewed = await client.get('/api/auth/get-session');
    expect(renewed.status).toBe(200);
    expect(await read()).toBe(7);
    const cookies = renewed.headers.getSetCookie();
    expect(cookies).toContainEqual(expect.stringMatching(/session_token=.*Max-Age=604800/));
    expect(await isIn(clientWith(test, cookieOf(cookies)))).toBe(true);
    // Once a day is enough.
    expect((await client.get('/api/auth/get-session')).headers.getSetCookie()).toEqual([]);
  });

  it('is open for nothing but what a page of ours asks of it', async () => {
    const { client, email } = await person();
    const headers = await client.authorization();
    const away = 'https://evil.example/';
    // Links that begin with our address, and that a member would trust for it.
    for (const path of [
      `reset-password/any?callbackURL=${away}`,
      `verify-email?token=any&callbackURL=${away}`,
      'error?error=any',
      'callback/google',
    ]) {
      const answer = await fetch(`${test.url}/api/auth/${path}`, { headers, redirect: 'manual' });
      expect([path, answer.status, answer.headers.get('location')]).toEqual([path, 404, null]);
    }
    for (const path of ['update-user', 'sign-up/email', 'delete-user', 'update-session', 'revoke-session']) {
      const answer = await client.post(`/api/auth/${path}`, { name: '', image: away, newEmail: `x${email}` });
      expect([path, answer.status]).toEqual([path, 404]);
    }
    expect((await client.get<{ user: unknown }>('/api/v1/auth/me')).body.user).toMatchObject({ email });
  });
});

describe('a forgotten password', () => {
  it('is replaced by the operator, and every session ends with it', async () => {
    const { client, email, password } = await person();
    const replaced = await test.kernel.use(signInPort).resetPassword(email.toUpperCase());
    expect(await isIn(client)).toBe(false);
    expect((await signIn(test, { email, password })).status).toBe(401);
    expect((await signIn(test, { email, password: replaced ?? '' })).status).toBe(200);
    expect(await test.kernel.use(signInPort).resetPassword('nobody@example.com')).toBeNull();
  });

  it('is a first one for a user whose making was broken off', async () => {
    const { email, userId } = await person();
    await test.kernel.database.asSystem((queries) =>
      queries.sql('delete from accounts where user_id = $1', [userId]),
    );
    const password = await test.kernel.use(signInPort).resetPassword(email);
    expect((await signIn(test, { email, password: password ?? '' })).status).toBe(200);
  });
});
