// The passages that an answer rests on, each leading to where it stands.
import type { ReadPassage } from '@parley/contract/runs';
import { BookOpen } from 'lucide-react';
import { Link } from 'react-router';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { chatTexts } from './texts.ts';

export function Sources({ passages }: { passages: readonly ReadPassage[] }) {
  const texts = useTexts(chatTexts);
  const mayRead = useCan('assistant:read');
  const cited = passages.filter((passage) => passage.cited);
  if (cited.length === 0) return null;
  const look =
    'inline-flex max-w-full items-center gap-1.5 rounded-control border border-line bg-surface-raised px-2 py-1 phone:min-h-11';
  return (
    <section aria-label={texts.sources} className="mt-3">
      <ul className="flex flex-wrap gap-1.5 text-meta">
        {cited.map((passage) => {
          const { textId, passageId, title, page } = passage;
          const name = (
            <>
              <BookOpen size={14} aria-hidden="true" className="shrink-0 text-text-muted" />
              <span className="truncate">{title || texts.sources}</span>
              {page !== undefined && <span className="shrink-0 text-text-muted">{texts.page(page)}</span>}
            </>
          );
          return (
            <li key={`${textId} ${passageId}`} className="min-w-0 max-w-full">
              {mayRead ? (
                <Link
                  to={`/assistant/knowledge/${textId}#${passageId}`}
                  className={`${look} hover:bg-surface-hover`}
                >
                  {name}
                </Link>
              ) : (
                <span className={look}>{name}</span>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
