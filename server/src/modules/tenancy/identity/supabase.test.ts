// Tokens of a Supabase project, which a server on loopback stands in for.
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import { addMember } from '../../../../test/members.ts';
import { fixedClock } from '../../../core/clock.ts';

const secret = 'a legacy secret of the project, of some length';
const clock = fixedClock(Date.now());
const path = '/api/v1/auth/me';
type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

let test: TestApp;
let workspace: TestWorkspace;
let project: Server;
let url: string;
let keys: Keys;
let published: object[];
let asked: string[];
let users: Record<string, object>;
let autoconfirm = false;

async function publish(kid: string): Promise<void> {
  keys = await generateKeyPair('ES256', { extractable: true });
  published = [{ ...(await exportJWK(keys.publicKey)), kid, alg: 'ES256', use: 'sig' }];
}

beforeAll(async () => {
  await publish('one');
  asked = [];
  users = {};
  project = createServer((request, response) => {
    asked.push(request.url ?? '');
    const bearer = request.headers.authorization?.slice('Bearer '.length) ?? '';
    const answers: Record<string, object | undefined> = {
      '/auth/v1/.well-known/jwks.json': { keys: published },
      '/auth/v1/user': users[bearer],
      '/auth/v1/settings': { mailer_autoconfirm: autoconfirm },
    };
    const answer = answers[request.url ?? ''];
    response.writeHead(answer ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => project.listen(0, '127.0.0.1', resolve));
  const address = project.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  test = await startTestApp({
    clock,
    environment: { SUPABASE_URL: url, SUPABASE_JWT_SECRET: secret, SUPABASE_ANON_KEY: 'anon' },
  });
  workspace = await test.workspace();
});
afterAll(async () => {
  await test.close();
  await new Promise((resolve) => project.close(resolve));
});

const seconds = () => Math.floor(clock.now() / 1000);
const claimsOf = (more: JWTPayload = {}): JWTPayload => ({
  iss: `${url}/auth/v1`,
  aud: 'authenticated',
  sub: randomUUID(),
  role: 'authenticated',
  aal: 'aal1',
  session_id: randomUUID(),
  iat: seconds(),
  exp: seconds() + 3600,
  ...more,
});
const sign = (claims: JWTPayload, header: object = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'one', ...header }).sign(keys.privateKey);
const signHs = (claims: JWTPayload, key = secret, header: object = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'HS256', ...header }).sign(new TextEncoder().encode(key));
const statusOf = async (token: string) =>
  (await test.anonymous.get(path, { authorization: `Bearer ${token}` })).status;

/** A member whose account there is linked by themselves. */
async function linked() {
  const member = await addMember(test, workspace);
  const sub = randomUUID();
  const answer = await member.client.put('/api/v1/auth/accounts/supabase', {
    token: await sign(claimsOf({ sub })),
  });
  expect(answer.status).toBe(200);
  return { ...member, sub };
}

describe('a token of the project', () => {
  it('acts as the member whose account is linked, by its published keys and by the legacy secret', async () => {
    const { sub, userId } = await linked();
    for (const token of [await sign(claimsOf({ sub })), await signHs(claimsOf({ sub }))]) {
      const answer = await test.anonymous.get(path, { authorization: `Bearer ${token}` });
      expect(answer).toMatchObject({
        status: 200,
        body: { user: { id: userId }, workspace: { id: workspace.id } },
      });
    }
    // Nothing of the account itself: that takes a session.
    const token = await sign(claimsOf({ sub }));
    const made = await test.anonymous.post('/api/v1/auth/tokens', {}, { authorization: `Bearer ${token}` });
    expect(made.status).toBe(403);
  });

  it('is refused where any claim of it is not as it must be', async () => {
    const { sub } = await linked();
    const wrong: Record<string, JWTPayload> = {
      'another project': { iss: 'https://other.supabase.co/auth/v1' },
      'the legacy keys’ issuer': { iss: 'supabase' },
      'another audience': { aud: 'anon' },
      'no audience': { aud: undefined },
      'expired two minutes ago': { exp: seconds() - 120 },
      'no end': { exp: undefined },
      'not yet': { nbf: seconds() + 120 },
      'made in the future': { iat: seconds() + 120 },
      'the role anon': { role: 'anon' },
      'the role service_role': { role: 'service_role' },
      'no role': { role: undefined },
      'nobody in particular': { is_anonymous: true },
      'no subject': { sub: undefined },
      'a subject that is no id': { sub: 'x' },
      'no session': { session_id: undefined },
      'no assurance': { aal: undefined },
      'another assurance': { aal: 'aal9' },
    };
    for (const [what, more] of Object.entries(wrong)) {
      const claims = claimsOf({ sub, ...more });
      expect([what, await statusOf(await sign(claims)), await statusOf(await signHs(claims))]).toEqual([
        what,
        401,
        401,
      ]);
    }
    for (const more of [{ exp: seconds() - 50 }, { nbf: seconds() + 50 }, { iat: seconds() + 50 }])
      expect(await statusOf(await sign(claimsOf({ sub, ...more })))).toBe(200);
  });

  it('is refused with another key, another algorithm, or a key that it brings along', async () => {
    const { sub } = await linked();
    const claims = claimsOf({ sub });
    const strangers = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(strangers.publicKey);
    const bySelf = (header: object) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'ES256', ...header }).sign(strangers.privateKey);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const tokens = {
      'a key of its own': await bySelf({ kid: 'one', jwk }),
      'an address of keys': await bySelf({ kid: 'one', jku: 'https://evil.example/jwks.json' }),
      'an unknown key': await bySelf({ kid: 'two' }),
      'a path as a key': await bySelf({ kid: '../../one' }),
      'another secret': await signHs(claims, 'another secret, which is long enough'),
      'the public key as a secret': await signHs(claims, JSON.stringify(published[0]), { kid: 'one' }),
      'no signature': `${part({ alg: 'none' })}.${part(claims)}.`,
    };
    for (const [what, token] of Object.entries(tokens))
      expect([what, await statusOf(token)]).toEqual([what, 401]);
  });

  it('is read by keys that are kept, asked for anew for one that is not known, and not more often', async () => {
    const { sub } = await linked();
    const before = asked.filter((one) => one.includes('jwks')).length;
    for (let index = 0; index < 5; index += 1)
      await statusOf(await sign(claimsOf({ sub }), { kid: `made-up-${index}` }));
    expect(asked.filter((one) => one.includes('jwks')).length - before).toBeLessThanOrEqual(1);
    expect(await statusOf(await sign(claimsOf({ sub })))).toBe(200);
  });
});

