// A new password, by the sign-in library's own route; every other session ends with it.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, api } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { sessionsKey } from './sessions.tsx';
import { settingsTexts } from './settings-texts.ts';

interface Problem {
  readonly field: 'present' | 'next';
  readonly text: string;
}

export function PasswordForm() {
  const texts = useTexts(settingsTexts);
  const client = useQueryClient();
  const [present, setPresent] = useState('');
  const [next, setNext] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const problems: Readonly<Record<string, Problem>> = {
    INVALID_PASSWORD: { field: 'present', text: texts.wrongPassword },
    PASSWORD_TOO_SHORT: { field: 'next', text: texts.tooShort },
    PASSWORD_TOO_LONG: { field: 'next', text: texts.tooLong },
    PASSWORD_EASY: { field: 'next', text: texts.easy },
  };
  const change = useMutation({
    mutationFn: () =>
      api.post('/api/auth/change-password', {
        currentPassword: present,
        newPassword: next,
        revokeOtherSessions: true,
      }),
    onSuccess: async () => {
      setPresent('');
      setNext('');
      toast({ text: texts.passwordChanged, tone: 'success' });
      await client.invalidateQueries({ queryKey: sessionsKey });
    },
    onError: (error) => {
      const known = error instanceof ApiError ? problems[error.code] : undefined;
      if (known) setProblem(known);
      else toastError(error);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setProblem(null);
    if (!change.isPending) change.mutate();
  };
  const errorOf = (field: Problem['field']) => (problem?.field === field ? problem.text : null);
  return (
    <form onSubmit={submit} className="flex max-w-100 flex-col gap-4">
      <Field label={texts.present} error={errorOf('present')}>
        <Input
          type="password"
          autoComplete="current-password"
          required
          value={present}
          onChange={(event) => setPresent(event.target.value)}
        />
      </Field>
      <Field label={texts.next} hint={texts.nextHint} error={errorOf('next')}>
        <Input
          type="password"
          autoComplete="new-password"
          required
          value={next}
          onChange={(event) => setNext(event.target.value)}
        />
      </Field>
      <Button type="submit" className="self-start" busy={change.isPending} disabled={!present || !next}>
        {texts.changePassword}
      </Button>
    </form>
  );
}
