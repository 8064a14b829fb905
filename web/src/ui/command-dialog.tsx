// The frame of the command palette: a dialog whose head is the field that is typed in. Opens near the top, where a list may
// grow and shrink below it without a jump.
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode, RefObject } from 'react';
import { commandDialogLook } from './command-dialog-look.ts';

export interface CommandDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** For a screen reader. */
  title: string;
  /** What had the focus before it, and gets it back. */
  returnFocusTo: RefObject<Element | null>;
  children: ReactNode;
}

export function CommandDialog({ open, onOpenChange, title, returnFocusTo, children }: CommandDialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade-in bg-overlay data-[state=closed]:animate-fade-out" />
        <Radix.Content
          data-modal
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            const before = returnFocusTo.current;
            const isThere = before instanceof HTMLElement && before.isConnected;
            (isThere ? before : document.getElementById('main'))?.focus({ preventScroll: true });
          }}
          className={commandDialogLook}
        >
          <Radix.Title className="sr-only">{title}</Radix.Title>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
