// The models that may answer: what they are, what they cost, and how they did.
import { z } from 'zod';
import { id, page, timestamp } from './common.ts';

/** Millionths of the currency that the workspace counts in. */
export const micros = z.number().int().min(0).max(1_000_000_000_000);

export const modelPreset = z.enum(['openai', 'groq', 'huggingface', 'ollama', 'llamacpp', 'custom']);
export type ModelPreset = z.infer<typeof modelPreset>;

/** What a model can do: `vision` reads pictures, `tools` calls functions. */
export const capability = z.enum(['chat', 'code', 'vision', 'tools', 'embeddings']);
export type Capability = z.infer<typeof capability>;

const languageCode = z.string().regex(/^[a-z]{2,3}$/);
const callMs = z.number().int().min(100).max(45_000);
const requestsMax = z.number().int().min(1).max(10_000_000).nullable();

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
  /**
   * Price of a million tokens read. Null: nobody has said, which is not the same as free. The workspace's price list wins
   * over it.
   */
  inputPriceMicros: micros.nullable(),
  /** Price of a million tokens written; null where that of those read is. */
  outputPriceMicros: micros.nullable(),
  /** How long an answer that comes at once may take before the next model is asked. */
  timeoutMs: z.number().int().min(500).max(45_000),
  /** Longest answer. */
  outputTokensMax: z.number().int().min(16).max(8_000),
};

const routingSettings = {
  /** Where it comes from; fills in the base URL and what such models can do. */
  preset: modelPreset,
  capabilities: z.array(capability).max(5),
  /** Languages that it may be asked in, as codes of ISO 639; none: all. */
  languages: z.array(languageCode).max(50),
  /** How long the first word of an answer in pieces may take. */
  firstTokenMs: callMs,
  /** How long an answer in pieces may pause. */
  betweenTokensMs: callMs,
  /** What the provider allows, e.g. on its free tier; null: no such limit. */
  requestsPerMinuteMax: requestsMax,
  requestsPerDayMax: requestsMax,
};

const modelFields = z.object({
  ...settings,
  /** May be left out where the preset knows it. */
  baseUrl: settings.baseUrl.optional(),
  local: settings.local.default(false),
  enabled: settings.enabled.default(true),
  inputPriceMicros: settings.inputPriceMicros.default(null),
  outputPriceMicros: settings.outputPriceMicros.default(null),
  timeoutMs: settings.timeoutMs.default(20_000),
  outputTokensMax: settings.outputTokensMax.default(400),
  // Left out of a change: these stay as they are.
  ...z.object(routingSettings).partial().shape,
  /**
   * Kept encrypted and never shown. Left out of a change: stays as it is, which is refused when the base URL moves to
   * another host; null: removed.
   */
  apiKey: z.string().trim().min(1).max(500).nullable().optional(),
});

type Prices = Pick<z.infer<typeof modelFields>, 'inputPriceMicros' | 'outputPriceMicros'>;
/** Half a price is none: what a call costs would not be known. */
const pricedWhole = ({ inputPriceMicros, outputPriceMicros }: Prices) =>
  (inputPriceMicros === null) === (outputPriceMicros === null);
const halfPrice = { message: 'needs the other price too', path: ['outputPriceMicros'] };

export const modelInput = modelFields.refine(pricedWhole, halfPrice);
export type ModelInput = z.infer<typeof modelInput>;

/** One entry of MODELS in the environment: every workspace of the installation has it. */
export const environmentModel = modelFields
  .extend({ local: z.boolean().optional() })
  .refine(pricedWhole, halfPrice);
export type EnvironmentModel = z.infer<typeof environmentModel>;

