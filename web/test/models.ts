// Models as the server describes them, for component tests.
import type { Model } from '@parley/contract/models';

export function aModel(part: Partial<Model> = {}): Model {
  return {
    id: '01990000-0000-7000-8000-0000000000a1',
    name: 'Mini',
    preset: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    model: 'gpt-mini',
    local: false,
    enabled: true,
    capabilities: ['chat'],
    languages: [],
    inputPriceMicros: 0,
    outputPriceMicros: 0,
    timeoutMs: 20_000,
    firstTokenMs: 10_000,
    betweenTokensMs: 10_000,
    outputTokensMax: 400,
    requestsPerMinuteMax: null,
    requestsPerDayMax: null,
    origin: 'workspace',
    price: { inputPriceMicros: 0, outputPriceMicros: 0, from: 'settings', published: null },
    hasApiKey: true,
    requests: { minute: 0, day: 0 },
    figures: {
      health: 'well',
      answered: 3,
      failed: 0,
      p50Ms: 800,
      p95Ms: 1200,
      firstTokenP50Ms: null,
      tokensPerSecond: 40,
      lastAnswerAt: '2026-11-29T10:00:00.000Z',
      lastFailureAt: null,
      lastFailure: null,
    },
    createdAt: '2026-11-01T10:00:00.000Z',
    updatedAt: '2026-11-01T10:00:00.000Z',
    ...part,
  };
}
