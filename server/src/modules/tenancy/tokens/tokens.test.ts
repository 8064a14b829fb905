import type { KeySet, OpenSession, Tokens } from '@parley/contract/sessions';
import fc from 'fast-check';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiClient, startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import { type MailServer, startMailServer } from '../../../../test/mail-server.ts';
import { signIn } from '../../../../test/signed-in.ts';
import { fixedClock } from '../../../core/clock.ts';
import { createMember } from '../members.ts';
import { signInPort } from '../sign-in-port.ts';
import { forgetOldTokens } from './families.ts';

let test: TestApp;
let mail: MailServer;
let workspace: TestWorkspace;
let people = 0;
const clock = fixedClock(Date.now());
const minute = 60_000;
const day = 24 * 60 * minute;

beforeAll(async () => {
  mail = await startMailServer();
  test = await startTestApp({ clock, environment: { SMTP_URL: mail.url } });
  workspace = await test.workspace();
});
afterAll(async () => {
  await test.close();
  await mail.close();
});

const path = '/api/v1/auth/tokens';
type Answer = Tokens & { error?: { code: string } };
const withToken = (token: string) => apiClient(test.url, async () => ({ authorization: `Bearer ${token}` }));
const statusOf = async (token: string) => (await withToken(token).get('/api/v1/auth/me')).status;
const renew = (refreshToken: string, renewalId?: string) =>
  test.anonymous.put<Answer>(path, { refreshToken, ...(renewalId ? { renewalId } : {}) });

async function person() {
  const email = `tokens-${++people}@example.com`;
  const made = await createMember(workspace.ctx, { email, name: 'Person', role: 'agent' });
  const credentials = { email, password: made.password ?? '' };
  const { client } = await signIn(test, credentials);
  const open = async () => (await client.post<Answer>(path, {})).body;
  return { ...credentials, userId: made.userId, client, open };
}

