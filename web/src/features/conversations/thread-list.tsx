// The thread, from old to new: stays where the reader is when older pages come, stays at the end while they are at the end,
// and says how much came below while they were not.
import type { Conversation } from '@parley/contract/conversations';
import type { TimelineItem } from '@parley/contract/inbox';
import { useQueryClient } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { clsx } from 'clsx';
import { ArrowDown, MessageSquareDashed } from 'lucide-react';
import { Suspense, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useFormat } from '../../lib/format.ts';
import { lazyPart } from '../../lib/lazy-part.tsx';
import { useLive } from '../../lib/live.ts';
import { useOutbox } from '../../lib/offline/outbox.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { ActivityLine } from './activity-line.tsx';
import { Bubble } from './bubble.tsx';
import { DraftBubble } from './draft-bubble.tsx';
import { nameOfContact } from './names.ts';
import { NoteItem } from './note-item.tsx';
import { useTimeline } from './queries.ts';
import { seekInTimeline } from './seek.ts';
import { actionTexts } from './texts-actions.ts';
import { threadTexts } from './texts-thread.ts';
import { rowsOf, type ThreadRow } from './thread-rows.ts';
import { useArrivals } from './use-arrivals.ts';
import { useStayAtEnd } from './use-stay-at-end.ts';
import { WaitingBubble } from './waiting-bubble.tsx';
import { WritingBubble } from './writing-bubble.tsx';

const HandOverNote = lazyPart(async () => (await import('./hand-over-note.tsx')).HandOverNote);

/** Nearer than this to the end is at the end. In px. */
const endThreshold = 80;
/** So many rows before the beginning the page before is asked for. */
const nearBeginning = 12;
/** So long what was searched for stays marked. */
const markMs = 3000;
const none: readonly TimelineItem[] = [];

interface ThreadListProps {
  readonly conversation: Conversation;
  /** Opens there, and shows where. */
  readonly messageId: string | null;
}

export function ThreadList({ conversation, messageId }: ThreadListProps) {
  const texts = useTexts(threadTexts);
  const actions = useTexts(actionTexts);
  const { id } = conversation;
  const client = useQueryClient();
  const timeline = useTimeline(id);
  const entries = useOutbox(id);
  const writing = useLive((live) => live.writing[id]);
  const items = useMemo(() => timeline.data?.pages.flatMap((page) => page.items) ?? none, [timeline.data]);
  const rows = useMemo(() => rowsOf({ items, entries, writing }), [items, entries, writing]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimateOf(rows[index]),
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 8,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: endThreshold,
    paddingStart: 16,
    paddingEnd: 16,
  });
  const shown = virtualizer.getVirtualItems();
  const firstShown = shown[0]?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = timeline;
  const isReady = rows.length > 0 && !timeline.isPending;

  // Opens at the newest; what was searched for is gone to from there.
  const opened = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (!isReady || opened.current === id) return;
    opened.current = id;
    virtualizer.scrollToEnd();
  }, [isReady, id, virtualizer]);

  const [marked, setMarked] = useState<string | null>(null);
  /** The last that was looked for, found or not. While one is, the pages before are read for it alone. */
  const [sought, setSought] = useState<string | null>(null);
  useEffect(() => {
    if (messageId === null || !isReady) return;
    const giveUp = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    void seekInTimeline(client, id, messageId, giveUp.signal).then((found) => {
      if (giveUp.signal.aborted) return;
      setSought(messageId);
      setMarked(found ? messageId : null);
      timer = setTimeout(() => setMarked(null), markMs);
    });
    return () => {
      giveUp.abort();
      clearTimeout(timer);
    };
  }, [client, id, messageId, isReady]);
  const markedAt = marked === null ? -1 : rows.findIndex(({ key }) => key === marked);
  const shownMark = useRef<string | null>(null);
  useEffect(() => {
    if (markedAt === -1 || shownMark.current === marked) return;
    shownMark.current = marked;
    virtualizer.scrollToIndex(markedAt, { align: 'center' });
  }, [markedAt, marked, virtualizer]);

  useEffect(() => {
    const mayLoad =
      isReady &&
      opened.current === id &&
      sought === messageId &&
      hasNextPage &&
      !isFetchingNextPage &&
      !isFetchNextPageError;
    if (mayLoad && firstShown < nearBeginning) void fetchNextPage();
  }, [
    isReady,
    id,
    sought,
    messageId,
    hasNextPage,
    isFetchingNextPage,
    isFetchNextPageError,
    fetchNextPage,
    firstShown,
  ]);

  const name = nameOfContact(conversation);
  useStayAtEnd(scroller, endThreshold);
  const arrivals = useArrivals({ rows, scroller, endThreshold, contactName: name });

  if (timeline.isPending) return <ThreadSkeleton />;
  if (timeline.isError && items.length === 0) {
    return (
      <ErrorState
        error={timeline.error}
        title={actions.threadFailed}
        onRetry={() => void timeline.refetch()}
      />
    );
  }
  if (rows.length === 0) {
    return <EmptyState icon={MessageSquareDashed} title={texts.noMessages} text={texts.noMessagesHint} />;
  }
  return (
    <div className="relative min-h-0 grow">
      <div
        ref={scroller}
        data-scroller="thread"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it by its focus
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={texts.thread(name)}
        className="focus-inside h-full overflow-y-auto overscroll-contain [overflow-anchor:none]"
      >
        <div className="flex min-h-full flex-col justify-end">
          <div
            className="relative mx-auto w-full max-w-[56rem]"
            style={{ height: virtualizer.getTotalSize() }}
          >
            {isFetchNextPageError && (
              <div className="absolute inset-x-0 top-0 z-10 flex justify-center gap-2 p-3">
                <span className="text-text-muted">{texts.olderFailed}</span>
                <Button size="small" onClick={() => void fetchNextPage()}>
                  {texts.loadOlder}
                </Button>
              </div>
            )}
            {shown.map((item) => {
              const row = rows[item.index];
              if (!row) return null;
              return (
                <div
                  key={item.key}
                  ref={virtualizer.measureElement}
                  data-index={item.index}
                  className={clsx(
                    'absolute inset-x-0 top-0 px-6 transition-colors duration-[180ms] phone:px-3',
                    row.key === marked && 'bg-surface-selected',
                  )}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <div className={arrivals.isNew(row.key) ? 'animate-rise' : undefined}>
                    <Row row={row} contactName={name} />
                  </div>
                </div>
              );
            })}
          </div>
        </div>
      </div>
      {arrivals.isAway && (
        <div className="pointer-events-none absolute inset-x-0 bottom-3 grid place-items-center">
          <Button
            icon={ArrowDown}
            className="pointer-events-auto animate-fade-in rounded-full shadow-float"
            onClick={() => virtualizer.scrollToEnd({ behavior: 'auto' })}
          >
            {arrivals.count > 0 ? texts.newMessages(arrivals.count) : texts.toNewest}
          </Button>
        </div>
      )}
      <p className="sr-only" aria-live="polite">
        {arrivals.announcement}
      </p>
    </div>
  );
}

