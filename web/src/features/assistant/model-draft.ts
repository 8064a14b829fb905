// What the form of a model holds while it is written, and what becomes of it. Pure.
import type { Capability, Model, ModelInput, ModelPreset, PresetDescription } from '@parley/contract/models';

export interface ModelDraft {
  readonly preset: ModelPreset;
  readonly name: string;
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey: string;
  readonly local: boolean;
  readonly enabled: boolean;
  readonly capabilities: readonly Capability[];
  readonly languages: readonly string[];
  readonly timeout: string;
  readonly firstToken: string;
  readonly between: string;
  readonly longest: string;
  readonly perMinute: string;
  readonly perDay: string;
  readonly inputPrice: string;
  readonly outputPrice: string;
}

/** From and to, in the units of the form; what may be left empty is no limit, or no price, then. */
export const numberFields = {
  timeout: { least: 0.5, most: 45, whole: false, mayBeEmpty: false },
  firstToken: { least: 0.1, most: 45, whole: false, mayBeEmpty: false },
  between: { least: 0.1, most: 45, whole: false, mayBeEmpty: false },
  longest: { least: 16, most: 8_000, whole: true, mayBeEmpty: false },
  perMinute: { least: 1, most: 10_000_000, whole: true, mayBeEmpty: true },
  perDay: { least: 1, most: 10_000_000, whole: true, mayBeEmpty: true },
  inputPrice: { least: 0, most: 1_000_000, whole: false, mayBeEmpty: true },
  outputPrice: { least: 0, most: 1_000_000, whole: false, mayBeEmpty: true },
} as const;
export type NumberField = keyof typeof numberFields;

/** A comma is what most of our members put before the cents. */
export const readNumber = (text: string): number => Number(text.trim().replace(',', '.'));

export function isWrong(field: NumberField, text: string): boolean {
  const { least, most, whole, mayBeEmpty } = numberFields[field];
  if (text.trim() === '') return !mayBeEmpty;
  const value = readNumber(text);
  return !(value >= least && value <= most && (!whole || Number.isInteger(value)));
}

/** Half a price says nothing of what a call costs. */
export const isHalfPriced = ({ inputPrice, outputPrice }: ModelDraft): boolean =>
  (inputPrice.trim() === '') !== (outputPrice.trim() === '');

export const newDraft = (preset: PresetDescription): ModelDraft => ({
  ...fromPreset(preset),
  name: '',
  model: '',
  apiKey: '',
  enabled: true,
  languages: [],
  timeout: '20',
  firstToken: '10',
  between: '10',
  longest: '400',
  perMinute: '',
  perDay: '',
  inputPrice: '',
  outputPrice: '',
});

/** What changes with the place that it comes from. */
export function fromPreset(
  preset: PresetDescription,
): Pick<ModelDraft, 'preset' | 'baseUrl' | 'local' | 'capabilities'> {
  return {
    preset: preset.preset,
    baseUrl: preset.baseUrl ?? 'https://',
    local: preset.local,
    capabilities: preset.capabilities,
  };
}

export function draftOf(model: Model): ModelDraft {
  const orEmpty = (value: number | null) => (value === null ? '' : String(value));
  const dollars = (micros: number | null) => orEmpty(micros === null ? null : micros / 1e6);
  return {
    preset: model.preset,
    name: model.name,
    baseUrl: model.baseUrl,
    model: model.model,
    apiKey: '',
    local: model.local,
    enabled: model.enabled,
    capabilities: model.capabilities,
    languages: model.languages,
    timeout: String(model.timeoutMs / 1000),
    firstToken: String(model.firstTokenMs / 1000),
    between: String(model.betweenTokensMs / 1000),
    longest: String(model.outputTokensMax),
    perMinute: orEmpty(model.requestsPerMinuteMax),
    perDay: orEmpty(model.requestsPerDayMax),
    inputPrice: dollars(model.inputPriceMicros),
    outputPrice: dollars(model.outputPriceMicros),
  };
}

export function inputOf(draft: ModelDraft): ModelInput {
  const milliseconds = (text: string) => Math.round(readNumber(text) * 1000);
  const orNull = (text: string) => (text.trim() === '' ? null : readNumber(text));
  const micros = (text: string) => (text.trim() === '' ? null : Math.round(readNumber(text) * 1e6));
  return {
    preset: draft.preset,
    name: draft.name.trim(),
    baseUrl: draft.baseUrl.trim().replace(/\/+$/, ''),
    model: draft.model.trim(),
    local: draft.local,
    enabled: draft.enabled,
    capabilities: [...draft.capabilities],
    languages: [...draft.languages],
    timeoutMs: milliseconds(draft.timeout),
    firstTokenMs: milliseconds(draft.firstToken),
    betweenTokensMs: milliseconds(draft.between),
    outputTokensMax: readNumber(draft.longest),
    requestsPerMinuteMax: orNull(draft.perMinute),
    requestsPerDayMax: orNull(draft.perDay),
    inputPriceMicros: micros(draft.inputPrice),
    outputPriceMicros: micros(draft.outputPrice),
    ...(draft.apiKey ? { apiKey: draft.apiKey } : {}),
  };
}
