// Which knowledge a shadow run is tried with: some that is held back comes, some that is in use goes.
import type { KnowledgeChange } from '@parley/contract/shadow-runs';
import type { TrainingData } from '@parley/contract/training-data';
import { useId } from 'react';
import { useTexts } from '../../lib/texts.ts';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { useSources } from './knowledge-queries.ts';
import { shadowTexts } from './texts-shadow.ts';

interface ShadowKnowledgeProps {
  change: KnowledgeChange;
  onChange: (change: KnowledgeChange) => void;
}

export function ShadowKnowledge({ change, onChange }: ShadowKnowledgeProps) {
  const texts = useTexts(shadowTexts);
  const sources = useSources().data ?? [];
  const heldBack = sources.filter(({ live, state }) => !live && (state === 'ready' || state === 'stale'));
  const used = sources.filter(({ live }) => live);
  return (
    <div className="flex flex-col gap-3">
      {heldBack.length > 0 && (
        <Sources
          name={texts.withKnowledge}
          isNamed
          sources={heldBack}
          chosen={change.with}
          onChange={(ids) => onChange({ ...change, with: ids })}
        />
      )}
      {used.length > 0 && (
        <Disclosure label={texts.withoutKnowledge}>
          <Sources
            name={texts.withoutKnowledge}
            isNamed={false}
            sources={used}
            chosen={change.without}
            onChange={(ids) => onChange({ ...change, without: ids })}
          />
        </Disclosure>
      )}
    </div>
  );
}

interface SourcesProps {
  name: string;
  /** Whether the name is to be seen; otherwise it stands above already. */
  isNamed: boolean;
  sources: readonly TrainingData[];
  chosen: readonly string[];
  onChange: (ids: string[]) => void;
}

function Sources({ name, isNamed, sources, chosen, onChange }: SourcesProps) {
  const nameId = useId();
  return (
    <fieldset aria-labelledby={nameId} className="max-h-60 overflow-y-auto">
      <legend id={nameId} className={isNamed ? 'mb-1 font-medium' : 'sr-only'}>
        {name}
      </legend>
      {sources.map(({ id, title }) => (
        <Checkbox
          key={id}
          label={title}
          checked={chosen.includes(id)}
          onChange={(isChosen) => onChange(isChosen ? [...chosen, id] : chosen.filter((each) => each !== id))}
          className="py-1"
        />
      ))}
    </fieldset>
  );
}
