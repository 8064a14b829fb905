// Runs: one turn of the assistant each, with everything that it did and why.
import { z } from 'zod';
import { id, language, page, pageQuery, timestamp } from './common.ts';

export const policy = z.enum(['off', 'draft', 'auto']);
export type Policy = z.infer<typeof policy>;

/** How one model came to answer, or did not. */
export const modelReason = z.object({
  /** Null for the built-in model. */
  modelId: id.nullable(),
  model: z.string(),
  decision: z.enum(['answered', 'skipped', 'failed']),
  /**
   * Answered: `preferred`, `next_in_line`, `fallback`. Skipped: `private_content`, `budget_exhausted`, `circuit_open`,
   * `out_of_time`, `disabled`. Failed: `timed_out`, `unreachable`, `address_forbidden`, `rate_limited`,
   * `credentials_refused`, `request_refused`, `provider_error`, `unreadable_answer`, `empty_answer`, `filtered`.
   */
  reason: z.string(),
  durationMs: z.number().int(),
});
export type ModelReason = z.infer<typeof modelReason>;

/** A passage that was given to the model: which one of which version of a text, never its words. */
export const readPassage = z.object({
  textId: id,
  version: z.number().int(),
  title: z.string(),
  passageId: z.string(),
  score: z.number(),
  /** The answer names it as where it comes from. */
  cited: z.boolean(),
});
export type ReadPassage = z.infer<typeof readPassage>;

export const runOutcome = z.enum([
  'answered',
  'drafted',
  /** It had no answer: the conversation is flagged for a person. */
  'handed_over',
  /** A newer message arrived meanwhile; another run answers both. */
  'superseded',
  /** The contact has had as many automatic replies this hour as are allowed. */
  'limited',
  /** A member took over, the assistant was switched off, or the contact opted out meanwhile. */
  'held_back',
  'failed',
]);
export type RunOutcome = z.infer<typeof runOutcome>;

export const run = z.object({
  id,
  conversationId: id,
  status: z.enum(['active', 'finished', 'failed']),
  outcome: runOutcome.nullable(),
  policy,
  /** The messages that it read, oldest first. */
  readMessageIds: z.array(id),
  readPassages: z.array(readPassage),
  model: z.string().nullable(),
  reasons: z.array(modelReason),
  inputTokens: z.number().int(),
  outputTokens: z.number().int(),
  costMicros: z.number().int(),
  durationMs: z.number().int().nullable(),
  /** The message or draft that it made. */
  messageId: id.nullable(),
  errorCode: z.string().nullable(),
  startedAt: timestamp,
  finishedAt: timestamp.nullable(),
});
export type Run = z.infer<typeof run>;

export const runPage = page(run);
export const runQuery = pageQuery.extend({ conversationId: id.optional() });
export type RunQuery = z.infer<typeof runQuery>;

export const trialQuestion = z.object({
  question: z.string().trim().min(1).max(4_000),
  /** Absent: detected. */
  language: language.optional(),
});
export type TrialQuestion = z.infer<typeof trialQuestion>;

/** An answer that was sent to nobody. */
export const trialAnswer = z.object({
  text: z.string(),
  outcome: z.enum(['answered', 'handed_over']),
  language,
  model: z.string(),
  reasons: z.array(modelReason),
  readPassages: z.array(readPassage),
  inputTokens: z.number().int(),
  outputTokens: z.number().int(),
  costMicros: z.number().int(),
  durationMs: z.number().int(),
});
export type TrialAnswer = z.infer<typeof trialAnswer>;
