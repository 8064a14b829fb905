// Models of intents: trained on the workspace's examples, measured, promoted and rolled back.
import { z } from 'zod';
import { id, page, timestamp, workState } from './common.ts';
import { intentName } from './insights.ts';

export const intentModelData = z.object({
  /** Examples that it learned from: those that come with Parley, those that members wrote, messages that they corrected. */
  starter: z.int(),
  written: z.int(),
  corrected: z.int(),
  intents: z.int(),
  /** Left out because they say nothing. */
  empty: z.int(),
  /** Whose words another example has with another intent. */
  contradicting: z.int(),
  /** SHA-256 of them all: the same for the same examples. */
  fingerprint: z.string(),
});
export type IntentModelData = z.infer<typeof intentModelData>;

/** On a fifth of the examples that was kept back; the model that is kept learned from all of them. */
export const intentModelMetrics = z.object({
  measured: z.int(),
  /** Of the examples of an intent, the share for which the likeliest intent is the right one. */
  accuracy: z.number(),
  /** The mean over intents of the harmonic mean of precision and recall. */
  macroF1: z.number(),
  /** How far the probabilities are from what comes true, 0 to 1 (expected calibration error). */
  calibrationError: z.number(),
  trainSeconds: z.number(),
  microsPerMessage: z.number(),
  perIntent: z.array(
    z.object({ intent: intentName, examples: z.int(), precision: z.number(), recall: z.number() }),
  ),
});
export type IntentModelMetrics = z.infer<typeof intentModelMetrics>;

export const intentModel = z.object({
  id,
  version: z.int(),
  origin: z.enum(['trained', 'imported']),
  state: workState,
  /** 0 to 1. */
  progress: z.number(),
  /** Reads the messages that come in. */
  live: z.boolean(),
  data: intentModelData.nullable(),
  metrics: intentModelMetrics.nullable(),
  /** Why it failed: `one_intent`, `too_many_examples`, `too_many_intents`, `took_too_long` (nine minutes of learning), `training_failed`. */
  errorCode: z.string().nullable(),
  bytes: z.int().nullable(),
  /** SHA-256 of its file, hexadecimal. */
  checksum: z.string().nullable(),
  createdBy: z.string(),
  startedAt: timestamp,
  finishedAt: timestamp.nullable(),
});
export type IntentModel = z.infer<typeof intentModel>;
export const intentModelPage = page(intentModel);

/** Null: none of the workspace's own. The operator's reads them then, or the one that comes with Parley. */
export const liveIntentModel = z.object({ modelId: id.nullable() });
export type LiveIntentModel = z.infer<typeof liveIntentModel>;
