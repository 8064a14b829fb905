// Whose messages ring in the browser, and whether this browser may.
import type { Preferences } from '@parley/contract/tenancy';
import { Bell } from 'lucide-react';
import { useState } from 'react';
import { useChangePreferences, usePreferences } from '../../lib/preferences.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { toastError } from '../../ui/toast.tsx';
import { settingsTexts } from './settings-texts.ts';

const supported = () => 'Notification' in window;

export function NotificationSettings() {
  const texts = useTexts(settingsTexts);
  const preferences = usePreferences();
  const { mutate } = useChangePreferences();
  const [permission, setPermission] = useState(() => (supported() ? Notification.permission : 'denied'));
  const allow = async () => setPermission(await Notification.requestPermission());
  return (
    <div className="flex max-w-100 flex-col gap-4">
      <Field label={texts.notify} hint={texts.notifyHint}>
        <Select<Preferences['notify']>
          value={preferences?.notify ?? 'mine'}
          disabled={!preferences}
          options={[
            { value: 'all', label: texts.notifyAll },
            { value: 'mine', label: texts.notifyMine },
            { value: 'none', label: texts.notifyNone },
          ]}
          onChange={(notify) => mutate({ notify }, { onError: toastError })}
        />
      </Field>
      {!supported() && <p className="text-meta text-text-muted">{texts.unsupported}</p>}
      {supported() && permission === 'default' && (
        <Button icon={Bell} className="self-start" onClick={() => void allow()}>
          {texts.allow}
        </Button>
      )}
      {supported() && permission !== 'default' && (
        <p className="text-meta text-text-muted">
          {permission === 'granted' ? texts.allowed : texts.blocked}
        </p>
      )}
    </div>
  );
}
