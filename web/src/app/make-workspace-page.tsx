// A workspace of one's own, for who may make one: a first, or another.
import type { CreatedWorkspace } from '@parley/contract/invitations';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useNavigate } from 'react-router';
import { joinTexts } from '../features/account/texts-join.ts';
import { countries } from '../features/tenancy/workspace-settings.tsx';
import { ApiError, api } from '../lib/api.ts';
import { setScreen } from '../lib/store.ts';
import { currentLanguage, useTexts } from '../lib/texts.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Input } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { Entrance } from './entrance.tsx';
import { useRefusal } from './refusal.ts';

/** Of who is a member of none; of others it is another one, and there is a way back. */
interface FirstWorkspaceProps {
  /** The way to their account. */
  account: ReactNode;
  onSignOut: () => void;
}

export function MakeWorkspacePage({ first }: { first?: FirstWorkspaceProps }) {
  const texts = useTexts(joinTexts);
  const navigate = useNavigate();
  const explain = useRefusal();
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
      : explain(make.error);
  };
  const zones = [...new Set([...Intl.supportedValuesOf('timeZone'), browserZone])];
  return (
    <Entrance
      title={texts.workspaceTitle}
      text={first ? texts.workspaceText : texts.anotherText}
      onSubmit={() => {
        if (!make.isPending) make.mutate();
      }}
    >
      <Field label={texts.workspaceName} error={problem()} className="mb-4">
        <Input
          required
          autoFocus
          className="h-9"
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field label={texts.country} className="mb-4">
        <Select
          value={country}
          options={[{ value: '', label: texts.noCountry }, ...countries(currentLanguage())]}
          onChange={setCountry}
        />
      </Field>
      <Field label={texts.timeZone} className="mb-5">
        <Select
          value={timeZone}
          options={zones.map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') }))}
          onChange={setTimeZone}
        />
      </Field>
      <Button type="submit" variant="primary" busy={make.isPending} className="h-9 w-full">
        {texts.makeWorkspace}
      </Button>
      <div className="mt-3 flex flex-wrap gap-2 *:h-9 *:grow">
        {first?.account}
        {first ? (
          <Button onClick={first.onSignOut}>{texts.signOut}</Button>
        ) : (
          <Button onClick={() => void navigate(-1)}>{texts.back}</Button>
        )}
      </div>
    </Entrance>
  );
}
