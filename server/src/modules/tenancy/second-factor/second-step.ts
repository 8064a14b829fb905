// The second step of a sign-in: where a user has a second factor, a right password, or an account at Google or Microsoft, opens
// nothing, but lets them give a code.
// Passkeys are the sign-in library's own plugin; the rest is a plugin of ours, for the library's keeps backup codes so that
// they can be read, takes a code twice, and puts a new secret in use before the app has it.
import { randomBytes } from 'node:crypto';
import { type SecondStepAsked, type SecondStepCode, secondStep } from '@parley/contract/second-factor';
import { z } from 'zod';
import { ParleyError } from '../../../core/errors.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { languageOf } from '../account-asks.ts';
import type { HookContext } from '../account-links.ts';
import { securityWatch } from '../audit/watch.ts';
import type { LockOut } from '../lock-out.ts';
import { isOldPassword } from '../old-password.ts';
import { sendSignInCode } from '../phone-numbers/sms-factor.ts';
import { originOfHeaders } from '../request-headers.ts';
import type { SignInRule } from '../sign-in-hooks.ts';
import { passkeys } from '../tables.ts';
import { secondFactorFailed } from './events.ts';
import { useCode } from './factors.ts';
import { asksSecondFactor, hasSms, holdFactors } from './has-factor.ts';
import { recogniseDevice, rememberDevice, rememberedDays } from './remembered-devices.ts';
import { waysOf } from './step-up.ts';

const stepSeconds = 600;
/** What is kept is found by a hash of the whole name: another way in front of the token finds nothing. */
const stepName = (token: string) => `second-step:${token}`;
const newStepToken = (way: string) => `${way}.${randomBytes(24).toString('base64url')}`;
const wayOf = (token: string) => token.slice(0, token.indexOf('.'));

/**
 * After the first step of a sign-in, once its session is there; sets the cookie of the second.
 * @param way by which the first was taken
 * @returns what is asked for instead of a session; nothing where none has to be, or in a browser that is remembered
 */
export type BeginSecondStep = (
  ctx: Pick<HookContext, 'getCookie' | 'setCookie'> & {
    readonly context: Pick<HookContext['context'], 'internalAdapter'>;
  },
  userId: string,
  way: string,
) => Promise<{ readonly token: string; readonly asked: SecondStepAsked } | undefined>;

