// Sign-in by e-mail and password. Better Auth keeps users, passwords and sessions; this joins it to our tables.
import { randomBytes } from 'node:crypto';
import type { SecondStepAsked } from '@parley/contract/second-factor';
import { ParleyError } from '../../core/errors.ts';
import type { Kernel } from '../../core/kernel.ts';
import { credentialsChanged } from '../../core/realtime/credentials.ts';
import { readAsk } from './account-asks.ts';
import { createAccountLinks, isPassword, signUpName, voidLinks } from './account-links.ts';
import { createBeginSession } from './identity/begin-session.ts';
import { createBoundSessionRule } from './identity/bound-sessions.ts';
import { createLockOutRule, LockOut } from './lock-out.ts';
import { createOldPasswordRule } from './old-password.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';
import { createPasswordRule, passwordLengthMax, passwordLengthMin } from './password-rules.ts';
import { createCookieRenewal } from './renewed-cookies.ts';
import { replacedSessionRule } from './replaced-session.ts';
import { mailChange } from './second-factor/mails.ts';
import { createSecondStep } from './second-factor/second-step.ts';
import { clearUnconfirmed } from './second-factor/take-away.ts';
import { createSignInHooks } from './sign-in-hooks.ts';
import { addressHeader, type EnrolledUser, type SignIn } from './sign-in-port.ts';
import { accounts, sessions, users, verifications } from './tables.ts';
import { endFamiliesOf } from './tokens/families.ts';
import { hashedSessions } from './tokens/hashed-sessions.ts';

const newPassword = () => randomBytes(18).toString('base64url');

export function createSignIn(kernel: Kernel): SignIn {
  const lockOut = new LockOut(kernel);
  const [presentKey = '', previousKey = null] = kernel
    .deriveKeys('sessions')
    .map((derived) => derived.toString('hex'));
  const renewCookies = createCookieRenewal(presentKey, previousKey);
  let loading: ReturnType<typeof openLibrary> | undefined;
  const library = () => {
    loading ??= openLibrary(kernel, lockOut);
    return loading;
  };
  const createUser = async (input: { email: string; password: string; name: string }) => {
    const { user } = await (await library()).enrolling.api.signUpEmail({ body: input });
    return { id: user.id };
  };
  const findUser = async (email: string): Promise<EnrolledUser | undefined> => {
    const [user] = await kernel.database.asSystem((queries) =>
      queries.sql<EnrolledUser>(
        'select id, name, email, email_verified as "isConfirmed" from users where email = $1',
        // The library keeps addresses in lower case.
        [email.toLowerCase()],
      ),
    );
    return user;
  };
  return {
    load: async () => {
      await library();
    },
    handle: async (request) =>
      (await library()).open.handler(new Request(request, { headers: renewCookies(request.headers) })),
    sessionUser: async (headers) => {
      // Without prolonging it: that is for `/api/auth/get-session`, which renews the cookie too. Prolonged here, the session
      // would outlive the cookie, and no longer be due when the page asks.
      const query = { disableRefresh: true };
      const session = await (await library()).open.api.getSession({ headers: renewCookies(headers), query });
      if (!session) return null;
      const { id, name, email } = session.user;
      const { id: sessionId, way, onlyWorkspace } = session.session;
      return { id, name, email, sessionId, way: way ?? 'password', onlyWorkspace: onlyWorkspace ?? null };
    },
    createUser,
    enrolUser: async ({ email, name }) => {
      const known = await findUser(email);
      if (known) return { user: known, password: null };
      if (name === undefined) {
        throw new ParleyError({
          status: 400,
          code: 'name_missing',
          message: `Nobody signs in with ${email} yet: say what they are called, with --name, or --owner-name for the owner of a new workspace.`,
        });
      }
      const password = newPassword();
      let made: { id: string } | undefined;
      let failure: unknown;
      try {
        made = await createUser({ email, password, name });
      } catch (error) {
        failure = error;
      }
      const user = await findUser(email);
      if (!user) throw failure ?? new Error('the sign-in library made no user');
      // Somebody else may have made the user at this moment; the library then says that it did, under an id of nobody's.
      return { user, password: user.id === made?.id ? password : null };
    },
    beginSession: async ({ headers, address, ...body }) => {
      const { open } = await library();
      const before = await open.api.getSession({ headers, query: { disableRefresh: true } });
      headers.set(addressHeader, address);
      const answer = await open.api.beginSession({ body, headers, asResponse: true });
      if (!answer.ok) throw new Error('the sign-in library began no session');
      const { asked } = (await answer.json()) as { asked: SecondStepAsked | null };
      if (before && !asked) {
        await kernel.database.asSystem((queries) =>
          queries.sql('delete from sessions where id = $1', [before.session.id]),
        );
        kernel.bus.publish(credentialsChanged);
      }
      return { cookies: answer.headers.getSetCookie(), asked };
    },
    withdrawUser: async (userId) => {
      await kernel.database.asSystem((queries) =>
        queries.sql(
          'delete from users where id = $1 and not exists (select 1 from members where user_id = $1)',
          [userId],
        ),
      );
    },
    resetPassword: async (email, { takeOver } = { takeOver: false }) => {
      const user = await findUser(email);
      if (!user) return null;
      const password = newPassword();
      const { internalAdapter: adapter, password: hasher } = await (await library()).open.$context;
      const hash = await hasher.hash(password);
      const known = await adapter.findAccounts(user.id);
      if (known.some(({ providerId }) => providerId === 'credential')) {
        await adapter.updatePassword(user.id, hash);
      } else {
        // Their first one was never written: the process that made them was killed in between.
        await adapter.linkAccount({
          userId: user.id,
          providerId: 'credential',
          accountId: user.id,
          password: hash,
        });
      }
      await adapter.deleteUserSessions(user.id);
      await kernel.database.asSystem(async (queries) => {
        if (takeOver) await clearUnconfirmed(queries, user.id);
        await voidLinks(queries, user.id);
        await endFamiliesOf(queries, user.id);
      });
      kernel.bus.publish(credentialsChanged);
      await lockOut.lift(user.email);
      if (!takeOver) await mailChange(kernel, user.id, 'passwordChanged');
      return password;
    },
    isPassword: async (userId, given) => isPassword(await (await library()).open.$context, userId, given),
    findSignUp: async (token) => {
      const { internalAdapter: adapter } = await (await library()).open.$context;
      const kept = await adapter.findVerificationValue(signUpName(token));
      return kept && kept.expiresAt > new Date() ? kept.value : null;
    },
    useSignUp: async (token) => {
      const { internalAdapter: adapter } = await (await library()).open.$context;
      const kept = await adapter.findVerificationValue(signUpName(token));
      if (!kept || kept.expiresAt <= new Date()) return false;
      const used = await kernel.database.asSystem((queries) =>
        queries.sql('delete from verifications where id = $1 returning 1 as one', [kept.id]),
      );
      return used.length > 0;
    },
    answerAsk: async (askId) => {
      const ask = await readAsk(kernel, askId);
      if (!ask) return;
      const { open, links } = await library();
      await links.answer(open, ask);
    },
  };
}

