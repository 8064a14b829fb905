// The floating half of a popover; loaded when the first one is opened.
import { clsx } from 'clsx';
import { Popover as Radix } from 'radix-ui';
import { type ReactNode, type RefObject, useRef } from 'react';
import type { Side } from './tooltip.tsx';

export interface PopoverPanelProps {
  anchor: RefObject<HTMLElement | null>;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  label: string;
  children: ReactNode;
  align: 'start' | 'center' | 'end';
  side: Side;
  className?: string;
}

export function PopoverPanel({
  anchor,
  open,
  onOpenChange,
  label,
  children,
  align,
  side,
  className,
}: PopoverPanelProps) {
  const leftByPointer = useRef(false);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Anchor virtualRef={anchor as RefObject<HTMLElement>} />
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          onClick={(event) => event.stopPropagation()}
          onInteractOutside={(event) => {
            // The button closes it by itself.
            if (event.target instanceof Node && anchor.current?.contains(event.target))
              event.preventDefault();
            else leftByPointer.current = true;
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (!leftByPointer.current) anchor.current?.focus({ preventScroll: true });
            leftByPointer.current = false;
          }}
          className={clsx(
            'z-50 max-w-[calc(100vw-1rem)] origin-(--radix-popover-content-transform-origin) animate-pop-in rounded-panel border border-line bg-surface-raised p-3 shadow-float outline-none',
            className,
          )}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
