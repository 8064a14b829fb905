// A workspace of one's own, for who is a member of none and may make one.
import type { CreatedWorkspace } from '@parley/contract/invitations';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, api } from '../../lib/api.ts';
import { setScreen } from '../../lib/store.ts';
import { currentLanguage, useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { joinTexts } from '../account/texts-join.ts';
import { countries } from './workspace-settings.tsx';

export function MakeWorkspace({ onSignOut, signOutLabel }: { onSignOut: () => void; signOutLabel: string }) {
  const texts = useTexts(joinTexts);
  const browserZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [name, setName] = useState('');
  const [country, setCountry] = useState('');
  const [timeZone, setTimeZone] = useState(browserZone);
  const make = useMutation({
    mutationFn: () =>
      api.post<CreatedWorkspace>('/api/v1/workspaces', {
        name: name.trim(),
        defaultCountry: country || null,
        timeZone,
      }),
    onSuccess: ({ id }) => {
      setScreen({ workspaceId: id });
      location.assign('/inbox');
    },
  });
  const problem = () => {
    if (!make.error) return null;
    return make.error instanceof ApiError && make.error.code === 'email_unconfirmed'
      ? texts.confirmFirst
      : make.error.message;
  };
  const zones = [...new Set([...Intl.supportedValuesOf('timeZone'), browserZone])];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!make.isPending) make.mutate();
      }}
      className="flex w-full max-w-80 flex-col gap-4 p-6"
    >
      <div>
        <h1 className="font-semibold text-heading">{texts.workspaceTitle}</h1>
        <p className="mt-1 text-text-muted">{texts.workspaceText}</p>
      </div>
      <Field label={texts.workspaceName} error={problem()}>
        <Input
          required
          autoFocus
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field label={texts.country}>
        <Select
          value={country}
          options={[{ value: '', label: texts.noCountry }, ...countries(currentLanguage())]}
          onChange={setCountry}
        />
      </Field>
      <Field label={texts.timeZone}>
        <Select
          value={timeZone}
          options={zones.map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') }))}
          onChange={setTimeZone}
        />
      </Field>
      <Button type="submit" variant="primary" busy={make.isPending}>
        {texts.makeWorkspace}
      </Button>
      <Button onClick={onSignOut}>{signOutLabel}</Button>
    </form>
  );
}
