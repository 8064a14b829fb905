// Makes a role of the workspace's own, or changes one.
import type { WorkspaceRole, WriteRole } from '@parley/contract/roles';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useRef, useState } from 'react';
import { ApiError, api, newIdempotencyKey } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { focusInvalid } from '../../ui/focus-invalid.ts';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { peopleTexts } from './people-texts.ts';
import { PermissionPicker } from './permission-picker.tsx';
import { type RoleChoice, useRoles } from './roles.ts';

interface RoleEditorProps {
  /** Null: a new one. */
  role: WorkspaceRole | null;
  onClose: () => void;
}

export function RoleEditor({ role, onClose }: RoleEditorProps) {
  const texts = useTexts(peopleTexts);
  const shared = useTexts(sharedTexts);
  const { permissions: own } = useSession();
  const { choices, permissionsOfChoice } = useRoles();
  const client = useQueryClient();
  const formId = useId();
  const form = useRef<HTMLFormElement>(null);
  const [name, setName] = useState(role?.name ?? '');
  const [description, setDescription] = useState(role?.description ?? '');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(role?.permissions));
  const [base, setBase] = useState<RoleChoice | ''>('');
  const [told, setTold] = useState(false);
  const nameError = name.trim() === '' ? texts.roleNameMissing : null;
  const save = useMutation({
    mutationFn: () => {
      const body: WriteRole = { name: name.trim(), description, permissions: [...chosen] };
      return role
        ? api.put<WorkspaceRole>(`/api/v1/roles/${role.id}`, body)
        : api.post<WorkspaceRole>('/api/v1/roles', body, { idempotencyKey: newIdempotencyKey() });
    },
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: queryKeys.roles });
      await client.invalidateQueries({ queryKey: queryKeys.members });
      toast({ text: texts.roleSaved(saved.name), tone: 'success' });
      onClose();
    },
    onError: (error) => {
      if (!(error instanceof ApiError && error.code === 'role_exists')) toastError(error);
      else if (form.current) focusInvalid(form.current);
    },
  });
  const taken = save.error instanceof ApiError && save.error.code === 'role_exists' ? texts.roleTaken : null;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTold(true);
    focusInvalid(event.currentTarget);
    if (!nameError && !save.isPending) save.mutate();
  };
  const take = (choice: RoleChoice | '') => {
    setBase(choice);
    if (choice !== '') setChosen(new Set(permissionsOfChoice(choice).filter((each) => own.has(each))));
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      size="large"
      title={role ? texts.changeRoleTitle(role.name) : texts.makeRole}
      description={role && role.inUse.members > 0 ? texts.roleInUse(role.inUse.members) : texts.makeRoleText}
      footer={
        <>
          <Button onClick={onClose}>{shared.cancel}</Button>
          <Button type="submit" form={formId} variant="primary" busy={save.isPending}>
            {role ? texts.saveRole : texts.makeRole}
          </Button>
        </>
      }
    >
      <form ref={form} id={formId} noValidate onSubmit={submit} className="flex flex-col gap-4">
        <Field label={texts.name} error={told ? (nameError ?? taken) : null}>
          <Input maxLength={60} value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label={texts.roleDescription} optional>
          <Input
            maxLength={300}
            value={description}
            onChange={(event) => setDescription(event.target.value)}
          />
        </Field>
        {!role && (
          <Field label={texts.beginWith} hint={texts.beginWithHint}>
            <Select
              value={base}
              options={[
                { value: '' as const, label: texts.nothingYet },
                ...choices.filter(({ value }) => value !== 'owner'),
              ]}
              onChange={take}
            />
          </Field>
        )}
        <PermissionPicker label={texts.roleMeans} value={chosen} onChange={setChosen} />
      </form>
    </Dialog>
  );
}
