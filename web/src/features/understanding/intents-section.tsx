// The intents of the workspace: which are used, their examples, and the model that learns them.
import type { Intent } from '@parley/contract/intents';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useFormat } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Section } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Switch } from '../../ui/switch.tsx';
import { SectionPage } from '../assistant/section-page.tsx';
import { sectionTexts } from '../assistant/texts-sections.ts';
import { ExamplesDialog } from './examples-dialog.tsx';
import { DriftNotice } from './intent-drift.tsx';
import { IntentForm } from './intent-form.tsx';
import { IntentModels } from './intent-models.tsx';
import { useIntentName } from './intent-name.ts';
import { useIntents, useSetIntent } from './intent-queries.ts';
import { intentTexts } from './texts-intents.ts';

export function IntentsSection() {
  const texts = useTexts(intentTexts);
  const sections = useTexts(sectionTexts);
  const mayManage = useCan('assistant:manage');
  const intents = useIntents();
  const intentName = useIntentName();
  const byName = intents.data?.toSorted(
    (one, other) =>
      (one.origin === other.origin ? 0 : one.origin === 'workspace' ? -1 : 1) ||
      intentName(one.name).localeCompare(intentName(other.name)),
  );
  const [isAdding, setAdding] = useState(false);
  const [opened, setOpened] = useState<string | null>(null);
  return (
    <SectionPage
      title={sections.intents}
      description={texts.text}
      actions={
        mayManage && (
          <Button icon={Plus} onClick={() => setAdding(true)}>
            {texts.add}
          </Button>
        )
      }
    >
      <DriftNotice />
      {/* Below the notice too, the first section has no hairline above it. */}
      <div>
        <IntentModels />
        <Section title={texts.list}>
          {intents.isPending && <SkeletonRows rows={6} />}
          {intents.isError && !intents.data && (
            <ErrorState
              error={intents.error}
              title={texts.unreadable}
              onRetry={() => void intents.refetch()}
            />
          )}
          {byName && (
            <ul aria-label={texts.list}>
              {byName.map((intent) => (
                <IntentRow key={intent.name} intent={intent} onOpen={() => setOpened(intent.name)} />
              ))}
            </ul>
          )}
        </Section>
      </div>
      {isAdding && (
        <IntentForm
          names={(intents.data ?? []).map(({ name }) => name)}
          onClose={() => setAdding(false)}
          onMade={(name) => {
            setAdding(false);
            setOpened(name);
          }}
        />
      )}
      {opened && <ExamplesDialog name={opened} onClose={() => setOpened(null)} />}
    </SectionPage>
  );
}

function IntentRow({ intent, onOpen }: { intent: Intent; onOpen: () => void }) {
  const texts = useTexts(intentTexts);
  const format = useFormat();
  const mayManage = useCan('assistant:manage');
  const set = useSetIntent();
  const intentName = useIntentName();
  const { name, origin, enabled, examples, corrections } = intent;
  return (
    <li className="flex min-h-12 items-center gap-4 border-line border-b py-2.5 last:border-0">
      <div className="min-w-0 grow">
        <p className="flex flex-wrap items-center gap-2">
          <button
            type="button"
            onClick={onOpen}
            className="relative truncate rounded-small font-medium underline-offset-2 after:absolute after:-inset-2.5 hover:underline"
          >
            {intentName(name)}
          </button>
          <Chip tone={origin === 'workspace' ? 'accent' : 'neutral'}>
            {origin === 'workspace' ? texts.own : texts.starter}
          </Chip>
        </p>
        {examples + corrections > 0 && (
          <p data-figures className="text-meta text-text-muted">
            {texts.counts(format.number(examples), format.number(corrections))}
          </p>
        )}
      </div>
      <Switch
        label={<span className="sr-only">{texts.use(intentName(name))}</span>}
        checked={enabled}
        disabled={!mayManage}
        onChange={(value) => set.mutate({ name, enabled: value })}
      />
    </li>
  );
}
