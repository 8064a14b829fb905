// What narrows a place, to choose from: unread, channel, language, intent, mood.
import type { ViewFilters } from '@parley/contract/inbox';
import { BookmarkPlus } from 'lucide-react';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { Switch } from '../../ui/switch.tsx';
import { useIntentName } from '../understanding/intent-name.ts';
import { useIntents } from '../understanding/intent-queries.ts';
import { isNarrowed, notNarrowed } from './filters.ts';
import { useLanguageName } from './language-name.ts';
import { useChannels } from './queries.ts';
import { listTexts } from './texts-list.ts';
import type { InboxLocation } from './use-inbox-location.ts';

const languages = ['en', 'es', 'pt', 'unknown'] as const;
const moods = ['angry', 'low', 'even', 'good'] as const;
/** No id and no name of an intent begins with a dash. */
const any = '-any';

interface FilterPanelProps {
  readonly location: InboxLocation;
  /** The member wants to keep them as a view. */
  readonly onSave: () => void;
}

export function FilterPanel({ location, onSave }: FilterPanelProps) {
  const texts = useTexts(listTexts);
  const languageName = useLanguageName();
  const intentName = useIntentName();
  const { data: intents = [] } = useIntents();
  const { items: channels } = useChannels();
  const { filters, setFilters } = location;
  const narrow = (change: Partial<ViewFilters>) => setFilters({ ...filters, ...change });
  return (
    <div className="flex flex-col gap-4">
      <Switch
        label={texts.unreadOnly}
        checked={filters.unread === true}
        onChange={(checked) => narrow({ unread: checked ? true : undefined })}
      />
      <Field label={texts.channel}>
        <Select
          value={filters.channelId ?? any}
          options={[
            { value: any, label: texts.anyChannel },
            ...channels.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(value) => narrow({ channelId: value === any ? undefined : value })}
        />
      </Field>
      <Field label={texts.language}>
        <Select<(typeof languages)[number] | typeof any>
          value={filters.language ?? any}
          options={[
            { value: any, label: texts.anyLanguage },
            ...languages.map((code) => ({ value: code, label: languageName(code) })),
          ]}
          onChange={(value) => narrow({ language: value === any ? undefined : value })}
        />
      </Field>
      <Field label={texts.intent}>
        <Select
          value={filters.intent ?? any}
          options={[
            { value: any, label: texts.anyIntent },
            ...intents
              .map(({ name }) => ({ value: name, label: intentName(name) }))
              .sort((one, other) => one.label.localeCompare(other.label)),
          ]}
          onChange={(value) => narrow({ intent: value === any ? undefined : value })}
        />
      </Field>
      <Field label={texts.mood}>
        <Select<(typeof moods)[number] | typeof any>
          value={filters.mood ?? any}
          options={[
            { value: any, label: texts.anyMood },
            ...moods.map((value) => ({ value, label: texts[value] })),
          ]}
          onChange={(value) => narrow({ mood: value === any ? undefined : value })}
        />
      </Field>
      <div className="flex flex-wrap justify-between gap-2">
        <Button
          size="small"
          variant="bare"
          disabled={!isNarrowed(filters)}
          onClick={() => narrow(notNarrowed)}
        >
          {texts.clearFilters}
        </Button>
        <Button size="small" icon={BookmarkPlus} onClick={onSave}>
          {texts.saveView}
        </Button>
      </div>
    </div>
  );
}
