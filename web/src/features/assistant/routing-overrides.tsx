// What is otherwise for one kind of work: who is asked first, what is private, and who comes last.
import {
  type RoutedWork,
  type RoutingOverride,
  type RoutingSettings,
  routedWork,
} from '@parley/contract/routing';
import { useState } from 'react';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Field } from '../../ui/field.tsx';
import { Section } from '../../ui/page.tsx';
import { Select } from '../../ui/select.tsx';
import { Switch } from '../../ui/switch.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { ModelOrder } from './model-order.tsx';
import { useChangeRouting } from './routing-queries.ts';
import { routingTexts } from './texts-routing.ts';

export function Overrides({ settings }: { settings: RoutingSettings }) {
  const texts = useTexts(routingTexts);
  const [shown, setShown] = useState<RoutedWork>('run');
  const names = { run: texts.workRun, chat: texts.workChat, api: texts.workApi };
  return (
    <Section title={texts.overrides} description={texts.overridesText}>
      <Tabs<RoutedWork>
        label={texts.work}
        value={shown}
        onChange={setShown}
        tabs={routedWork.options.map((value) => ({
          value,
          label: names[value],
          content: <Override of={value} settings={settings} />,
        }))}
      />
    </Section>
  );
}

const nothing: RoutingOverride = { order: null, alwaysPrivate: false, lastResort: null };
const asWorkspace = 'as-workspace';
type LastResort = NonNullable<RoutingOverride['lastResort']> | typeof asWorkspace;

function Override({ of, settings }: { of: RoutedWork; settings: RoutingSettings }) {
  const texts = useTexts(routingTexts);
  const mayManage = useCan('assistant:manage');
  const change = useChangeRouting();
  const override = { ...nothing, ...settings.overrides[of] };
  const set = (part: Partial<RoutingOverride>) =>
    change({ overrides: { ...settings.overrides, [of]: { ...override, ...part } } });
  const hints = { run: texts.workRunText, chat: texts.workChatText, api: texts.workApiText };
  return (
    <div className="flex flex-col gap-5">
      <p className="max-w-measure text-text-muted">{hints[of]}</p>
      <Switch
        label={texts.privateHere}
        hint={settings.alwaysPrivate ? texts.privateAnyway : texts.privateHereHint}
        checked={settings.alwaysPrivate || override.alwaysPrivate}
        disabled={!mayManage || settings.alwaysPrivate}
        onChange={(alwaysPrivate) => set({ alwaysPrivate })}
      />
      {of !== 'api' && (
        <Field label={texts.lastResort} className="max-w-measure">
          <Select<LastResort>
            value={override.lastResort ?? asWorkspace}
            disabled={!mayManage}
            options={[
              { value: asWorkspace, label: texts.asElsewhere },
              { value: 'built_in', label: texts.lastBuiltIn },
              { value: 'person', label: texts.lastPerson },
            ]}
            onChange={(value) => set({ lastResort: value === asWorkspace ? null : value })}
          />
        </Field>
      )}
      <Switch
        label={texts.ownOrder}
        hint={texts.ownOrderHint}
        checked={override.order !== null}
        disabled={!mayManage}
        onChange={(on) => set({ order: on ? [] : null })}
      />
      {override.order !== null && (
        <ModelOrder text={texts.ownOrderText} order={override.order} onChange={(order) => set({ order })} />
      )}
    </div>
  );
}
