// How a model is doing, in a word with a sign; what it costs, in a phrase.
import type { Model } from '@parley/contract/models';
import { CircleCheck, CircleDashed, CirclePause, type LucideIcon, TriangleAlert } from 'lucide-react';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { Chip, type Tone } from '../../ui/chip.tsx';
import { modelTexts } from './texts-models.ts';

const states: Readonly<Record<Model['figures']['health'], { tone: Tone; icon: LucideIcon }>> = {
  well: { tone: 'success', icon: CircleCheck },
  failing: { tone: 'warning', icon: TriangleAlert },
  resting: { tone: 'danger', icon: CirclePause },
  unknown: { tone: 'neutral', icon: CircleDashed },
};

export function ModelChips({ model }: { model: Model }) {
  const texts = useTexts(modelTexts);
  const { health } = model.figures;
  const { tone, icon } = states[health];
  return (
    <span className="flex flex-wrap gap-1.5">
      {model.enabled ? (
        <Chip tone={tone} icon={icon}>
          {texts[health]}
        </Chip>
      ) : (
        <Chip>{texts.off}</Chip>
      )}
      {model.local && <Chip tone="info">{texts.local}</Chip>}
      {model.origin === 'environment' && <Chip>{texts.environment}</Chip>}
    </span>
  );
}

export const currency = 'USD';

export function usePrice(): (model: Pick<Model, 'price'>) => string {
  const texts = useTexts(modelTexts);
  const format = useFormat();
  return ({ price }) => {
    if (price === null) return texts.noPrice;
    const { inputPriceMicros, outputPriceMicros } = price;
    return inputPriceMicros + outputPriceMicros === 0
      ? texts.free
      : texts.priceOf(format.money(inputPriceMicros, currency), format.money(outputPriceMicros, currency));
  };
}
