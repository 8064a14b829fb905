// A question or a form that must be dealt with before anything else; keeps the focus, and gives it back.
import { type ReactNode, Suspense, useState } from 'react';
import { useTexts } from '../lib/texts.ts';
import { sharedTexts } from '../lib/texts-shared.ts';
import { Button } from './button.tsx';
import { DialogPanel, useEverOpen } from './floating.ts';
import { toastError } from './toast.tsx';

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons, the one to press last. */
  footer?: ReactNode;
  size?: 'small' | 'regular' | 'large';
}

export function Dialog(props: DialogProps) {
  if (!useEverOpen(props.open)) return null;
  return (
    <Suspense>
      <DialogPanel {...props} />
    </Suspense>
  );
}

export interface ConfirmDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** A question. */
  title: string;
  /** What will be lost, and what stays. */
  text: ReactNode;
  /** The verb of the question. */
  actionLabel: string;
  danger?: boolean;
  /** The dialog closes when it is done, and stays, with the reason told, when it fails. */
  onConfirm: () => unknown;
}

export function ConfirmDialog({
  open,
  onOpenChange,
  title,
  text,
  actionLabel,
  danger = false,
  onConfirm,
}: ConfirmDialogProps) {
  const texts = useTexts(sharedTexts);
  const [busy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    try {
      await onConfirm();
      onOpenChange(false);
    } catch (error) {
      toastError(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={title}
      description={text}
      size="small"
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>{texts.cancel}</Button>
          <Button variant={danger ? 'danger' : 'primary'} busy={busy} onClick={() => void confirm()}>
            {actionLabel}
          </Button>
        </>
      }
    />
  );
}
