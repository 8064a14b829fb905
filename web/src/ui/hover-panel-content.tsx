// The floating half of a hover panel; loaded when the first one is opened.
import { clsx } from 'clsx';
import { Popover as Radix } from 'radix-ui';
import { type PointerEvent, type ReactNode, type RefObject, useEffect, useRef } from 'react';
import type { Side } from './tooltip.tsx';

export interface HoverPanelContentProps {
  anchor: RefObject<HTMLElement | null>;
  open: boolean;
  /** Opened to be used: it has the focus. */
  isPressed: boolean;
  onOpenChange: (open: boolean) => void;
  onPointerEnter: (event: PointerEvent) => void;
  onPointerLeave: (event: PointerEvent) => void;
  label: string;
  children: ReactNode;
  align: 'start' | 'center' | 'end';
  side: Side;
  className?: string;
}

export function HoverPanelContent(props: HoverPanelContentProps) {
  const { anchor, open, isPressed, onOpenChange, label, children, align, side, className } = props;
  const content = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (open && isPressed) content.current?.focus({ preventScroll: true });
  }, [open, isPressed]);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Anchor virtualRef={anchor as RefObject<HTMLElement>} />
      <Radix.Portal>
        <Radix.Content
          ref={content}
          aria-label={label}
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          onPointerEnter={props.onPointerEnter}
          onPointerLeave={props.onPointerLeave}
          onOpenAutoFocus={(event) => event.preventDefault()}
          onInteractOutside={(event) => {
            // The button closes it by itself.
            if (event.target instanceof Node && anchor.current?.contains(event.target))
              event.preventDefault();
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (content.current?.contains(document.activeElement))
              anchor.current?.focus({ preventScroll: true });
          }}
          className={clsx(
            'z-50 max-h-(--radix-popover-content-available-height) max-w-[calc(100vw-1rem)] animate-fade-in overflow-y-auto rounded-panel border border-line bg-surface-raised p-3 text-meta shadow-float outline-none',
            className,
          )}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
