// Whether the messages that come in are still like those that the model of intents was made for.
import { z } from 'zod';
import { id, timestamp } from './common.ts';
import { intentName } from './insights.ts';

/** `mix`: other intents than before. `confidence`: the model is less sure. `disagreement`: members correct much of what it says. */
export const driftReason = z.enum(['mix', 'confidence', 'disagreement']);
export type DriftReason = z.infer<typeof driftReason>;

/** Messages of some time, as the model read them. */
export const readPeriod = z.object({
  from: timestamp,
  to: timestamp,
  messages: z.int(),
  /** The mean, 0 to 1. */
  confidence: z.number(),
});
export type ReadPeriod = z.infer<typeof readPeriod>;

export const intentDrift = z.object({
  /** Of the model that reads messages now; null: the operator's, or the one that comes with Parley. */
  modelId: id.nullable(),
  /** `unknown`: there are too few messages yet to compare. */
  state: z.enum(['unknown', 'steady', 'drifted']),
  reasons: z.array(driftReason),
  driftedAt: timestamp.nullable(),
  /** Messages of the time in which it was trained; those of its first weeks where there were too few, and for a model from elsewhere. */
  reference: readPeriod.nullable(),
  /** Messages of late: the last week, or more days where it had few. */
  recent: readPeriod.nullable(),
  /** The population stability index of the mix of intents: 0 for the same, above 0.25 for another one. */
  stabilityIndex: z.number().nullable(),
  /** Of the messages, those of an intent (null: of none of them), 0 to 1; what changed most stands first. */
  shares: z.array(z.object({ intent: intentName.nullable(), reference: z.number(), recent: z.number() })),
  /** Messages of late that members looked at, and those of them whose intent they corrected. */
  lookedAt: z.int(),
  corrected: z.int(),
  /** Null: not yet. */
  checkedAt: timestamp.nullable(),
});
export type IntentDrift = z.infer<typeof intentDrift>;
