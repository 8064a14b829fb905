// Where a draft comes from: what it names of the knowledge, before a member sends it.
import { Link } from 'react-router';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { useRun } from './queries.ts';
import { answerTexts } from './texts-answers.ts';

export function CitedSources({ runId }: { runId: string }) {
  const texts = useTexts(answerTexts);
  const mayRead = useCan('assistant:read');
  const { data } = useRun(runId, mayRead);
  const cited = (data?.readPassages ?? []).filter((passage) => passage.cited);
  if (cited.length === 0) return null;
  return (
    <p className="mt-1.5 flex flex-wrap gap-x-2 text-meta text-text-muted">
      {texts.from}
      {cited.map(({ textId, passageId, title }) => (
        <Link
          key={`${textId} ${passageId}`}
          to={`/assistant/knowledge/${textId}#${passageId}`}
          className="relative underline decoration-line-strong underline-offset-2 after:absolute after:-inset-2 hover:decoration-current"
        >
          {title}
        </Link>
      ))}
    </p>
  );
}
