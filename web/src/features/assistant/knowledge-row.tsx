// One source in the list: what it is, how it is doing, what it gives the assistant, and when that was read.
import type { TrainingData } from '@parley/contract/training-data';
import { Link } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Time } from '../../ui/time.tsx';
import { SourceActions } from './knowledge-actions.tsx';
import { kindIcons, SourceError, SourceProgress, SourceState } from './knowledge-state.tsx';
import { knowledgeTexts } from './texts-knowledge.ts';

interface SourceRowProps {
  source: TrainingData;
  onRemoved: () => void;
}

export function SourceRow({ source, onRemoved }: SourceRowProps) {
  const texts = useTexts(knowledgeTexts);
  const mayManage = useCan('assistant:manage');
  const Icon = kindIcons[source.kind];
  return (
    <li className="flex items-center gap-1 border-line border-b last:border-0">
      <Link
        to={`/assistant/knowledge/${source.id}`}
        data-row={source.id}
        className="focus-inside -ml-2 flex min-w-0 grow items-start gap-3 rounded-control px-2 py-3 transition-colors duration-[120ms] hover:bg-surface-hover"
      >
        <Icon
          size={20}
          strokeWidth={1.75}
          role="img"
          aria-label={texts[source.kind]}
          className="mt-px shrink-0 text-text-muted"
        />
        <span className="min-w-0 grow">
          <span className="flex items-start justify-between gap-x-3 gap-y-1 phone:flex-col">
            <span className="line-clamp-2 break-words font-medium">{source.title}</span>
            <SourceState source={source} />
          </span>
          <Facts source={source} />
          {source.error && (
            <SourceError error={source.error} tone={source.state === 'failed' ? 'danger' : 'warning'} />
          )}
          <SourceProgress source={source} />
        </span>
      </Link>
      {mayManage && <SourceActions source={source} as="menu" onRemoved={onRemoved} />}
    </li>
  );
}

function Facts({ source }: { source: TrainingData }) {
  const texts = useTexts(knowledgeTexts);
  const format = useFormat();
  const { kind, origin, passages, readAt } = source;
  return (
    <span data-figures className="flex flex-wrap gap-x-1.5 text-meta text-text-muted">
      <span>{texts[kind]}</span>
      {origin.bytes !== undefined && <span>· {format.bytes(origin.bytes)}</span>}
      {passages !== null && passages > 0 && (
        <span>· {texts.passages(passages, format.number(passages))}</span>
      )}
      {readAt && (
        <span>
          · {texts.read} <Time at={readAt} />
        </span>
      )}
    </span>
  );
}
