// Sign-in with Google and Microsoft: real OpenID providers on loopback stand in for both.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import { type IdentityProvider, startIdentityProvider } from '../../../../test/identity-provider.ts';
import { addMember, makeStale } from '../../../../test/members.ts';
import { addAuthenticator, clockAhead, periodMs, step } from '../../../../test/second-factor.ts';
import { clientWith, cookieOf } from '../../../../test/signed-in.ts';
import { credentialsChanged } from '../../../core/realtime/credentials.ts';

type Company = 'google' | 'microsoft';

const clock = clockAhead();
let test: TestApp;
let workspace: TestWorkspace;
const providers = {} as Record<Company, IdentityProvider>;

beforeAll(async () => {
  for (const way of ['google', 'microsoft'] as const) providers[way] = await startIdentityProvider();
  const { google, microsoft } = providers;
  test = await startTestApp({
    clock,
    environment: {
      GOOGLE_CLIENT_ID: google.clientId,
      GOOGLE_CLIENT_SECRET: google.clientSecret,
      GOOGLE_ISSUER_URL: google.issuer,
      MICROSOFT_CLIENT_ID: microsoft.clientId,
      MICROSOFT_CLIENT_SECRET: microsoft.clientSecret,
      MICROSOFT_ISSUER_URL: microsoft.issuer,
    },
  });
  for (const way of ['google', 'microsoft'] as const)
    providers[way].sendBackTo([`${test.url}/api/v1/auth/callbacks/${way}`]);
  workspace = await test.workspace();
});
afterAll(async () => {
  await test.close();
  await Promise.all(Object.values(providers).map((provider) => provider.close()));
});

async function comeBack(url: string, cookie: string) {
  const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
  await answer.arrayBuffer();
  const session = answer.headers.getSetCookie().filter((line) => line.includes('session_token='));
  const client = session.length > 0 ? clientWith(test, cookieOf(session)) : null;
  const body = client && (await client.get<{ user: { id: string } }>('/api/v1/auth/me')).body;
  return {
    to: answer.headers.get('location'),
    userId: body?.user.id ?? null,
    cookies: cookieOf(answer.headers.getSetCookie()),
  };
}
async function come(
  way: Company,
  person: { sub: string; [claim: string]: unknown },
  { returnTo = '/', cookies = '' } = {},
) {
  providers[way].person = person;
  const begun = await test.anonymous.post<{ url: string }>('/api/v1/auth/sign-ins', { way, returnTo });
  expect(begun.status).toBe(201);
  return comeBack(
    await providers[way].visit(begun.body.url),
    [cookies, cookieOf(begun.headers.getSetCookie())].filter(Boolean).join('; '),
  );
}
async function member(email: string, isConfirmed = true) {
  const made = await addMember(test, workspace);
  await test.kernel.database.asSystem((queries) =>
    queries.sql('update users set email = $2, email_verified = $3 where id = $1', [
      made.userId,
      email,
      isConfirmed,
    ]),
  );
  return made;
}

it('the sign-in page offers what is set', async () => {
  expect((await test.anonymous.get('/api/v1/start')).body).toMatchObject({
    signInWays: ['google', 'microsoft'],
  });
});

describe('Google', () => {
  it('signs in who has the same address, where Google knows whose it is and it is confirmed here', async () => {
    const { userId } = await member('ana@gmail.com');
    const ana = { sub: 'g-ana', email: 'ana@gmail.com', email_verified: true };
    expect(await come('google', ana)).toMatchObject({ to: '/', userId });
    // Known by the subject from now on.
    expect(await come('google', { ...ana, email: 'other@gmail.com' })).toMatchObject({ to: '/', userId });
    const staff = await member('staff@bakery.example');
    const work = {
      sub: 'g-staff',
      email: 'staff@bakery.example',
      email_verified: true,
      hd: 'bakery.example',
    };
    expect((await come('google', work)).userId).toBe(staff.userId);
  });

  it('signs in nobody by an address that it does not vouch for, or that is not confirmed here, and makes no user', async () => {
    await member('bo@gmail.com', false);
    await member('bo@elsewhere.example');
    await member('bo2@gmail.com');
    for (const person of [
      { sub: 'g-1', email: 'bo@gmail.com', email_verified: true },
      { sub: 'g-2', email: 'bo@elsewhere.example', email_verified: true },
      { sub: 'g-3', email: 'bo2@gmail.com', email_verified: false },
      { sub: 'g-4', email: 'nobody@gmail.com', email_verified: true },
    ])
      expect([person, await come('google', person)]).toMatchObject([
        person,
        { to: '/?problem=no_account', userId: null },
      ]);
  });
});