/** Loads the library: call it where that is loaded. */
export async function createSecondStep(kernel: Kernel, lockOut: LockOut) {
  const [{ APIError, createAuthEndpoint }, { deleteSessionCookie, setSessionCookie }, { passkey }] =
    await Promise.all([
      import('better-auth/api'),
      import('better-auth/cookies'),
      import('@better-auth/passkey'),
    ]);
  const { origin } = new URL(kernel.config.publicUrl);
  const isSecure = origin.startsWith('https:');
  // Names that only this host can set, as for the session; they ask for the path.
  const named = (name: string) => (isSecure ? `__Host-${name}` : name);
  const [stepCookie, rememberedCookie] = [named('parley.second_step'), named('parley.remembered_device')];
  const cookie = (maxAge: number) =>
    ({
      path: '/',
      httpOnly: true,
      secure: isSecure,
      sameSite: 'strict',
      maxAge,
    }) as const;
  // Who comes back from Google or Microsoft comes from another site.
  const remembering = { ...cookie(rememberedDays * 86_400), sameSite: 'lax' } as const;
  const unauthorised = (code: string, message: string) => new APIError('UNAUTHORIZED', { code, message });
  const signInAgain = () => unauthorised('SIGN_IN_AGAIN', 'Sign in again: it took too long.');

  const begin: BeginSecondStep = async (ctx, userId, way) => {
    const found = await kernel.database.asSystem(async (queries) => {
      await holdFactors(queries, userId, 'asking');
      if (!(await asksSecondFactor(queries, userId))) return null;
      return { ways: await waysOf(queries, userId), sms: await hasSms(queries, userId) };
    });
    if (!found) return undefined;
    const remembered = ctx.getCookie(rememberedCookie);
    const next = remembered ? await recogniseDevice(kernel, userId, remembered) : null;
    if (next) {
      ctx.setCookie(rememberedCookie, next, remembering);
      return undefined;
    }
    const token = newStepToken(way);
    const expiresAt = new Date(Date.now() + stepSeconds * 1000);
    await ctx.context.internalAdapter.createVerificationValue({
      identifier: stepName(token),
      value: userId,
      expiresAt,
    });
    ctx.setCookie(stepCookie, token, cookie(stepSeconds));
    const ways: SecondStepAsked['ways'] = found.ways.filter((one) => one !== 'password');
    // Before the codes on paper: they are for when nothing else is at hand.
    if (found.sms) ways.splice(ways.at(-1) === 'backup_code' ? -1 : ways.length, 0, 'sms');
    return { token, asked: { secondFactor: true, ways } };
  };

  /** @returns what is answered instead of a session; nothing where the password is enough */
  const ask = async (ctx: HookContext): Promise<SecondStepAsked | undefined> => {
    const begun = ctx.context.newSession;
    if (ctx.path !== '/sign-in/email' || !begun || ctx.context.returned instanceof Error) return undefined;
    const waiting = await begin(ctx, begun.user.id, 'password');
    if (!waiting) return undefined;
    const { internalAdapter: adapter } = ctx.context;
    deleteSessionCookie(ctx, true);
    await adapter.deleteSession(begun.session.token);
    ctx.context.setNewSession(null);
    // What the change of a password takes away was not there yet when it was changed a moment ago.
    if (await isOldPassword(kernel, ctx, begun.user.id)) {
      await adapter.deleteVerificationByIdentifier(stepName(waiting.token));
      throw unauthorised('INVALID_EMAIL_OR_PASSWORD', 'Invalid email or password');
    }
    return waiting.asked;
  };

  /** For who has given the password: whether and where it is sent, nobody else hears. */
  const sendSecondFactor = createAuthEndpoint(
    '/sign-in/second-factor-code',
    { method: 'POST', body: z.object({}).optional() },
    async (ctx) => {
      const token = ctx.getCookie(stepCookie);
      const waiting = token ? await ctx.context.internalAdapter.findVerificationValue(stepName(token)) : null;
      if (!waiting || waiting.expiresAt < new Date()) throw signInAgain();
      try {
        const sent = await sendSignInCode(kernel, waiting.value, languageOf(ctx.headers));
        if (!sent) throw signInAgain();
        return ctx.json(sent satisfies SecondStepCode);
      } catch (error) {
        if (!(error instanceof ParleyError)) throw error;
        const { code, message, headers = {} } = error;
        throw new APIError(
          error.status === 429 ? 'TOO_MANY_REQUESTS' : 'CONFLICT',
          { code, message },
          headers,
        );
      }
    },
  );

  const giveSecondFactor = createAuthEndpoint(
    '/sign-in/second-factor',
    { method: 'POST', body: secondStep },
    async (ctx) => {
      const { internalAdapter: adapter, authCookies, secret } = ctx.context;
      const token = ctx.getCookie(stepCookie);
      const waiting = token ? await adapter.findVerificationValue(stepName(token)) : null;
      if (!token || !waiting || waiting.expiresAt < new Date()) throw signInAgain();
      const userId = waiting.value;
      const from = originOfHeaders(ctx.headers);
      const wait = await lockOut.beginCode(userId, from.address ?? '');
      if (wait !== null) {
        throw new APIError(
          'TOO_MANY_REQUESTS',
          { code: 'LOCKED_OUT', message: `Too many attempts. Try again in ${wait} seconds.` },
          { 'Retry-After': String(wait) },
        );
      }
      if (!(await useCode(kernel, userId, ctx.body, from))) {
        kernel.use(securityWatch).verificationFailed(userId, from, secondFactorFailed);
        throw unauthorised('INVALID_CODE', 'This code is wrong, or was used before.');
      }
      await lockOut.succeedCode(userId, from.address ?? '');
      // Gone where the password was changed meanwhile.
      const consumed = await adapter.consumeVerificationValue(stepName(token));
      const user = consumed?.value === userId ? await adapter.findUserById(userId) : null;
      if (!user) throw signInAgain();
      const isBrief = Boolean(await ctx.getSignedCookie(authCookies.dontRememberToken.name, secret));
      const session = await adapter.createSession(userId, isBrief, { way: wayOf(token) }, true);
      await setSessionCookie(ctx, { session, user }, isBrief);
      ctx.setCookie(stepCookie, '', cookie(0));
      if (ctx.body.rememberDevice) {
        const device = await rememberDevice(kernel, userId, from.device);
        ctx.setCookie(rememberedCookie, device, remembering);
      }
      return ctx.json({ status: true });
    },
  );

  const mustBeVerified = (isVerified: boolean) => {
    if (isVerified) return;
    // Without it a passkey only shows that somebody holds the device.
    throw unauthorised('USER_NOT_VERIFIED', 'The passkey did not ask who you are: by PIN, finger or face.');
  };
  const passkeyPlugin = passkey({
    rpID: new URL(origin).hostname,
    rpName: 'Parley',
    origin,
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    registration: {
      afterVerification: async ({ verification }) =>
        mustBeVerified(verification.registrationInfo?.userVerified ?? false),
    },
    authentication: {
      afterVerification: async ({ verification, clientData }) => {
        mustBeVerified(verification.authenticationInfo.userVerified);
        await kernel.database.asSystem((queries) =>
          queries.sql('update passkeys set last_used_at = $2 where credential_id = $1', [
            clientData.id,
            kernel.clock.date(),
          ]),
        );
      },
    },
  });

  return {
    plugins: [{ id: 'parley-second-step', endpoints: { sendSecondFactor, giveSecondFactor } }, passkeyPlugin],
    tables: { passkeys },
    begin,
    rule: { after: ask } satisfies SignInRule,
  };
}
