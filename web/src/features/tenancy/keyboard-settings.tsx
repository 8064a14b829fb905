// Whether Enter sends, and what every other key does.
import { useChangePreferences } from '../../lib/preferences.ts';
import { useShortcuts } from '../../lib/shortcuts.ts';
import { useScreen } from '../../lib/store.ts';
import { useTexts } from '../../lib/texts.ts';
import { Field } from '../../ui/field.tsx';
import { Section } from '../../ui/page.tsx';
import { Select } from '../../ui/select.tsx';
import { toastError } from '../../ui/toast.tsx';
import { useInboxShortcuts } from '../conversations/use-inbox-shortcuts.ts';
import { ShortcutScopes } from '../palette/shortcut-scopes.tsx';
import { settingsTexts } from './settings-texts.ts';

type EnterChoice = 'auto' | 'sends' | 'newLine';

export function KeyboardSettings() {
  const texts = useTexts(settingsTexts);
  const enterSends = useScreen((screen) => screen.enterSends);
  const { mutate } = useChangePreferences();
  // The inbox is not on the screen: its keys are told of by their list.
  const here = useShortcuts().filter(({ scope }) => scope === 'global');
  const inbox = useInboxShortcuts();
  const choose = (choice: EnterChoice) =>
    mutate({ enterSends: choice === 'auto' ? null : choice === 'sends' }, { onError: toastError });
  return (
    <>
      <Section title={texts.writing}>
        <Field label={texts.enter} hint={texts.enterHint} className="max-w-100">
          <Select<EnterChoice>
            value={enterSends === null ? 'auto' : enterSends ? 'sends' : 'newLine'}
            options={[
              { value: 'auto', label: texts.enterAuto },
              { value: 'sends', label: texts.enterSends },
              { value: 'newLine', label: texts.enterNewLine },
            ]}
            onChange={choose}
          />
        </Field>
      </Section>
      <Section title={texts.shortcuts} description={texts.shortcutsText}>
        <ShortcutScopes shortcuts={[...inbox, ...here]} />
      </Section>
    </>
  );
}
