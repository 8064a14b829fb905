// The floating half of a dialog; loaded when the first one is opened.
import { clsx } from 'clsx';
import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { useTexts } from '../lib/texts.ts';
import { sharedTexts } from '../lib/texts-shared.ts';
import type { DialogProps } from './dialog.tsx';
import { IconButton } from './icon-button.tsx';
import { useReturnFocus } from './return-focus.ts';

const widths = { small: 'max-w-100', regular: 'max-w-130', large: 'max-w-190' } as const;

export function DialogPanel({
  open,
  onOpenChange,
  title,
  description,
  children,
  footer,
  size = 'regular',
}: DialogProps) {
  const texts = useTexts(sharedTexts);
  const returnFocus = useReturnFocus();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade-in bg-overlay data-[state=closed]:animate-fade-out" />
        <div className="pointer-events-none fixed inset-0 z-50 grid place-items-center p-4 phone:place-items-end phone:p-0">
          <Radix.Content
            data-modal
            {...returnFocus}
            {...(description ? {} : { 'aria-describedby': undefined })}
            className={clsx(
              'pointer-events-auto relative flex max-h-[min(44rem,calc(100dvh-2rem))] w-full animate-pop-in flex-col rounded-panel border border-line bg-surface-raised shadow-float outline-none data-[state=closed]:animate-fade-out phone:max-w-none phone:animate-slide-in-bottom phone:rounded-b-none phone:pad-safe-bottom',
              widths[size],
            )}
          >
            <header className="px-5 pt-4 pb-1">
              <Radix.Title className="pr-8 font-semibold text-title">{title}</Radix.Title>
              {description && (
                <Radix.Description className="mt-1 text-text-muted">{description}</Radix.Description>
              )}
            </header>
            <div className="min-h-0 grow overflow-y-auto px-5 py-3">{children}</div>
            {footer && <footer className="flex flex-wrap justify-end gap-2 px-5 pt-1 pb-4">{footer}</footer>}
            {/* Last, so that the first thing to do has the focus, and not the way out. */}
            <Radix.Close asChild>
              <IconButton
                label={texts.close}
                icon={X}
                size="small"
                tooltipHidden
                className="absolute top-3 right-3 phone:top-1 phone:right-1"
              />
            </Radix.Close>
          </Radix.Content>
        </div>
      </Radix.Portal>
    </Radix.Root>
  );
}
