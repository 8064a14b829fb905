// What narrows a place: unread, channel, language, intent, mood; as a panel to choose in, and as chips that say what is chosen.
import type { ViewFilters } from '@parley/contract/inbox';
import { ListFilter } from 'lucide-react';
import { Suspense, useState } from 'react';
import { lazyPart } from '../../lib/lazy-part.tsx';
import { useTexts } from '../../lib/texts.ts';
import { Chip } from '../../ui/chip.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Popover } from '../../ui/popover.tsx';
import { useIntentName } from '../understanding/intent-name.ts';
import { isNarrowed } from './filters.ts';
import { useLanguageName } from './language-name.ts';
import { useChannels } from './queries.ts';
import { listTexts } from './texts-list.ts';
import type { InboxLocation } from './use-inbox-location.ts';

const FilterPanel = lazyPart(async () => (await import('./filter-panel.tsx')).FilterPanel);
const SaveViewDialog = lazyPart(async () => (await import('./save-view-dialog.tsx')).SaveViewDialog);

export function FilterButton({ location }: { location: InboxLocation }) {
  const texts = useTexts(listTexts);
  const [isOpen, setOpen] = useState(false);
  const [isSaving, setSaving] = useState(false);
  const { filters } = location;

  return (
    <>
      <Popover
        label={texts.filter}
        align="end"
        open={isOpen}
        onOpenChange={setOpen}
        className="w-72"
        trigger={<IconButton label={texts.filter} icon={ListFilter} pressed={isNarrowed(filters)} />}
      >
        <FilterPanel
          location={location}
          onSave={() => {
            setOpen(false);
            setSaving(true);
          }}
        />
      </Popover>
      {isSaving && (
        <Suspense>
          <SaveViewDialog filters={filters} onClose={() => setSaving(false)} />
        </Suspense>
      )}
    </>
  );
}

/** What narrows the list now; each is taken away with one press. */
export function FilterChips({ location }: { location: InboxLocation }) {
  const texts = useTexts(listTexts);
  const languageName = useLanguageName();
  const intentName = useIntentName();
  const { find } = useChannels();
  const { filters, setFilters } = location;
  if (!isNarrowed(filters)) return null;
  const chips: { name: string; without: Partial<ViewFilters> }[] = [];
  if (filters.unread !== undefined) chips.push({ name: texts.unreadOnly, without: { unread: undefined } });
  if (filters.channelId !== undefined) {
    chips.push({ name: find(filters.channelId)?.name ?? texts.channel, without: { channelId: undefined } });
  }
  if (filters.language !== undefined) {
    chips.push({ name: languageName(filters.language), without: { language: undefined } });
  }
  if (filters.intent !== undefined) {
    chips.push({ name: intentName(filters.intent), without: { intent: undefined } });
  }
  if (filters.mood !== undefined) {
    chips.push({ name: texts[filters.mood], without: { mood: undefined } });
  }
  return (
    <div className="flex flex-wrap gap-1.5 border-line border-b px-3 py-2">
      {chips.map(({ name, without }) => (
        <Chip
          key={name}
          tone="accent"
          removeLabel={texts.removeFilter(name)}
          onRemove={() => setFilters({ ...filters, ...without })}
        >
          {name}
        </Chip>
      ))}
    </div>
  );
}
