// What the workspace is called, and where its people are. Everybody sees it; who may, changes it.
import type { ChangeWorkspace, Workspace } from '@parley/contract/tenancy';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useCan } from '../../lib/session.ts';
import { currentLanguage, useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { useWorkspace } from '../../lib/workspace.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { Section } from '../../ui/page.tsx';
import { Select } from '../../ui/select.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { identityTexts } from './identity-texts.ts';
import { SecondFactorRule } from './second-factor-rule.tsx';
import { settingsTexts } from './settings-texts.ts';
import { SingleSignOn } from './single-sign-on.tsx';

export function WorkspaceSettings() {
  const texts = useTexts(settingsTexts);
  const identity = useTexts(identityTexts);
  const maySetSso = useCan('sso:manage');
  const workspace = useWorkspace();
  return (
    <>
      <Section title={texts.workspace}>
        {workspace.isPending && <SkeletonRows rows={3} />}
        {workspace.isError && (
          <ErrorState
            error={workspace.error}
            title={texts.workspaceUnreadable}
            onRetry={() => void workspace.refetch()}
          />
        )}
        {workspace.data && <WorkspaceForm kept={workspace.data} />}
      </Section>
      {workspace.data && <SecondFactorRule kept={workspace.data} />}
      {maySetSso && (
        <Section title={identity.sso} description={identity.ssoText}>
          <SingleSignOn />
        </Section>
      )}
    </>
  );
}

function WorkspaceForm({ kept }: { kept: Workspace }) {
  const texts = useTexts(settingsTexts);
  const shared = useTexts(sharedTexts);
  const mayChange = useCan('workspace:manage');
  const client = useQueryClient();
  const [draft, setDraft] = useState<ChangeWorkspace>({});
  const { name, defaultCountry, timeZone, codeCountries } = { ...kept, ...draft };
  const changed =
    name.trim() !== kept.name ||
    defaultCountry !== kept.defaultCountry ||
    timeZone !== kept.timeZone ||
    codeCountries.join() !== kept.codeCountries.join();
  const error = name.trim() === '' ? texts.nameMissing : null;
  const save = useMutation({
    mutationFn: () =>
      api.put<Workspace>('/api/v1/workspace', { name: name.trim(), defaultCountry, timeZone, codeCountries }),
    onSuccess: (saved) => {
      client.setQueryData(queryKeys.workspace, saved);
      setDraft({});
      void client.invalidateQueries({ queryKey: queryKeys.me });
      toast({ text: texts.workspaceSaved, tone: 'success' });
    },
    onError: toastError,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!error && changed) save.mutate();
  };
  const browserZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zones = [...new Set([...Intl.supportedValuesOf('timeZone'), browserZone, timeZone ?? browserZone])];
  return (
    <form onSubmit={submit} className="flex max-w-100 flex-col gap-4">
      <Field label={texts.workspaceName} hint={texts.workspaceNameHint} error={error}>
        <Input
          value={name}
          maxLength={100}
          readOnly={!mayChange}
          onChange={(event) => setDraft({ ...draft, name: event.target.value })}
        />
      </Field>
      <Field label={texts.country} hint={texts.countryHint}>
        <Select
          value={defaultCountry ?? ''}
          disabled={!mayChange}
          options={[{ value: '', label: texts.countryNone }, ...countries(currentLanguage())]}
          onChange={(next) => setDraft({ ...draft, defaultCountry: next || null })}
        />
      </Field>
      <Field label={texts.timeZone} hint={texts.timeZoneHint}>
        <Select
          value={timeZone ?? ''}
          disabled={!mayChange}
          options={[
            { value: '', label: texts.timeZoneOfServer(kept.installationTimeZone) },
            ...zones.map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') })),
          ]}
          onChange={(next) => setDraft({ ...draft, timeZone: next || null })}
        />
      </Field>
      <CodeCountries
        chosen={codeCountries}
        mayChange={mayChange}
        onChange={(next) => setDraft({ ...draft, codeCountries: next })}
      />
      {mayChange ? (
        <div className="flex flex-wrap gap-2">
          <Button type="submit" variant="primary" busy={save.isPending} disabled={error !== null || !changed}>
            {shared.save}
          </Button>
          {(timeZone ?? kept.installationTimeZone) !== browserZone && (
            <Button onClick={() => setDraft({ ...draft, timeZone: browserZone })}>
              {texts.timeZoneOfBrowser(browserZone.replaceAll('_', ' '))}
            </Button>
          )}
        </div>
      ) : (
        <p className="text-text-muted">{texts.workspaceReadOnly}</p>
      )}
    </form>
  );
}

interface CodeCountriesProps {
  chosen: string[];
  mayChange: boolean;
  onChange: (next: string[]) => void;
}

/** Where codes to members' phones may be sent besides the workspace's own countries: texts abroad are what fraud earns by. */
function CodeCountries({ chosen, mayChange, onChange }: CodeCountriesProps) {
  const texts = useTexts(settingsTexts);
  const shared = useTexts(sharedTexts);
  const all = countries(currentLanguage());
  const nameOf = (code: string) => all.find(({ value }) => value === code)?.label ?? code;
  if (!mayChange && chosen.length === 0) return null;
  return (
    <div className="flex flex-col gap-2">
      <Field label={texts.codeCountries} hint={texts.codeCountriesHint}>
        <Select
          value=""
          disabled={!mayChange}
          options={[
            { value: '', label: texts.codeCountriesAdd },
            ...all.filter(({ value }) => !chosen.includes(value)),
          ]}
          onChange={(next) => next && onChange([...chosen, next].sort())}
        />
      </Field>
      {chosen.length > 0 && (
        <div className="flex flex-wrap gap-1">
          {chosen.map((code) => (
            <Chip
              key={code}
              {...(mayChange && {
                onRemove: () => onChange(chosen.filter((one) => one !== code)),
                removeLabel: `${shared.remove}: ${nameOf(code)}`,
              })}
            >
              {nameOf(code)}
            </Chip>
          ))}
        </div>
      )}
    </div>
  );
}

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
/** What ICU has a name for, and is no country. */
const noCountries = new Set(['EU', 'EZ', 'QO', 'UN', 'XA', 'XB', 'ZZ']);

/** Those of ISO 3166 that there are today, by name. */
export function countries(language: string): { value: string; label: string }[] {
  const names = new Intl.DisplayNames(language, { type: 'region', fallback: 'none' });
  return letters
    .flatMap((first) => letters.map((second) => first + second))
    .filter((code) => !noCountries.has(code) && new Intl.Locale(`und-${code}`).region === code)
    .flatMap((value) => {
      const label = names.of(value);
      return label === undefined ? [] : [{ value, label }];
    })
    .sort((one, other) => one.label.localeCompare(other.label, language));
}
