// Runs: one turn of the assistant each, with everything that it did and why.
import { z } from 'zod';
import { id, language, page, pageQuery, timestamp } from './common.ts';
import { toolStep } from './tools.ts';

export const policy = z.enum(['off', 'draft', 'auto']);
export type Policy = z.infer<typeof policy>;

/** How one model came to answer, or did not. */
export const modelReason = z.object({
  /** Null for the built-in model. */
  modelId: id.nullable(),
  model: z.string(),
  decision: z.enum(['answered', 'skipped', 'failed']),
  /**
   * Answered: `preferred`, `ordered`, `fastest`, `cheapest`, `next_in_line`, `fallback`. Skipped: `private_content`,
   * `disabled`, `lacks_capability`, `lacks_language`, `quota_exhausted`, `budget_exhausted`, `price_unknown`,
   * `circuit_open`, `out_of_time`, `cannot_continue`, `person_instead`. Failed: `timed_out`, `cut_off`, `unreachable`, `address_forbidden`,
   * `rate_limited`, `credentials_refused`, `request_refused`, `provider_error`, `unreadable_answer`, `empty_answer`,
   * `filtered`.
   */
  reason: z.string(),
  /** Which step of routing decided: whether the content is private comes before all others. */
  step: z
    .enum(['sensitivity', 'capability', 'latency', 'quota', 'cost', 'health', 'order', 'call'])
    .optional(),
  /** What made it so, in codes: `card`, `conversation`, `vision`, `continued`. */
  because: z.array(z.string()).optional(),
  durationMs: z.number().int(),
});
export type ModelReason = z.infer<typeof modelReason>;

/** A passage that was given to the model: which one of which version of which training data, never its words. */
export const readPassage = z.object({
  textId: id,
  version: z.number().int(),
  /** Empty once it was deleted. */
  title: z.string(),
  passageId: z.string(),
  /** Of a document with pages: the one that it begins on. */
  page: z.number().int().optional(),
  score: z.number(),
  /** The estimated probability, 0 to 1, that it answers; runs of before have none. */
  support: z.number().optional(),
  /** The answer names it as where it comes from. */
  cited: z.boolean(),
});
export type ReadPassage = z.infer<typeof readPassage>;

/** What a member who takes over is told. Its words are content. */
export const handOverSummary = z.object({
  /**
   * `no_answer`: nothing of the knowledge fits. `low_support`: an answer was held back. `person_asked_for`.
   * `part_unanswered`: some of it was answered. `no_model`: no model could be asked. `model_decided`.
   * `outcome_unknown`: a tool was called that changes something, and it is not known what came of it. `gave_up`: the
   * turn failed after such a tool had been called. Both are told in the run's steps.
   */
  because: z.enum([
    'no_answer',
    'low_support',
    'person_asked_for',
    'part_unanswered',
    'no_model',
    'model_decided',
    'outcome_unknown',
    'gave_up',
  ]),
  /** What was asked and is open, in the contact's words. */
  asked: z.array(z.string()),
  language,
  /** The answer that was held back; null: there was none. */
  heldBack: z.string().nullable(),
});
export type HandOverSummary = z.infer<typeof handOverSummary>;

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
  /** Whom it answers: their name, or their address where they have none; empty for who may not read conversations. */
  contact: z.string(),
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
  /** Null: a model without a price was asked. */
  costMicros: z.number().int().nullable(),
  durationMs: z.number().int().nullable(),
  /** The estimated probability, 0 to 1, that what it said is right; null where nothing was claimed. */
  support: z.number().nullable(),
  /** Null unless it handed over, or ended before it could after its tools had changed something. */
  handOver: handOverSummary.nullable(),
  /** The message or draft that it made. */
  messageId: id.nullable(),
  errorCode: z.string().nullable(),
  /** The tools that it called, in order. */
  steps: z.array(toolStep),
  startedAt: timestamp,
  finishedAt: timestamp.nullable(),
});
export type Run = z.infer<typeof run>;

/** What a turn was asked, in the contact's words. */
export const runQuestion = z.object({ question: z.string(), language, handedOver: z.boolean() });
export type RunQuestion = z.infer<typeof runQuestion>;

export const runPage = page(run);
export const runQuery = pageQuery.extend({
  conversationId: id.optional(),
  outcome: runOutcome.optional(),
  policy: policy.optional(),
  /** By its name. */
  model: z.string().min(1).max(200).optional(),
  /** Begun then or later. */
  from: timestamp.optional(),
  /** Begun then or earlier. */
  to: timestamp.optional(),
  /** Whether it came to no good end, or a model that it asked did. */
  failed: z.stringbool().optional(),
  /** Words of a message that it read or wrote, or of the contact's name or number. */
  q: z.string().trim().min(1).max(200).optional(),
});
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
  /** Null: no model answered, a person is called. */
  model: z.string().nullable(),
  reasons: z.array(modelReason),
  readPassages: z.array(readPassage),
  inputTokens: z.number().int(),
  outputTokens: z.number().int(),
  costMicros: z.number().int().nullable(),
  durationMs: z.number().int(),
  support: z.number().nullable(),
  handOver: handOverSummary.nullable(),
});
export type TrialAnswer = z.infer<typeof trialAnswer>;
