// The models that may write answers: how each is doing, and what providers ask for them.
import type { Model } from '@parley/contract/models';
import { ChevronRight, Cpu, Plus, Sparkle } from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { ModelForm } from './model-form.tsx';
import { useModels, usePresets } from './model-queries.ts';
import { ModelChips, usePrice } from './model-state.tsx';
import { PriceTable } from './price-table.tsx';
import { SectionPage } from './section-page.tsx';
import { modelTexts } from './texts-models.ts';
import { sectionTexts } from './texts-sections.ts';

export function Models() {
  const texts = useTexts(modelTexts);
  const sections = useTexts(sectionTexts);
  const mayManage = useCan('assistant:manage');
  const navigate = useNavigate();
  const models = useModels({ live: true });
  const presets = usePresets(mayManage);
  const [isAdding, setAdding] = useState(false);
  return (
    <SectionPage
      title={sections.models}
      description={texts.intro}
      actions={
        mayManage && (
          <Button
            variant="primary"
            icon={Plus}
            busy={isAdding && !presets.data}
            onClick={() => setAdding(true)}
          >
            {texts.add}
          </Button>
        )
      }
    >
      {models.isPending && <SkeletonRows rows={3} />}
      {models.isError && !models.data && (
        <ErrorState error={models.error} title={texts.unreadable} onRetry={() => void models.refetch()} />
      )}
      {models.data && (
        <>
          <ul aria-label={sections.models} className="mb-8">
            {models.data.items.map((model) => (
              <ModelRow key={model.id} model={model} />
            ))}
            <BuiltInRow />
          </ul>
          <PriceTable />
        </>
      )}
      {isAdding && presets.data && (
        <ModelForm
          model={null}
          presets={presets.data}
          onSaved={({ id }) => void navigate(`/assistant/models/${id}`)}
          onClose={() => setAdding(false)}
        />
      )}
    </SectionPage>
  );
}

function ModelRow({ model }: { model: Model }) {
  const texts = useTexts(modelTexts);
  const format = useFormat();
  const price = usePrice();
  const { p50Ms, tokensPerSecond } = model.figures;
  const facts = [
    model.model,
    new URL(model.baseUrl).host,
    price(model),
    ...(p50Ms === null ? [] : [texts.typically(format.duration(p50Ms))]),
    ...(tokensPerSecond === null ? [] : [texts.speed(format.number(tokensPerSecond))]),
  ];
  return (
    <li className="border-line border-b">
      <Link
        to={`/assistant/models/${model.id}`}
        className="focus-inside -mx-2 flex items-start gap-3 rounded-control px-2 py-3 transition-colors duration-[120ms] hover:bg-surface-hover"
      >
        <Cpu size={20} strokeWidth={1.75} aria-hidden="true" className="mt-px shrink-0 text-text-muted" />
        <span className="min-w-0 grow">
          <span className="flex items-start justify-between gap-x-3 gap-y-1 phone:flex-col">
            <span className="break-words font-medium">{model.name}</span>
            <ModelChips model={model} />
          </span>
          <span data-figures className="block break-words text-meta text-text-muted">
            {facts.join(' · ')}
          </span>
        </span>
        <ChevronRight size={16} aria-hidden="true" className="mt-1 shrink-0 text-text-muted" />
      </Link>
    </li>
  );
}

function BuiltInRow() {
  const texts = useTexts(modelTexts);
  return (
    <li className="flex items-start gap-3 py-3">
      <Sparkle size={20} strokeWidth={1.75} aria-hidden="true" className="mt-px shrink-0 text-text-muted" />
      <span className="min-w-0 grow">
        <span className="flex items-start justify-between gap-x-3 gap-y-1 phone:flex-col">
          <span className="font-medium">{texts.builtIn}</span>
          <Chip tone="info">{texts.local}</Chip>
        </span>
        <span className="block text-meta text-text-muted">{texts.builtInText}</span>
      </span>
    </li>
  );
}
