// Sign-in by e-mail and password, against the sign-in library's own routes.

import type { SecondStepAsked } from '@parley/contract/second-factor';
import { lazy, Suspense, useRef, useState } from 'react';
import { accountTexts } from '../features/account/account-texts.ts';
import { api } from '../lib/api.ts';
import { useStart } from '../lib/start.ts';
import { useTexts } from '../lib/texts.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Input } from '../ui/input.tsx';
import { Entrance, EntranceLink } from './entrance.tsx';
import { useRefusal } from './refusal.ts';
import { appTexts } from './texts.ts';

const SecondStep = lazy(async () => ({
  default: (await import('../features/tenancy/second-step.tsx')).SecondStep,
}));
const PasskeySignIn = lazy(async () => ({
  default: (await import('../features/tenancy/passkey-sign-in.tsx')).PasskeySignIn,
}));
const OtherWays = lazy(async () => ({ default: (await import('./other-ways.tsx')).OtherWays }));

export function SignInPage({ onSignedIn }: { onSignedIn: () => void }) {
  const texts = useTexts(appTexts);
  const account = useTexts(accountTexts);
  const start = useStart();
  const explain = useRefusal();
  const email = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [asked, setAsked] = useState<SecondStepAsked | null>(null);

  const submit = async (form: FormData) => {
    setBusy(true);
    setProblem(null);
    try {
      const answer = await api.post<Partial<SecondStepAsked>>('/api/auth/sign-in/email', {
        email: String(form.get('email')).trim(),
        password: String(form.get('password')),
      });
      if (!answer.secondFactor) return onSignedIn();
      setAsked({ secondFactor: true, ways: answer.ways ?? [] });
      setBusy(false);
    } catch (error) {
      setProblem(explain(error));
      setBusy(false);
    }
  };

  if (asked) {
    return (
      <Entrance title={texts.secondStep} pageTitle={texts.signIn} text="" onSubmit={() => undefined}>
        <Suspense>
          <SecondStep
            ways={asked.ways}
            onSignedIn={onSignedIn}
            onBack={() => setAsked(null)}
            explain={explain}
          />
        </Suspense>
      </Entrance>
    );
  }
  return (
    <Entrance
      title={texts.signInTitle}
      pageTitle={texts.signIn}
      text={texts.signInText}
      onSubmit={(form) => void submit(form)}
    >
      <Field label={texts.email} className="mb-4">
        <Input
          ref={email}
          name="email"
          type="email"
          autoComplete="username webauthn"
          required
          autoFocus
          className="h-9"
        />
      </Field>
      <Field label={texts.password} error={problem} className="mb-5">
        <Input name="password" type="password" autoComplete="current-password" required className="h-9" />
      </Field>
      <Button type="submit" variant="primary" busy={busy} className="h-9 w-full">
        {texts.signIn}
      </Button>
      <Suspense>
        <PasskeySignIn onSignedIn={onSignedIn} />
      </Suspense>
      <EntranceLink to="/forgot-password">{account.forgot}</EntranceLink>
      {start?.signUp && <EntranceLink to="/sign-up">{account.makeAccount}</EntranceLink>}
      {start?.signInWays?.length ? (
        <Suspense>
          <OtherWays ways={start.signInWays} email={() => email.current?.value ?? ''} onAsked={setAsked} />
        </Suspense>
      ) : null}
      {start?.demo && <p className="mt-5 text-meta text-text-muted">{texts.demoHint}</p>}
    </Entrance>
  );
}