async function openLibrary(kernel: Kernel, lockOut: LockOut) {
  const { config } = kernel;
  const isSecure = config.publicUrl.startsWith('https:');
  const [{ betterAuth }, { drizzleAdapter }, links, second] = await Promise.all([
    import('better-auth'),
    import('better-auth/adapters/drizzle'),
    createAccountLinks(kernel, lockOut),
    createSecondStep(kernel, lockOut),
  ]);
  const beginning = await createBeginSession(second.begin);
  const hooks = await createSignInHooks([
    await createBoundSessionRule(),
    // Before the rest: what it refuses is no success for those after it.
    await createOldPasswordRule(kernel),
    second.rule,
    await createLockOutRule(lockOut, { secureCookies: isSecure }),
    await createPasswordRule(kernel),
    replacedSessionRule,
    links,
  ]);
  const build = (signUp: boolean) =>
    betterAuth({
      appName: 'Parley',
      baseURL: config.publicUrl,
      basePath: '/api/auth',
      secret: kernel.deriveKey('sessions').toString('hex'),
      trustedOrigins: [new URL(config.publicUrl).origin, ...config.CORS_ORIGINS],
      database: hashedSessions(
        drizzleAdapter(kernel.database.outer as never, {
          provider: 'pg',
          usePlural: true,
          schema: { users, sessions, accounts, verifications, ...second.tables },
        }),
      ),
      emailAndPassword: {
        enabled: true,
        disableSignUp: !signUp,
        autoSignIn: false,
        minPasswordLength: passwordLengthMin,
        maxPasswordLength: passwordLengthMax,
        password: { hash: hashPassword, verify: verifyPassword },
        ...links.options.emailAndPassword,
      },
      plugins: [links.plugin, beginning, ...second.plugins],
      // Whoever reads the table must not be able to follow the links in it.
      verification: { storeIdentifier: 'hashed' },
      hooks,
      // Whoever signed in yesterday may see where else they are signed in, and end that.
      session: {
        freshAge: 0,
        additionalFields: {
          way: { type: 'string', required: false, input: false, defaultValue: 'password' },
          onlyWorkspace: { type: 'string', required: false, input: false },
        },
      },
      rateLimit: {
        enabled: true,
        window: 60,
        max: 100,
        // Each page that is opened asks for its session, and members of one office have one address.
        // Who guesses is made to wait by lock-out.ts: this is for floods.
        customRules: {
          '/sign-in/*': { window: 60, max: 60 },
          '/change-password': { window: 60, max: 30 },
          '/change-email': { window: 60, max: 30 },
          '/get-session': false,
        },
      },
      advanced: {
        // Said, because it is left out in tests otherwise.
        disableOriginCheck: false,
        // `__Host-`: no other host, not one below the same name either, can set one of this name. The library's own way knows
        // `__Secure-` only.
        useSecureCookies: false,
        cookiePrefix: isSecure ? '__Host-parley' : 'parley',
        defaultCookieAttributes: { secure: isSecure },
        ipAddress: { ipAddressHeaders: [addressHeader] },
      },
      telemetry: { enabled: false },
      // Left to itself it prints the error, and with it the values of the query that failed: tokens, addresses.
      onAPIError: { throw: true },
      logger: {
        level: 'warn',
        // Messages of the library may hold an e-mail address; their level is enough.
        log: (level) => kernel.log.debug({ library_level: level }, 'the sign-in library reports'),
      },
    });
  return { open: build(false), enrolling: build(true), links };
}
