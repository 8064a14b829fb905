// The conversations of a place, however many there are: only the rows on the screen exist, pages come as they are needed, and
// the keyboard goes through all of them.
import type { Conversation } from '@parley/contract/conversations';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Inbox, MessagesSquare } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import { Link, useNavigate } from 'react-router';
import { useCan } from '../../lib/session.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button, buttonLook } from '../../ui/button.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { useConversationActions } from './actions.ts';
import { ConversationRow, rowHeight } from './conversation-row.tsx';
import { placeOf } from './filters.ts';
import { inboxKeys } from './inbox-keys.ts';
import { useChannels, useConversations } from './queries.ts';
import { listTexts } from './texts-list.ts';
import { undoLast } from './undo.ts';
import type { InboxLocation } from './use-inbox-location.ts';

/** So many rows before the end the next page is asked for. */
const nearEnd = 15;
const none: readonly Conversation[] = [];

export function ConversationList({ location }: { location: InboxLocation }) {
  const texts = useTexts(listTexts);
  const shared = useTexts(sharedTexts);
  const list = useConversations(location.filters);
  const items = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? none, [list.data]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => items[index]?.id ?? index,
    overscan: 6,
  });
  const rows = virtualizer.getVirtualItems();
  const lastRow = rows.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = list;

  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError && lastRow >= items.length - nearEnd) {
      void fetchNextPage();
    }
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage, lastRow, items.length]);

  // Another place begins at its top.
  const place = JSON.stringify(location.filters);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the place is what it depends on
  useEffect(() => {
    // Newer browsers return a promise, which an effect must not.
    void scroller.current?.scrollTo({ top: 0 });
  }, [place]);

  const focusRow = useListKeys({ items, location, scroller, reveal: virtualizer.scrollToIndex });

  if (list.isPending) return <SkeletonRows rows={8} avatar />;
  if (list.isError && items.length === 0) {
    return <ErrorState error={list.error} title={texts.loadFailed} onRetry={() => void list.refetch()} />;
  }
  if (items.length === 0) return <EmptyPlace location={location} />;
  return (
    <div ref={scroller} className="min-h-0 grow overflow-y-auto overscroll-contain" data-scroller="list">
      <ul
        aria-label={texts.conversations}
        className="relative"
        style={{ height: virtualizer.getTotalSize() }}
        onFocus={(event) => focusRow.remember(event.target)}
      >
        {rows.map((row) => {
          const conversation = items[row.index];
          if (!conversation) return null;
          return (
            <li
              key={row.key}
              aria-setsize={hasNextPage ? -1 : items.length}
              aria-posinset={row.index + 1}
              className="absolute inset-x-0 top-0"
              style={{ height: rowHeight, transform: `translateY(${row.start}px)` }}
            >
              <ConversationRow
                conversation={conversation}
                to={location.linkTo(conversation.id)}
                isOpen={conversation.id === location.conversationId}
              />
            </li>
          );
        })}
      </ul>
      {isFetchNextPageError && (
        <div className="grid place-items-center p-4">
          <Button onClick={() => void fetchNextPage()}>{shared.showMore}</Button>
        </div>
      )}
    </div>
  );
}

interface ListKeysOptions {
  readonly items: readonly Conversation[];
  readonly location: InboxLocation;
  readonly scroller: React.RefObject<HTMLDivElement | null>;
  readonly reveal: (index: number) => void;
}

/** `j`, `k`, `e` and `u`; and the focus, which stays in the list when its row leaves it. */
function useListKeys({ items, location, scroller, reveal }: ListKeysOptions) {
  const texts = useTexts(listTexts);
  const navigate = useNavigate();
  const actions = useConversationActions();
  const mayWrite = useCan('conversations:write');
  const { conversationId, linkTo } = location;
  /** Where the focus was last; null once it went somewhere else by itself. */
  const last = useRef<{ readonly id: string; readonly index: number } | null>(null);

  const rowOf = (id: string) => scroller.current?.querySelector<HTMLElement>(`[data-row="${id}"]`) ?? null;
  const focusedId = () =>
    document.activeElement instanceof HTMLElement ? (document.activeElement.dataset.row ?? null) : null;
  const focusAt = (index: number) => {
    const target = items[Math.min(Math.max(index, 0), items.length - 1)];
    if (!target) return;
    reveal(items.indexOf(target));
    // The row may exist only after the list has scrolled to it.
    requestAnimationFrame(() => rowOf(target.id)?.focus({ preventScroll: true }));
  };
  const step = (by: 1 | -1) => {
    const from = focusedId() ?? conversationId;
    const index = items.findIndex(({ id }) => id === from);
    focusAt(index === -1 ? 0 : index + by);
  };

  useEffect(() => {
    const before = last.current;
    if (!before || items[before.index]?.id === before.id) return;
    const index = items.findIndex(({ id }) => id === before.id);
    if (index !== -1) last.current = { id: before.id, index };
    else if (document.activeElement === document.body) focusAt(before.index);
  });

  useShortcut('inbox', inboxKeys.next, texts.nextConversation, () => step(1));
  useShortcut('inbox', inboxKeys.previous, texts.previousConversation, () => step(-1));
  useShortcut('inbox', inboxKeys.undo, texts.undoLast, () => void undoLast());
  useShortcut(
    'inbox',
    inboxKeys.archive,
    texts.archiveOne,
    () => {
      const id = focusedId() ?? conversationId;
      const index = items.findIndex((each) => each.id === id);
      const conversation = items[index];
      if (!conversation || conversation.status === 'archived') return;
      const next = items[index + 1] ?? items[index - 1] ?? null;
      void actions.archive(conversation, () => void navigate(linkTo(conversation.id)));
      if (conversation.id === conversationId) void navigate(linkTo(next?.id ?? null));
    },
    mayWrite,
  );

  return {
    remember: (target: EventTarget) => {
      const id = target instanceof HTMLElement ? target.dataset.row : undefined;
      if (id) last.current = { id, index: items.findIndex((each) => each.id === id) };
    },
  };
}

function EmptyPlace({ location }: { location: InboxLocation }) {
  const texts = useTexts(listTexts);
  const { items: channels, isKnown } = useChannels();
  const mayConnect = useCan('channels:manage');
  const here = placeOf(location.filters);
  const isNarrowed = Object.keys(location.filters).length > 1;
  if (here === 'open' && !isNarrowed) {
    return (
      <EmptyState
        icon={Inbox}
        title={texts.emptyOpen}
        text={texts.emptyOpenHint}
        action={
          isKnown && channels.length === 0 && mayConnect ? (
            <Link to="/channels" className={buttonLook('primary')}>
              {texts.connectChannel}
            </Link>
          ) : undefined
        }
      />
    );
  }
  return (
    <EmptyState
      icon={MessagesSquare}
      title={here === 'mine' ? texts.emptyMine : texts.emptyPlace}
      text={here === 'mine' ? texts.emptyMineHint : texts.emptyPlaceHint}
      action={<Button onClick={() => location.setFilters({ open: true })}>{texts.showOpen}</Button>}
    />
  );
}
