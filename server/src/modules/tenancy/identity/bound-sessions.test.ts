// What a session that began by a workspace's own sign-in may do with the account: nothing, but what an app needs to work.
import type { Me } from '@parley/contract/tenancy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comeByCompany, setSingleSignOn } from '../../../../test/company-sign-in.ts';
import { type ApiClient, startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import { type IdentityProvider, startIdentityProvider } from '../../../../test/identity-provider.ts';
import { addMember, makeStale, type TestMember } from '../../../../test/members.ts';
import { documentedRoutes } from '../../../../test/routes.ts';
import { addAuthenticator, clockAhead } from '../../../../test/second-factor.ts';
import { newId } from '../../../core/identifiers.ts';

const clock = clockAhead();
let test: TestApp;
let idp: IdentityProvider;
let acme: TestWorkspace;
let ana: TestMember;
let bound: ApiClient;
const come = async () => {
  const person = { sub: 'ana', email: 'ana@acme.example', email_verified: true };
  const { client } = await comeByCompany(test, idp, person);
  if (!client) throw new Error('Ana is not in');
  return client;
};
beforeAll(async () => {
  test = await startTestApp({ clock, environment: { EGRESS_ALLOW_SSO_HOSTS: '127.0.0.1' } });
  acme = await test.workspace({ name: 'Acme' });
  const owner = await addMember(test, acme, 'owner');
  idp = await startIdentityProvider([`${test.url}/api/v1/auth/callbacks/${acme.id}`]);
  await setSingleSignOn(test, owner, idp, { domain: 'acme.example' });
  ana = await addMember(test, acme, 'admin');
  await addAuthenticator(ana.client, clock);
  await test.kernel.database.asSystem((queries) =>
    queries.sql("update users set email = 'ana@acme.example', email_verified = true where id = $1", [
      ana.userId,
    ]),
  );
  bound = await come();
});
afterAll(async () => {
  await test.close();
  await idp.close();
});

const codeOf = ({ body }: { body: unknown }) =>
  (body as { error?: { code?: string } } | null)?.error?.code ?? null;

describe('a session of a company’s sign-in', () => {
  it('reaches of all routes of an account those that the app and the session itself need, and no other', async () => {
    const open: string[] = [];
    for (const route of documentedRoutes(test.app)) {
      if (route.permission !== 'signed-in') continue;
      const path = route.path.replaceAll(/\{\w+\}/g, newId());
      const { method } = route;
      const answer =
        method === 'get' || method === 'delete' ? await bound[method](path) : await bound[method](path, {});
      if (codeOf(answer) !== 'workspace_session') open.push(`${method.toUpperCase()} ${route.path}`);
    }
    expect(open.sort()).toEqual([
      'DELETE /api/v1/auth/sessions',
      'DELETE /api/v1/auth/sessions/{id}',
      'GET /api/v1/auth/me',
      'GET /api/v1/auth/preferences',
      'GET /api/v1/auth/sessions',
      'GET /api/v1/auth/verification',
      'POST /api/v1/auth/tokens',
      'PUT /api/v1/auth/preferences',
    ]);
  });

  it('says of itself that it is one, and a session of the account that it is none', async () => {
    expect((await bound.get<Me>('/api/v1/auth/me')).body.byCompany).toBe(true);
    expect((await ana.client.get<Me>('/api/v1/auth/me')).body.byCompany).toBe(false);
  });

  it('does not try the account’s password, and is proved by coming once more', async () => {
    const known = await bound.get<{ freshUntil: string | null }>('/api/v1/auth/verification');
    expect(known.body).toEqual({ freshUntil: expect.any(String), ways: [] });
    for (const password of [ana.password, 'another one altogether'])
      expect(codeOf(await bound.put('/api/v1/auth/verification', { way: 'password', password }))).toBe(
        'workspace_session',
      );
    const makeTokens = (client: ApiClient) =>
      client.post<{ error?: { message: string; details?: unknown } }>('/api/v1/auth/tokens', {});
    await makeStale(test, ana.userId);
    const stale = await makeTokens(bound);
    expect(codeOf(stale)).toBe('step_up_required');
    expect(stale.body.error?.message).toContain('in which you have just signed in');
    expect(stale.body.error?.details ?? []).toEqual([]);
    bound = await come();
    expect((await makeTokens(bound)).status).toBe(201);
  });
});
