// Sign-in by e-mail and password, against the sign-in library's own routes.
import { type FormEvent, useId, useState } from 'react';
import { ApiError, api, NetworkError } from '../lib/api.ts';
import { usePageTitle } from '../lib/page-title.ts';
import { useStart } from '../lib/start.ts';
import { useTexts } from '../lib/texts.ts';
import { sharedTexts } from '../lib/texts-shared.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Input } from '../ui/input.tsx';
import { Mark } from './mark.tsx';
import { appTexts } from './texts.ts';

export function SignInPage({ onSignedIn }: { onSignedIn: () => void }) {
  const texts = useTexts(appTexts);
  const shared = useTexts(sharedTexts);
  const start = useStart();
  const headingId = useId();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  usePageTitle(texts.signIn);

  const explain = (error: unknown): string => {
    if (error instanceof NetworkError) return shared.noNetwork;
    if (!(error instanceof ApiError)) return shared.somethingWrong;
    if (error.status === 401) return texts.wrongPassword;
    if (error.status === 403) return texts.wrongAddress;
    if (error.status === 429) return texts.tooManyTries;
    return error.message;
  };

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      await api.post('/api/auth/sign-in/email', {
        email: String(form.get('email')).trim(),
        password: String(form.get('password')),
      });
      onSignedIn();
    } catch (error) {
      setProblem(explain(error));
      setBusy(false);
    }
  };

  return (
    <main className="grid h-full place-items-center overflow-y-auto p-6">
      <form onSubmit={(event) => void submit(event)} aria-labelledby={headingId} className="w-full max-w-80">
        <Mark size={36} />
        <h1 id={headingId} className="mt-5 font-semibold text-heading">
          {texts.signInTitle}
        </h1>
        <p className="mt-1 mb-6 text-text-muted">{texts.signInText}</p>
        <Field label={texts.email} className="mb-4">
          <Input name="email" type="email" autoComplete="username" required autoFocus className="h-9" />
        </Field>
        <Field label={texts.password} error={problem} className="mb-5">
          <Input name="password" type="password" autoComplete="current-password" required className="h-9" />
        </Field>
        <Button type="submit" variant="primary" busy={busy} className="h-9 w-full">
          {texts.signIn}
        </Button>
        {start?.demo && <p className="mt-5 text-meta text-text-muted">{texts.demoHint}</p>}
      </form>
    </main>
  );
}
