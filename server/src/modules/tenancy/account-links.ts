// Links by mail: to choose a new password, to confirm an address, to move to another one. Those to a new password are the
// sign-in library's; the others are ours, for its own serve twice, by a GET, and after the password has changed.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, randomBytes } from 'node:crypto';
import type { createAuthMiddleware } from 'better-auth/api';
import { z } from 'zod';
import type { Origin } from '../../core/context.ts';
import type { Queries } from '../../core/database.ts';
import type { Kernel } from '../../core/kernel.ts';
import { mailer } from '../../core/mail.ts';
import { languageOfUser } from './account.ts';
import { type AccountAsk, languageOf, noteAsk } from './account-asks.ts';
import { letterOfMove, letterWithLink } from './account-mails.ts';
import { emailChanged, passwordChanged } from './audit/events.ts';
import { leavesEnforced } from './identity/enforced-address.ts';
import { inAccount } from './in-account.ts';
import { letterOfSignUp } from './invitation-mails.ts';
import type { LockOut } from './lock-out.ts';
import { originOfHeaders } from './request-headers.ts';
import { secondFactorReset } from './second-factor/events.ts';
import { mailChange } from './second-factor/mails.ts';
import { forgetDevices } from './second-factor/remembered-devices.ts';
import { clearUnconfirmed } from './second-factor/take-away.ts';
import { addressHeader } from './sign-in-port.ts';
import { endFamiliesOf } from './tokens/families.ts';

export type HookContext = Parameters<Parameters<typeof createAuthMiddleware>[0]>[0];
/** What of the library a link needs. */
export type LibraryContext = HookContext['context'];

const linkSeconds = 3600;
const address = z.email().max(200);

interface LinkedUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly emailVerified: boolean;
}

/** What a link to confirm an address does; it is kept under a hash of its token. */
const confirmation = z.object({
  userId: z.string(),
  from: z.string(),
  /** Null where the address stays, and is confirmed. */
  to: z.string().nullable(),
  /** Of the password at that time: a link does not outlive it. */
  passwordStamp: z.string(),
});
type Confirmation = z.infer<typeof confirmation>;

