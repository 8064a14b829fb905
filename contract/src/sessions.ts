// Where a user is signed in, and the tokens of their programs.
import { z } from 'zod';
import { displayName, id, timestamp } from './common.ts';

/** Where an address is, as far as known. `this_network`: a private one, or of this machine. */
export const place = z.object({
  kind: z.enum(['this_network', 'known', 'unknown']),
  /** ISO 3166-1 alpha-2. */
  country: z.string().nullable(),
  city: z.string().nullable(),
});
export type Place = z.infer<typeof place>;

/** One way in that is open: a browser that is signed in, or a program with tokens. */
export const openSession = z.object({
  id: z.string(),
  kind: z.enum(['session', 'tokens']),
  /** Browser and system ("Edge · Windows"), or how a program calls itself. */
  device: z.string().nullable(),
  /** The first part of the address of the last request, such as 203.0.113.0/24. */
  network: z.string().nullable(),
  place,
  createdAt: timestamp,
  /** To the minute. */
  lastUsedAt: timestamp,
  /** The one that asks. */
  current: z.boolean(),
});
export type OpenSession = z.infer<typeof openSession>;
/** The one that asks first, then by their last use. */
export const openSessionList = z.object({ items: z.array(openSession) });

export const createTokens = z.object({
  /** How the list of sessions calls the program: "Ana’s phone". */
  name: displayName(100).optional(),
  /** The session that asks ends: from now on there are the tokens. */
  endSession: z.boolean().default(false),
});
export type CreateTokens = z.input<typeof createTokens>;

export const renewTokens = z.object({
  refreshToken: z.string().min(20).max(200),
  /**
   * A random number of this one renewal, sent again with the same refresh token where the answer was lost: within a minute it
   * gets the same answer. Without it, a refresh token that is sent twice ends the family.
   */
  renewalId: z.uuid().optional(),
});
export type RenewTokens = z.infer<typeof renewTokens>;

export const tokens = z.object({
  /** The session's id. */
  id,
  tokenType: z.literal('Bearer'),
  /** A JWT, signed with a key of `/.well-known/jwks.json`. */
  accessToken: z.string(),
  accessTokenExpiresAt: timestamp,
  /** Serves once: the next one comes with its answer. */
  refreshToken: z.string(),
  refreshTokenExpiresAt: timestamp,
});
export type Tokens = z.infer<typeof tokens>;

/** RFC 7517. */
export const keySet = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('OKP'),
      crv: z.literal('Ed25519'),
      x: z.string(),
      kid: z.string(),
      alg: z.literal('EdDSA'),
      use: z.literal('sig'),
    }),
  ),
});
export type KeySet = z.infer<typeof keySet>;
