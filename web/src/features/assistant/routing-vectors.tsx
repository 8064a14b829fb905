// Which model makes the vectors by which knowledge is searched, how far it is, and what it has cost.
import type { RoutingSettings } from '@parley/contract/routing';
import { useFormat } from '../../lib/format.ts';
import { useNow } from '../../lib/now.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Field } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { useModels } from './model-queries.ts';
import { currency } from './model-state.tsx';
import { useChangeRouting } from './routing-queries.ts';
import { useUsage } from './spending-queries.ts';
import { vectorTexts } from './texts-vectors.ts';
import { firstMoment } from './usage-figures.ts';
import { useVectors } from './vector-queries.ts';
import { VectorState } from './vector-state.tsx';

const none = 'none';
const daysShown = 30;

export function VectorModel({ settings }: { settings: RoutingSettings }) {
  const texts = useTexts(vectorTexts);
  const mayManage = useCan('assistant:manage');
  const models = useModels();
  const vectors = useVectors();
  const change = useChangeRouting();
  const able = (models.data?.items ?? []).filter(({ capabilities }) => capabilities.includes('embeddings'));
  return (
    <div className="flex max-w-measure flex-col gap-4">
      <Field label={texts.model} hint={able.length === 0 ? texts.noneAble : texts.modelHint}>
        <Select
          value={settings.embeddingModelId ?? none}
          disabled={!mayManage || (able.length === 0 && settings.embeddingModelId === null)}
          options={[
            { value: none, label: texts.off },
            ...able.map(({ id, name, local }) => ({
              value: id,
              label: local ? texts.localModel(name) : name,
            })),
          ]}
          onChange={(value) => change({ embeddingModelId: value === none ? null : value })}
        />
      </Field>
      {vectors.data && <VectorState vectors={vectors.data} />}
      {settings.embeddingModelId !== null && <Cost />}
    </div>
  );
}

function Cost() {
  const texts = useTexts(vectorTexts);
  const format = useFormat();
  const usage = useUsage('purpose', firstMoment(daysShown, useNow()));
  const spent = usage.data?.items.find(({ key }) => key === 'embeddings');
  if (!usage.data) return null;
  return (
    <p data-figures className="text-meta text-text-muted">
      {texts.cost(format.money(spent?.costMicros ?? 0, currency), format.number(daysShown))}
      {spent && spent.unpricedCalls > 0 && ` ${texts.unpriced(format.number(spent.unpricedCalls))}`}
    </p>
  );
}
