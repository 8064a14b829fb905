// Links by mail: to choose a new password, to confirm an address, to move to another one. The sign-in library makes their
// tokens and takes them back; this says when, mails them, and sees to it that none serves twice.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import type { createAuthMiddleware } from 'better-auth/api';
import { z } from 'zod';
import type { Kernel } from '../../core/kernel.ts';
import { mailer } from '../../core/mail.ts';
import { type AccountAsk, languageOf, noteAsk } from './account-asks.ts';
import { letterOfMove, letterWithLink } from './account-mails.ts';
import type { LockOut } from './lock-out.ts';

export type HookContext = Parameters<Parameters<typeof createAuthMiddleware>[0]>[0];
/** What of the library a link needs. */
export type LibraryContext = HookContext['context'];

const linkSeconds = 3600;
const address = z.email().max(200);

interface LinkedUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** Loads the library: call it where that is loaded. */
export async function createAccountLinks(kernel: Kernel, lockOut: LockOut) {
  const { APIError, createEmailVerificationToken, getSessionFromCtx } = await import('better-auth/api');
  /** What the browser of the one who asked speaks; users may have chosen another language. */
  const spoken = new AsyncLocalStorage<AccountAsk['language']>();

  const languageFor = async (userId: string) => {
    const [row] = await kernel.database.asSystem((queries) =>
      queries.sql<{ language: AccountAsk['language'] | null }>(
        'select language from user_preferences where user_id = $1',
        [userId],
      ),
    );
    return row?.language ?? spoken.getStore() ?? 'en';
  };
  const mailLink = async (kind: AccountAsk['kind'], user: LinkedUser, token: string, to = user.email) => {
    const page = kind === 'reset' ? 'reset-password' : 'confirm-email';
    // After the #, where no server and no Referer sees it.
    const link = `${kernel.config.publicUrl}/${page}#token=${token}`;
    const reader = { name: user.name, language: await languageFor(user.id) };
    await kernel.use(mailer).post(letterWithLink(kind, to, reader, link));
  };

  const signedIn = async (ctx: HookContext) => {
    const session = await getSessionFromCtx(ctx);
    if (!session) throw new APIError('UNAUTHORIZED', { code: 'SIGN_IN_FIRST', message: 'Sign in first.' });
    return session.user;
  };

  /** Notes what is asked for, whether or not it can be done. */
  const ask = async (ctx: HookContext): Promise<void> => {
    const language = languageOf(ctx.headers);
    if (ctx.path === '/send-verification-email') {
      await noteAsk(kernel, { kind: 'confirm', userId: (await signedIn(ctx)).id, language });
      return;
    }
    const isReset = ctx.path === '/request-password-reset';
    const email = address.safeParse(isReset ? ctx.body?.email : ctx.body?.newEmail);
    if (!email.success) {
      throw new APIError('BAD_REQUEST', { code: 'INVALID_EMAIL', message: 'This is no e-mail address.' });
    }
    const to = email.data.toLowerCase();
    if (isReset) {
      await noteAsk(kernel, { kind: 'reset', email: to, language });
      return;
    }
    const user = await signedIn(ctx);
    // Whoever finds a screen unlocked must not walk off with the account.
    if (!(await isPassword(ctx.context, user.id, ctx.body?.password))) {
      throw new APIError('BAD_REQUEST', {
        code: 'INVALID_PASSWORD',
        message: 'This is not your present password.',
      });
    }
    await noteAsk(kernel, { kind: 'move', userId: user.id, email: to, language });
  };

  /** A link to another address serves only whose it is, for who can read a mistyped address is somebody else. */
  const checkLink = async (ctx: HookContext): Promise<void> => {
    const invalid = () =>
      new APIError('BAD_REQUEST', { code: 'INVALID_TOKEN', message: 'The link is used up or wrong.' });
    const token = z.string().safeParse(ctx.query?.token);
    if (!token.success) throw invalid();
    const { internalAdapter: adapter } = ctx.context;
    if (await adapter.findVerificationValue(usedName(token.data))) throw invalid();
    const to = addressIn(token.data);
    if (to === null) return;
    await signedIn(ctx);
    if (await adapter.findUserByEmail(to)) throw invalid();
  };

  return {
    options: {
      emailAndPassword: {
        resetPasswordTokenExpiresIn: linkSeconds,
        revokeSessionsOnPasswordReset: true,
        sendResetPassword: ({ user, token }: { user: LinkedUser; token: string }) =>
          mailLink('reset', user, token),
        onPasswordReset: async ({ user }: { user: LinkedUser }) => {
          await settleReset(kernel, user.id);
          await lockOut.lift(user.email);
        },
      },
      emailVerification: {
        expiresIn: linkSeconds,
        sendVerificationEmail: ({ user, token }: { user: LinkedUser; token: string }) =>
          mailLink('confirm', user, token),
      },
    },

    /** @returns the answer where the library is not to be asked now */
    before: async (ctx: HookContext): Promise<{ status: true } | undefined> => {
      // From the job it comes without a request.
      if (ctx.request && askPaths.has(ctx.path)) {
        await ask(ctx);
        return { status: true };
      }
      if (ctx.path === '/verify-email') await checkLink(ctx);
      return undefined;
    },

    after: async (ctx: HookContext): Promise<void> => {
      if (ctx.path !== '/verify-email' || ctx.context.returned instanceof Error) return;
      await ctx.context.internalAdapter.createVerificationValue({
        identifier: usedName(String(ctx.query?.token)),
        value: 'used',
        expiresAt: new Date(Date.now() + linkSeconds * 1000),
      });
    },

    /** Makes the link that was asked for, and mails it. Does nothing for an address that is nobody's. */
    answer: (library: LinkingLibrary, asked: AccountAsk): Promise<void> =>
      spoken.run(asked.language, async () => {
        if (asked.kind === 'reset') {
          if (!(await lockOut.mayMail(asked.email))) return;
          await library.api.requestPasswordReset({ body: { email: asked.email } });
          return;
        }
        const { internalAdapter: adapter, secret } = await library.$context;
        const user = await adapter.findUserById(asked.userId);
        if (!user) return;
        if (asked.kind === 'confirm') {
          const token = await createEmailVerificationToken(secret, user.email, undefined, linkSeconds);
          if (!user.emailVerified) await mailLink('confirm', user, token);
          return;
        }
        if (await adapter.findUserByEmail(asked.email)) return;
        const token = await createEmailVerificationToken(secret, user.email, asked.email, linkSeconds, {
          requestType: 'change-email-verification',
        });
        await mailLink('move', user, token, asked.email);
        const reader = { name: user.name, language: await languageFor(user.id) };
        await kernel.use(mailer).post(letterOfMove(user.email, reader, asked.email));
      }),
  };
}

