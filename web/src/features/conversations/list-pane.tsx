// The list's side of the inbox: search, places, filters, and below them conversations or what was found.
import { Search, X } from 'lucide-react';
import { Suspense, useDeferredValue, useEffect, useRef, useState } from 'react';
import { lazyPart } from '../../lib/lazy-part.tsx';
import { useShortcut } from '../../lib/shortcuts.ts';
import { useTexts } from '../../lib/texts.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Input } from '../../ui/input.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ConversationList } from './conversation-list.tsx';
import { inboxKeys } from './inbox-keys.ts';
import { FilterButton, FilterChips } from './list-filters.tsx';
import { PlaceTabs } from './place-tabs.tsx';
import { ViewBar } from './saved-views.tsx';
import { listTexts } from './texts-list.ts';
import type { InboxLocation } from './use-inbox-location.ts';

const SearchResults = lazyPart(async () => (await import('./search-results.tsx')).SearchResults);

/** A pause in typing, after which the search begins. */
const searchAfterMs = 160;

export function ListPane({ location }: { location: InboxLocation }) {
  const texts = useTexts(listTexts);
  const field = useRef<HTMLInputElement>(null);
  const { words, setWords } = location;
  const [typed, setTyped] = useState(words);
  const shown = useDeferredValue(words);

  // Words that come from elsewhere (the palette, the way back) stand in the field too.
  const lastWords = useRef(words);
  useEffect(() => {
    if (lastWords.current === words) return;
    lastWords.current = words;
    setTyped((before) => (before.trim() === words ? before : words));
  }, [words]);
  useEffect(() => {
    const next = typed.trim();
    if (next === lastWords.current) return;
    const timer = setTimeout(() => {
      lastWords.current = next;
      setWords(next);
    }, searchAfterMs);
    return () => clearTimeout(timer);
  }, [typed, setWords]);

  useShortcut('inbox', inboxKeys.search, texts.goToSearch, () => field.current?.focus());

  const clear = () => {
    setTyped('');
    field.current?.focus();
  };
  return (
    <section aria-label={texts.conversations} className="flex h-full min-h-0 flex-col" data-tour="list">
      <div className="flex items-center gap-1 px-3 pt-3 pb-2">
        <search className="relative grow">
          <Input
            ref={field}
            type="search"
            icon={Search}
            value={typed}
            aria-label={texts.searchLabel}
            placeholder={texts.searchPlaceholder}
            enterKeyHint="search"
            autoComplete="off"
            maxLength={200}
            className="pr-8 [&::-webkit-search-cancel-button]:hidden"
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Escape' && event.key !== 'ArrowDown') return;
              event.preventDefault();
              if (event.key === 'Escape' && typed !== '') clear();
              else document.querySelector<HTMLElement>('[data-row]')?.focus();
            }}
          />
          {typed !== '' && (
            <span className="absolute inset-y-0 right-0.5 grid place-items-center">
              <IconButton label={texts.clearSearch} icon={X} size="small" onClick={clear} />
            </span>
          )}
        </search>
        <FilterButton location={location} />
      </div>
      {shown === '' ? (
        <>
          <PlaceTabs location={location} />
          <ViewBar location={location} />
          <FilterChips location={location} />
          <ConversationList location={location} />
        </>
      ) : (
        <Suspense fallback={<SkeletonRows rows={5} avatar />}>
          <SearchResults words={shown} location={location} />
        </Suspense>
      )}
    </section>
  );
}
