// Lock-out: after some attempts in a row an account, and an address that they come from, wait, longer each time. Attempts are
// counted before they are heard, so that many at once are no way around it, and by what was typed: whether such an account
// exists cannot be told from it.
//
// A browser that has signed in to the account before carries a cookie that says so, and is counted by itself: whoever guesses
// at an account keeps strangers waiting, and not the one whose it is (OWASP, "device cookies").
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { callerOf } from '../../core/addresses.ts';
import type { SystemContext } from '../../core/context.ts';
import { isSameText, keyedHash } from '../../core/crypto.ts';
import type { Queries } from '../../core/database.ts';
import type { Kernel } from '../../core/kernel.ts';
import { defineJob } from '../../core/queue.ts';
import type { HookContext } from './account-links.ts';
import { forgetExpired } from './second-factor/remembered-devices.ts';
import type { SignInRule } from './sign-in-hooks.ts';
import { addressHeader } from './sign-in-port.ts';

interface Limit {
  /** Attempts before the first wait. */
  readonly free: number;
  /** The first wait; each further attempt doubles it. */
  readonly waitSeconds: number;
  readonly waitSecondsMax: number;
}

/** Who is locked out by somebody else's attempts, in a browser that is new, waits a quarter of an hour at most. */
const ofAccount: Limit = { free: 5, waitSeconds: 30, waitSecondsMax: 900 };
/** Members of one office share an address. */
const ofAddress: Limit = { free: 30, waitSeconds: 30, waitSecondsMax: 900 };
const ofReset: Limit = { free: 3, waitSeconds: 3600, waitSecondsMax: 3600 };

/** After so long without an attempt, counting begins anew. */
const forgetHours = 24;

export const forgetAttempts = defineJob({
  name: 'tenancy.forget_attempts',
  doc: `Deletes counts of sign-ins that are older than ${forgetHours} hours, and remembered devices whose time is over.`,
  input: z.object({}),
  effect: 'system',
});

export async function forgetOldAttempts(ctx: SystemContext): Promise<void> {
  const before = new Date(ctx.clock.now() - forgetHours * 3_600_000);
  await ctx.system(async (queries) => {
    await queries.sql('delete from sign_in_attempts where last_at < $1', [before]);
    await forgetExpired(queries, ctx.clock.date());
  });
}

export class LockOut {
  readonly #kernel: Kernel;
  readonly #hashKey: Buffer;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#hashKey = kernel.deriveKey('sign-in attempts');
  }

  #key(kind: 'account' | 'code' | 'browser' | 'address' | 'reset', value: string): string {
    return keyedHash(this.#hashKey, `${kind}:${value.toLowerCase()}`);
  }

  #keyOfAddress(address: string): string {
    return this.#key('address', callerOf(address));
  }

  /** A mark for a browser that has signed in to the account. Made anew each time: it names no browser. */
  markBrowser(email: string): string {
    const mark = randomBytes(16).toString('hex');
    return `${mark}.${this.#sealMark(email, mark)}`;
  }

  #sealMark(email: string, mark: string): string {
    return keyedHash(this.#hashKey, `mark:${email.toLowerCase()}:${mark}`);
  }

  /** What an attempt is counted against: the browser, where it has a mark of this account, or else the account. */
  #keyOfAccount(email: string, mark?: string): string {
    const [name = '', seal = ''] = mark?.split('.') ?? [];
    const isMarked = seal.length > 0 && isSameText(seal, this.#sealMark(email, name));
    return isMarked ? this.#key('browser', `${email}:${name}`) : this.#key('account', email);
  }

  /** Counts one. Returns the seconds to wait when it is refused, null otherwise. */
  async #count(queries: Queries, key: string, limit: Limit): Promise<number | null> {
    const now = this.#kernel.clock.date();
    const forgotten = new Date(now.getTime() - forgetHours * 3_600_000);
    const counted = await queries.sql(
      `insert into sign_in_attempts as a (key_hash, attempts, last_at) values ($1, 1, $2)
       on conflict (key_hash) do update set
         attempts = case when a.last_at < $3 then 1 else a.attempts + 1 end, last_at = $2,
         locked_until = case when a.last_at >= $3 and a.attempts + 1 >= $4::int then
           $2::timestamptz + least($6::float8, $5::float8 * power(2, least(30, a.attempts + 1 - $4::int))) * interval '1 second' end
       where a.locked_until is null or a.locked_until <= $2
       returning 1 as one`,
      [key, now, forgotten, limit.free, limit.waitSeconds, limit.waitSecondsMax],
    );
    if (counted.length > 0) return null;
    const [row] = await queries.sql<{ locked_until: Date | string | null }>(
      'select locked_until from sign_in_attempts where key_hash = $1',
      [key],
    );
    return Math.max(1, Math.ceil((new Date(row?.locked_until ?? now).getTime() - now.getTime()) / 1000));
  }

  /**
   * Before a password is looked at.
   * @param mark that the browser was given when it signed in
   * @returns the seconds to wait when it is not, null otherwise.
   */
  async begin(email: string, address: string, mark?: string): Promise<number | null> {
    return this.#kernel.database.asSystem(
      async (queries) =>
        // Always in this order: two that wait for the same rows would otherwise wait for one another.
        (await this.#count(queries, this.#keyOfAddress(address), ofAddress)) ??
        (await this.#count(queries, this.#keyOfAccount(email, mark), ofAccount)),
    );
  }

  /** The password was right: nothing is held against the account or the browser, and one less against the address. */
  async succeed(email: string, address: string, mark?: string): Promise<void> {
    await this.#kernel.database.asSystem(async (queries) => {
      await this.#settleAddress(queries, address);
      await this.#lift(queries, this.#keyOfAccount(email, mark));
    });
  }

  /**
   * Before a code of a second factor is looked at. Counted by itself: a right password does not make guessed codes undone.
   * @returns the seconds to wait when it is not, null otherwise
   */
  async beginCode(userId: string, address: string): Promise<number | null> {
    return this.#kernel.database.asSystem(
      async (queries) =>
        (await this.#count(queries, this.#keyOfAddress(address), ofAddress)) ??
        (await this.#count(queries, this.#key('code', userId), ofAccount)),
    );
  }

  async succeedCode(userId: string, address: string): Promise<void> {
    await this.#kernel.database.asSystem(async (queries) => {
      await this.#settleAddress(queries, address);
      await this.#lift(queries, this.#key('code', userId));
    });
  }

  async #settleAddress(queries: Queries, address: string): Promise<void> {
    await queries.sql(
      'update sign_in_attempts set attempts = greatest(0, attempts - 1), locked_until = null where key_hash = $1',
      [this.#keyOfAddress(address)],
    );
  }

  async #lift(queries: Queries, key: string): Promise<void> {
    await queries.sql('delete from sign_in_attempts where key_hash = $1', [key]);
  }

  /** The account got another password. */
  async lift(email: string): Promise<void> {
    await this.#kernel.database.asSystem((queries) => this.#lift(queries, this.#keyOfAccount(email)));
  }

  /** Whether one more mail may go to the address: nobody is to be flooded with what others ask for. */
  async mayMail(email: string): Promise<boolean> {
    const wait = await this.#kernel.database.asSystem((queries) =>
      this.#count(queries, this.#key('reset', email), ofReset),
    );
    return wait === null;
  }
}

