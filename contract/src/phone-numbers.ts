// Phone numbers of the signed-in member, verified by codes that are sent to them by text.
import { z } from 'zod';
import { id, timestamp } from './common.ts';

export const phoneNumber = z.object({
  id,
  /** E.164. */
  number: z.string(),
  /** Null: nothing but a code that was sent to it. */
  verifiedAt: timestamp.nullable(),
  /** Whether a code to it is a second factor of its member. */
  secondFactor: z.boolean(),
  createdAt: timestamp,
  /** The code that was sent last; null once it is verified, and days after it was sent. */
  code: z
    .object({
      /**
       * - `waiting`: about to be sent.
       * - `sent`: the provider has it.
       * - `refused`: the provider did not take it.
       * - `unknown`: nobody knows whether it was sent. It is not sent again: ask for a new one.
       * - `undelivered`: the carrier could not bring it to the phone.
       */
      state: z.enum(['waiting', 'sent', 'refused', 'unknown', 'undelivered']),
      /** Why it did not arrive, in a sentence. */
      problem: z.string().nullable(),
      expiresAt: timestamp,
      /** From when on another one may be asked for. */
      resendAt: timestamp,
      guessesLeft: z.number().int(),
    })
    .nullable(),
});
export type PhoneNumber = z.infer<typeof phoneNumber>;
export const phoneNumberList = z.object({ items: z.array(phoneNumber) });
export type PhoneNumberList = z.infer<typeof phoneNumberList>;

export const addPhoneNumber = z.object({
  /** As people write it; one without a country’s code is read as one of the workspace’s country. */
  number: z.string().trim().min(3).max(40),
});
export const verifyPhoneNumber = z.object({
  code: z
    .string()
    .trim()
    .regex(/^\d{6}$/, { error: 'has six digits' }),
});
