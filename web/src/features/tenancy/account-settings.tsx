// The member's own name, where it is theirs to change, and the way out.
import type { Me } from '@parley/contract/tenancy';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { LogOut } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { settingsTexts } from './settings-texts.ts';

export function AccountSettings() {
  const texts = useTexts(settingsTexts);
  const shared = useTexts(sharedTexts);
  const { me, user, signOut } = useSession();
  const client = useQueryClient();
  const [name, setName] = useState(user.name);
  const error = name.trim() === '' ? texts.nameMissing : null;
  const save = useMutation({
    mutationFn: () => api.put<Me>('/api/v1/auth/me', { name: name.trim() }),
    onSuccess: (me) => {
      client.setQueryData(queryKeys.me, me);
      toast({ text: texts.nameSaved, tone: 'success' });
    },
    onError: toastError,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!error && name.trim() !== user.name) save.mutate();
  };
  const leave = (
    <Button icon={LogOut} onClick={() => void signOut().catch(toastError)}>
      {texts.signOut}
    </Button>
  );
  if (me.byCompany) return leave;
  return (
    <form onSubmit={submit} className="flex max-w-100 flex-col gap-4">
      <Field label={texts.name} hint={texts.nameHint} error={error}>
        <Input autoComplete="name" value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <div className="flex flex-wrap gap-2">
        <Button
          type="submit"
          variant="primary"
          busy={save.isPending}
          disabled={error !== null || name.trim() === user.name}
        >
          {shared.save}
        </Button>
        {leave}
      </div>
    </form>
  );
}