/** The run that flagged it may say more. */
const tellsWhy: ReadonlySet<string | null> = new Set(['handed_over', 'assistant_failed']);

function Row({ row, contactName }: { row: ThreadRow; contactName: string }) {
  switch (row.kind) {
    case 'day':
      return <DayLine at={row.at} />;
    case 'message':
      return row.message.status === 'draft' ? (
        <DraftBubble message={row.message} />
      ) : (
        <Bubble message={row.message} contactName={contactName} isFirst={row.isFirst} isLast={row.isLast} />
      );
    case 'note':
      return <NoteItem note={row.note} />;
    case 'activity':
      return (
        <>
          <ActivityLine activity={row.activity} />
          {row.activity.kind === 'flagged' && tellsWhy.has(row.activity.detail) && (
            <Suspense fallback={null}>
              <HandOverNote activity={row.activity} />
            </Suspense>
          )}
        </>
      );
    case 'waiting':
      return <WaitingBubble entry={row.entry} />;
    case 'writing':
      return <WritingBubble text={row.text} />;
  }
}

function DayLine({ at }: { at: string }) {
  const format = useFormat();
  return (
    <div className="flex items-center gap-3 pt-4 pb-1 text-meta text-text-muted">
      <span aria-hidden="true" className="h-px grow bg-line" />
      <h2 className="font-medium">{format.day(at)}</h2>
      <span aria-hidden="true" className="h-px grow bg-line" />
    </div>
  );
}

/** Before a row is drawn; near enough that the scrollbar does not jump. In px. */
function estimateOf(row: ThreadRow | undefined): number {
  if (!row || row.kind === 'day' || row.kind === 'activity') return 40;
  if (row.kind === 'note') return 90;
  if (row.kind !== 'message') return 64;
  const { body, media, status } = row.message;
  const lines = Math.max(1, Math.ceil(body.length / 62));
  return (
    18 +
    lines * 22 +
    media.length * 230 +
    (row.isLast ? 24 : 0) +
    (row.isFirst ? 12 : 2) +
    (status === 'draft' ? 70 : 0)
  );
}

function ThreadSkeleton() {
  const widths = ['w-2/5', 'w-1/2', 'w-1/3', 'w-3/5', 'w-2/5'];
  return (
    <div role="status" className="flex min-h-0 grow flex-col justify-end gap-4 overflow-hidden p-6">
      {widths.map((width, index) => (
        <Skeleton
          // biome-ignore lint/suspicious/noArrayIndexKey: all the same
          key={index}
          className={clsx('h-11 rounded-bubble', width, index % 2 && 'self-end')}
        />
      ))}
    </div>
  );
}
