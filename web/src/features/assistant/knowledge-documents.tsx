// The pages of a site: what each gave, and why one gave nothing.
import type { TrainingDataDetail, TrainingDocument } from '@parley/contract/training-data';
import { CircleAlert, CircleCheck, Clock } from 'lucide-react';
import { useState } from 'react';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/page.tsx';
import { Time } from '../../ui/time.tsx';
import { SourceError } from './knowledge-state.tsx';
import { PageAddress } from './page-address.tsx';
import { knowledgeTexts } from './texts-knowledge.ts';
import { sourceTexts } from './texts-source.ts';

const shownAtOnce = 20;

export function SourceDocuments({ source: { documents, pagesMax } }: { source: TrainingDataDetail }) {
  const texts = useTexts(sourceTexts);
  const format = useFormat();
  const [shownMax, setShownMax] = useState(shownAtOnce);
  // What needs somebody first.
  const sorted = [...documents].sort(
    (left, right) => Number(right.error !== null) - Number(left.error !== null),
  );
  const left = documents.length - shownMax;
  return (
    <Section
      title={texts.pages}
      description={texts.pagesText(
        format.number(documents.length),
        format.number(pagesMax ?? documents.length),
      )}
    >
      <ul aria-label={texts.pages}>
        {sorted.slice(0, shownMax).map((document) => (
          <DocumentRow key={document.id} document={document} />
        ))}
      </ul>
      {left > 0 && (
        <Button className="mt-3" onClick={() => setShownMax((before) => before + 100)}>
          {texts.showMore(format.number(Math.min(100, left)))}
        </Button>
      )}
    </Section>
  );
}

function DocumentRow({ document }: { document: TrainingDocument }) {
  const texts = useTexts(sourceTexts);
  const states = useTexts(knowledgeTexts);
  const format = useFormat();
  const { url, state, error, passages, fetchedAt } = document;
  const Icon = error ? CircleAlert : state === 'ready' ? CircleCheck : Clock;
  const words = { queued: states.queued, ready: states.ready, failed: states.failed, gone: texts.gone };
  return (
    <li className="flex items-start gap-2.5 border-line border-b py-2.5 last:border-0">
      <Icon
        size={18}
        role="img"
        aria-label={words[state]}
        className={`mt-px shrink-0 ${error ? 'text-warning-text' : state === 'ready' ? 'text-success-text' : 'text-text-muted'}`}
      />
      <div className="min-w-0 grow">
        {url && <PageAddress url={url} />}
        {error ? (
          <SourceError error={error} tone={state === 'failed' ? 'danger' : 'warning'} />
        ) : (
          <p data-figures className="text-meta text-text-muted">
            {words[state]}
            {passages !== null && ` · ${states.passages(passages, format.number(passages))}`}
            {fetchedAt && (
              <>
                {' · '}
                {states.read} <Time at={fetchedAt} />
              </>
            )}
          </p>
        )}
      </div>
    </li>
  );
}
