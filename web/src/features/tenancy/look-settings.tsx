// Language and theme: seen at once, and kept for every device.
import type { Preferences } from '@parley/contract/tenancy';
import { useChangePreferences } from '../../lib/preferences.ts';
import { useScreen } from '../../lib/store.ts';
import { useTexts } from '../../lib/texts.ts';
import { Field } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { toastError } from '../../ui/toast.tsx';
import { settingsTexts } from './settings-texts.ts';

type LanguageChoice = NonNullable<Preferences['language']> | 'auto';

/** Each in its own words, for whoever does not read the present one. */
const languageNames = { en: 'English', es: 'Español', pt: 'Português' } as const;

export function LookSettings() {
  const texts = useTexts(settingsTexts);
  const language = useScreen((screen) => screen.language);
  const theme = useScreen((screen) => screen.theme);
  const { mutate } = useChangePreferences();
  const change = (preferences: Partial<Preferences>) => mutate(preferences, { onError: toastError });
  return (
    <div className="flex max-w-100 flex-col gap-4">
      <Field label={texts.language}>
        <Select<LanguageChoice>
          value={language ?? 'auto'}
          options={[
            { value: 'auto', label: texts.languageAuto },
            { value: 'en', label: languageNames.en },
            { value: 'es', label: languageNames.es },
            { value: 'pt', label: languageNames.pt },
          ]}
          onChange={(next) => change({ language: next === 'auto' ? null : next })}
        />
      </Field>
      <Field label={texts.theme}>
        <Select<Preferences['theme']>
          value={theme}
          options={[
            { value: 'system', label: texts.themeSystem },
            { value: 'light', label: texts.themeLight },
            { value: 'dark', label: texts.themeDark },
          ]}
          onChange={(next) => change({ theme: next })}
        />
      </Field>
    </div>
  );
}
