// What a member who takes over is told: what was asked, why the assistant left it, and what it would have said.
import type { Activity } from '@parley/contract/inbox';
import type { Run } from '@parley/contract/runs';
import { useQuery } from '@tanstack/react-query';
import { Hand } from 'lucide-react';
import { Link } from 'react-router';
import { api } from '../../lib/api.ts';
import { useFormat } from '../../lib/format.ts';
import { queryKeys } from '../../lib/query.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { useLanguageName } from './language-name.ts';
import { answerTexts } from './texts-answers.ts';
import { ToolSteps } from './tool-steps.tsx';

/** The run and the flag are of one commit, but each reads the clock. */
const sameMomentMs = 5000;
const nearestMax = 2;

export function HandOverNote({ activity }: { activity: Activity }) {
  const texts = useTexts(answerTexts);
  const format = useFormat();
  const languageName = useLanguageName();
  const run = useRunOf(activity);
  if (!run?.handOver) return null;
  const { because, asked, heldBack, language } = run.handOver;
  const spoken = language === 'unknown' ? undefined : language;
  const nearest = [...run.readPassages]
    .filter(({ support, cited }) => (support ?? 0) >= 0.1 && !cited)
    .sort((left, right) => (right.support ?? 0) - (left.support ?? 0))
    .slice(0, nearestMax);
  return (
    <section
      aria-label={texts.leftTitle}
      className="mx-auto mb-2 w-full max-w-[60ch] rounded-control border border-line bg-surface-raised p-3 text-meta"
    >
      <p className="flex items-start gap-2">
        <Hand size={16} aria-hidden="true" className="mt-px shrink-0 text-warning-text" />
        <span>
          {texts[because]}
          {spoken && <span className="text-text-muted"> {texts.speaks(languageName(language))}.</span>}
        </span>
      </p>
      <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-3 gap-y-1">
        {asked.length > 0 && (
          <>
            <dt className="text-text-muted">{texts.asked}</dt>
            <dd lang={spoken} className="whitespace-pre-wrap break-words">
              {asked.join('\n')}
            </dd>
          </>
        )}
        {heldBack !== null && (
          <>
            <dt className="text-text-muted">{texts.heldBack}</dt>
            <dd lang={spoken} className="whitespace-pre-wrap break-words">
              {heldBack}
            </dd>
          </>
        )}
        {run.steps.length > 0 && (
          <>
            <dt className="text-text-muted">{texts.did}</dt>
            <dd>
              <ToolSteps steps={run.steps} />
            </dd>
          </>
        )}
        {nearest.length > 0 && (
          <>
            <dt className="text-text-muted">{texts.read}</dt>
            <dd className="flex flex-col">
              {nearest.map(({ textId, passageId, title, support }) => (
                <span key={`${textId} ${passageId}`} className="flex gap-2">
                  <Link
                    to={`/assistant/knowledge/${textId}#${passageId}`}
                    className="relative min-w-0 truncate underline decoration-line-strong underline-offset-2 after:absolute after:-inset-2 hover:decoration-current"
                  >
                    {title}
                  </Link>
                  <span data-figures className="text-text-muted">
                    {format.percent(support ?? 0)}
                  </span>
                </span>
              ))}
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

/** The turn that called a person at that moment. */
function useRunOf({ conversationId, occurredAt }: Activity): Run | null {
  const mayRead = useCan('assistant:read');
  const at = Date.parse(occurredAt);
  const { data } = useQuery({
    queryKey: [...queryKeys.run(conversationId), 'handed-over'],
    queryFn: ({ signal }) =>
      api.get<{ items: Run[] }>('/api/v1/runs', { query: { conversationId, limit: 50 }, signal }),
    enabled: mayRead,
    // Another turn of this conversation may have ended since the list was read.
    staleTime: 10_000,
  });
  const fitting = (data?.items ?? []).filter(
    ({ handOver, finishedAt }) =>
      handOver !== null && finishedAt !== null && Math.abs(Date.parse(finishedAt) - at) < sameMomentMs,
  );
  return fitting[0] ?? null;
}
