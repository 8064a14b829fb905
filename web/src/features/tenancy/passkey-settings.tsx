// The member's passkeys: one more, another name, one less.
import type { Passkey } from '@parley/contract/second-factor';
import { type FormEvent, useId, useState } from 'react';
import { ApiError, api } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { ConfirmDialog, Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { Time } from '../../ui/time.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { canHavePasskeys, makePasskey, wasGivenUp } from './passkey.ts';
import { FactorRow } from './second-factor-row.tsx';
import { secondFactorTexts } from './second-factor-texts.ts';

interface PasskeySettingsProps {
  passkeys: readonly Passkey[];
  /** @param codes to show this once */
  onChanged: (codes: string[] | null) => void;
}

export function PasskeySettings({ passkeys, onChanged }: PasskeySettingsProps) {
  const texts = useTexts(secondFactorTexts);
  /** Null: a new one. */
  const [naming, setNaming] = useState<Passkey | null | undefined>(undefined);
  const [removing, setRemoving] = useState<Passkey | null>(null);
  const isPossible = canHavePasskeys();
  return (
    <FactorRow
      title={texts.passkeys}
      text={isPossible ? texts.passkeysText : texts.passkeysImpossible}
      actions={isPossible && <Button onClick={() => setNaming(null)}>{texts.addPasskey}</Button>}
    >
      {passkeys.length > 0 && (
        <ul aria-label={texts.passkeys} className="mt-2">
          {passkeys.map((passkey) => (
            <li key={passkey.id} className="flex flex-wrap items-center gap-3 py-1.5">
              <span className="min-w-0 grow">
                <span className="flex flex-wrap items-center gap-2">
                  {passkey.name} {passkey.isSynced && <Chip>{texts.synced}</Chip>}
                </span>
                <span className="text-meta text-text-muted">
                  {texts.added} <Time at={passkey.createdAt} show="distance" />
                  {passkey.lastUsedAt && (
                    <>
                      , {texts.used} <Time at={passkey.lastUsedAt} show="distance" />
                    </>
                  )}
                </span>
              </span>
              <Button size="small" onClick={() => setNaming(passkey)}>
                {texts.rename}
              </Button>
              <Button size="small" onClick={() => setRemoving(passkey)}>
                {texts.remove}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {naming !== undefined && (
        <NamePasskey
          passkey={naming}
          onClose={() => setNaming(undefined)}
          onDone={(codes) => {
            setNaming(undefined);
            onChanged(codes);
          }}
        />
      )}
      <ConfirmDialog
        open={removing !== null}
        onOpenChange={(open) => !open && setRemoving(null)}
        danger
        title={texts.removePasskeyTitle(removing?.name ?? '')}
        text={texts.removePasskeyText}
        actionLabel={texts.remove}
        onConfirm={async () => {
          await api.delete(`/api/v1/auth/passkeys/${encodeURIComponent(removing?.id ?? '')}`);
          onChanged(null);
        }}
      />
    </FactorRow>
  );
}

interface NamePasskeyProps {
  passkey: Passkey | null;
  onClose: () => void;
  onDone: (codes: string[] | null) => void;
}

function NamePasskey({ passkey, onClose, onDone }: NamePasskeyProps) {
  const texts = useTexts(secondFactorTexts);
  const shared = useTexts(sharedTexts);
  const formId = useId();
  const [name, setName] = useState(passkey?.name ?? '');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const save = async () => {
    if (passkey) {
      await api.put(`/api/v1/auth/passkeys/${encodeURIComponent(passkey.id)}`, { name });
      return onDone(null);
    }
    const { codes } = await makePasskey(name);
    toast({ text: texts.passkeyAdded, tone: 'success' });
    onDone(codes);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await save();
    } catch (error) {
      if (error instanceof ApiError) toastError(error);
      else if (!wasGivenUp(error)) setProblem(texts.passkeyFailed);
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={passkey ? texts.rename : texts.addPasskey}
      size="small"
      footer={
        <>
          <Button onClick={onClose}>{shared.cancel}</Button>
          <Button type="submit" form={formId} variant="primary" busy={busy} disabled={name.trim() === ''}>
            {passkey ? shared.save : texts.addPasskey}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={(event) => void submit(event)}>
        <Field label={texts.passkeyName} hint={texts.passkeyNameHint} error={problem}>
          <Input autoFocus maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
      </form>
    </Dialog>
  );
}