describe('Microsoft', () => {
  it('is never believed about an address, unless it says that the organisation has shown the domain to be its own', async () => {
    const { userId } = await member('eva@contoso.example');
    const eva = { sub: 'm-eva', email: 'eva@contoso.example' };
    expect((await come('microsoft', { ...eva, email_verified: true })).to).toBe('/?problem=no_account');
    expect((await come('microsoft', { ...eva, xms_edov: false })).to).toBe('/?problem=no_account');
    expect(await come('microsoft', { ...eva, xms_edov: true })).toMatchObject({ to: '/', userId });
    expect((await come('microsoft', { sub: 'm-eva', email: 'changed@contoso.example' })).userId).toBe(userId);
  });
});

describe('an identity', () => {
  it('is linked in the settings by who is signed in, whatever its address, and to one user', async () => {
    const [one, other] = [await member('one@x.example'), await member('two@x.example')];
    const link = async ({ client }: typeof one) => {
      providers.google.person = { sub: 'g-linked', email: 'else@gmail.com', email_verified: true };
      const begun = await client.post<{ url: string }>('/api/v1/auth/accounts', { way: 'google' });
      const { cookie = '' } = await client.authorization();
      const back = await providers.google.visit(begun.body.url);
      return (await comeBack(back, `${cookie}; ${cookieOf(begun.headers.getSetCookie())}`)).to;
    };
    expect(await link(one)).toBe('/settings?linked=1');
    expect(await link(other)).toBe('/settings?problem=already_linked');
    expect((await come('google', { sub: 'g-linked' })).userId).toBe(one.userId);
    expect((await one.client.get('/api/v1/auth/accounts')).body).toMatchObject({
      items: [{ way: 'google', removable: true }],
      hasPassword: true,
      linkable: ['microsoft'],
    });
  });

  it('is not linked to who is signed in when it comes back, if they did not ask for it', async () => {
    const [asker, sitter] = [await member('asker@x.example'), await member('sitter@x.example')];
    providers.google.person = { sub: 'g-swapped', email: 'swapped@gmail.com', email_verified: true };
    const begun = await asker.client.post<{ url: string }>('/api/v1/auth/accounts', { way: 'google' });
    const { cookie = '' } = await sitter.client.authorization();
    const back = await providers.google.visit(begun.body.url);
    const { to } = await comeBack(back, `${cookie}; ${cookieOf(begun.headers.getSetCookie())}`);
    expect(to).toBe('/settings?problem=expired');
    expect((await come('google', { sub: 'g-swapped' })).to).toBe('/?problem=no_account');
  });

  const givePasskey = (userId: string) =>
    test.kernel.database.asSystem((queries) =>
      queries.sql(
        `insert into passkeys (id, name, public_key, user_id, credential_id, counter, device_type, backed_up)
         values ($1, 'mine', 'x', $1, $1, 0, 'singleDevice', false)`,
        [userId],
      ),
    );

  it('leads to the second step where the account has a second factor, and is in with a code of it', async () => {
    const { userId, client } = await member('both@gmail.com');
    const person = { sub: 'g-both', email: 'both@gmail.com', email_verified: true };
    expect((await come('google', person)).userId).toBe(userId);
    const app = await addAuthenticator(client, clock);
    const asked = await come('google', person, { returnTo: '/tasks?show=done' });
    expect(asked).toMatchObject({
      to: '/tasks?show=done&second-step=totp.backup_code',
      userId: null,
    });
    const give = (cookies: string, more = {}) =>
      step(test, 'sign-in/second-factor', { way: 'totp', code: app.code(), ...more }, cookies);
    // By another name than it was begun with, it is none.
    expect((await give(asked.cookies.replace('google.', 'password.'))).body.code).toBe('SIGN_IN_AGAIN');
    const given = await give(asked.cookies, { rememberDevice: true });
    expect((await given.client.get('/api/v1/auth/me')).body).toMatchObject({ user: { id: userId } });
    const ways = await test.kernel.database.asSystem((queries) =>
      queries.sql('select way from sessions where user_id = $1 order by created_at desc limit 1', [userId]),
    );
    expect(ways).toEqual([{ way: 'google' }]);
    // In a browser that is remembered, it is not asked again; and a step that was used up opens nothing.
    clock.pass(periodMs);
    expect((await give(asked.cookies)).body.code).toBe('SIGN_IN_AGAIN');
    expect((await come('google', person, { cookies: given.cookie })).userId).toBe(userId);
    expect((await come('google', person)).userId).toBeNull();
  });

  it('asks for a second factor that was set up while it was on its way, and leaves no session', async () => {
    const { userId } = await member('meanwhile@gmail.com');
    const person = { sub: 'g-meanwhile', email: 'meanwhile@gmail.com', email_verified: true };
    expect((await come('google', person)).userId).toBe(userId);
    // At the last moment that there is: when the session is made.
    await test.kernel.database.execute(`
      create function add_passkey() returns trigger language plpgsql security definer as $$ begin
        insert into passkeys (id, name, public_key, user_id, credential_id, counter, device_type, backed_up)
        values (new.id, 'mine', 'x', new.user_id, new.id, 0, 'singleDevice', false);
        return new;
      end $$;
      create trigger add_passkey before insert on sessions for each row
        when (new.user_id = '${userId}') execute function add_passkey();`);
    const sessionsOf = () =>
      test.kernel.database.asSystem((queries) =>
        queries.sql('select id from sessions where user_id = $1 order by id', [userId]),
      );
    const before = await sessionsOf();
    const asked = await come('google', person);
    await test.kernel.database.execute('drop trigger add_passkey on sessions; drop function add_passkey');
    expect(asked).toMatchObject({ to: '/?second-step=passkey', userId: null });
    expect(await sessionsOf()).toEqual(before);
  });

  it('is linked by its address to nobody who has a second factor, or codes of one that was taken away', async () => {
    const factor = await member('factor@gmail.com');
    await givePasskey(factor.userId);
    const codes = await member('codes@gmail.com');
    await addAuthenticator(codes.client, clock);
    await test.kernel.database.asSystem((queries) =>
      queries.sql('delete from totp_secrets where user_id = $1', [codes.userId]),
    );
    for (const name of ['factor', 'codes']) {
      const person = { sub: `g-${name}`, email: `${name}@gmail.com`, email_verified: true };
      expect(await come('google', person)).toMatchObject({ to: '/?problem=no_account', userId: null });
    }
  });

  it('stays as the last way in', async () => {
    const { client, userId } = await member('last@gmail.com');
    await come('google', { sub: 'g-last', email: 'last@gmail.com', email_verified: true });
    await test.kernel.database.asSystem((queries) =>
      queries.sql("delete from accounts where user_id = $1 and provider_id = 'credential'", [userId]),
    );
    const { items } = (
      await client.get<{ items: { id: string; removable: boolean }[] }>('/api/v1/auth/accounts')
    ).body;
    expect(items).toMatchObject([{ removable: false }]);
    const kept = await client.delete(`/api/v1/auth/accounts/${items[0]?.id}`);
    expect(kept).toMatchObject({ status: 409, body: { error: { code: 'last_way_in' } } });
  });

  it('ends what came by it when it is unlinked, sessions and programs, but for the session that asks', async () => {
    const { client, userId } = await member('unlinks@gmail.com');
    const person = { sub: 'g-unlinks', email: 'unlinks@gmail.com', email_verified: true };
    const [here, elsewhere] = [await come('google', person), await come('google', person)];
    const [asking, thief] = [clientWith(test, here.cookies), clientWith(test, elsewhere.cookies)];
    const makeTokens = async (by: typeof client) =>
      (await by.post<{ refreshToken: string }>('/api/v1/auth/tokens', {})).body.refreshToken;
    const [ofThief, ofPassword] = [await makeTokens(thief), await makeTokens(client)];
    const { body } = await asking.get<{ items: { id: string }[] }>('/api/v1/auth/accounts');
    const told = new Promise<void>((resolve) => {
      const stop = test.kernel.bus.subscribe(credentialsChanged, () => {
        stop();
        resolve();
      });
    });
    expect((await asking.delete(`/api/v1/auth/accounts/${body.items[0]?.id}`)).status).toBe(204);
    await told;
    const seen = await Promise.all([thief, asking, client].map((one) => one.get('/api/v1/auth/me')));
    expect(seen.map(({ status }) => status)).toEqual([401, 200, 200]);
    const renewed = await Promise.all(
      [ofThief, ofPassword].map((refreshToken) =>
        test.anonymous.put('/api/v1/auth/tokens', { refreshToken }),
      ),
    );
    expect(renewed.map(({ status }) => status)).toEqual([401, 200]);
    expect(await come('google', { ...person, email_verified: false })).toMatchObject({ userId: null });
    expect(userId).toEqual(expect.any(String));
  });

  it('leads to a page of ours only, also by the second step: no address that a browser reads as another host', async () => {
    const { client } = await member('leads@gmail.com');
    const person = { sub: 'g-leads', email: 'leads@gmail.com', email_verified: true };
    await come('google', person);
    await addAuthenticator(client, clock);
    for (const returnTo of [
      '/.//evil.example/in',
      '/%2e//evil.example',
      '/a/..//evil.example',
      '/./\\evil.example',
    ]) {
      const begun = await test.anonymous.post('/api/v1/auth/sign-ins', { way: 'google', returnTo });
      expect([returnTo, begun.status]).toEqual([returnTo, 400]);
    }
    const asked = await come('google', person, { returnTo: '/tasks//late?of=//x#there' });
    expect(asked.to).toBe('/tasks//late?of=%2F%2Fx&second-step=totp.backup_code#there');
  });

  it('is linked and unlinked only by who proved lately that it is them', async () => {
    const { client, userId } = await member('stale@x.example');
    await makeStale(test, userId);
    expect((await client.post('/api/v1/auth/accounts', { way: 'google' })).status).toBe(403);
  });
});
