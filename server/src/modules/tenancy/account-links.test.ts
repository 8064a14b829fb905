import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabaseUrl } from '../../../test/database.ts';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { type ArrivedMail, type MailServer, startMailServer } from '../../../test/mail-server.ts';
import { clientWith, signIn } from '../../../test/signed-in.ts';
import { LockOut } from './lock-out.ts';
import { createMember } from './members.ts';
import { signInPort } from './sign-in-port.ts';

let server: MailServer;
let test: TestApp;
let workspace: TestWorkspace;
let people = 0;
beforeAll(async () => {
  server = await startMailServer();
  test = await startTestApp({ environment: { SMTP_URL: server.url } });
  workspace = await test.workspace();
});
afterAll(async () => {
  await test.close();
  await server.close();
});

async function person() {
  const email = `linked-${++people}@example.com`;
  const made = await createMember(workspace.ctx, { email, name: 'Ada Lovelace', role: 'agent' });
  const password = made.password ?? '';
  const { cookie, client } = await signIn(test, { email, password });
  return { userId: made.userId, email, password, cookie, client };
}

/** Each call from an address of its own: the library limits them by address. */
async function call(
  method: 'GET' | 'POST',
  path: string,
  {
    body,
    cookie,
    language,
    origin = test.url,
  }: { body?: object; cookie?: string; language?: string; origin?: string } = {},
) {
  const answer = await test.app.http.inject({
    method,
    url: `/api/auth/${path}`,
    remoteAddress: `198.19.${randomInt(256)}.${randomInt(256)}`,
    headers: {
      origin,
      ...(cookie ? { cookie } : {}),
      ...(language ? { 'accept-language': language } : {}),
    },
    ...(body ? { payload: body } : {}),
  });
  return { status: answer.statusCode, body: answer.json<{ code?: string; status?: boolean } | null>() };
}

const mailsTo = (email: string) => server.arrived.filter(({ to }) => to.includes(email));
const mailTo = (email: string, count = 1): Promise<ArrivedMail> =>
  test.until(`mail ${count} to ${email}`, async () => mailsTo(email)[count - 1]);
const tokenIn = (mail: ArrivedMail): string => /#token=(\S+)/.exec(mail.text)?.[1] ?? '';
const isVerified = async (userId: string) => {
  const [row] = await test.kernel.database.asSystem((queries) =>
    queries.sql<{ email: string; email_verified: boolean }>(
      'select email, email_verified from users where id = $1',
      [userId],
    ),
  );
  return row;
};
const verify = (userId: string) =>
  test.kernel.database.asSystem((queries) =>
    queries.sql('update users set email_verified = true where id = $1', [userId]),
  );
const verifications = () =>
  test.kernel.database.asSystem((queries) =>
    queries.sql<{ identifier: string; value: string }>('select identifier, value from verifications'),
  );
const expireAll = () =>
  test.kernel.database.asSystem((queries) =>
    queries.sql("update verifications set expires_at = now() - interval '1 second'"),
  );

const ask = (email: string, language?: string) =>
  call('POST', 'request-password-reset', { body: { email }, ...(language ? { language } : {}) });
const reset = (token: string, newPassword: string) =>
  call('POST', 'reset-password', { body: { token, newPassword } });
const confirm = (token: string, options: { cookie?: string; origin?: string } = {}) =>
  call('POST', 'confirm-email', { body: { token }, ...options });
/** The token of a link that moves an account to another address, which has been asked for. */
async function moving({ email, password, cookie }: { email: string; password: string; cookie: string }) {
  const next = `next-${email}`;
  await call('POST', 'change-email', { body: { newEmail: next, password }, cookie });
  return { next, token: tokenIn(await mailTo(next)) };
}
/** Whether the work fails or not, the table is there again afterwards. */
async function without<T>(table: string, work: () => Promise<T>): Promise<T> {
  await test.kernel.database.execute(`alter table ${table} rename to ${table}_away`);
  try {
    return await work();
  } finally {
    await test.kernel.database.execute(`alter table ${table}_away rename to ${table}`);
  }
}
/** The id of what was asked for last, and waits. */
async function lastAsk(): Promise<string> {
  const asks = await test.kernel.database.asSystem((queries) =>
    queries.sql<{ id: string }>('select id from account_asks order by created_at desc, id desc limit 1'),
  );
  expect(asks).toHaveLength(1);
  return asks[0]?.id ?? '';
}
const forgetAsks = () => test.kernel.database.asSystem((queries) => queries.sql('delete from account_asks'));
const isIn = async (cookie: string) => (await clientWith(test, cookie).get('/api/v1/auth/me')).status === 200;

