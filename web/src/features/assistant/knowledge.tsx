// Everything that the assistant answers from: all sources, what is on its way, and how to find one of them.
import type { TrainingData } from '@parley/contract/training-data';
import { BookOpen, FileUp, SearchX } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { useFormat } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { useTexts } from '../../lib/texts.ts';
import { afterRemoval } from '../../ui/after-removal.ts';
import { Button } from '../../ui/button.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { toast } from '../../ui/toast.tsx';
import { AddKnowledge, useGiveFiles } from './knowledge-add.tsx';
import { FilterBar, narrow, useFiltersInAddress } from './knowledge-filters.tsx';
import { useSources } from './knowledge-queries.ts';
import { SourceRow } from './knowledge-row.tsx';
import { UploadList } from './knowledge-upload-list.tsx';
import { ProposalsLink } from './proposals-link.tsx';
import { SectionPage } from './section-page.tsx';
import { knowledgeTexts } from './texts-knowledge.ts';
import { sectionTexts } from './texts-sections.ts';
import { sourceTexts } from './texts-source.ts';
import { useFileDrop } from './use-file-drop.ts';
import { useVectors } from './vector-queries.ts';
import { VectorState } from './vector-state.tsx';

const rowsAtOnce = 100;

export function Knowledge() {
  const texts = useTexts(knowledgeTexts);
  const { knowledge } = useTexts(sectionTexts);
  const mayManage = useCan('assistant:manage');
  const giveFiles = useGiveFiles();
  const sources = useSources();
  const vectors = useVectors();
  const isOver = useFileDrop(({ files, hadFolders }) => {
    if (hadFolders) toast({ text: texts.noFolders, tone: 'danger' });
    giveFiles(files);
  }, mayManage);

  const isEmpty = sources.data?.length === 0;
  return (
    <SectionPage
      title={knowledge}
      description={texts.intro}
      actions={mayManage && sources.data && !isEmpty && <AddKnowledge isEmpty={false} />}
    >
      <ProposalsLink />
      {vectors.data && <VectorState vectors={vectors.data} />}
      {sources.isPending && <SkeletonRows rows={4} />}
      {sources.isError && !sources.data && (
        <ErrorState error={sources.error} title={texts.unreadable} onRetry={() => void sources.refetch()} />
      )}
      {isEmpty && (
        <>
          <UploadList />
          <EmptyState
            icon={BookOpen}
            title={texts.empty}
            text={mayManage ? texts.emptyText : texts.emptyForViewers}
            action={mayManage && <AddKnowledge isEmpty />}
          />
        </>
      )}
      {sources.data && !isEmpty && <SourceList sources={sources.data} />}
      {isOver && (
        <div className="pointer-events-none fixed inset-0 z-40 grid animate-fade-in place-items-center bg-overlay p-4">
          <p className="flex items-center gap-2 rounded-panel border border-accent border-dashed bg-surface-raised px-6 py-5 font-medium shadow-float">
            <FileUp size={20} aria-hidden="true" className="text-accent-text" />
            {texts.dropHere}
          </p>
        </div>
      )}
    </SectionPage>
  );
}

function SourceList({ sources }: { sources: readonly TrainingData[] }) {
  const texts = useTexts(knowledgeTexts);
  const more = useTexts(sourceTexts);
  const format = useFormat();
  const address = useFiltersInAddress();
  const [words, setWords] = useState('');
  const [shownMax, setShownMax] = useState(rowsAtOnce);
  const field = useRef<HTMLInputElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const { kind, state } = address;
  const isNarrowed = words.trim() !== '' || kind !== null || state !== null;
  const found = useMemo(
    () => (isNarrowed ? narrow(sources, { words, kind, state }) : sources),
    [isNarrowed, sources, words, kind, state],
  );
  const shown = found.length > shownMax ? found.slice(0, shownMax) : found;

  const rowsHere = () => [...(place.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])];
  const step = (by: 1 | -1) => {
    const rows = rowsHere();
    const at = rows.findIndex((row) => row.parentElement?.contains(document.activeElement));
    rows[at === -1 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))]?.focus();
  };
  useShortcut('knowledge', '/', texts.goToSearch, () => field.current?.focus());
  useShortcut('knowledge', 'j', texts.next, () => step(1));
  useShortcut('knowledge', 'k', texts.previous, () => step(-1));

  /** To the one that moved up, so that the keyboard goes on; else to what adds another one. */
  const focusNear = (index: number, removed: string) =>
    afterRemoval(removed, () => {
      const rows = rowsHere();
      const next = rows[Math.min(index, rows.length - 1)];
      (next ?? document.querySelector<HTMLElement>('[data-stays]'))?.focus();
    });
  const clear = () => {
    setWords('');
    address.clear();
    field.current?.focus();
  };
  return (
    <div ref={place}>
      <UploadList />
      <FilterBar
        filters={{ words, kind, state }}
        onWords={setWords}
        onChange={address.change}
        field={field}
      />
      <p role="status" data-figures className="min-h-5 text-meta text-text-muted">
        {isNarrowed && texts.shown(format.number(found.length), format.number(sources.length))}
      </p>
      {found.length === 0 ? (
        <EmptyState
          icon={SearchX}
          title={texts.nothingFits}
          text={texts.nothingFitsText}
          action={<Button onClick={clear}>{texts.clearFilters}</Button>}
        />
      ) : (
        <ul aria-label={texts.list}>
          {shown.map((source, index) => (
            <SourceRow key={source.id} source={source} onRemoved={() => focusNear(index, source.id)} />
          ))}
        </ul>
      )}
      {found.length > shown.length && (
        <Button className="mt-4" onClick={() => setShownMax((before) => before + rowsAtOnce)}>
          {more.showMore(format.number(Math.min(rowsAtOnce, found.length - shown.length)))}
        </Button>
      )}
    </div>
  );
}
