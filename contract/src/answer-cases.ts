// Cases: questions whose right answer a member has settled, tried again whenever the assistant may have changed.
import { z } from 'zod';
import { id, language, page, pageQuery, timestamp, workState } from './common.ts';
import { sensitivity } from './routing.ts';

const question = z.string().trim().min(1).max(2_000);
const words = z.string().trim().min(1).max(100);

export const answerCaseInput = z.object({
  question,
  language,
  /** It is to be answered, or left to a person. */
  expects: z.enum(['answer', 'hand_over']),
  /** The training data that the answer has to come from; null: any. */
  trainingDataId: id.nullable(),
  /** What has to stand in the answer, whatever its case and accents. */
  mustContain: z.array(words).max(10),
  /** How private the question is: a check asks it of models that may read it. Absent: as it is; of a new one, normal. */
  sensitivity: sensitivity.optional(),
});
export type AnswerCaseInput = z.infer<typeof answerCaseInput>;

/**
 * Why a case fails: `handed_over` where an answer was expected, `answered` where a person was, `other_source`,
 * `words_missing`, or `not_answered` (a model could not be asked).
 */
export const caseFailure = z.enum([
  'handed_over',
  'answered',
  'other_source',
  'words_missing',
  'not_answered',
]);
export type CaseFailure = z.infer<typeof caseFailure>;

export const caseResult = z.object({
  passed: z.boolean(),
  /** Null where it passed. */
  because: caseFailure.nullable(),
  /** What was said. */
  answer: z.string(),
  support: z.number().nullable(),
  model: z.string().nullable(),
  checkedAt: timestamp,
});
export type CaseResult = z.infer<typeof caseResult>;

export const answerCase = answerCaseInput.extend({
  id,
  sensitivity,
  /** What the training data is called; empty once it was deleted, or where there is none. */
  trainingDataTitle: z.string(),
  /** Of the last check; null: it was never checked. */
  result: caseResult.nullable(),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export type AnswerCase = z.infer<typeof answerCase>;

export const answerCasePage = page(answerCase);
export const answerCaseQuery = pageQuery.extend({
  /** Those that failed when they were last checked, or those that passed. */
  passed: z.enum(['true', 'false']).optional(),
});
export type AnswerCaseQuery = z.infer<typeof answerCaseQuery>;

/** A better answer: it becomes a question-and-answer pair of the knowledge, and a case. */
export const answerFixInput = z.object({
  question,
  answer: z.string().trim().min(1).max(4_000),
  /** Absent: detected. */
  language: language.optional(),
  mustContain: z.array(words).max(10).default([]),
  /** The turn that was asked: the case is as private as its conversation. Null: nobody was answered. */
  runId: id.nullable().default(null),
});
export type AnswerFixInput = z.infer<typeof answerFixInput>;

export const answerFix = z.object({ trainingDataId: id, caseId: id });
export type AnswerFix = z.infer<typeof answerFix>;

/** All cases, tried against the assistant as it is. */
export const caseCheck = z.object({
  id,
  state: workState,
  total: z.number().int(),
  done: z.number().int(),
  failed: z.number().int(),
  /** Null: a model without a price was asked. */
  costMicros: z.number().int().nullable(),
  startedAt: timestamp,
  finishedAt: timestamp.nullable(),
});
export type CaseCheck = z.infer<typeof caseCheck>;
export const caseCheckPage = page(caseCheck);
