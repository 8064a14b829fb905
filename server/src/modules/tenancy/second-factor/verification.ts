// A member proves once more that it is them. Guesses are counted like those of a sign-in, and wrong ones told to the audit.
import type { Verification, VerifySession } from '@parley/contract/second-factor';
import type { Origin } from '../../../core/context.ts';
import { ParleyError } from '../../../core/errors.ts';
import type { Principal } from '../../../core/http.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { signedInUserId } from '../account.ts';
import { securityWatch } from '../audit/watch.ts';
import { LockOut } from '../lock-out.ts';
import { signInPort } from '../sign-in-port.ts';
import { freshUntilOf, markVerified, waysOf } from './step-up.ts';

/** @throws ParleyError 403 for an API key */
export async function readVerification(kernel: Kernel, principal: Principal): Promise<Verification> {
  const userId = signedInUserId(principal);
  return kernel.database.asSystem(async (queries) => {
    const freshUntil = principal.sessionId ? await freshUntilOf(queries, principal.sessionId) : null;
    return { freshUntil: freshUntil?.toISOString() ?? null, ways: await waysOf(queries, userId) };
  });
}

/** @throws ParleyError 400 `verification_failed`, 429 `locked_out`, 403 for an API key */
export async function verifySession(
  kernel: Kernel,
  principal: Principal,
  input: VerifySession,
  origin: Origin,
): Promise<Verification> {
  const userId = signedInUserId(principal);
  const { sessionId } = principal;
  const address = origin.address ?? '';
  const lockOut = new LockOut(kernel);
  const email = await emailOf(kernel, userId);
  const wait = await lockOut.begin(email, address);
  if (wait !== null) throw lockedOut(wait);
  if (!sessionId || !(await kernel.use(signInPort).isPassword(userId, input.password))) {
    kernel.use(securityWatch).verificationFailed(userId, origin);
    throw new ParleyError({
      status: 400,
      code: 'verification_failed',
      message: 'This is not your password.',
    });
  }
  await lockOut.succeed(email, address);
  await kernel.database.asSystem((queries) => markVerified(queries, sessionId));
  return readVerification(kernel, principal);
}

function lockedOut(seconds: number): ParleyError {
  return new ParleyError({
    status: 429,
    code: 'locked_out',
    message: `Too many attempts. Try again in ${seconds} seconds.`,
    headers: { 'retry-after': String(seconds) },
  });
}

async function emailOf(kernel: Kernel, userId: string): Promise<string> {
  const [user] = await kernel.database.asSystem((queries) =>
    queries.sql<{ email: string }>('select email from users where id = $1', [userId]),
  );
  if (!user) throw new ParleyError({ status: 401, code: 'unauthenticated', message: 'Sign in again.' });
  return user.email;
}