/** Loads the library: call it where that is loaded. */
export async function createAccountLinks(kernel: Kernel, lockOut: LockOut) {
  const { APIError, createAuthEndpoint, getSessionFromCtx } = await import('better-auth/api');
  const answering = new AsyncLocalStorage<Answering>();

  const languageFor = (userId: string) =>
    languageOfUser(kernel.systemContext(), userId, answering.getStore()?.language ?? 'en');
  /** Whose address was never confirmed might be made to write anything to anybody, under a name that says it. */
  const readerOf = async (user: LinkedUser, to: string) => ({
    name: user.emailVerified && to === user.email ? user.name : null,
    language: await languageFor(user.id),
  });
  const mailLink = async (
    kind: Exclude<AccountAsk['kind'], 'sign-up'>,
    user: LinkedUser,
    token: string,
    to = user.email,
  ) => {
    const page = kind === 'reset' ? 'reset-password' : 'confirm-email';
    // After the #, where no server and no Referer sees it.
    const link = `${kernel.config.publicUrl}/${page}#token=${token}`;
    const reader = await readerOf(user, to);
    await kernel.use(mailer).post(letterWithLink(kind, to, reader, link));
  };

  const signedIn = async (ctx: Parameters<typeof getSessionFromCtx>[0]) => {
    const session = await getSessionFromCtx(ctx);
    if (!session) throw new APIError('UNAUTHORIZED', { code: 'SIGN_IN_FIRST', message: 'Sign in first.' });
    return session.user;
  };

  /** Whether a session of the whole account asks. */
  const isAccountOf = async (ctx: Parameters<typeof getSessionFromCtx>[0], userId: string) => {
    const found = await getSessionFromCtx(ctx);
    const { onlyWorkspace } = (found?.session ?? {}) as { onlyWorkspace?: string | null };
    return found?.user.id === userId && !onlyWorkspace;
  };

  const stampNow = (userId: string) => kernel.database.asSystem((queries) => stampOf(queries, userId));
  const invalid = () =>
    new APIError('BAD_REQUEST', { code: 'INVALID_TOKEN', message: 'The link is used up or wrong.' });

  const addressOfCompany = () =>
    new APIError('FORBIDDEN', {
      code: 'ADDRESS_OF_COMPANY',
      message:
        'A workspace of yours is entered by its company’s sign-in only: your address stays in its domain.',
    });

  /** Notes what is asked for, whether or not it can be done. What is asked too often is answered alike, and not done. */
  const ask = async (ctx: HookContext): Promise<void> => {
    const language = languageOf(ctx.headers);
    if (ctx.path === '/send-verification-email') {
      const user = await signedIn(ctx);
      if (await lockOut.mayMail(user.email))
        await noteAsk(kernel, { kind: 'confirm', userId: user.id, language });
      return;
    }
    const isReset = ctx.path === '/request-password-reset';
    const email = address.safeParse(isReset ? ctx.body?.email : ctx.body?.newEmail);
    if (!email.success) {
      throw new APIError('BAD_REQUEST', { code: 'INVALID_EMAIL', message: 'This is no e-mail address.' });
    }
    const to = email.data.toLowerCase();
    if (isReset) {
      if (await lockOut.mayMail(to)) await noteAsk(kernel, { kind: 'reset', email: to, language });
      return;
    }
    const user = await signedIn(ctx);
    // Before the password is looked at: what is asked with one that changes meanwhile is void.
    const passwordStamp = await stampNow(user.id);
    // Whoever finds a screen unlocked must not walk off with the account.
    if (!(await isPassword(ctx.context, user.id, ctx.body?.password))) {
      throw new APIError('BAD_REQUEST', {
        code: 'INVALID_PASSWORD',
        message: 'This is not your present password.',
      });
    }
    if (kernel.use(mailer).way === 'none') {
      throw new APIError('CONFLICT', {
        code: 'NO_MAIL',
        message: 'No mail server is set here: nobody could confirm the other address.',
      });
    }
    // The library is not asked, and so nothing comes after this that would say it.
    await lockOut.succeed(user.email, ctx.headers?.get(addressHeader) ?? '');
    // By user too: the address that they have is told each time.
    if (await kernel.database.asSystem((queries) => leavesEnforced(queries, user.id, user.email, to)))
      throw addressOfCompany();
    if ((await lockOut.mayMail(user.id)) && (await lockOut.mayMail(to)))
      await noteAsk(kernel, { kind: 'move', userId: user.id, email: to, passwordStamp, language });
  };

  /** Returns the link's token. */
  const makeConfirmation = async (
    adapter: LibraryContext['internalAdapter'],
    made: Confirmation,
  ): Promise<string> => {
    const token = randomBytes(24).toString('base64url');
    await adapter.createVerificationValue({
      identifier: confirmationName(token),
      value: JSON.stringify(made),
      expiresAt: new Date(Date.now() + linkSeconds * 1000),
    });
    return token;
  };

  /** A POST, so that the library refuses it from a foreign page. */
  const confirmEmail = createAuthEndpoint(
    '/confirm-email',
    { method: 'POST', body: z.object({ token: z.string().max(200) }) },
    async (ctx) => {
      const kept = await ctx.context.internalAdapter.findVerificationValue(confirmationName(ctx.body.token));
      if (!kept || kept.expiresAt < new Date()) throw invalid();
      const asked = confirmation.parse(JSON.parse(kept.value));
      // To another address only whose it is: who can read a mistyped address is somebody else.
      if (asked.to !== null && (await signedIn(ctx)).id !== asked.userId) throw invalid();
      // A workspace may enforce its sign-in since the link was asked for.
      const { userId, from, to } = asked;
      if (
        to !== null &&
        (await kernel.database.asSystem((queries) => leavesEnforced(queries, userId, from, to)))
      )
        throw addressOfCompany();
      const isOwn = to !== null || (await isAccountOf(ctx, userId));
      const origin = originOfHeaders(ctx.headers);
      const done = await confirm(kernel, kept.id, asked, { isOwn, origin });
      if (!done) throw invalid();
      if (done === 'cleared') await mailChange(kernel, userId, 'cleared');
      return ctx.json({ status: true });
    },
  );

  return {
    options: {
      emailAndPassword: {
        resetPasswordTokenExpiresIn: linkSeconds,
        revokeSessionsOnPasswordReset: true,
        sendResetPassword: async ({ user, token }: { user: LinkedUser; token: string }) => {
          try {
            await mailLink('reset', user, token);
          } catch (error) {
            // The library keeps it to itself.
            const store = answering.getStore();
            if (store) store.failure = error;
          }
        },
        onPasswordReset: async ({ user }: { user: LinkedUser }, request?: Request) => {
          await settleReset(kernel, user.id, originOfHeaders(request?.headers));
          await lockOut.lift(user.email);
        },
      },
    },
    plugin: { id: 'parley-links', endpoints: { confirmEmail } },

    /** @returns the answer where the library is not to be asked now */
    before: async (ctx: HookContext): Promise<{ status: true } | undefined> => {
      // From the job it comes without a request.
      if (ctx.request && askPaths.has(ctx.path)) {
        await ask(ctx);
        return { status: true };
      }
      return undefined;
    },

    /** Makes the link that was asked for, and mails it. Does nothing for an address that is nobody's. */
    answer: (library: LinkingLibrary, asked: AccountAsk): Promise<void> =>
      answering.run({ language: asked.language }, async () => {
        if (asked.kind === 'reset') {
          await library.api.requestPasswordReset({ body: { email: asked.email } });
          const failure = answering.getStore()?.failure;
          if (failure !== undefined) throw failure;
          return;
        }
        const { internalAdapter: adapter } = await library.$context;
        if (asked.kind === 'sign-up') {
          const { email, language } = asked;
          const { publicUrl } = kernel.config;
          if (await adapter.findUserByEmail(email)) {
            await kernel.use(mailer).post(letterOfSignUp(email, language, publicUrl, null));
            return;
          }
          const token = randomBytes(24).toString('base64url');
          await adapter.createVerificationValue({
            identifier: signUpName(token),
            value: email,
            expiresAt: new Date(Date.now() + linkSeconds * 1000),
          });
          const link = `${publicUrl}/sign-up#token=${token}`;
          await kernel.use(mailer).post(letterOfSignUp(email, language, publicUrl, link));
          return;
        }
        const user = await adapter.findUserById(asked.userId);
        if (!user) return;
        if (asked.kind === 'confirm') {
          if (user.emailVerified) return;
          const passwordStamp = await stampNow(user.id);
          const made = { userId: user.id, from: user.email, to: null, passwordStamp };
          await mailLink('confirm', user, await makeConfirmation(adapter, made));
          return;
        }
        const { email: to, passwordStamp } = asked;
        const made = { userId: user.id, from: user.email, to, passwordStamp };
        if (!(await adapter.findUserByEmail(to)))
          await mailLink('move', user, await makeConfirmation(adapter, made), to);
        // In both cases: who asks could tell by it whether an account has the other address.
        const reader = await readerOf(user, user.email);
        await kernel.use(mailer).post(letterOfMove(user.email, reader, to));
      }),
  };
}