describe('a forgotten password', () => {
  it('is replaced by a link that is used once, and every session ends with it', async () => {
    const { userId, email, password, client } = await person();
    expect(await ask(email.toUpperCase())).toEqual({ status: 200, body: { status: true } });
    const mail = await mailTo(email);
    // Nobody has confirmed that the address is hers.
    expect(mail.text).toContain('Hello,');
    expect(mail.text).not.toContain('Lovelace');
    expect(mail.text).toContain(`${test.url}/reset-password#token=`);
    const token = tokenIn(mail);
    expect((await verifications()).filter((row) => JSON.stringify(row).includes(token))).toEqual([]);
    const next = 'harbour lights at nine';
    expect((await reset(token, 'short')).body?.code).toBe('PASSWORD_TOO_SHORT');
    expect(await reset(token, next)).toMatchObject({ status: 200 });
    expect(await reset(token, 'another long one')).toMatchObject({
      status: 400,
      body: { code: 'INVALID_TOKEN' },
    });
    expect((await client.get('/api/v1/auth/me')).status).toBe(401);
    expect((await signIn(test, { email, password })).status).toBe(401);
    expect((await signIn(test, { email, password: next })).status).toBe(200);
    expect(await isVerified(userId)).toMatchObject({ email_verified: true });
  });

  it('of nobody is answered the same, and mailed to nobody', async () => {
    const { email } = await person();
    const [known, unknown] = [await ask(email), await ask('stranger@example.com')];
    expect(unknown).toEqual(known);
    await mailTo(email);
    await test.settled();
    expect(mailsTo('stranger@example.com')).toEqual([]);
    expect(await ask('no address')).toMatchObject({ status: 400, body: { code: 'INVALID_EMAIL' } });
  });

  it('has other links and whatever waited for the old one end with it', async () => {
    const { email, userId } = await person();
    await ask(email);
    const first = tokenIn(await mailTo(email));
    await ask(email);
    const second = tokenIn(await mailTo(email, 2));
    expect((await reset(second, 'harbour lights at nine')).status).toBe(200);
    expect((await verifications()).filter(({ value }) => value === userId)).toEqual([]);
    expect((await reset(first, 'harbour lights at ten')).body?.code).toBe('INVALID_TOKEN');
  });

  it('is asked for until the mail is certain', async () => {
    const { email } = await person();
    const { answerAsk } = test.kernel.use(signInPort);
    const askId = await without('mails', async () => {
      await ask(email);
      const id = await lastAsk();
      await expect(answerAsk(id)).rejects.toThrow();
      return id;
    });
    await answerAsk(askId);
    await mailTo(email);
    // However often it was tried, it is counted once.
    const lockOut = new LockOut(test.kernel);
    const left = [await lockOut.mayMail(email), await lockOut.mayMail(email), await lockOut.mayMail(email)];
    expect(left).toEqual([true, true, false]);
    await forgetAsks();
  });

  it('stays as it is when the link has expired', async () => {
    const { email, password } = await person();
    await ask(email);
    const token = tokenIn(await mailTo(email));
    await expireAll();
    expect((await reset(token, 'harbour lights at nine')).body?.code).toBe('INVALID_TOKEN');
    expect((await signIn(test, { email, password })).status).toBe(200);
  });

  it('is mailed about in the browser’s language, or in that which the user chose', async () => {
    const { userId, email, client } = await person();
    await verify(userId);
    await ask(email, 'fr, es-MX;q=0.8, en;q=0.5');
    expect((await mailTo(email)).text).toContain('Hola, Ada Lovelace:');
    await client.put('/api/v1/auth/preferences', { language: 'pt' });
    await ask(email, 'es');
    expect((await mailTo(email, 2)).text).toContain('Olá, Ada Lovelace:');
  });
});

