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
import { toastError } from '../../ui/toast.tsx';
import { canHavePasskeys, provePasskey, wasGivenUp } from './passkey.ts';
import { secondStepTexts } from './second-step-texts.ts';
import { signInAgain } from './sign-in-again.ts';
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

function StepUp({ ways, onSettled }: StepUpProps) {
  const texts = useTexts(stepUpTexts);
  const shared = useTexts(sharedTexts);
  const formId = useId();
  const usable = ways.filter((one) => one !== 'passkey' || canHavePasskeys());
  const [way, setWay] = useState(usable[0] ?? null);
  const [open, setOpen] = useState(true);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const settle = (proved: boolean) => {
    if (!open) return;
    setOpen(false);
    onSettled(proved);
  };
  const prove = async (proof: () => VerifySession | Promise<VerifySession>) => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await api.put('/api/v1/auth/verification', await proof());
      settle(true);
    } catch (error) {
      setProblem(wasGivenUp(error) ? null : explain(error));
      setBusy(false);
    }
  };
  const again = async () => {
    setBusy(true);
    try {
      await signInAgain();
      settle(false);
    } catch (error) {
      toastError(error);
      setBusy(false);
    }
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // A form inside of a React tree sends its events up through portals.
    event.stopPropagation();
    const given = String(new FormData(event.currentTarget).get('proof') ?? '');
    if (way === 'password') return void prove(() => ({ way, password: given }));
    if (way === 'passkey') return void prove(provePasskey);
    if (way) void prove(() => ({ way, code: given }));
  };
  const explain = (error: unknown): string => {
    if (!(error instanceof Error)) return shared.somethingWrong;
    if (!(error instanceof ApiError)) return way === 'passkey' ? texts.wrongPasskey : error.message;
    if (error.code === 'locked_out')
      return texts.lockedOut(Math.max(1, Math.ceil((error.retryAfterMs ?? 0) / 60_000)));
    if (error.code !== 'verification_failed') return error.message;
    if (way === 'password') return texts.wrongPassword;
    return way === 'passkey' ? texts.wrongPasskey : texts.wrongCode;
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => !next && settle(false)}
      title={texts.title}
      description={way ? texts.text : texts.signInAgain}
      size="small"
      footer={
        <>
          <Button onClick={() => settle(false)}>{shared.cancel}</Button>
          {way ? (
            <Button type="submit" form={formId} variant="primary" busy={busy}>
              {texts.confirm}
            </Button>
          ) : (
            <Button variant="primary" busy={busy} onClick={() => void again()}>
              {texts.signIn}
            </Button>
          )}
        </>
      }
    >
      {way && (
        <form id={formId} onSubmit={submit}>
          <Proof key={way} way={way} problem={problem} />
          <OtherWays
            ways={usable.filter((other) => other !== way)}
            onChoose={(next) => {
              setWay(next);
              setProblem(null);
            }}
          />
        </form>
      )}
    </Dialog>
  );
}

function Proof({ way, problem }: { way: VerificationWay; problem: string | null }) {
  const texts = useTexts(stepUpTexts);
  const words = useTexts(secondStepTexts);
  if (way === 'passkey') {
    return (
      <p role={problem ? 'alert' : undefined} className={problem ? 'text-danger-text' : 'text-text-muted'}>
        {problem ?? texts.passkeyText}
      </p>
    );
  }
  if (way === 'password') {
    return (
      <Field label={texts.password} error={problem}>
        <Input name="proof" type="password" autoComplete="current-password" required autoFocus />
      </Field>
    );
  }
  return (
    <Field label={way === 'totp' ? words.code : words.backupCode} error={problem}>
      <Input
        name="proof"
        inputMode={way === 'totp' ? 'numeric' : 'text'}
        autoComplete="one-time-code"
        required
        autoFocus
        className="font-mono"
      />
    </Field>
  );
}

function OtherWays({
  ways,
  onChoose,
}: {
  ways: readonly VerificationWay[];
  onChoose: (way: VerificationWay) => void;
}) {
  const words = useTexts(secondStepTexts);
  const labels: Readonly<Record<VerificationWay, string>> = {
    password: words.usePassword,
    totp: words.useTotp,
    passkey: words.usePasskey,
    backup_code: words.useBackup,
  };
  if (ways.length === 0) return null;
  return (
    <div className="mt-3 -ml-2.5 flex flex-col items-start gap-1">
      {ways.map((way) => (
        <Button key={way} variant="bare" size="small" onClick={() => onChoose(way)}>
          {labels[way]}
        </Button>
      ))}
    </div>
  );
}
