// That messages are no longer like those that the model was made for: what changed, in plain words, and what to do.
import type { IntentDrift } from '@parley/contract/intent-drift';
import { TriangleAlert } from 'lucide-react';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { useIntentName } from './intent-name.ts';
import { useIntentDrift } from './intent-queries.ts';
import { driftTexts } from './texts-drift.ts';

/** Where nothing is to be said, nothing. */
export function DriftNotice() {
  const texts = useTexts(driftTexts);
  const { data: drift } = useIntentDrift();
  const changes = useChanges(drift);
  const format = useFormat();
  if (drift?.state !== 'drifted') return null;
  const { reference, recent, reasons } = drift;
  const title = reasons.some((reason) => reason !== 'disagreement') ? texts.title : texts.wrong;
  return (
    <section
      aria-label={title}
      className="mb-8 flex gap-3 rounded-control border border-line bg-surface-sunken p-4"
    >
      <TriangleAlert size={20} aria-hidden="true" className="mt-px shrink-0 text-warning-text" />
      <div className="min-w-0">
        <h2 className="font-semibold">{title}</h2>
        <ul data-figures className="mt-1 flex flex-col gap-1">
          {changes.map((change) => (
            <li key={change}>{change}</li>
          ))}
        </ul>
        <p className="mt-2">{texts.whatToDo}</p>
        {reference && recent && (
          <p data-figures className="mt-2 text-meta text-text-muted">
            {texts.compared(
              format.number(recent.messages),
              format.date(recent.from),
              format.number(reference.messages),
              format.date(reference.from),
              format.date(reference.to),
            )}
          </p>
        )}
      </div>
    </section>
  );
}

/** Smaller changes of a share are not worth a word. */
const worthAWord = 0.02;
const namedMax = 3;

function useChanges(drift: IntentDrift | undefined): string[] {
  const texts = useTexts(driftTexts);
  const format = useFormat();
  const intentName = useIntentName();
  if (!drift) return [];
  const { reasons, shares, reference, recent, lookedAt, corrected } = drift;
  const changes: string[] = [];
  if (reasons.includes('mix')) {
    const none = shares.find(({ intent }) => intent === null);
    if (none && Math.abs(none.recent - none.reference) >= worthAWord) {
      const times = none.reference > 0 ? Math.round(none.recent / none.reference) : 0;
      const shown = [format.percent(none.recent), format.percent(none.reference)] as const;
      if (none.recent < none.reference) changes.push(texts.noneFewer(...shown));
      else if (times === 2) changes.push(texts.noneTwice(...shown));
      else if (times > 2) changes.push(texts.noneTimes(format.number(times), ...shown));
      else changes.push(texts.noneMore(...shown));
    }
    const named = (isMore: boolean) =>
      shares
        .flatMap(({ intent, ...share }) => (intent === null ? [] : [{ ...share, name: intentName(intent) }]))
        .filter(
          (share) => (isMore ? share.recent - share.reference : share.reference - share.recent) >= worthAWord,
        )
        .slice(0, namedMax)
        .map((share) =>
          texts.share(share.name, format.percent(share.recent), format.percent(share.reference)),
        );
    const [more, fewer] = [named(true), named(false)];
    if (more.length > 0) changes.push(texts.more(format.list(more)));
    if (fewer.length > 0) changes.push(texts.fewer(format.list(fewer)));
  }
  if (reasons.includes('confidence') && reference && recent)
    changes.push(texts.lessSure(format.percent(recent.confidence), format.percent(reference.confidence)));
  if (reasons.includes('disagreement'))
    changes.push(texts.disagree(format.number(corrected), format.number(lookedAt)));
  return changes;
}
