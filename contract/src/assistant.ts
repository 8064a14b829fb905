// How a workspace's assistant behaves.
import { z } from 'zod';
import { consentRule } from './ai-consent.ts';
import { id, timestamp } from './common.ts';
import { policy } from './runs.ts';

/** Where nine in ten answers name the right passage, as measured. */
export const supportNeededByDefault = 0.6;

export const assistantInput = z.object({
  /** off: silent; draft: proposes, a member sends; auto: answers by itself. A conversation may have its own. */
  policy,
  /** Who it speaks as and how, in plain words. */
  persona: z.string().trim().max(4_000),
  /** How long a contact must be silent before a burst of messages is answered. */
  burstWaitMs: z.number().int().min(0).max(60_000),
  /** Automatic replies to one contact in an hour. */
  repliesPerHourMax: z.number().int().min(1).max(1_000),
  /** The model that is asked first; null: the built-in one. */
  modelId: id.nullable(),
  /** How much support an answer needs, 0 to 1; one that has less is left to a person. */
  supportNeeded: z.number().min(0).max(1).default(supportNeededByDefault),
});
export type AssistantInput = z.infer<typeof assistantInput>;

export const assistant = assistantInput.extend({
  /** Whom it may answer; changed by itself. */
  consentRule,
  /** Null while nobody has changed anything. */
  updatedAt: timestamp.nullable(),
});
export type Assistant = z.infer<typeof assistant>;