interface Answering {
  /** What the browser of the one who asked speaks; users may have chosen another language. */
  readonly language: AccountAsk['language'];
  failure?: unknown;
}

interface LinkingLibrary {
  readonly api: { requestPasswordReset(input: { body: { email: string } }): Promise<unknown> };
  readonly $context: Promise<Pick<LibraryContext, 'internalAdapter'>>;
}

const askPaths: ReadonlySet<string> = new Set([
  '/request-password-reset',
  '/send-verification-email',
  '/change-email',
]);

export const signUpName = (token: string) => `sign-up:${token}`;
const confirmationName = (token: string) => `confirm-email:${token}`;

/** Changes with the password; empty where there is none. Holds the password as it is until the transaction ends. */
async function stampOf(queries: Queries, userId: string): Promise<string> {
  const [row] = await queries.sql<{ password: string | null }>(
    "select password from accounts where user_id = $1 and provider_id = 'credential' for update",
    [userId],
  );
  return row?.password ? createHash('sha256').update(row.password).digest('base64url') : '';
}

/**
 * All of it or nothing, so that a link serves once.
 * @param isOwn whether it is followed by who is signed in to the account: otherwise whoever made it may be somebody else
 * @returns whether it did, and whether that took away what had been left
 */
function confirm(
  kernel: Kernel,
  keptId: string,
  asked: Confirmation,
  { isOwn, origin }: { isOwn: boolean; origin: Origin },
): Promise<false | 'done' | 'cleared'> {
  return inAccount(kernel, asked.userId, origin, async (queries, tell) => {
    if ((await stampOf(queries, asked.userId)) !== asked.passwordStamp) return false;
    const used = await queries.sql('delete from verifications where id = $1 returning 1 as one', [keptId]);
    if (used.length === 0) return false;
    const held = await queries.sql('select 1 from users where id = $1 and email = $2 for update', [
      asked.userId,
      asked.from,
    ]);
    if (held.length === 0) return false;
    const hadMore = !isOwn && (await clearUnconfirmed(queries, asked.userId));
    if (hadMore) tell(secondFactorReset);
    const changed = await queries.sql(
      `update users set email = coalesce($3, email), email_verified = true, updated_at = now()
       where id = $1 and email = $2 and not exists (select 1 from users where email = $3) returning 1 as one`,
      [asked.userId, asked.from, asked.to],
    );
    if (changed.length === 0) return false;
    if (asked.to !== null) {
      // Links to a new password that went to the address before.
      await voidLinks(queries, asked.userId);
      tell(emailChanged);
    }
    return hadMore ? 'cleared' : 'done';
  });
}