/** How a model did in the last day, in all processes. */
export const modelFigures = z.object({
  /** `resting`: it failed several times in a row and is left alone for a moment. */
  health: z.enum(['unknown', 'well', 'failing', 'resting']),
  answered: z.number().int(),
  failed: z.number().int(),
  /** Of whole answers. */
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
  /** Of the first word of answers in pieces. */
  firstTokenP50Ms: z.number().nullable(),
  tokensPerSecond: z.number().nullable(),
  lastAnswerAt: timestamp.nullable(),
  lastFailureAt: timestamp.nullable(),
  /** See `reason` in runs. */
  lastFailure: z.string().nullable(),
});
export type ModelFigures = z.infer<typeof modelFigures>;

export const modelPrice = z.object({
  /** Of a million tokens read, and written. */
  inputPriceMicros: micros,
  outputPriceMicros: micros,
  /**
   * `list`: the workspace's price list. `settings`: the model's own. `local`: free, as nobody said otherwise. `public`: what
   * its provider publishes, as nobody said otherwise.
   */
  from: z.enum(['list', 'settings', 'local', 'public']),
  /** Of a public one: the month in which the provider's page was read, e.g. `2026-06`, and that page, to check it. */
  published: z.object({ readIn: z.string(), page: z.string() }).nullable(),
});
export type ModelPrice = z.infer<typeof modelPrice>;

export const model = z.object({
  id,
  ...settings,
  /** `onnx://this-machine` where Parley runs it itself. */
  baseUrl: z.url({ protocol: /^(https?|onnx)$/ }),
  ...routingSettings,
  /** A model of the environment can be used, and not changed here. */
  origin: z.enum(['workspace', 'environment']),
  /** What counts; null: nobody knows, and a cap on money keeps it from being asked. */
  price: modelPrice.nullable(),
  hasApiKey: z.boolean(),
  /** Asked in this minute and this day (UTC), where it has a limit of requests. */
  requests: z.object({ minute: z.number().int(), day: z.number().int() }),
  figures: modelFigures,
  createdAt: timestamp,
  updatedAt: timestamp,
});
export type Model = z.infer<typeof model>;

export const modelPage = page(model).extend({
  /** The model that comes with Parley: local, free, and the fallback of every other one. */
  builtIn: z.object({ name: z.string() }),
});
export type ModelPage = z.infer<typeof modelPage>;

export const presetDescription = z.object({
  preset: modelPreset,
  name: z.string(),
  /** Null where only you know it. */
  baseUrl: z.string().nullable(),
  needsApiKey: z.boolean(),
  /** Such models run on a machine of yours. */
  local: z.boolean(),
  capabilities: z.array(capability),
});
export type PresetDescription = z.infer<typeof presetDescription>;
export const presetList = z.object({ items: z.array(presetDescription) });

export const priceList = z.object({
  items: z
    .array(
      z.object({
        /** The model's name at its provider. */
        model: z.string().trim().min(1).max(200),
        /** Price of a million tokens read, and written. */
        inputPriceMicros: micros,
        outputPriceMicros: micros,
      }),
    )
    .max(500)
    .refine((items) => new Set(items.map((item) => item.model)).size === items.length, 'names a model twice'),
});
export type PriceList = z.infer<typeof priceList>;

/** A model that failed several times in a row, and was left alone from then on. */
export const modelIncident = z.object({
  id,
  modelId: id,
  model: z.string(),
  /** Of the last failure; see `reason` in runs. */
  reason: z.string(),
  openedAt: timestamp,
  /** When it answered again; null: it has not. */
  closedAt: timestamp.nullable(),
});
export type ModelIncident = z.infer<typeof modelIncident>;
export const modelIncidentPage = page(modelIncident);

/** What a model said when it was asked something short. */
export const modelTest = z.object({
  ok: z.boolean(),
  /** `ok`, or why it failed: see `reason` in runs. */
  code: z.string(),
  /** What it means and what to do, for a person. */
  message: z.string(),
  /** What it said, cut off where that is long; null where it failed. */
  answer: z.string().nullable(),
  durationMs: z.number().int(),
});
export type ModelTest = z.infer<typeof modelTest>;
