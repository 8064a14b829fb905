// Makes somebody a member, and shows the first password of whoever is new, this once.
import type { CreatedMember, CreateMember } from '@parley/contract/tenancy';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { api, newIdempotencyKey } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { toastError } from '../../ui/toast.tsx';
import { peopleTexts } from './people-texts.ts';
import { useRoles } from './roles.ts';
import { SecretOnce } from './secret-once.tsx';

const emailPattern = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export function AddMember({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const texts = useTexts(peopleTexts);
  const [added, setAdded] = useState<CreatedMember | null>(null);
  const close = (next: boolean) => {
    onOpenChange(next);
    if (!next) setAdded(null);
  };
  if (added) {
    return (
      <Dialog
        open={open}
        onOpenChange={close}
        title={added.password ? texts.firstPassword(added.name) : texts.added(added.name)}
        description={added.password ? texts.firstPasswordText : texts.hasAccount}
        footer={
          <Button variant="primary" onClick={() => close(false)}>
            {texts.done}
          </Button>
        }
      >
        {added.password && <SecretOnce label={texts.firstPassword(added.name)} secret={added.password} />}
      </Dialog>
    );
  }
  return <MemberForm open={open} onOpenChange={close} onAdded={setAdded} />;
}

interface MemberFormProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onAdded: (member: CreatedMember) => void;
}

function MemberForm({ open, onOpenChange, onAdded }: MemberFormProps) {
  const texts = useTexts(peopleTexts);
  const shared = useTexts(sharedTexts);
  const { words, choices } = useRoles();
  const client = useQueryClient();
  const formId = useId();
  const [input, setInput] = useState<CreateMember>({ email: '', name: '', role: 'agent' });
  const [told, setTold] = useState(false);
  const [wish] = useState(newIdempotencyKey);
  const emailError = emailPattern.test(input.email.trim()) ? null : texts.emailWrong;
  const nameError = input.name.trim() === '' ? texts.nameMissing : null;
  const add = useMutation({
    mutationFn: () =>
      api.post<CreatedMember>('/api/v1/members', input, { idempotencyKey: `${wish}${input.email}` }),
    onSuccess: async (member) => {
      onAdded(member);
      await client.invalidateQueries({ queryKey: queryKeys.members });
    },
    onError: toastError,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTold(true);
    if (!emailError && !nameError && !add.isPending) add.mutate();
  };
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={texts.addMember}
      description={texts.addMemberText}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>{shared.cancel}</Button>
          <Button type="submit" form={formId} variant="primary" busy={add.isPending}>
            {texts.addMember}
          </Button>
        </>
      }
    >
      <form id={formId} noValidate onSubmit={submit} className="flex flex-col gap-4">
        <Field label={texts.email} error={told ? emailError : null}>
          <Input
            type="email"
            autoComplete="off"
            value={input.email}
            onChange={(event) => setInput({ ...input, email: event.target.value })}
          />
        </Field>
        <Field label={texts.name} error={told ? nameError : null}>
          <Input
            autoComplete="off"
            value={input.name}
            onChange={(event) => setInput({ ...input, name: event.target.value })}
          />
        </Field>
        <Field label={texts.role} hint={words[input.role].may}>
          <Select
            value={input.role}
            options={choices.flatMap(({ value, label }) =>
              value === 'owner' || value.startsWith('own:')
                ? []
                : [{ value: value as CreateMember['role'], label }],
            )}
            onChange={(role) => setInput({ ...input, role })}
          />
        </Field>
      </form>
    </Dialog>
  );
}
