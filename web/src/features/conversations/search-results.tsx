// What the search found: people by name or number, messages and notes by their words; each opens where it was found.
import type { SearchHit } from '@parley/contract/inbox';
import { useVirtualizer } from '@tanstack/react-virtual';
import { SearchX, StickyNote, UserRound } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import { Link } from 'react-router';
import { formatPhone } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Chip } from '../../ui/chip.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { rowHeight } from './conversation-row.tsx';
import { excerptAround, markWords } from './excerpt.ts';
import { hasName, nameOfContact } from './names.ts';
import { useSearch } from './queries.ts';
import { listTexts } from './texts-list.ts';
import type { InboxLocation } from './use-inbox-location.ts';

const nearEnd = 10;
const none: readonly SearchHit[] = [];

export function SearchResults({ words, location }: { words: string; location: InboxLocation }) {
  const texts = useTexts(listTexts);
  const search = useSearch(words);
  const hits = useMemo(() => search.data?.pages.flatMap((page) => page.items) ?? none, [search.data]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: hits.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 6,
  });
  const rows = virtualizer.getVirtualItems();
  const lastRow = rows.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = search;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && lastRow >= hits.length - nearEnd) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, lastRow, hits.length]);

  if (search.isPending) return <SkeletonRows rows={5} avatar />;
  if (search.isError && hits.length === 0) {
    return (
      <ErrorState error={search.error} title={texts.searchFailed} onRetry={() => void search.refetch()} />
    );
  }
  if (hits.length === 0) {
    return <EmptyState icon={SearchX} title={texts.noResults(words)} text={texts.noResultsHint} />;
  }
  return (
    <div
      ref={scroller}
      className="min-h-0 grow overflow-y-auto overscroll-contain border-line border-t"
      aria-busy={search.isPlaceholderData}
    >
      <ul aria-label={texts.results} className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {rows.map((row) => {
          const hit = hits[row.index];
          if (!hit) return null;
          return (
            <li
              key={row.key}
              className="absolute inset-x-0 top-0"
              style={{ height: rowHeight, transform: `translateY(${row.start}px)` }}
            >
              <Hit hit={hit} words={words} location={location} />
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Hit({ hit, words, location }: { hit: SearchHit; words: string; location: InboxLocation }) {
  const texts = useTexts(listTexts);
  const { conversation, message, note } = hit;
  const name = nameOfContact(conversation);
  const found = message?.body ?? note?.body ?? null;
  const at = message?.createdAt ?? note?.createdAt ?? conversation.lastMessageAt;
  return (
    <Link
      to={location.linkTo(conversation.id, message?.id ?? note?.id ?? null)}
      data-row={conversation.id}
      className="focus-inside flex h-full items-center gap-3 border-line border-b px-4 transition-colors duration-[120ms] hover:bg-surface-hover"
    >
      <Avatar name={hasName(conversation) ? name : null} size={32} />
      <span className="min-w-0 grow">
        <span className="flex items-baseline gap-2">
          <span className="min-w-0 grow truncate font-medium" data-figures>
            <Marked text={name} words={words} />
          </span>
          <Time at={at} className="shrink-0 text-meta text-text-muted" />
        </span>
        <span className="mt-0.5 flex items-center gap-1.5 text-text-muted">
          {note && (
            <Chip tone="warning" icon={StickyNote}>
              {texts.foundNote}
            </Chip>
          )}
          {found === null ? (
            <>
              <Chip icon={UserRound}>{texts.foundContact}</Chip>
              <span className="truncate" data-figures>
                {formatPhone(conversation.contact.address)}
              </span>
            </>
          ) : (
            <span className="truncate">
              <Marked text={excerptAround(found, words)} words={words} />
            </span>
          )}
        </span>
      </span>
    </Link>
  );
}

function Marked({ text, words }: { text: string; words: string }) {
  return markWords(text, words).map((part, index) =>
    part.isFound ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text have no other name
      <mark key={index} className="rounded-small bg-warning-soft text-text">
        {part.text}
      </mark>
    ) : (
      part.text
    ),
  );
}
