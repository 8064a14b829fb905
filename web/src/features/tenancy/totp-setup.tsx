// Sets up an authenticator app: a QR code, the secret for typing, and a first code that shows that the app has it.
import type { BackupCodes, TotpSetup } from '@parley/contract/second-factor';
import { type FormEvent, useEffect, useId, useState } from 'react';
import { encode } from 'uqr';
import { ApiError, api } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { secondFactorTexts } from './second-factor-texts.ts';
import { SecretOnce } from './secret-once.tsx';

export interface TotpSetupDialogProps {
  onClose: () => void;
  /** @param codes to show this once; null where there were some already */
  onDone: (codes: string[] | null) => void;
}

export function TotpSetupDialog({ onClose, onDone }: TotpSetupDialogProps) {
  const texts = useTexts(secondFactorTexts);
  const shared = useTexts(sharedTexts);
  const formId = useId();
  const [setup, setSetup] = useState<TotpSetup | null>(null);
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: one secret for each time it is opened
  useEffect(() => {
    let isOpen = true;
    api.post<TotpSetup>('/api/v1/auth/totp-setup').then(
      (made) => isOpen && setSetup(made),
      (error: unknown) => {
        if (!isOpen) return;
        toastError(error);
        onClose();
      },
    );
    return () => {
      isOpen = false;
    };
  }, []);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      const { codes } = await api.put<BackupCodes>('/api/v1/auth/totp', { code: code.replaceAll(/\s/g, '') });
      toast({ text: texts.turnedOn, tone: 'success' });
      onDone(codes);
    } catch (error) {
      const isWrong = error instanceof ApiError && error.code === 'wrong_code';
      if (isWrong) setProblem(texts.wrongCode);
      else toastError(error);
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={texts.app}
      description={texts.scan}
      footer={
        <>
          <Button onClick={onClose}>{shared.cancel}</Button>
          <Button type="submit" form={formId} variant="primary" busy={busy} disabled={!setup}>
            {texts.turnOn}
          </Button>
        </>
      }
    >
      {setup ? (
        <form id={formId} onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
          <QrCode text={setup.uri} label={texts.qr} />
          <div>
            <p className="mb-1 text-meta text-text-muted">{texts.byHand}</p>
            <SecretOnce label={texts.byHand} secret={setup.secret} />
          </div>
          <Field label={texts.firstCode} error={problem}>
            <Input
              inputMode="numeric"
              autoComplete="one-time-code"
              required
              autoFocus
              value={code}
              onChange={(event) => setCode(event.target.value)}
              className="font-mono"
            />
          </Field>
        </form>
      ) : (
        <SkeletonRows rows={4} />
      )}
    </Dialog>
  );
}

/** Dark on light in both themes: scanners want it so. */
function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { border: 2 });
  const path = data
    .flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])))
    .join('');
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="size-48 self-center rounded-control"
    >
      <path d={`M0 0h${size}v${size}H0z`} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
