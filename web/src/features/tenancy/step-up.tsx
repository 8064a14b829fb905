// Asks the member to prove that it is them, over whatever is on the screen, when the server says that it must be proved. It
// has a root of its own, so that no page carries it before it is needed.
import type { VerificationWay, VerifySession } from '@parley/contract/second-factor';
import { type FormEvent, StrictMode, useId, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError, api } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { UiProvider } from '../../ui/provider.tsx';
import { stepUpTexts } from './step-up-texts.ts';

/** As long as a dialog takes to close. */
const closingMs = 400;

/** @returns whether the member proved it */
export function askToStepUp(refusal: ApiError): Promise<boolean> {
  const ways = refusal.details.map(({ path }) => path as VerificationWay);
  const place = document.createElement('div');
  document.body.append(place);
  const root = createRoot(place);
  return new Promise((resolve) => {
    const settle = (proved: boolean) => {
      resolve(proved);
      setTimeout(() => {
        root.unmount();
        place.remove();
      }, closingMs);
    };
    root.render(
      <StrictMode>
        <UiProvider>
          <StepUp ways={ways} onSettled={settle} />
        </UiProvider>
      </StrictMode>,
    );
  });
}

interface StepUpProps {
  ways: readonly VerificationWay[];
  /** Called once. */
  onSettled: (proved: boolean) => void;
}

export function StepUp({ ways, onSettled }: StepUpProps) {
  const texts = useTexts(stepUpTexts);
  const shared = useTexts(sharedTexts);
  const formId = useId();
  const [open, setOpen] = useState(true);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const settle = (proved: boolean) => {
    if (!open) return;
    setOpen(false);
    onSettled(proved);
  };
  const prove = async (proof: VerifySession) => {
    setBusy(true);
    setProblem(null);
    try {
      await api.put('/api/v1/auth/verification', proof);
      settle(true);
    } catch (error) {
      setProblem(explain(error, texts, shared.somethingWrong));
      setBusy(false);
    }
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // A form inside of a React tree sends its events up through portals.
    event.stopPropagation();
    const form = new FormData(event.currentTarget);
    if (!busy) void prove({ way: 'password', password: String(form.get('password')) });
  };
  const canProve = ways.length > 0;
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => !next && settle(false)}
      title={texts.title}
      description={canProve ? texts.text : texts.signInAgain}
      size="small"
      footer={
        <>
          <Button onClick={() => settle(false)}>{shared.cancel}</Button>
          {canProve && (
            <Button type="submit" form={formId} variant="primary" busy={busy}>
              {texts.confirm}
            </Button>
          )}
        </>
      }
    >
      {canProve && (
        <form id={formId} onSubmit={submit}>
          <Field label={texts.password} error={problem}>
            <Input name="password" type="password" autoComplete="current-password" required autoFocus />
          </Field>
        </form>
      )}
    </Dialog>
  );
}

type Words = ReturnType<typeof useTexts<(typeof stepUpTexts)['en']>>;

function explain(error: unknown, texts: Words, other: string): string {
  if (!(error instanceof Error)) return other;
  if (!(error instanceof ApiError)) return error.message;
  if (error.code === 'verification_failed') return texts.wrongPassword;
  if (error.code === 'locked_out')
    return texts.lockedOut(Math.max(1, Math.ceil((error.retryAfterMs ?? 0) / 60_000)));
  return error.message;
}
