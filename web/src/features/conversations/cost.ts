// What something has cost, in words.
import { useFormat } from '../../lib/format.ts';
import { defineTexts, useTexts } from '../../lib/texts.ts';

const costTexts = defineTexts({
  en: { unknown: 'unknown: a model without a price' },
  es: { unknown: 'desconocido: un modelo sin precio' },
  pt: { unknown: 'desconhecido: um modelo sem preço' },
});

/** @param free what it is called there when it cost nothing. */
export function useCost(): (micros: number | null, free: string) => string {
  const { unknown } = useTexts(costTexts);
  const format = useFormat();
  return (micros, free) => (micros === null ? unknown : micros === 0 ? free : format.money(micros, 'USD'));
}
