// How a member proves that it is them: when they sign in, and once more before what opens more or cannot be undone.
import { z } from 'zod';
import { timestamp } from './common.ts';

export const verificationWay = z.enum(['password']);
export type VerificationWay = z.infer<typeof verificationWay>;

/** Whether the session counts as proved, and how it can be. */
export const verification = z.object({
  /** Until when what needs a step-up is done without asking; null: it is asked for. */
  freshUntil: timestamp.nullable(),
  ways: z.array(verificationWay),
});
export type Verification = z.infer<typeof verification>;

export const verifySession = z.discriminatedUnion('way', [
  z.object({ way: z.literal('password'), password: z.string().min(1).max(128) }),
]);
export type VerifySession = z.infer<typeof verifySession>;