describe('an old password', () => {
  const next = 'harbour lights at nine';
  const change = ({ password, cookie }: { password: string; cookie: string }) =>
    call('POST', 'change-password', { body: { currentPassword: password, newPassword: next }, cookie });

  it('leaves no link behind that gives the account away', async () => {
    for (const another of [
      change,
      ({ email }: { email: string }) => test.kernel.use(signInPort).resetPassword(email),
      async (ada: Awaited<ReturnType<typeof person>>) => {
        expect((await confirm((await moving(ada)).token, { cookie: ada.cookie })).status).toBe(200);
      },
    ]) {
      const ada = await person();
      await ask(ada.email);
      const token = tokenIn(await mailTo(ada.email));
      await another(ada);
      expect(await reset(token, 'harbour lights at ten')).toMatchObject({ body: { code: 'INVALID_TOKEN' } });
    }
  });

  it('voids links to another address when it goes', async () => {
    const [ada, eve] = [await person(), await person()];
    const ofAda = await moving(ada);
    expect((await change(ada)).status).toBe(200);
    expect((await confirm(ofAda.token, { cookie: ada.cookie })).body?.code).toBe('INVALID_TOKEN');
    expect(await isVerified(ada.userId)).toMatchObject({ email: ada.email });
    const ofEve = await moving(eve);
    await ask(eve.email);
    expect((await reset(tokenIn(await mailTo(eve.email, 2)), next)).status).toBe(200);
    const { cookie } = await signIn(test, { email: eve.email, password: next });
    expect((await confirm(ofEve.token, { cookie })).body?.code).toBe('INVALID_TOKEN');
  });

  it('opens nothing that stays while it is being reset', async () => {
    const { email, password } = await person();
    await ask(email);
    const token = tokenIn(await mailTo(email));
    const [changed, ...begun] = await Promise.all([
      reset(token, next),
      ...Array.from({ length: 5 }, () => signIn(test, { email, password })),
    ]);
    expect(changed.status).toBe(200);
    const stayed = await Promise.all(begun.map(({ cookie }) => isIn(cookie)));
    expect(stayed).toEqual(begun.map(() => false));
  });

  it.runIf(testDatabaseUrl)('opens nothing with what was compared before it was changed', async () => {
    const { userId, email, password } = await person();
    const { database } = test.kernel;
    const [held, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    // A session that begins waits for its user's row; another password does not.
    const holding = database.asSystem(async (queries) => {
      await queries.sql('select 1 from users where id = $1 for update', [userId]);
      held.resolve();
      await released.promise;
    });
    await held.promise;
    const begun = signIn(test, { email, password });
    const waits = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
      and query ilike 'insert into "sessions"%'`;
    await test
      .until('a session that waits', () => database.asOwner(async (queries) => (await queries.sql(waits))[0]))
      .then(() => test.kernel.use(signInPort).resetPassword(email))
      .finally(released.resolve);
    await holding;
    expect((await begun).status).toBe(401);
    expect(await isIn((await begun).cookie)).toBe(false);
  });

  it('has its sessions ended by a reset, even where the rest of it fails', async () => {
    const { email, cookie } = await person();
    await ask(email);
    const token = tokenIn(await mailTo(email));
    const failed = await without('sign_in_attempts', () => reset(token, next));
    expect(failed.status).toBe(500);
    expect(await isIn(cookie)).toBe(false);
  });

  it('moves nothing by what was asked for with it, and is answered later', async () => {
    const ada = await person();
    const to = `late-${ada.email}`;
    const askId = await without('mails', async () => {
      await call('POST', 'change-email', {
        body: { newEmail: to, password: ada.password },
        cookie: ada.cookie,
      });
      return lastAsk();
    });
    expect((await change(ada)).status).toBe(200);
    await test.kernel.use(signInPort).answerAsk(askId);
    const token = tokenIn(await mailTo(to));
    expect((await confirm(token, { cookie: ada.cookie })).body?.code).toBe('INVALID_TOKEN');
    await forgetAsks();
  });

  it('is not exchanged for an easy one by a token in the address', async () => {
    const { email } = await person();
    await ask(email);
    const token = tokenIn(await mailTo(email));
    const easy = await call('POST', `reset-password?token=${token}`, {
      body: { newPassword: 'password1234' },
    });
    expect(easy).toMatchObject({ status: 400, body: { code: 'INVALID_TOKEN' } });
    expect((await reset(token, next)).status).toBe(200);
  });
});

describe('an address', () => {
  it('is not moved by a foreign page, nor twice by one link', async () => {
    const ada = await person();
    const { next, token } = await moving(ada);
    expect((await mailTo(next)).text).not.toContain('Lovelace');
    expect((await call('GET', `verify-email?token=${token}`, { cookie: ada.cookie })).status).toBe(404);
    const origin = 'https://evil.example';
    expect((await confirm(token, { cookie: ada.cookie, origin })).status).toBe(403);
    expect(await isVerified(ada.userId)).toMatchObject({ email: ada.email });
    const both = await Promise.all([1, 2].map(() => confirm(token, { cookie: ada.cookie })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
  });

  it('is mailed to three times in an hour, whatever is asked for', async () => {
    const { email, cookie } = await person();
    for (let count = 0; count < 5; count += 1)
      expect((await call('POST', 'send-verification-email', { body: { email }, cookie })).status).toBe(200);
    await ask(email);
    await mailTo(email, 3);
    await test.settled();
    expect(mailsTo(email)).toHaveLength(3);
  });

  it('is confirmed by a link that is used once, whoever follows it', async () => {
    const { userId, email, cookie } = await person();
    expect((await call('POST', 'send-verification-email', { body: { email } })).status).toBe(401);
    expect(await call('POST', 'send-verification-email', { body: { email }, cookie })).toEqual({
      status: 200,
      body: { status: true },
    });
    const token = tokenIn(await mailTo(email));
    expect(await isVerified(userId)).toMatchObject({ email_verified: false });
    expect((await confirm(token)).status).toBe(200);
    expect(await isVerified(userId)).toMatchObject({ email_verified: true });
    expect(await confirm(token)).toMatchObject({ status: 400, body: { code: 'INVALID_TOKEN' } });
    expect(await confirm('nonsense')).toMatchObject({ status: 400, body: { code: 'INVALID_TOKEN' } });
    expect((await call('POST', 'confirm-email', { body: {} })).status).toBe(400);
  });

  it('is exchanged for another one with the password, by a link that serves its owner alone', async () => {
    const ada = await person();
    const eve = await person();
    const next = `next-${ada.email}`;
    const move = (password: string) =>
      call('POST', 'change-email', { body: { newEmail: next, password }, cookie: ada.cookie });
    expect(await move('not the password')).toMatchObject({ status: 400, body: { code: 'INVALID_PASSWORD' } });
    expect(await move(ada.password)).toEqual({ status: 200, body: { status: true } });
    const token = tokenIn(await mailTo(next));
    expect((await mailTo(ada.email)).text).toContain(next);
    expect(await confirm(token)).toMatchObject({ status: 401, body: { code: 'SIGN_IN_FIRST' } });
    expect((await confirm(token, { cookie: eve.cookie })).status).toBe(400);
    expect(await isVerified(ada.userId)).toMatchObject({ email: ada.email });
    expect((await confirm(token, { cookie: ada.cookie })).status).toBe(200);
    expect(await isVerified(ada.userId)).toEqual({ email: next, email_verified: true });
    expect((await confirm(token, { cookie: ada.cookie })).status).toBe(400);
    expect((await signIn(test, { email: next, password: ada.password })).status).toBe(200);
    expect((await signIn(test, { email: ada.email, password: ada.password })).status).toBe(401);
  });

  it('that somebody else has is asked for like any other, and is not given', async () => {
    const [ada, eve] = [await person(), await person()];
    const answer = await call('POST', 'change-email', {
      body: { newEmail: eve.email, password: ada.password },
      cookie: ada.cookie,
    });
    expect(answer).toEqual({ status: 200, body: { status: true } });
    await test.settled();
    expect(mailsTo(eve.email)).toEqual([]);
    // Told as of any other: who asks reads in their own mailbox nothing of whether somebody has it.
    expect((await mailTo(ada.email)).text).toContain(eve.email);
    expect(await isVerified(ada.userId)).toMatchObject({ email: ada.email });
  });
});

it('nothing that was asked for stays, at rest or in the log', async () => {
  await test.settled();
  const asks = await test.kernel.database.asSystem((queries) => queries.sql('select * from account_asks'));
  expect(asks).toEqual([]);
  expect(test.logged.filter((line) => /linked-|stranger@|token=/.test(line))).toEqual([]);
});
