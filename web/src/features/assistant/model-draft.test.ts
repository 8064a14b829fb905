import type { Model, PresetDescription } from '@parley/contract/models';
import { modelInput } from '@parley/contract/models';
import { expect, test } from 'vitest';
import { draftOf, fromPreset, inputOf, isWrong, newDraft } from './model-draft.ts';

const preset = (part: Partial<PresetDescription>): PresetDescription => ({
  preset: 'openai',
  name: 'OpenAI',
  baseUrl: 'https://api.openai.com/v1',
  needsApiKey: true,
  local: false,
  capabilities: ['chat', 'tools'],
  ...part,
});
const stored = {
  name: 'Mini',
  preset: 'groq' as const,
  baseUrl: 'https://api.groq.com/openai/v1',
  model: 'llama',
  local: false,
  enabled: true,
  capabilities: ['chat' as const],
  languages: ['en'],
  timeoutMs: 12_500,
  firstTokenMs: 3_000,
  betweenTokensMs: 700,
  outputTokensMax: 600,
  requestsPerMinuteMax: 30,
  requestsPerDayMax: null,
  inputPriceMicros: 250_000,
  outputPriceMicros: 2_000_000,
};

test('a model that is looked at and saved stays as it is, and its key with it', () => {
  expect(inputOf(draftOf(stored as unknown as Model))).toEqual(stored);
});

test('a new one has of its preset what such models have in common, and is what the server takes', () => {
  const prices = { inputPrice: '0,25', outputPrice: '1.5' };
  const draft = { ...newDraft(preset({})), name: ' Mini ', model: 'gpt', apiKey: 'sk', ...prices };
  const input = inputOf(draft);
  expect(modelInput.parse(input)).toMatchObject({
    name: 'Mini',
    baseUrl: 'https://api.openai.com/v1',
    capabilities: ['chat', 'tools'],
    inputPriceMicros: 250_000,
    outputPriceMicros: 1_500_000,
    requestsPerDayMax: null,
    apiKey: 'sk',
  });
  const ollama = preset({ preset: 'ollama', baseUrl: 'http://localhost:11434/v1', local: true });
  expect({ ...draft, ...fromPreset(ollama) }).toMatchObject({
    name: ' Mini ',
    local: true,
    preset: 'ollama',
  });
});

test('numbers out of range, halves of what is counted, and empty ones that are needed are wrong', () => {
  for (const [field, text] of [
    ['timeout', '46'],
    ['timeout', ''],
    ['perDay', '1.5'],
    ['perMinute', 'many'],
    ['inputPrice', '-1'],
  ] as const)
    expect(isWrong(field, text), `${field} ${text}`).toBe(true);
  expect(isWrong('perDay', '')).toBe(false);
  expect(isWrong('timeout', '1,5')).toBe(false);
});
