// How a member proves that it is them: with a second factor when they sign in, and once more before what opens more or
// cannot be undone.
import { z } from 'zod';
import { displayName, id, timestamp } from './common.ts';

export const verificationWay = z.enum(['password', 'totp', 'backup_code', 'passkey']);
export type VerificationWay = z.infer<typeof verificationWay>;

/** Whether the session counts as proved, and how it can be. */
export const verification = z.object({
  /** Until when what needs a step-up is done without asking; null: it is asked for. */
  freshUntil: timestamp.nullable(),
  ways: z.array(verificationWay),
});
export type Verification = z.infer<typeof verification>;

const code = z.string().trim().min(1).max(64);
/** What the browser's `navigator.credentials` answered, as JSON (WebAuthn Level 3). */
const passkeyResponse = z.looseObject({ id: z.string().max(2000) });

export const verifySession = z.discriminatedUnion('way', [
  z.object({ way: z.literal('password'), password: z.string().min(1).max(128) }),
  z.object({ way: z.literal('totp'), code }),
  z.object({ way: z.literal('backup_code'), code }),
  /** To the options of `GET /api/auth/passkey/generate-authenticate-options`. */
  z.object({ way: z.literal('passkey'), response: passkeyResponse }),
]);
export type VerifySession = z.infer<typeof verifySession>;

/** The second step of a sign-in, after a right password was answered with `ways`. */
export const secondStep = z.object({
  way: z.enum(['totp', 'backup_code', 'sms']),
  code,
  /** Not to ask in this browser for thirty days. */
  rememberDevice: z.boolean().default(false),
});
/** The answer to a right password where it is not enough. */
export const secondStepAsked = z.object({
  secondFactor: z.literal(true),
  ways: z.array(z.enum([...verificationWay.exclude(['password']).options, 'sms'])),
});
/** A code to the number that the user chose was asked for. */
export const secondStepCode = z.object({
  /** The last two digits of the number. */
  endsIn: z.string(),
  resendSeconds: z.number().int(),
});
export type SecondStepCode = z.infer<typeof secondStepCode>;
export type SecondStepAsked = z.infer<typeof secondStepAsked>;

export const passkey = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: timestamp,
  lastUsedAt: timestamp.nullable(),
  /** Whether it is kept by a service that takes it to other devices. */
  isSynced: z.boolean(),
});
export type Passkey = z.infer<typeof passkey>;

export const rememberedDevice = z.object({
  id,
  /** Browser and system, as far as it said. */
  device: z.string().nullable(),
  rememberedAt: timestamp,
  lastUsedAt: timestamp,
  expiresAt: timestamp,
});
export type RememberedDevice = z.infer<typeof rememberedDevice>;

/** What a user has besides the password. */
export const secondFactor = z.object({
  /** Of an authenticator app; null: none. */
  totp: z.object({ since: timestamp }).nullable(),
  /** How many backup codes are left; null: none were made. */
  backupCodesLeft: z.number().int().nullable(),
  /** Whether a code by text to a phone number of theirs is one. */
  sms: z.boolean(),
  passkeys: z.array(passkey),
  rememberedDevices: z.array(rememberedDevice),
});
export type SecondFactor = z.infer<typeof secondFactor>;

/** For an authenticator app; it is on once a first code of it was given. */
export const totpSetup = z.object({
  /** For a QR code. */
  uri: z.string(),
  /** For typing by hand, in base 32. */
  secret: z.string(),
});
export type TotpSetup = z.infer<typeof totpSetup>;
export const confirmTotp = z.object({ code });

/** Shown this once; null where the user has some already. */
export const backupCodes = z.object({ codes: z.array(z.string()).nullable() });
export type BackupCodes = z.infer<typeof backupCodes>;

/** For `navigator.credentials.create`. */
export const passkeyOptions = z.looseObject({ challenge: z.string() });
export const addPasskey = z.object({
  name: displayName(100),
  response: passkeyResponse,
});
export const addedPasskey = z.object({ passkey, codes: backupCodes.shape.codes });
export type AddedPasskey = z.infer<typeof addedPasskey>;
export const renamePasskey = addPasskey.pick({ name: true });

/**
 * Whether members have to have a second factor before anything of the workspace is open to them. `required_without_sms`: codes
 * by text do not count.
 */
export const secondFactorRule = z.enum(['optional', 'required', 'required_without_sms']);
export const changeSecondFactorRule = z.object({ secondFactor: secondFactorRule });
