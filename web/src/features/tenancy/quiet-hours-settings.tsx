// When nothing rings for the member, and where their clock stands. Kept at once, like what stands around it.
import type { QuietHours, Weekday } from '@parley/contract/quiet-hours';
import { useFormat } from '../../lib/format.ts';
import { useChangePreferences, usePreferences } from '../../lib/preferences.ts';
import { useLanguage, useTexts } from '../../lib/texts.ts';
import { useWorkspace } from '../../lib/workspace.ts';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { Switch } from '../../ui/switch.tsx';
import { toastError } from '../../ui/toast.tsx';
import { quietHoursTexts } from './quiet-hours-texts.ts';

const everyDay: Weekday[] = [1, 2, 3, 4, 5, 6, 7];
const night: QuietHours = { from: '22:00', to: '07:00', days: everyDay };
const browserZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** "Madrid" of "Europe/Madrid". */
const placeOf = (zone: string) => (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');

export function QuietHoursSettings() {
  const texts = useTexts(quietHoursTexts);
  const preferences = usePreferences();
  const workspace = useWorkspace().data;
  const { mutate } = useChangePreferences();
  if (!preferences) return null;
  const { quietHours: quiet, timeZone } = preferences;
  const usual = workspace?.timeZone ?? workspace?.installationTimeZone ?? browserZone;
  const keep = (change: Parameters<typeof mutate>[0]) => mutate(change, { onError: toastError });
  const zones = [...new Set([...Intl.supportedValuesOf('timeZone'), browserZone, timeZone ?? browserZone])];
  return (
    <div className="mt-6 flex max-w-100 flex-col gap-4">
      <Switch
        label={texts.quiet}
        hint={texts.quietHint}
        checked={quiet !== null}
        onChange={(on) => keep({ quietHours: on ? night : null })}
      />
      {quiet && (
        <>
          <Sentence quiet={quiet} place={placeOf(timeZone ?? usual)} />
          <Hours quiet={quiet} onChange={(quietHours) => keep({ quietHours })} />
          <Field label={texts.timeZone}>
            <Select
              value={timeZone ?? ''}
              options={[
                { value: '', label: texts.ofWorkspace(usual.replaceAll('_', ' ')) },
                ...zones.map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') })),
              ]}
              onChange={(next) => keep({ timeZone: next || null })}
            />
          </Field>
        </>
      )}
    </div>
  );
}

interface HoursProps {
  quiet: QuietHours;
  onChange: (quiet: QuietHours) => void;
}

function Hours({ quiet, onChange }: HoursProps) {
  const texts = useTexts(quietHoursTexts);
  const nameOf = useDayNames('long');
  const time = (part: 'from' | 'to') => (
    <Field label={texts[part]} className="grow">
      <Input
        type="time"
        required
        value={quiet[part]}
        // Empty while it is being typed.
        onChange={({ target }) => target.value && onChange({ ...quiet, [part]: target.value.slice(0, 5) })}
      />
    </Field>
  );
  const toggle = (day: Weekday, on: boolean) => {
    const days = everyDay.filter((one) => (one === day ? on : quiet.days.includes(one)));
    if (days.length > 0) onChange({ ...quiet, days });
  };
  return (
    <>
      <div className="flex gap-4">
        {time('from')}
        {time('to')}
      </div>
      <fieldset>
        <legend className="mb-1 font-medium text-body">{texts.days}</legend>
        <div className="grid grid-flow-col grid-cols-2 grid-rows-4 gap-x-4 gap-y-2 phone:gap-y-4">
          {everyDay.map((day) => (
            <Checkbox
              key={day}
              label={nameOf(day)}
              checked={quiet.days.includes(day)}
              disabled={quiet.days.length === 1 && quiet.days.includes(day)}
              onChange={(on) => toggle(day, on)}
            />
          ))}
        </div>
      </fieldset>
    </>
  );
}

function Sentence({ quiet, place }: { quiet: QuietHours; place: string }) {
  const texts = useTexts(quietHoursTexts);
  const format = useFormat();
  const nameOf = useDayNames('short');
  const [from, to] = [quiet.from, quiet.to].map((time) => format.time(`2026-01-05T${time}`)) as [
    string,
    string,
  ];
  const days = format.list(quiet.days.map(nameOf));
  return (
    <p role="status">
      {quiet.days.length === everyDay.length
        ? texts.every(from, to, place)
        : texts.some(from, to, days, place)}
      {quiet.from >= quiet.to && ` ${texts.nextDay}`}
    </p>
  );
}

function useDayNames(weekday: 'long' | 'short'): (day: Weekday) => string {
  const format = new Intl.DateTimeFormat(useLanguage(), { weekday, timeZone: 'UTC' });
  // The 5th of January 2026 is a Monday.
  return (day) => format.format(Date.UTC(2026, 0, 4 + day));
}
