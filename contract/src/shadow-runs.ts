// Shadow runs: what the assistant would say today, or changed, to questions that it answered before. Nothing is sent.

import { z } from 'zod';
import { id, language, page, pageQuery, timestamp, workState } from './common.ts';
import { readPassage, runOutcome } from './runs.ts';

/** Training data that is held back and would be used, and such as is used and would be held back. */
export const knowledgeChange = z.object({
  with: z.array(id).max(200).default([]),
  without: z.array(id).max(200).default([]),
});
export type KnowledgeChange = z.infer<typeof knowledgeChange>;

/** What would be otherwise; what is absent stays as it is. All knowledge is as it is now. */
export const shadowChanges = z.object({
  persona: z.string().trim().max(4_000).optional(),
  /** Null: the built-in model. */
  modelId: id.nullable().optional(),
  supportNeeded: z.number().min(0).max(1).optional(),
  knowledge: knowledgeChange.optional(),
});
export type ShadowChanges = z.infer<typeof shadowChanges>;

export const shadowRunInput = z.object({
  changes: shadowChanges,
  /** How many of the newest turns are tried again. */
  count: z.number().int().min(1).max(500),
});
export type ShadowRunInput = z.infer<typeof shadowRunInput>;

export const shadowEstimate = z.object({
  /** Turns that there are to try, at most as many as were asked for. */
  count: z.number().int(),
  inputTokens: z.number().int(),
  outputTokens: z.number().int(),
  /** Null: the model has no price. */
  costMicros: z.number().int().nullable(),
});
export type ShadowEstimate = z.infer<typeof shadowEstimate>;

/** `same`: the same words or the same sources. */
export const shadowVerdict = z.enum(['same', 'differs', 'now_hands_over', 'now_answers', 'failed']);
export type ShadowVerdict = z.infer<typeof shadowVerdict>;

export const shadowCounts = z.record(shadowVerdict, z.number().int());
export type ShadowCounts = z.infer<typeof shadowCounts>;

export const shadowRun = z.object({
  id,
  state: workState,
  changes: shadowChanges,
  total: z.number().int(),
  done: z.number().int(),
  counts: shadowCounts,
  costMicros: z.number().int().nullable(),
  startedAt: timestamp,
  finishedAt: timestamp.nullable(),
  /** When its changes became the assistant's. */
  usedAt: timestamp.nullable(),
});
export type ShadowRun = z.infer<typeof shadowRun>;
export const shadowRunPage = page(shadowRun);

const side = z.object({
  outcome: runOutcome.nullable(),
  /** What was said; null: nothing, or it is not there any more. */
  text: z.string().nullable(),
  model: z.string().nullable(),
  support: z.number().nullable(),
  readPassages: z.array(readPassage),
  costMicros: z.number().int().nullable(),
  durationMs: z.number().int().nullable(),
});
export type ShadowSide = z.infer<typeof side>;

export const shadowAnswer = z.object({
  id,
  runId: id,
  conversationId: id,
  question: z.string(),
  language,
  verdict: shadowVerdict,
  before: side,
  after: side,
});
export type ShadowAnswer = z.infer<typeof shadowAnswer>;
export const shadowAnswerPage = page(shadowAnswer);
export const shadowAnswerQuery = pageQuery.extend({ verdict: shadowVerdict.optional() });
export type ShadowAnswerQuery = z.infer<typeof shadowAnswerQuery>;
