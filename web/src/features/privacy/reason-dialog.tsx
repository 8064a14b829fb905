// Asks why, for what is written down with a reason.
import { useState } from 'react';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { toastError } from '../../ui/toast.tsx';
import { privacyTexts } from './texts.ts';

interface ReasonDialogProps {
  readonly title: string;
  readonly action: string;
  readonly onSay: (reason: string) => Promise<unknown>;
  readonly onClose: () => void;
}

export function ReasonDialog({ title, action, onSay, onClose }: ReasonDialogProps) {
  const texts = useTexts(privacyTexts);
  const { cancel } = useTexts(sharedTexts);
  const [reason, setReason] = useState('');
  const [isShort, setShort] = useState(false);
  const [busy, setBusy] = useState(false);
  const say = async () => {
    const tooShort = reason.trim().length < 3;
    setShort(tooShort);
    if (tooShort) return;
    setBusy(true);
    try {
      await onSay(reason.trim());
      onClose();
    } catch (error) {
      toastError(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      size="small"
      title={title}
      onOpenChange={(open) => !open && onClose()}
      footer={
        <>
          <Button onClick={onClose}>{cancel}</Button>
          <Button type="submit" form="say-why" variant="primary" busy={busy}>
            {action}
          </Button>
        </>
      }
    >
      <form
        id="say-why"
        onSubmit={(event) => {
          event.preventDefault();
          void say();
        }}
      >
        <Field label={texts.reason} error={isShort ? texts.reasonShort : null}>
          <Input value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />
        </Field>
      </form>
    </Dialog>
  );
}
