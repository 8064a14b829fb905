// Lock-out: after some attempts in a row an account, and an address that they come from, wait, longer each time. Attempts are
// counted before they are heard, so that many at once are no way around it, and by what was typed: whether such an account
// exists cannot be told from it.
import { z } from 'zod';
import type { SystemContext } from '../../core/context.ts';
import { keyedHash } from '../../core/crypto.ts';
import type { Queries } from '../../core/database.ts';
import type { Kernel } from '../../core/kernel.ts';
import { defineJob } from '../../core/queue.ts';
import type { HookContext } from './account-links.ts';
import type { SignInRule } from './sign-in-hooks.ts';
import { addressHeader } from './sign-in-port.ts';

interface Limit {
  /** Attempts before the first wait. */
  readonly free: number;
  /** The first wait; each further attempt doubles it. */
  readonly waitSeconds: number;
  readonly waitSecondsMax: number;
}

/** Who is locked out by somebody else's attempts waits a quarter of an hour at most, or resets the password. */
const ofAccount: Limit = { free: 5, waitSeconds: 30, waitSecondsMax: 900 };
/** Members of one office share an address. */
const ofAddress: Limit = { free: 30, waitSeconds: 30, waitSecondsMax: 900 };
const ofReset: Limit = { free: 3, waitSeconds: 3600, waitSecondsMax: 3600 };

/** After so long without an attempt, counting begins anew. */
const forgetHours = 24;

export const forgetAttempts = defineJob({
  name: 'tenancy.forget_attempts',
  doc: `Deletes counts of sign-ins that are older than ${forgetHours} hours.`,
  input: z.object({}),
  effect: 'system',
});

export async function forgetOldAttempts(ctx: SystemContext): Promise<void> {
  const before = new Date(ctx.clock.now() - forgetHours * 3_600_000);
  await ctx.system((queries) => queries.sql('delete from sign_in_attempts where last_at < $1', [before]));
}

export class LockOut {
  readonly #kernel: Kernel;
  readonly #hashKey: Buffer;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#hashKey = kernel.deriveKey('sign-in attempts');
  }

  #key(kind: 'account' | 'address' | 'reset', value: string): string {
    return keyedHash(this.#hashKey, `${kind}:${value.toLowerCase()}`);
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

  /** Before a password is looked at. Returns the seconds to wait when it is not, null otherwise. */
  async begin(email: string, address: string): Promise<number | null> {
    return this.#kernel.database.asSystem(
      async (queries) =>
        // Always in this order: two that wait for the same rows would otherwise wait for one another.
        (await this.#count(queries, this.#key('address', address), ofAddress)) ??
        (await this.#count(queries, this.#key('account', email), ofAccount)),
    );
  }

  /** The password was right: nothing is held against the account, and one less against the address. */
  async succeed(email: string, address: string): Promise<void> {
    await this.#kernel.database.asSystem(async (queries) => {
      await queries.sql(
        'update sign_in_attempts set attempts = greatest(0, attempts - 1), locked_until = null where key_hash = $1',
        [this.#key('address', address)],
      );
      await this.#lift(queries, email);
    });
  }

  async #lift(queries: Queries, email: string): Promise<void> {
    await queries.sql('delete from sign_in_attempts where key_hash = $1', [this.#key('account', email)]);
  }

  /** The account got another password. */
  async lift(email: string): Promise<void> {
    await this.#kernel.database.asSystem((queries) => this.#lift(queries, email));
  }

  /** Whether one more mail may go to the address: nobody is to be flooded with what others ask for. */
  async mayMail(email: string): Promise<boolean> {
    const wait = await this.#kernel.database.asSystem((queries) =>
      this.#count(queries, this.#key('reset', email), ofReset),
    );
    return wait === null;
  }
}

/** Loads the library. */
export async function createLockOutRule(lockOut: LockOut): Promise<SignInRule> {
  const { APIError, getSessionFromCtx } = await import('better-auth/api');
  /** Whose password is tried, and from where: at the door, or by whoever sits at a session that is not theirs. */
  const attemptOf = async (ctx: HookContext) => {
    if (!ctx.request) return null;
    const address = ctx.headers?.get(addressHeader) ?? '';
    if (ctx.path === '/change-password') {
      const session = await getSessionFromCtx(ctx);
      return session && { email: session.user.email, address };
    }
    const { email } = (ctx.body ?? {}) as { email?: unknown };
    return typeof email === 'string' && ctx.path === '/sign-in/email' ? { email, address } : null;
  };
  return {
    before: async (ctx) => {
      const attempt = await attemptOf(ctx);
      const wait = attempt && (await lockOut.begin(attempt.email, attempt.address));
      if (wait === null) return undefined;
      throw new APIError(
        'TOO_MANY_REQUESTS',
        { code: 'LOCKED_OUT', message: `Too many attempts. Try again in ${wait} seconds.` },
        { 'Retry-After': String(wait) },
      );
    },
    after: async (ctx) => {
      const attempt = await attemptOf(ctx);
      if (attempt && !(ctx.context.returned instanceof Error))
        await lockOut.succeed(attempt.email, attempt.address);
    },
  };
}
