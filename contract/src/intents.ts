// What contacts may want, by name, and the examples that models of it learn from.
import { z } from 'zod';
import { id, page, pageQuery, timestamp } from './common.ts';
import { intentName } from './insights.ts';

export const intent = z.object({
  name: intentName,
  /** `starter`: it comes with Parley, with examples in English, Spanish and Portuguese. */
  origin: z.enum(['starter', 'workspace']),
  /** Switched off, it is not learned; what was understood stays. */
  enabled: z.boolean(),
  /** That members wrote. */
  examples: z.int(),
  /** Messages of which a member said that they want it. */
  corrections: z.int(),
});
export type Intent = z.infer<typeof intent>;

export const intentList = z.object({ items: z.array(intent) });

export const intentInput = z.object({ enabled: z.boolean() });
export type IntentInput = z.infer<typeof intentInput>;

export const intentsMax = 300;
export const intentExamplesMax = 20_000;

export const intentExample = z.object({
  id,
  intent: intentName,
  text: z.string(),
  createdBy: z.string(),
  createdAt: timestamp,
});
export type IntentExample = z.infer<typeof intentExample>;
export const intentExamplePage = page(intentExample);

export const intentExampleQuery = pageQuery.extend({ intent: intentName });

/** One or several at once: as they were said, a line each. */
export const intentExampleInput = z.object({
  intent: intentName,
  texts: z.array(z.string().trim().min(1).max(500)).min(1).max(200),
});
export type IntentExampleInput = z.infer<typeof intentExampleInput>;
