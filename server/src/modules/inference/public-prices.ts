// What providers publish that they ask for a million tokens, in US dollars: used where nobody in the workspace has said a
// price. Each stands as it was found, with where, and the month in which the provider's own page was read there: prices
// change, so the app shows the month and asks to check them.
//
// Of Hugging Face's router there is none: what it asks depends on who serves the model that day.
export interface PublicPrice {
  readonly inputPriceMicros: number;
  readonly outputPriceMicros: number;
  readonly readIn: string;
  readonly page: string;
}

interface Published {
  readonly host: string;
  /** Where the provider itself says so. */
  readonly page: string;
  /** Where it was found. */
  readonly found: string;
  readonly readIn: string;
  /** Read and written, by the model's name at that host. */
  readonly prices: Readonly<Record<string, readonly [number, number]>>;
}

const openAi = { host: 'api.openai.com', page: 'https://developers.openai.com/api/docs/pricing' };
const groq = { host: 'api.groq.com', page: 'https://groq.com/pricing' };

const published: readonly Published[] = [
  {
    ...openAi,
    found: 'https://tokenmix.ai/blog/openai-api-cost-2026-gpt-5-5-5-4-nano-batch',
    readIn: '2026-06',
    prices: {
      'gpt-5.5': [5, 30],
      'gpt-5.4': [2.5, 15],
      'gpt-5.4-mini': [0.75, 4.5],
      'gpt-5.4-nano': [0.2, 1.25],
    },
  },
  {
    ...openAi,
    found: 'https://tokenmath.io/openai-api-pricing-explained',
    readIn: '2026-06',
    prices: { 'gpt-4.1': [2, 8], 'gpt-4.1-mini': [0.4, 1.6] },
  },
  {
    ...openAi,
    found: 'https://deploybase.ai/articles/openai-pricing',
    readIn: '2026-03',
    prices: {
      'gpt-5.1': [1.25, 10],
      'gpt-5': [1.25, 10],
      'gpt-5-mini': [0.25, 2],
      'gpt-5-nano': [0.05, 0.4],
      'gpt-4.1-nano': [0.1, 0.4],
      'gpt-4o': [2.5, 10],
      'gpt-4o-mini': [0.15, 0.6],
    },
  },
  {
    ...groq,
    found: 'https://github.com/builderz-labs/mission-control/pull/736',
    readIn: '2026-06',
    prices: { 'llama-3.1-8b-instant': [0.05, 0.08], 'llama-3.3-70b-versatile': [0.59, 0.79] },
  },
  {
    ...groq,
    found: 'https://tokenmix.ai/blog/groq-api-access-2026-free-tier-rate-limits',
    readIn: '2026-06',
    prices: { 'openai/gpt-oss-120b': [0.15, 0.6] },
  },
  {
    ...groq,
    found: 'https://github.com/anomalyco/models.dev/pull/598',
    readIn: '2026-01',
    prices: { 'openai/gpt-oss-20b': [0.075, 0.3] },
  },
];

const micros = (dollars: number) => Math.round(dollars * 1_000_000);

const known = new Map(
  published.flatMap(({ host, page, readIn, prices }) =>
    Object.entries(prices).map(([model, [read, written]]): [string, PublicPrice] => [
      `${host} ${model}`,
      { inputPriceMicros: micros(read), outputPriceMicros: micros(written), readIn, page },
    ]),
  ),
);

/** What the provider at that address publishes for a model; null where that was not found. */
export function publicPriceOf(baseUrl: string, model: string): PublicPrice | null {
  return known.get(`${new URL(baseUrl).hostname} ${model}`) ?? null;
}
