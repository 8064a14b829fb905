// Access tokens: short-lived JWTs (RFC 9068) that name a user and the family of tokens they belong to. A token alone opens
// nothing: its family is looked at each time, so that what was ended stops at once.
import { z } from 'zod';
import { newId } from '../../../core/identifiers.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { accessTokenSeconds, signingKeys } from './signing-keys.ts';

const tokenType = 'at+jwt';
/** Between clocks of our own processes. */
const toleranceSeconds = 5;

/** Who accepts it: the API of this installation. */
export const audienceOf = (publicUrl: string) => `${publicUrl}/api`;

const claims = z.object({ sub: z.string(), sid: z.uuid(), exp: z.number() });

export interface AccessClaims {
  readonly userId: string;
  readonly familyId: string;
  readonly expiresAt: number;
}

export async function signAccessToken(
  kernel: Kernel,
  { userId, familyId, onlyWorkspace }: { userId: string; familyId: string; onlyWorkspace: string | null },
): Promise<{ token: string; expiresAt: Date }> {
  const [{ SignJWT }, { kid, key }] = await Promise.all([import('jose'), kernel.use(signingKeys).toSign()]);
  const { publicUrl } = kernel.config;
  const issuedAt = Math.floor(kernel.clock.now() / 1000);
  const expiresAt = issuedAt + accessTokenSeconds;
  const token = await new SignJWT({ sid: familyId, ...(onlyWorkspace ? { wid: onlyWorkspace } : {}) })
    .setProtectedHeader({ alg: 'EdDSA', kid, typ: tokenType })
    .setIssuer(publicUrl)
    .setAudience(audienceOf(publicUrl))
    .setSubject(userId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .setJti(newId())
    .sign(key);
  return { token, expiresAt: new Date(expiresAt * 1000) };
}

/** Null for what we did not sign, or not for now. */
export async function readAccessToken(kernel: Kernel, token: string): Promise<AccessClaims | null> {
  const { jwtVerify, errors } = await import('jose');
  const { publicUrl } = kernel.config;
  try {
    const { payload } = await jwtVerify(
      token,
      async ({ kid }) => {
        const key = kid ? await kernel.use(signingKeys).toVerify(kid) : null;
        if (!key) throw new errors.JWKSNoMatchingKey();
        return key;
      },
      {
        algorithms: ['EdDSA'],
        typ: tokenType,
        issuer: publicUrl,
        audience: audienceOf(publicUrl),
        requiredClaims: ['sub', 'sid', 'iat', 'exp', 'jti'],
        maxTokenAge: accessTokenSeconds + toleranceSeconds,
        clockTolerance: toleranceSeconds,
        currentDate: kernel.clock.date(),
      },
    );
    const { data } = claims.safeParse(payload);
    return data ? { userId: data.sub, familyId: data.sid, expiresAt: data.exp * 1000 } : null;
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}
