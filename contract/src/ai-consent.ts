// Whether a contact agreed to be answered by a machine, and what the workspace makes of it.
import { z } from 'zod';
import { id, timestamp } from './common.ts';

export const aiConsentState = z.enum(['unknown', 'granted', 'refused']);
export type AiConsentState = z.infer<typeof aiConsentState>;

export const aiConsent = z.object({
  contactId: id,
  consent: aiConsentState,
  /** Every time that it was said, newest first. */
  events: z.array(
    z.object({
      id,
      consent: aiConsentState,
      /** `kept`: it was known of this address from before its contact was erased. */
      source: z.enum(['keyword', 'member', 'kept']),
      /** The proof: the message that said it, and the words that were read in it. */
      messageId: id.nullable(),
      keyword: z.string().nullable(),
      actor: z.object({ kind: z.string(), id: z.string().nullable() }),
      occurredAt: timestamp,
    }),
  ),
});
export type AiConsent = z.infer<typeof aiConsent>;

export const recordAiConsent = z.object({ consent: aiConsentState });
export type RecordAiConsent = z.infer<typeof recordAiConsent>;

/**
 * - `ask_nobody`: consent plays no part; what contacts say is recorded.
 * - `answer_unless_refused`: the assistant answers whoever has not refused.
 * - `only_with_consent`: it answers only who has agreed.
 */
export const consentRule = z.enum(['ask_nobody', 'answer_unless_refused', 'only_with_consent']);
export type ConsentRule = z.infer<typeof consentRule>;

export const consentRuleSetting = z.object({ rule: consentRule });
export type ConsentRuleSetting = z.infer<typeof consentRuleSetting>;
