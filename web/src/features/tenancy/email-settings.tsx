// The member's own e-mail address: whether it is confirmed, and another one, by links that are mailed.
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, api } from '../../lib/api.ts';
import { useSession } from '../../lib/session.ts';
import { useStart } from '../../lib/start.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { emailTexts } from './email-texts.ts';
import { useOwnAccount } from './own-account.ts';

export function EmailSettings() {
  const texts = useTexts(emailTexts);
  const { user } = useSession();
  const start = useStart();
  const account = useOwnAccount().data;
  const confirm = useMutation({
    mutationFn: () => api.post('/api/auth/send-verification-email', { email: user.email }),
    onSuccess: () => toast({ text: texts.confirmAsked, tone: 'success' }),
    onError: toastError,
  });
  return (
    <div className="flex max-w-100 flex-col items-start gap-3">
      <p className="flex flex-wrap items-center gap-2">
        <span className="break-all font-medium">{account?.email ?? user.email}</span>
        {account && (
          <Chip tone={account.emailVerified ? 'success' : 'neutral'}>
            {account.emailVerified ? texts.confirmed : texts.unconfirmed}
          </Chip>
        )}
      </p>
      {start?.mail === 'none' && <p className="text-text-muted">{texts.noMail}</p>}
      {start && start.mail !== 'none' && (
        <>
          {account && !account.emailVerified && (
            <Button busy={confirm.isPending} onClick={() => confirm.mutate()}>
              {texts.confirm}
            </Button>
          )}
          <Disclosure label={texts.change}>
            <AnotherAddress />
          </Disclosure>
        </>
      )}
    </div>
  );
}

interface Problem {
  readonly field: 'address' | 'password';
  readonly text: string;
}

function AnotherAddress() {
  const texts = useTexts(emailTexts);
  const [address, setAddress] = useState('');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const problems: Readonly<Record<string, Problem>> = {
    INVALID_PASSWORD: { field: 'password', text: texts.wrongPassword },
    INVALID_EMAIL: { field: 'address', text: texts.noAddress },
    NO_MAIL: { field: 'address', text: texts.noMail },
  };
  const change = useMutation({
    mutationFn: () => api.post('/api/auth/change-email', { newEmail: address.trim(), password }),
    onSuccess: () => {
      toast({ text: texts.changeAsked(address.trim()), tone: 'success', durationMs: 15_000 });
      setAddress('');
      setPassword('');
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
    <form onSubmit={submit} className="flex w-full flex-col gap-4">
      <Field label={texts.newAddress} hint={texts.newAddressHint} error={errorOf('address')}>
        <Input
          type="email"
          autoComplete="email"
          required
          value={address}
          onChange={(event) => setAddress(event.target.value)}
        />
      </Field>
      <Field label={texts.password} error={errorOf('password')}>
        <Input
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
      <Button type="submit" className="self-start" busy={change.isPending} disabled={!address || !password}>
        {texts.change}
      </Button>
    </form>
  );
}