interface LinkingLibrary {
  readonly api: { requestPasswordReset(input: { body: { email: string } }): Promise<unknown> };
  readonly $context: Promise<Pick<LibraryContext, 'internalAdapter' | 'secret'>>;
}

const askPaths: ReadonlySet<string> = new Set([
  '/request-password-reset',
  '/send-verification-email',
  '/change-email',
]);

const usedName = (token: string) => `used-link:${createHash('sha256').update(token).digest('hex')}`;

/** Where the token leads to another address; it is not yet known to be genuine. */
function addressIn(token: string): string | null {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return z.object({ updateTo: z.string() }).safeParse(payload).data?.updateTo ?? null;
  } catch {
    return null;
  }
}

export async function isPassword(library: LibraryContext, userId: string, given: unknown): Promise<boolean> {
  const accounts = await library.internalAdapter.findAccounts(userId);
  const hash = accounts.find(({ providerId }) => providerId === 'credential')?.password;
  if (typeof given !== 'string' || given.length > 128 || !hash) return false;
  return library.password.verify({ hash, password: given });
}

/** Who came by a mail has shown that the address is theirs; what was open for the one with the old password is not any more. */
async function settleReset(kernel: Kernel, userId: string): Promise<void> {
  await kernel.database.asSystem(async (queries) => {
    await queries.sql('update users set email_verified = true where id = $1', [userId]);
    // Other links, remembered devices, sign-ins that wait for a second factor.
    await queries.sql('delete from verifications where value = $1', [userId]);
  });
}
