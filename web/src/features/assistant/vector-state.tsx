// How many passages are found by their meaning, and why it are not more.
import type { KnowledgeVectors } from '@parley/contract/knowledge-vectors';
import { TriangleAlert } from 'lucide-react';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { Progress } from '../../ui/progress.tsx';
import { useReasonWords } from '../conversations/model-reasons.tsx';
import { vectorTexts } from './texts-vectors.ts';

/** Nothing where no model makes them. */
export function VectorState({ vectors }: { vectors: KnowledgeVectors }) {
  const texts = useTexts(vectorTexts);
  const format = useFormat();
  const word = useReasonWords();
  const { state, passages, embedded, withheld, problem } = vectors;
  if (state === 'off') return null;
  const done = texts.done(format.number(embedded), format.number(passages));
  const because = problem === 'too_many' ? texts.tooMany : texts.stopped(word(problem ?? ''));
  return (
    <div className="flex flex-col gap-1.5" aria-live="polite">
      {state === 'making' && passages > 0 ? (
        <Progress value={embedded / passages} name={texts.making} label={done} />
      ) : (
        <p data-figures className="text-meta text-text-muted">
          {done}
        </p>
      )}
      {withheld > 0 && (
        <p data-figures className="text-meta text-text-muted">
          {texts.withheld(format.number(withheld))}
        </p>
      )}
      {problem !== null && (
        <p className="flex items-start gap-2 text-meta text-warning-text">
          <TriangleAlert size={14} aria-hidden="true" className="mt-0.5 shrink-0" />
          {because}
        </p>
      )}
    </div>
  );
}
