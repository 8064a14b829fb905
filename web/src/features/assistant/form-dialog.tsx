// The frame of the assistant's forms: what was refused is said in it, and what was written stays.
import { CircleAlert } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { NetworkError } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';

export interface FormDialogProps {
  title: string;
  actionLabel: string;
  busy: boolean;
  error: Error | null;
  onSubmit: () => void;
  onClose: () => void;
  size?: 'regular' | 'large';
  children: ReactNode;
}

export function FormDialog({
  title,
  actionLabel,
  busy,
  error,
  onSubmit,
  onClose,
  size,
  children,
}: FormDialogProps) {
  const shared = useTexts(sharedTexts);
  const formId = useId();
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      size={size}
      title={title}
      footer={
        <>
          <Button onClick={onClose}>{shared.cancel}</Button>
          <Button type="submit" form={formId} variant="primary" busy={busy}>
            {actionLabel}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) onSubmit();
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          event.currentTarget.requestSubmit();
        }}
      >
        {children}
        <p role="alert" className="empty:hidden flex gap-1.5 text-danger-text text-meta">
          {error && (
            <>
              <CircleAlert size={16} aria-hidden="true" className="mt-px shrink-0" />
              {error instanceof NetworkError ? shared.noNetwork : error.message}
            </>
          )}
        </p>
      </form>
    </Dialog>
  );
}

/** To the first field that is wrong, once it is marked. */
export function focusWrong(): void {
  requestAnimationFrame(() =>
    document.querySelector<HTMLElement>('[role=dialog] [aria-invalid=true]')?.focus(),
  );
}
