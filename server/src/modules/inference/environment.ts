// The models that the operator gives to every workspace, read once from MODELS.
import type { EnvironmentModel } from '@parley/contract/models';
import { v5 as nameBasedId } from 'uuid';
import { type Config, ConfigError } from '../../core/config.ts';
import { isLocal } from './catalogue.ts';
import { presetOf } from './presets.ts';
import { priceOf } from './pricing.ts';
import type { KnownModel } from './runtime.ts';

/** Any fixed one. */
const namespace = '6c1d0d5e-7f5b-4a53-9d38-1f0f9c3a7b54';

/** A model keeps its id as long as it keeps its name. */
export const environmentModelId = (name: string): string => nameBasedId(name, namespace);

/** @throws ConfigError for a model without a base URL, and for a local one whose host EGRESS_ALLOW_HOSTS does not name */
export function readEnvironmentModels(config: Config, now: Date): KnownModel[] {
  return config.MODELS.map((entry) => toModel(config, entry, now));
}

function toModel(config: Config, entry: EnvironmentModel, now: Date): KnownModel {
  const preset = presetOf(entry.preset ?? 'custom');
  const baseUrl = (entry.baseUrl ?? preset.baseUrl)?.replace(/\/+$/, '');
  if (!baseUrl) throw wrong(`a baseUrl for the model ${entry.name}`);
  const local = entry.local ?? preset.local;
  if (local && !isLocal(config, { local, baseUrl })) {
    throw wrong(`the host of the model ${entry.name} in EGRESS_ALLOW_HOSTS, since it is local`);
  }
  return {
    id: environmentModelId(entry.name),
    name: entry.name,
    baseUrl,
    model: entry.model,
    local,
    enabled: entry.enabled,
    inputPriceMicros: entry.inputPriceMicros,
    outputPriceMicros: entry.outputPriceMicros,
    timeoutMs: entry.timeoutMs,
    outputTokensMax: entry.outputTokensMax,
    preset: preset.preset,
    capabilities: entry.capabilities ?? [...preset.capabilities],
    languages: entry.languages ?? [],
    firstTokenMs: entry.firstTokenMs ?? 10_000,
    betweenTokensMs: entry.betweenTokensMs ?? 10_000,
    requestsPerMinuteMax: entry.requestsPerMinuteMax ?? null,
    requestsPerDayMax: entry.requestsPerDayMax ?? null,
    createdAt: now,
    updatedAt: now,
    origin: 'environment',
    price: priceOf({ ...entry, baseUrl, local }, []),
    sealedKey: null,
    plainKey: entry.apiKey ?? null,
    version: 'environment',
  };
}

function wrong(expects: string): ConfigError {
  return new ConfigError([{ name: 'MODELS', expects }]);
}
