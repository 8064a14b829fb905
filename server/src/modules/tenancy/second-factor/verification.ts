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
import { useCode } from './factors.ts';
import { isTheirPasskey } from './passkeys.ts';
import { freshUntilOf, markVerified, waysOfSession } from './step-up.ts';

/** @throws ParleyError 403 for an API key */
export async function readVerification(kernel: Kernel, principal: Principal): Promise<Verification> {
  const userId = signedInUserId(principal);
  return kernel.database.asSystem(async (queries) => {
    const freshUntil = principal.sessionId ? await freshUntilOf(queries, principal.sessionId) : null;
    return {
      freshUntil: freshUntil?.toISOString() ?? null,
      ways: await waysOfSession(queries, userId, principal),
    };
  });
}

/** @throws ParleyError 400 `verification_failed`, 429 `locked_out`, 403 for an API key */
export async function verifySession(
  kernel: Kernel,
  principal: Principal,
  input: VerifySession,
  headers: Headers,
  origin: Origin,
): Promise<Verification> {
  const userId = signedInUserId(principal);
  const { sessionId, credential } = principal;
  if (credential === 'tokens') {
    throw new ParleyError({
      status: 403,
      code: 'forbidden',
      message: 'This is a person’s to prove, in a browser: tokens of a program cannot.',
    });
  }
  const ways = await kernel.database.asSystem((queries) => waysOfSession(queries, userId, principal));
  if (!ways.includes(input.way)) {
    // Not tried at all: whether it is the right password is not told here.
    throw new ParleyError({
      status: 400,
      code: 'verification_failed',
      message: 'This is none of the ways in which this account is proved.',
    });
  }
  const address = origin.address ?? '';
  const proof = proofOf(kernel, userId, input, headers, origin);
  const lockOut = new LockOut(kernel);
  const email = await emailOf(kernel, userId);
  const isPassword = input.way === 'password';
  const wait = await (isPassword ? lockOut.begin(email, address) : lockOut.beginCode(userId, address));
  if (wait !== null) throw lockedOut(wait);
  if (!sessionId || !(await proof())) {
    kernel.use(securityWatch).verificationFailed(userId, origin);
    throw new ParleyError({
      status: 400,
      code: 'verification_failed',
      message: isPassword ? 'This is not your password.' : 'This is wrong, or was used before.',
    });
  }
  await (isPassword ? lockOut.succeed(email, address) : lockOut.succeedCode(userId, address));
  await kernel.database.asSystem((queries) => markVerified(queries, sessionId));
  return readVerification(kernel, principal);
}

/** Tries what was given; a code is used up then. */
function proofOf(
  kernel: Kernel,
  userId: string,
  input: VerifySession,
  headers: Headers,
  origin: Origin,
): () => Promise<boolean> {
  switch (input.way) {
    case 'password':
      return () => kernel.use(signInPort).isPassword(userId, input.password);
    case 'passkey':
      return () => isTheirPasskey(kernel, userId, input.response, headers);
    default:
      return () => useCode(kernel, userId, input, origin);
  }
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