describe('tokens', () => {
  it('are made with a session, and act as the member in every workspace of theirs', async () => {
    const { client, userId, email } = await person();
    const made = await client.post<Tokens>(path, { name: 'A program' });
    expect(made).toMatchObject({ status: 201, body: { tokenType: 'Bearer' } });
    expect(made.headers.get('cache-control')).toBe('no-store');
    const own = withToken(made.body.accessToken);
    expect((await own.get('/api/v1/auth/me')).body).toMatchObject({
      kind: 'member',
      user: { id: userId, email },
      workspace: { id: workspace.id, role: 'agent' },
    });
    expect((await own.get('/api/v1/conversations')).status).toBe(200);
    expect((await own.get('/api/v1/api-keys')).status).toBe(403);
    const other = await test.workspace();
    expect((await own.get('/api/v1/conversations', { 'x-workspace-id': other.id })).status).toBe(404);
    // No chain of programs that make programs.
    expect(await own.post<Answer>(path, {})).toMatchObject({
      status: 403,
      body: { error: { code: 'step_up_required' } },
    });
    expect((await workspace.as('owner').post(path, {})).status).toBe(403);
  });

  it('replace the session that made them, when asked', async () => {
    const { client } = await person();
    const { accessToken } = (await client.post<Tokens>(path, { endSession: true })).body;
    expect((await client.get('/api/v1/auth/me')).status).toBe(401);
    expect(await statusOf(accessToken)).toBe(200);
  });

  it('carry what RFC 9068 asks for, and are verified by anybody with the published keys', async () => {
    const { open, userId } = await person();
    const { accessToken, id } = await open();
    const published = await test.anonymous.get<KeySet>('/.well-known/jwks.json');
    expect(published.headers.get('cache-control')).toBe('public, max-age=300');
    expect(JSON.stringify(published.body)).not.toContain('"d"');
    const { payload, protectedHeader } = await jwtVerify(accessToken, createLocalJWKSet(published.body), {
      issuer: test.url,
      audience: `${test.url}/api`,
      currentDate: clock.date(),
    });
    expect(protectedHeader).toMatchObject({ alg: 'EdDSA', typ: 'at+jwt' });
    expect(payload).toMatchObject({ sub: userId, sid: id });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(600);
  });

  it('expire after ten minutes, and are renewed', async () => {
    const { open } = await person();
    const { accessToken, refreshToken } = await open();
    clock.advance(11 * minute);
    expect(await statusOf(accessToken)).toBe(401);
    const renewed = await renew(refreshToken);
    expect(renewed.status).toBe(200);
    expect(await statusOf(renewed.body.accessToken)).toBe(200);
    expect(await statusOf(refreshToken)).toBe(401);
  });

  it('rest as a hash', async () => {
    const { open } = await person();
    const { refreshToken, id } = await open();
    const rows = await test.kernel.database.asSystem((queries) =>
      queries.sql<{ whole: string }>('select t::text as whole from refresh_tokens t where family_id = $1', [
        id,
      ]),
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.whole).not.toContain(refreshToken.slice(3));
  });

  it('end unused after 30 days, and after 90 however often they are renewed', async () => {
    const { open } = await person();
    const idle = await open();
    let { refreshToken } = await open();
    for (let month = 0; month < 3; month += 1) {
      clock.advance(29 * day);
      refreshToken = (await renew(refreshToken)).body.refreshToken;
    }
    expect((await renew(idle.refreshToken)).status).toBe(401);
    clock.advance(4 * day);
    expect((await renew(refreshToken)).status).toBe(401);
    await forgetOldTokens(test.kernel.systemContext());
  });

  it('are none that somebody else made or changed', async () => {
    const { open, userId } = await person();
    const { accessToken, id } = await open();
    const { kid = '' } = decodeProtectedHeader(accessToken);
    const claims = decodeJwt(accessToken);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const [head = '', body = '', signature = ''] = accessToken.split('.');
    const { keys } = (await test.anonymous.get<KeySet>('/.well-known/jwks.json')).body;
    const publicKey = Buffer.from(keys.find((key) => key.kid === kid)?.x ?? '', 'base64url');
    const hs = (header: object) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', ...header }).sign(publicKey);
    const forged = {
      'no signature': `${part({ alg: 'none', typ: 'at+jwt', kid })}.${body}.`,
      'the public key as a secret': await hs({ kid }),
      'no key named': await hs({}),
      'a path as a key': await hs({ kid: '../../etc/passwd' }),
      'another user': `${head}.${part({ ...claims, sub: `${userId}x` })}.${signature}`,
      'another type': `${part({ alg: 'EdDSA', kid, typ: 'JWT' })}.${body}.${signature}`,
      'a long life': `${head}.${part({ ...claims, exp: Number(claims.exp) + 9999 })}.${signature}`,
      'nothing of a token': 'eyJ.eyJ.eyJ',
    };
    for (const [what, token] of Object.entries(forged))
      expect([what, await statusOf(token)]).toEqual([what, 401]);
    expect(await statusOf(accessToken)).toBe(200);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a family of tokens', () => {
  it('ends when a refresh token is used twice; the user is told by mail, owners by an alert', async () => {
    const { open, email, userId } = await person();
    const first = await open();
    const second = (await renew(first.refreshToken)).body;
    const again = await renew(first.refreshToken);
    expect(again).toMatchObject({ status: 401, body: { error: { code: 'refresh_token_reused' } } });
    expect(await statusOf(second.accessToken)).toBe(401);
    expect((await renew(second.refreshToken)).status).toBe(401);
    await test.until('the mail', async () => mail.arrived.find(({ to }) => to.includes(email)));
    const alert = await test.event('security.alerted', ({ payload }) => payload.targetId === userId);
    expect(alert.payload).toMatchObject({ kind: 'session.token_reused' });
    expect(mail.arrived.find(({ to }) => to.includes(email))?.text).toContain('used twice');
  });

  it('gives a lost answer again to who knows the renewal’s number, for a minute, until it was used', async () => {
    const { open } = await person();
    const { refreshToken } = await open();
    const renewalId = crypto.randomUUID();
    const answer = await renew(refreshToken, renewalId);
    clock.advance(30_000);
    const again = await renew(refreshToken, renewalId);
    expect(again.status).toBe(200);
    expect(again.body.refreshToken).toBe(answer.body.refreshToken);
    expect((await renew(answer.body.refreshToken)).status).toBe(200);
    // Whoever has the token and the number now had them when they were used.
    expect((await renew(refreshToken, renewalId)).body.error?.code).toBe('refresh_token_reused');

    for (const [wait, id] of [
      [61_000, renewalId],
      [1000, crypto.randomUUID()],
      [1000, undefined],
    ] as const) {
      const { refreshToken: other } = await open();
      await renew(other, renewalId);
      clock.advance(wait);
      expect((await renew(other, id)).body.error?.code).toBe('refresh_token_reused');
    }
  });

  it('is renewed once, however many ask with the same token at once', async () => {
    const { open } = await person();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(fc.uuid(), { nil: undefined }), { minLength: 2, maxLength: 6 }),
        async (ids) => {
          const { refreshToken, id } = await open();
          const answers = await Promise.all(ids.map((renewalId) => renew(refreshToken, renewalId)));
          const given = new Set(
            answers.filter(({ status }) => status === 200).map(({ body }) => body.refreshToken),
          );
          expect(given.size).toBe(1);
          const isOneRenewal = ids[0] !== undefined && ids.every((one) => one === ids[0]);
          const left = await test.kernel.database.asSystem((queries) =>
            queries.sql('select 1 from token_families where id = $1 and ended_at is null', [id]),
          );
          expect(left.length).toBe(isOneRenewal ? 1 : 0);
        },
      ),
      { numRuns: 12, examples: [[[undefined, undefined]], [Array(5).fill(crypto.randomUUID()) as string[]]] },
    );
  });

  it('stops at once where it is ended, and where the password changes', async () => {
    const { open, client, email } = await person();
    const [one, two, three] = [await open(), await open(), await open()];
    const sessions = (await client.get<{ items: OpenSession[] }>('/api/v1/auth/sessions')).body.items;
    expect(sessions.filter(({ kind }) => kind === 'tokens')).toHaveLength(3);
    expect((await client.delete(`/api/v1/auth/sessions/${one.id}`)).status).toBe(204);
    expect([await statusOf(one.accessToken), (await renew(one.refreshToken)).status]).toEqual([401, 401]);
    // A program signs itself out.
    const asked = await withToken(two.accessToken).delete(`/api/v1/auth/sessions/${two.id}`);
    expect([asked.status, await statusOf(two.accessToken)]).toEqual([204, 401]);
    await test.kernel.use(signInPort).resetPassword(email);
    expect([await statusOf(three.accessToken), (await renew(three.refreshToken)).status]).toEqual([401, 401]);
  });

  it('opens sockets, which end with the family', async () => {
    const { open, client } = await person();
    const { accessToken, id } = await open();
    const socket = new WebSocket(`${test.url.replace('http', 'ws')}/api/v1/realtime`);
    const closed = new Promise<number>((resolve) => {
      socket.onclose = ({ code }) => resolve(code);
    });
    const ready = new Promise<void>((resolve) => {
      socket.onmessage = () => resolve();
    });
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: 'authenticate', token: accessToken }));
      socket.send(JSON.stringify({ type: 'subscribe', after: null }));
    };
    await ready;
    await client.delete(`/api/v1/auth/sessions/${id}`);
    expect(await closed).toBe(4401);
  });
});
