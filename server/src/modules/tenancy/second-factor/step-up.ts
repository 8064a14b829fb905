// Step-up: what opens more to somebody, or cannot be undone, a member does only after they proved lately that it is them, so
// that a screen that was left unlocked, or a stolen cookie, is not enough for it.
import type { VerificationWay } from '@parley/contract/second-factor';
import type { Queries } from '../../../core/database.ts';
import { ParleyError } from '../../../core/errors.ts';
import type { Principal } from '../../../core/http.ts';
import type { Kernel } from '../../../core/kernel.ts';

/** For so long one proof counts. A sign-in is one. */
export const freshMinutes = 10;

/** What a member is told of a way that they have, in the details of the refusal. */
const waysInWords: Readonly<Record<VerificationWay, string>> = {
  password: 'Give your password.',
  totp: 'Give a code of your authenticator app.',
  backup_code: 'Give a backup code; it is used up then.',
  passkey: 'Use a passkey.',
};

/** Refuses a member whose last proof is too long ago. For routes with `stepUp`; a key is never asked. */
export function createStepUp(kernel: Kernel): (principal: Principal) => Promise<void> {
  return async (principal) => {
    const { actor, sessionId } = principal;
    const ways = await kernel.database.asSystem(async (queries) => {
      const freshUntil = sessionId ? await freshUntilOf(queries, sessionId) : null;
      if (freshUntil) return null;
      return waysOfSession(queries, String(actor.id), principal);
    });
    if (!ways) return;
    throw new ParleyError({
      status: 403,
      code: 'step_up_required',
      message:
        ways.length > 0
          ? 'Confirm first that it is you, with PUT /api/v1/auth/verification, and ask again.'
          : 'This is done in a browser in which you have just signed in.',
      details: ways.map((way) => ({ path: way, message: waysInWords[way] })),
    });
  };
}

/** Until when the session counts as proved; null when it does not. By the database's clock, which wrote it. */
export async function freshUntilOf(queries: Queries, sessionId: string): Promise<Date | null> {
  const [row] = await queries.sql<{ until: Date | string }>(
    `select verified_at + $2 * interval '1 minute' as until from sessions
     where id = $1 and expires_at > now() and verified_at + $2 * interval '1 minute' > now()`,
    [sessionId, freshMinutes],
  );
  return row ? new Date(row.until) : null;
}

export async function markVerified(queries: Queries, sessionId: string): Promise<void> {
  await queries.sql('update sessions set verified_at = now() where id = $1', [sessionId]);
}

/**
 * How a user can prove that it is them, the usual one first. Who has an app or a passkey needs it here as well: a password that
 * somebody has seen must not take it away. A code by text is none of the ways, and leaves the password.
 */
export async function waysOf(queries: Queries, userId: string): Promise<VerificationWay[]> {
  const [found] = await queries.sql<Record<VerificationWay, boolean>>(
    `select exists (select 1 from passkeys where user_id = $1) as passkey,
       exists (select 1 from totp_secrets where user_id = $1 and confirmed_at is not null) as totp,
       exists (select 1 from accounts
         where user_id = $1 and provider_id = 'credential' and password is not null) as password,
       exists (select 1 from backup_codes where user_id = $1 and used_at is null) as backup_code`,
    [userId],
  );
  const ways = usualOrder.filter((way) => found?.[way]);
  return found?.totp || found?.passkey ? ways.filter((way) => way !== 'password') : ways;
}

/** How whoever asks can do it without a new sign-in. */
export async function waysOfSession(
  queries: Queries,
  userId: string,
  { credential, onlyWorkspace }: Pick<Principal, 'credential' | 'onlyWorkspace'>,
): Promise<VerificationWay[]> {
  // A program's tokens: nobody is there to be asked. Who came by their company's sign-in is whoever that company says, and does
  // not try the account's password.
  return credential === 'tokens' || onlyWorkspace ? [] : waysOf(queries, userId);
}

const usualOrder: readonly VerificationWay[] = ['password', 'totp', 'passkey', 'backup_code'];
