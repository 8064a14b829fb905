// What the assistant answers from, passage by passage, each with where it stands. An address may name one of them.
import type { TrainingDataDetail } from '@parley/contract/training-data';
import { clsx } from 'clsx';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/page.tsx';
import { isBeingRead } from './knowledge-state.tsx';
import { PageAddress } from './page-address.tsx';
import { sourceTexts } from './texts-source.ts';

const shownAtOnce = 50;
/** The server shows no more of them. */
const foundMax = 1000;

type Passage = TrainingDataDetail['passagesFound'][number];

export function SourcePassages({ source }: { source: TrainingDataDetail }) {
  const texts = useTexts(sourceTexts);
  const format = useFormat();
  const { hash } = useLocation();
  const named = decodeURIComponent(hash.slice(1));
  const { documents, passagesFound: passages } = source;
  const namedAt = named === '' ? -1 : passages.findIndex(({ id }) => id === named);
  const [shownMax, setShownMax] = useState(shownAtOnce);
  const namedPassage = useRef<HTMLLIElement>(null);
  const shown = passages.slice(0, Math.max(shownMax, namedAt + 1));
  const left = passages.length - shown.length;
  const isThere = namedAt !== -1;
  useEffect(() => {
    if (isThere) namedPassage.current?.scrollIntoView({ block: 'center' });
  }, [isThere]);

  const addresses = new Map(documents.map(({ id, url }) => [id, url]));
  const isSite = source.kind === 'sitemap';
  return (
    <Section title={texts.passages} description={passages.length > 0 ? texts.passagesText : undefined}>
      {passages.length === 0 && (
        <p className="text-text-muted">{isBeingRead(source) ? texts.noPassagesYet : texts.noPassages}</p>
      )}
      <ol aria-label={texts.passages}>
        {shown.map((passage, index) => {
          const address = addresses.get(passage.documentId);
          const begins = isSite && passage.documentId !== shown[index - 1]?.documentId;
          return (
            <li
              key={`${passage.documentId} ${passage.id}`}
              ref={index === namedAt ? namedPassage : undefined}
              aria-current={index === namedAt ? 'true' : undefined}
              className={clsx(
                'border-line border-b py-3 last:border-0',
                index === namedAt && '-mx-3 rounded-control bg-accent-soft px-3',
              )}
            >
              {begins && address && (
                <p className="mb-2 text-meta">
                  <PageAddress url={address} />
                </p>
              )}
              <PassageText passage={passage} />
            </li>
          );
        })}
      </ol>
      {left > 0 && (
        <Button className="mt-3" onClick={() => setShownMax(shown.length + shownAtOnce)}>
          {texts.showMore(format.number(Math.min(shownAtOnce, left)))}
        </Button>
      )}
      {left === 0 && passages.length >= foundMax && (
        <p className="mt-3 text-meta text-text-muted">{texts.passagesCut}</p>
      )}
    </Section>
  );
}

/** Its words, under the heading and the page that they stand on. */
export function PassageText({ passage: { heading, page, text, language } }: { passage: Passage }) {
  const texts = useTexts(sourceTexts);
  const format = useFormat();
  const lang = language === 'unknown' ? undefined : language;
  return (
    <>
      <p className="flex items-baseline justify-between gap-3">
        <span lang={lang} className={heading ? 'font-medium' : 'text-text-muted'}>
          {heading ?? texts.noHeading}
        </span>
        {page !== null && (
          <span data-figures className="shrink-0 text-meta text-text-muted">
            {texts.onPage(format.number(page))}
          </span>
        )}
      </p>
      <p lang={lang} className="mt-0.5 max-w-measure whitespace-pre-line break-words">
        {text}
      </p>
    </>
  );
}