describe('an account of the project', () => {
  const confirm = (token: string, sub: string, email: string, more: object = {}) => {
    users[token] = { id: sub, email, email_confirmed_at: '2026-01-01T00:00:00Z', ...more };
  };
  const trust = (userId: string, isConfirmed = true) =>
    test.kernel.database.asSystem((queries) =>
      queries.sql('update users set email_verified = $2 where id = $1', [userId, isConfirmed]),
    );
  async function met(more: { ours?: boolean; theirs?: object; claims?: JWTPayload } = {}) {
    const member = await addMember(test, workspace);
    await trust(member.userId, more.ours ?? true);
    const sub = randomUUID();
    const token = await sign(claimsOf({ sub, email: member.email, ...more.claims }));
    if (more.theirs) confirm(token, sub, member.email, more.theirs);
    return { member, token, sub };
  }

  it('is linked to the user with the same address where both sides have confirmed it, and makes no member', async () => {
    const { member, token } = await met({ theirs: {} });
    const answer = await test.anonymous.get(path, { authorization: `Bearer ${token}` });
    expect(answer).toMatchObject({ status: 200, body: { user: { id: member.userId } } });
    await test.event('identity.linked', ({ payload }) => payload.userId === member.userId);
    // From now on by who they are there, whatever their address.
    expect(await statusOf(token)).toBe(200);
    const stranger = randomUUID();
    const unknown = await sign(claimsOf({ sub: stranger, email: 'nobody@example.com' }));
    confirm(unknown, stranger, 'nobody@example.com');
    expect(await statusOf(unknown)).toBe(401);
  });

  it('is linked to nobody by an address that either side has not confirmed, or that the token alone names', async () => {
    const verified = { user_metadata: { email_verified: true }, email_verified: true };
    const cases = {
      'not confirmed here': await met({ ours: false, theirs: {} }),
      'not confirmed there': await met({ theirs: { email_confirmed_at: null } }),
      'said by the token alone': await met({ claims: verified }),
      'of somebody else there': await met({ theirs: { id: randomUUID() } }),
    };
    for (const [what, { token }] of Object.entries(cases))
      expect([what, await statusOf(token)]).toEqual([what, 401]);
    autoconfirm = true;
    expect(await statusOf((await met({ theirs: {} })).token)).toBe(401);
    autoconfirm = false;
  });

  it('acts for who has a second factor only by a session that gave one there', async () => {
    const { sub, userId } = await linked();
    await test.kernel.database.asSystem((queries) =>
      queries.sql(
        `insert into passkeys (id, name, public_key, user_id, credential_id, counter, device_type, backed_up)
         values ('p', 'mine', 'x', $1, 'cred', 0, 'singleDevice', false)`,
        [userId],
      ),
    );
    const answer = await test.anonymous.get(path, {
      authorization: `Bearer ${await sign(claimsOf({ sub }))}`,
    });
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'second_factor_needed' } } });
    expect(await statusOf(await sign(claimsOf({ sub, aal: 'aal2' })))).toBe(200);
    // Nor by one that gave none, while codes are left of a factor that was taken away.
    await test.kernel.database.asSystem(async (queries) => {
      await queries.sql('delete from passkeys where user_id = $1', [userId]);
      await queries.sql(`insert into backup_codes (user_id, salt, hash) values ($1, 's', 'h')`, [userId]);
    });
    expect(await statusOf(await sign(claimsOf({ sub })))).toBe(403);
  });

  it('is one user’s', async () => {
    const { sub } = await linked();
    const other = await addMember(test, workspace);
    const taken = await other.client.put('/api/v1/auth/accounts/supabase', {
      token: await sign(claimsOf({ sub })),
    });
    expect(taken).toMatchObject({ status: 409, body: { error: { code: 'already_linked' } } });
  });

  it('is unlinked, and its tokens are nobody’s any more', async () => {
    const { client, sub } = await linked();
    const { items } = (
      await client.get<{ items: { id: string; removable: boolean }[] }>('/api/v1/auth/accounts')
    ).body;
    expect(items).toMatchObject([{ removable: true }]);
    expect((await client.delete(`/api/v1/auth/accounts/${items[0]?.id}`)).status).toBe(204);
    expect(await statusOf(await sign(claimsOf({ sub })))).toBe(401);
  });
});
