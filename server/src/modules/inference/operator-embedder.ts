// The model of embeddings that the operator has put beside Parley (ONNX_EMBEDDING_MODEL), as one of the models of every
// workspace. It runs on this machine, and costs nothing.
import { environmentModelId } from './environment.ts';
import { priceOf } from './pricing.ts';
import type { KnownModel } from './runtime.ts';

/** What stands in the place of an address: nobody is called. */
export const thisMachine = 'onnx://this-machine';

/** Parley runs it itself, and knows nothing of it but its name. Another version is another model. */
export interface OperatorEmbedder {
  readonly folder: string;
  readonly version: string;
}

/** Passages that it is asked for at once: a small machine, whose other half answers people, has their vectors before `timeoutMs`. */
export const operatorTextsMax = 8;
const timeoutMs = 45_000;

/** It says no words: what bounds those of others is asked for in a model's settings, and read by nobody. */
const wordsUnused = { outputTokensMax: 400, firstTokenMs: 10_000, betweenTokensMs: 10_000 };

export function operatorEmbeddingModel({ folder, version }: OperatorEmbedder, now: Date): KnownModel {
  const settings = {
    baseUrl: thisMachine,
    model: version,
    local: true,
    inputPriceMicros: null,
    outputPriceMicros: null,
  };
  return {
    ...settings,
    ...wordsUnused,
    id: environmentModelId(`onnx ${folder}`),
    name: `${folder} (ONNX)`,
    enabled: true,
    timeoutMs,
    preset: 'custom',
    capabilities: ['embeddings'],
    languages: [],
    requestsPerMinuteMax: null,
    requestsPerDayMax: null,
    createdAt: now,
    updatedAt: now,
    origin: 'environment',
    price: priceOf(settings, []),
    sealedKey: null,
    plainKey: null,
    version: 'environment',
  };
}
