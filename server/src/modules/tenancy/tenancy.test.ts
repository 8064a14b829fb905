import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { signInPort } from './sign-in-port.ts';
import { createWorkspace } from './tenancy.ts';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

describe('signing in', () => {
  it('lets an owner in by password and says who they are', async () => {
    const user = await test.kernel
      .use(signInPort)
      .createUser({ email: 'ada@example.com', password: 'a long password', name: 'Ada' });
    const workspaceId = await createWorkspace(test.kernel, {
      name: 'Ada’s shop',
      defaultCountry: 'US',
      ownerId: user.id,
    });
    const wrong = await test.anonymous.post(
      '/api/auth/sign-in/email',
      { email: 'ada@example.com', password: 'another password' },
      { origin: test.url },
    );
    expect(wrong.status).toBe(401);
    const signedIn = await test.anonymous.post(
      '/api/auth/sign-in/email',
      { email: 'ada@example.com', password: 'a long password' },
      { origin: test.url },
    );
    expect(signedIn.status).toBe(200);
    const cookie = signedIn.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    const me = await test.anonymous.get<{ user: { email: string }; workspace: { id: string; role: string } }>(
      '/api/v1/auth/me',
      { cookie },
    );
    expect(me.status).toBe(200);
    expect(me.body.user.email).toBe('ada@example.com');
    expect(me.body.workspace).toMatchObject({ id: workspaceId, role: 'owner' });

    const foreign = await test.anonymous.post(
      '/api/v1/api-keys',
      { name: 'x', role: 'viewer' },
      { cookie, origin: 'https://evil.example' },
    );
    expect(foreign.status).toBe(403);
  });

  it('lets nobody sign up by themselves', async () => {
    const response = await test.anonymous.post(
      '/api/auth/sign-up/email',
      { email: 'eve@example.com', password: 'a long password', name: 'Eve' },
      { origin: test.url },
    );
    expect(response.status).toBeGreaterThanOrEqual(400);
  });
});

describe('guessing passwords', () => {
  it('is limited by the address that the caller has, not by the one that they claim', async () => {
    let guessed = 0;
    // Each at another account: one that is guessed at often waits by itself.
    const guess = (claimed: string, remoteAddress: string) =>
      test.app.http.inject({
        method: 'POST',
        url: '/api/auth/sign-in/email',
        remoteAddress,
        headers: { origin: test.url, 'x-forwarded-for': claimed, 'x-parley-address': claimed },
        payload: { email: `nobody-${++guessed}@example.com`, password: 'a wrong password' },
      });
    const statuses: number[] = [];
    for (let index = 0; index < 32; index += 1) {
      statuses.push((await guess(`203.0.113.${index}`, '198.51.100.7')).statusCode);
    }
    expect(statuses.slice(0, 30)).toEqual(Array(30).fill(401));
    expect(statuses.slice(30)).toEqual([429, 429]);
    expect((await guess('203.0.113.1', '198.51.100.8')).statusCode).toBe(401);
  });
});

it('too many sign-ins from one address are told to wait, by a code and in seconds', async () => {
  const ask = () =>
    test.app.http.inject({
      method: 'POST',
      url: '/api/auth/sign-in/second-factor',
      remoteAddress: '198.51.100.17',
      headers: { origin: test.url },
      payload: { way: 'totp', code: '000000' },
    });
  const answers = await Promise.all(Array.from({ length: 61 }, ask));
  const refused = answers.filter(({ statusCode }) => statusCode === 429);
  expect(refused).toHaveLength(1);
  expect(refused[0]?.json()).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
  expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0);
});

it('asking for one’s session is not limited by the address: an office has one, and each page asks', async () => {
  const ask = () => test.app.http.inject({ url: '/api/auth/get-session', remoteAddress: '198.51.100.9' });
  const answers = await Promise.all(Array.from({ length: 150 }, ask));
  expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
});

describe('API keys', () => {
  it('are shown once, work until they are revoked, and answer the same for the same Idempotency-Key', async () => {
    const workspace = await test.workspace();
    const admin = workspace.as('admin');
    const body = { name: 'Till', role: 'agent' };
    const headers = { 'idempotency-key': 'till-1' };
    const first = await admin.post<{ id: string; key: string }>('/api/v1/api-keys', body, headers);
    expect(first.status).toBe(201);
    const second = await admin.post<{ id: string; key: string }>('/api/v1/api-keys', body, headers);
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    const other = await admin.post('/api/v1/api-keys', { ...body, name: 'Door' }, headers);
    expect(other).toMatchObject({ status: 409, body: { error: { code: 'sms.idempotent_duplicate' } } });

    const key = { authorization: `Bearer ${first.body.key}` };
    expect((await test.anonymous.get('/api/v1/auth/me', key)).status).toBe(200);
    expect((await test.anonymous.get('/api/v1/api-keys', key)).status).toBe(403);
    expect((await admin.delete(`/api/v1/api-keys/${first.body.id}`)).status).toBe(204);
    expect((await test.anonymous.get('/api/v1/auth/me', key)).status).toBe(401);
    const listed = await admin.get<{ items: { name: string }[] }>('/api/v1/api-keys');
    expect(listed.body.items.map((item) => item.name)).not.toContain('Till');
  });

  it('made at the same time under one Idempotency-Key are one key', async () => {
    const admin = (await test.workspace()).as('admin');
    const answers = await Promise.all(
      Array.from({ length: 5 }, () =>
        admin.post<{ id: string }>(
          '/api/v1/api-keys',
          { name: 'Race', role: 'viewer' },
          { 'idempotency-key': 'race' },
        ),
      ),
    );
    expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201, 201, 201]);
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
  });

  it('of another workspace do not exist here', async () => {
    const [mine, theirs] = await Promise.all([test.workspace(), test.workspace()]);
    const made = await theirs
      .as('admin')
      .post<{ id: string }>('/api/v1/api-keys', { name: 'Theirs', role: 'viewer' });
    expect((await mine.as('admin').delete(`/api/v1/api-keys/${made.body.id}`)).status).toBe(404);
  });

  it('do nothing where a request names another workspace than theirs', async () => {
    const [mine, theirs] = await Promise.all([test.workspace(), test.workspace()]);
    const naming = (id: string) => mine.as('admin').get('/api/v1/api-keys', { 'x-workspace-id': id });
    expect((await naming(mine.id)).status).toBe(200);
    expect((await naming(theirs.id)).status).toBe(404);
    expect((await naming('no workspace')).status).toBe(404);
  });
});

it('answers nobody with 401 and wrong input with every problem at once', async () => {
  expect(await test.anonymous.get('/api/v1/api-keys')).toMatchObject({
    status: 401,
    body: { error: { code: 'unauthenticated' } },
  });
  const wrong = await (await test.workspace()).as('admin').post('/api/v1/api-keys', { role: 'king' });
  expect(wrong).toMatchObject({
    status: 400,
    body: {
      error: { code: 'sms.validation_error', details: [{ path: 'body.name' }, { path: 'body.role' }] },
    },
  });
});
