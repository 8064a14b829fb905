// What was understood of an inbound message, with confidence and model, and what members say instead.
import { z } from 'zod';
import { id, language, timestamp } from './common.ts';

export const sentimentLabel = z.enum(['negative', 'neutral', 'positive']);
export type SentimentLabel = z.infer<typeof sentimentLabel>;

/** How a contact has been of late, over several messages: `angry` is worse than `low`, and was told by an event. */
export const mood = z.enum(['angry', 'low', 'even', 'good']);
export type Mood = z.infer<typeof mood>;

/** A name like `opening_hours`. */
export const intentName = z
  .string()
  .max(60)
  .regex(/^[a-z][a-z0-9_]*$/, 'is not lower-case letters, digits and underscores, a letter first');

function judged<Value extends z.ZodType>(value: Value) {
  return z.object({
    value,
    /** The probability that the model was right, 0 to 1; 1 where a member said it. */
    confidence: z.number(),
    /** Which model said it, and which version of it. */
    modelVersion: z.string(),
    /** The member (user id) or key who said otherwise; null: it is what the model said. */
    correctedBy: z.string().nullable(),
  });
}

/** A date or a time in the words of a message. */
export const foundDate = z.object({
  /** Where it stands in the text, in UTF-16 code units, the end not included. */
  from: z.int(),
  to: z.int(),
  kind: z.enum(['instant', 'interval', 'recurrence', 'duration']),
  /** Null for durations. An instant begins; an interval ends too, its end not included. */
  start: timestamp.nullable(),
  end: timestamp.nullable(),
  /** What it is exact to: `minute`, `hour`, `day`, `week`, … */
  grain: z.string(),
  /** RFC 5545, of recurrences. */
  rrule: z.string().nullable(),
  /** ISO 8601, of durations: `PT1H30M`. */
  duration: z.string().nullable(),
  confidence: z.number(),
});
export type FoundDate = z.infer<typeof foundDate>;

export const insight = z.object({
  messageId: id,
  language: judged(language),
  /** Null as a value: nothing that the workspace has a name for. Null as a whole: it was understood before intents were. */
  intent: judged(intentName.nullable()).nullable(),
  sentiment: judged(sentimentLabel).nullable(),
  /** Only a mark: nothing is withheld because of it. */
  spam: judged(z.boolean()).nullable(),
  dates: z.array(foundDate),
  understoodAt: timestamp,
});
export type Insight = z.infer<typeof insight>;

export const insightsMax = 200;
export const insightQuery = z.object({
  /** Ids, with commas between. */
  messageIds: z
    .string()
    .transform((ids) => ids.split(','))
    .pipe(z.array(id).min(1).max(insightsMax)),
});
export const insightList = z.object({ items: z.array(insight) });

/** What is absent stays as it is; an intent of null says that it is none of them. */
export const insightCorrection = z
  .object({
    language: language.exclude(['unknown']).optional(),
    intent: intentName.nullable().optional(),
    sentiment: sentimentLabel.optional(),
    spam: z.boolean().optional(),
  })
  .refine((input) => Object.values(input).some((value) => value !== undefined), {
    error: 'says nothing to correct',
  });
export type InsightCorrection = z.infer<typeof insightCorrection>;
