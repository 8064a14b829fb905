// The places of the inbox with their numbers: the everyday three at hand, the others and the saved views behind "More".
import { clsx } from 'clsx';
import { ChevronDown } from 'lucide-react';
import { Link } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { Menu, type MenuProps } from '../../ui/menu.tsx';
import { moveTo, type PlaceName, placeOf, places, sameFilters, writeFilters } from './filters.ts';
import { useCounts, useViews } from './queries.ts';
import { actionTexts } from './texts-actions.ts';
import { listTexts } from './texts-list.ts';
import type { InboxLocation } from './use-inbox-location.ts';

const atHand: readonly PlaceName[] = ['open', 'mine', 'unassigned'];
/** The server counts no further. */
const countMax = 1000;

export function PlaceTabs({ location }: { location: InboxLocation }) {
  const texts = useTexts(listTexts);
  const { more } = useTexts(actionTexts);
  const { number } = useFormat();
  const { data: counts } = useCounts();
  const { data: views } = useViews();
  const { filters, conversationId } = location;
  const view = views?.items.find((each) => sameFilters(each.filters, filters));
  const here = view ? null : placeOf(filters);

  const countOf = (name: PlaceName): string | null => {
    const count = places.find((place) => place.name === name)?.count;
    const value = count ? counts?.[count] : undefined;
    if (!value) return null;
    return value >= countMax ? `${number(countMax)}+` : number(value);
  };
  const items: MenuProps['items'][number][] = places
    .filter(({ name }) => !atHand.includes(name))
    .map(({ name }) => {
      const count = countOf(name);
      return {
        label: count === null ? texts[name] : `${texts[name]} · ${count}`,
        checked: here === name,
        onSelect: () => location.setFilters(moveTo(filters, name)),
      };
    });
  if (views && views.items.length > 0) {
    items.push('line', { heading: texts.views });
    for (const each of views.items) {
      items.push({
        label: each.name,
        checked: view?.id === each.id,
        onSelect: () => location.setFilters(each.filters),
      });
    }
  }
  const elsewhere =
    view?.name ?? (here === null ? texts.customView : atHand.includes(here) ? null : texts[here]);

  return (
    <nav aria-label={texts.places} className="flex items-center gap-1 border-line border-b px-3 pb-2">
      <div className="-m-1 flex min-w-0 items-center gap-0.5 overflow-x-auto p-1 [scrollbar-width:none]">
        {atHand.map((name) => {
          const search = writeFilters(moveTo(filters, name)).toString();
          const path = conversationId === null ? '/inbox' : `/inbox/${conversationId}`;
          const count = countOf(name);
          return (
            <Link
              key={name}
              to={search === '' ? path : `${path}?${search}`}
              aria-current={here === name ? 'true' : undefined}
              className={clsx(tab, here === name ? current : other)}
            >
              {texts[name]}
              {count && (
                <span data-figures className="text-text-muted">
                  <span className="sr-only">, </span>
                  {count}
                </span>
              )}
            </Link>
          );
        })}
      </div>
      <Menu
        align="end"
        items={items}
        trigger={
          <button
            type="button"
            className={clsx(tab, 'ml-auto max-w-36 shrink-0', elsewhere === null ? other : current)}
          >
            <span className="truncate">{elsewhere ?? more}</span>
            <ChevronDown size={16} aria-hidden="true" className="shrink-0" />
          </button>
        }
      />
    </nav>
  );
}

const tab =
  'inline-flex h-7 shrink-0 items-center gap-1.5 whitespace-nowrap rounded-control px-2 font-medium text-meta transition-colors duration-[120ms] phone:h-11';
const current = 'bg-surface-selected text-text';
const other = 'text-text-muted hover:bg-surface-hover hover:text-text';
