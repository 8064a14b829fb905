// What a model's tokens cost, where anybody knows. Pure.
import type { ModelPrice, PriceList } from '@parley/contract/models';
import { publicPriceOf } from './public-prices.ts';

type Price = Pick<ModelPrice, 'inputPriceMicros' | 'outputPriceMicros'>;

interface Priceable {
  readonly baseUrl: string;
  /** Its name there. */
  readonly model: string;
  readonly local: boolean;
  readonly inputPriceMicros: number | null;
  readonly outputPriceMicros: number | null;
}

/**
 * What counts for a model: the workspace's list before the model's own settings. Where nobody has said a price, what runs
 * on one's own machines is free, and another one costs what its provider publishes; null: nobody knows.
 */
export function priceOf(
  { baseUrl, model, local, inputPriceMicros, outputPriceMicros }: Priceable,
  list: PriceList['items'],
): ModelPrice | null {
  const listed = list.find((item) => item.model === model);
  if (listed) return { ...pairOf(listed), from: 'list', published: null };
  if (inputPriceMicros !== null && outputPriceMicros !== null)
    return { inputPriceMicros, outputPriceMicros, from: 'settings', published: null };
  if (local) return { inputPriceMicros: 0, outputPriceMicros: 0, from: 'local', published: null };
  const known = publicPriceOf(baseUrl, model);
  if (!known) return null;
  const { readIn, page } = known;
  return { ...pairOf(known), from: 'public', published: { readIn, page } };
}

const pairOf = ({ inputPriceMicros, outputPriceMicros }: Price): Price => ({
  inputPriceMicros,
  outputPriceMicros,
});

/** What so many tokens cost, rounded up; null where the price is not known. */
export function costOf(price: Price | null, inputTokens: number, outputTokens: number): number | null {
  if (price === null) return null;
  const millionths = inputTokens * price.inputPriceMicros + outputTokens * price.outputPriceMicros;
  return Math.ceil(millionths / 1_000_000);
}

/** A sum of which a part is not known is not known. */
export function addCost(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}