/** Links to a new password, remembered devices, sign-ins that wait for a second factor. */
export async function voidLinks(queries: Queries, userId: string): Promise<void> {
  await queries.sql('delete from verifications where value = $1', [userId]);
  await forgetDevices(queries, userId);
}

interface PasswordBook {
  readonly internalAdapter: Pick<LibraryContext['internalAdapter'], 'findAccounts'>;
  readonly password: Pick<LibraryContext['password'], 'verify'>;
}

export async function isPassword(library: PasswordBook, userId: string, given: unknown): Promise<boolean> {
  const accounts = await library.internalAdapter.findAccounts(userId);
  const hash = accounts.find(({ providerId }) => providerId === 'credential')?.password;
  if (typeof given !== 'string' || given.length > 128 || !hash) return false;
  return library.password.verify({ hash, password: given });
}

/** Who came by a mail has shown that the address is theirs; what was open for the one with the old password is not any more. */
async function settleReset(kernel: Kernel, userId: string, origin: Origin): Promise<void> {
  const cleared = await inAccount(kernel, userId, origin, async (queries, tell) => {
    const hadMore = await clearUnconfirmed(queries, userId);
    if (hadMore) tell(secondFactorReset);
    // The library does it last, and not at all when something fails before.
    await queries.sql('delete from sessions where user_id = $1', [userId]);
    await endFamiliesOf(queries, userId);
    await queries.sql('update users set email_verified = true where id = $1', [userId]);
    await voidLinks(queries, userId);
    tell(passwordChanged);
    return hadMore;
  });
  if (cleared) await mailChange(kernel, userId, 'cleared');
}
