// Makes an API key, and shows it this once.
import type { CreatedApiKey } from '@parley/contract/tenancy';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { api, newIdempotencyKey } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { focusInvalid } from '../../ui/focus-invalid.ts';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { toastError } from '../../ui/toast.tsx';
import { peopleTexts } from './people-texts.ts';
import { PermissionPicker } from './permission-picker.tsx';
import { grantOf, type RoleChoice, useRoles } from './roles.ts';
import { SecretOnce } from './secret-once.tsx';

const dayMs = 86_400_000;
const lifetimes = ['30', '90', '365', 'never'] as const;
type Lifetime = (typeof lifetimes)[number];

export function MakeKey({ onClose }: { onClose: () => void }) {
  const texts = useTexts(peopleTexts);
  const shared = useTexts(sharedTexts);
  const { choices, permissionsOfChoice } = useRoles();
  const client = useQueryClient();
  const formId = useId();
  const [name, setName] = useState('');
  const [picked, setPicked] = useState<RoleChoice | 'chosen'>('agent');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [lifetime, setLifetime] = useState<Lifetime>('90');
  const [told, setTold] = useState(false);
  const offered = choices.filter(({ value }) => value !== 'owner');
  const choice = offered.some(({ value }) => value === picked) ? picked : 'chosen';
  const nameError = name.trim() === '' ? texts.keyNameMissing : null;
  const nothing = choice === 'chosen' && chosen.size === 0 ? texts.keyNothing : null;
  // What the role allows is where choosing begins.
  const choose = (next: RoleChoice | 'chosen') => {
    if (next === 'chosen' && choice !== 'chosen') setChosen(new Set(permissionsOfChoice(choice)));
    setPicked(next);
  };
  const make = useMutation({
    mutationFn: () =>
      api.post<CreatedApiKey>(
        '/api/v1/api-keys',
        {
          name,
          ...(choice === 'chosen' ? { permissions: [...chosen] } : grantOf(choice)),
          ...(lifetime === 'never'
            ? {}
            : { expiresAt: new Date(Date.now() + Number(lifetime) * dayMs).toISOString() }),
        },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: queryKeys.apiKeys }),
    onError: toastError,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTold(true);
    focusInvalid(event.currentTarget);
    if (!nameError && !nothing && !make.isPending) make.mutate();
  };
  const onOpenChange = (open: boolean) => {
    if (!open) onClose();
  };
  if (make.data) {
    return (
      <Dialog
        open
        onOpenChange={onOpenChange}
        title={texts.keyMade}
        description={texts.keyMadeText}
        footer={
          <Button variant="primary" onClick={onClose}>
            {texts.done}
          </Button>
        }
      >
        <SecretOnce label={texts.keyMade} secret={make.data.key} autoFocus />
      </Dialog>
    );
  }
  return (
    <Dialog
      open
      onOpenChange={onOpenChange}
      size={choice === 'chosen' ? 'large' : 'regular'}
      title={texts.makeKey}
      description={texts.makeKeyText}
      footer={
        <>
          <Button onClick={onClose}>{shared.cancel}</Button>
          <Button type="submit" form={formId} variant="primary" busy={make.isPending}>
            {texts.makeKey}
          </Button>
        </>
      }
    >
      <form id={formId} noValidate onSubmit={submit} className="flex flex-col gap-4">
        <Field label={texts.keyName} error={told ? nameError : null}>
          <Input value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label={texts.keyMay} hint={texts.keyMayHint} error={told ? nothing : null}>
          <Select
            value={choice}
            options={[...offered, { value: 'chosen' as const, label: texts.chosen }]}
            onChange={choose}
          />
        </Field>
        {choice === 'chosen' && <PermissionPicker label={texts.chosen} value={chosen} onChange={setChosen} />}
        <Field label={texts.expires}>
          <Select
            value={lifetime}
            options={lifetimes.map((value) => ({
              value,
              label: value === 'never' ? texts.never : texts.inDays(Number(value)),
            }))}
            onChange={setLifetime}
          />
        </Field>
      </form>
    </Dialog>
  );
}