/** Says that a browser has signed in to an account before; opens nothing. */
const markCookie = 'parley.known_browser';
const markDays = 180;

/** Loads the library. */
export async function createLockOutRule(
  lockOut: LockOut,
  options: { readonly secureCookies: boolean },
): Promise<SignInRule> {
  const { APIError, getSessionFromCtx } = await import('better-auth/api');
  // A name that only this host can set, as for the session; it asks for the path.
  const cookie = options.secureCookies ? `__Host-${markCookie}` : markCookie;
  /** Whose password is tried, and from where: at the door, or by whoever sits at a session that is not theirs. */
  const attemptOf = async (ctx: HookContext) => {
    if (!ctx.request) return null;
    const address = ctx.headers?.get(addressHeader) ?? '';
    const mark = ctx.getCookie(cookie) ?? undefined;
    if (withinSession.has(ctx.path)) {
      const session = await getSessionFromCtx(ctx);
      // Whoever sits there has the browser's mark too.
      return session && { email: session.user.email, address, mark: undefined };
    }
    const { email } = (ctx.body ?? {}) as { email?: unknown };
    return typeof email === 'string' && ctx.path === '/sign-in/email' ? { email, address, mark } : null;
  };
  return {
    before: async (ctx) => {
      const attempt = await attemptOf(ctx);
      const wait = attempt && (await lockOut.begin(attempt.email, attempt.address, attempt.mark));
      if (wait === null) return undefined;
      throw new APIError(
        'TOO_MANY_REQUESTS',
        { code: 'LOCKED_OUT', message: `Too many attempts. Try again in ${wait} seconds.` },
        { 'Retry-After': String(wait) },
      );
    },
    after: async (ctx) => {
      if (ctx.context.returned instanceof Error) return;
      const attempt = await attemptOf(ctx);
      if (attempt) await lockOut.succeed(attempt.email, attempt.address, attempt.mark);
      const email = ctx.request && ctx.context.newSession?.user.email;
      if (!email) return;
      ctx.setCookie(cookie, lockOut.markBrowser(email), {
        path: '/',
        httpOnly: true,
        secure: options.secureCookies,
        sameSite: 'strict',
        maxAge: markDays * 86_400,
      });
    },
  };
}

/** What asks for the password again. */
const withinSession: ReadonlySet<string> = new Set(['/change-password', '/change-email']);
