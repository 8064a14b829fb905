// A small panel beside the button that opened it.
import { Slot } from 'radix-ui';
import { type ReactElement, type ReactNode, Suspense, useRef, useState } from 'react';
import { PopoverPanel, useEverOpen } from './floating.ts';
import type { Side } from './tooltip.tsx';

export interface PopoverProps {
  /** One button of this folder, or a plain one. */
  trigger: ReactElement;
  /** What it is, for a screen reader. */
  label: string;
  children: ReactNode;
  /** Without it, the popover knows by itself. */
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  align?: 'start' | 'center' | 'end';
  side?: Side;
  className?: string;
}

export function Popover({
  trigger,
  open: given,
  onOpenChange,
  align = 'start',
  side = 'bottom',
  ...rest
}: PopoverProps) {
  const [own, setOwn] = useState(false);
  const open = given ?? own;
  const change = (next: boolean) => {
    setOwn(next);
    onOpenChange?.(next);
  };
  const anchor = useRef<HTMLElement>(null);
  const everOpen = useEverOpen(open);
  return (
    <>
      <Slot.Root ref={anchor} aria-haspopup="dialog" aria-expanded={open} onClick={() => change(!open)}>
        {trigger}
      </Slot.Root>
      {everOpen && (
        <Suspense>
          <PopoverPanel
            anchor={anchor}
            open={open}
            onOpenChange={change}
            align={align}
            side={side}
            {...rest}
          />
        </Suspense>
      )}
    </>
  );
}
