// The models that may answer, and the money that they may cost.
import { z } from 'zod';
import { id, page, timestamp } from './common.ts';

/** Millionths of the currency that the workspace counts in. */
const micros = z.number().int().min(0).max(1_000_000_000_000);

const settings = {
  /** How people call it. */
  name: z.string().trim().min(1).max(100),
  /** Where its chat completions are, e.g. `https://api.openai.com/v1` or `http://localhost:11434/v1`. */
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .refine((value) => !/[?#]|\/\/[^/]*@/.test(value), 'has no query, fragment or credentials'),
  /** The model's name at that address. */
  model: z.string().trim().min(1).max(200),
  /** It runs on machines of yours that EGRESS_ALLOW_HOSTS names, so private content may reach it. */
  local: z.boolean(),
  /** A disabled model is asked by nobody. */
  enabled: z.boolean(),
  /** Price of a million tokens read. */
  inputPriceMicros: micros,
  /** Price of a million tokens written. */
  outputPriceMicros: micros,
  /** How long an answer may take before the next model is asked. */
  timeoutMs: z.number().int().min(500).max(45_000),
  /** Longest answer. */
  outputTokensMax: z.number().int().min(16).max(8_000),
};

export const modelInput = z.object({
  ...settings,
  local: settings.local.default(false),
  enabled: settings.enabled.default(true),
  inputPriceMicros: settings.inputPriceMicros.default(0),
  outputPriceMicros: settings.outputPriceMicros.default(0),
  timeoutMs: settings.timeoutMs.default(20_000),
  outputTokensMax: settings.outputTokensMax.default(400),
  /**
   * Kept encrypted and never shown. Left out of a change: stays as it is, which is refused when the base URL moves to
   * another host; null: removed.
   */
  apiKey: z.string().trim().min(1).max(500).nullable().optional(),
});
export type ModelInput = z.infer<typeof modelInput>;

export const model = z.object({
  id,
  ...settings,
  hasApiKey: z.boolean(),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export type Model = z.infer<typeof model>;

export const modelPage = page(model).extend({
  /** The model that comes with Parley: local, free, and the fallback of every other one. */
  builtIn: z.object({ name: z.string() }),
});
export type ModelPage = z.infer<typeof modelPage>;

/** What a model said when it was asked something short. */
export const modelTest = z.object({
  ok: z.boolean(),
  /** `ok`, or why it failed: see `reason` in runs. */
  code: z.string(),
  /** What it means and what to do, for a person. */
  message: z.string(),
  durationMs: z.number().int(),
});
export type ModelTest = z.infer<typeof modelTest>;

export const budgetInput = z.object({
  /** The most that a calendar month (UTC) may cost; null: no limit. */
  limitMicros: micros.nullable(),
});
export type BudgetInput = z.infer<typeof budgetInput>;

export const budget = z.object({
  /** `2026-11` */
  month: z.string(),
  limitMicros: z.number().int().nullable(),
  /** Settled, with calls whose outcome is not known counted at what was reserved for them. */
  spentMicros: z.number().int(),
  /** Held for calls that are under way. */
  reservedMicros: z.number().int(),
});
export type Budget = z.infer<typeof budget>;
