// The floating half of a sheet; loaded when the first one is opened.
import { clsx } from 'clsx';
import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { useTexts } from '../lib/texts.ts';
import { sharedTexts } from '../lib/texts-shared.ts';
import { IconButton } from './icon-button.tsx';
import { useReturnFocus } from './return-focus.ts';
import type { SheetProps } from './sheet.tsx';

const sides = {
  right:
    'inset-y-0 right-0 w-88 max-w-full border-l animate-slide-in-right data-[state=closed]:animate-slide-out-right',
  left: 'inset-y-0 left-0 w-88 max-w-full border-r animate-fade-in data-[state=closed]:animate-fade-out',
  bottom:
    'inset-x-0 bottom-0 max-h-[85dvh] rounded-t-panel border-t animate-slide-in-bottom data-[state=closed]:animate-slide-out-bottom pad-safe-bottom',
} as const;

export function SheetPanel({
  open,
  onOpenChange,
  title,
  titleHidden = false,
  side = 'right',
  children,
  className,
}: SheetProps) {
  const texts = useTexts(sharedTexts);
  const returnFocus = useReturnFocus();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade-in bg-overlay data-[state=closed]:animate-fade-out" />
        <Radix.Content
          data-modal
          {...returnFocus}
          aria-describedby={undefined}
          className={clsx(
            'fixed z-50 flex flex-col border-line bg-surface shadow-float outline-none',
            sides[side],
            className,
          )}
        >
          <header className="flex h-12 shrink-0 items-center pr-12 pl-4">
            <Radix.Title className={titleHidden ? 'sr-only' : 'grow truncate font-semibold'}>
              {title}
            </Radix.Title>
          </header>
          <div className="min-h-0 grow overflow-y-auto">{children}</div>
          {/* Last, so that what the sheet is for has the focus, and not the way out. */}
          <Radix.Close asChild>
            <IconButton
              label={texts.close}
              icon={X}
              tooltipHidden
              className="absolute top-2 right-2 phone:top-0.5"
            />
          </Radix.Close>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
