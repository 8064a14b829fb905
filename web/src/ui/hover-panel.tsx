// More about a sign: opens when it is pointed at or focused and takes no focus then; a press opens it to be read and used.
import { Slot } from 'radix-ui';
import {
  type PointerEvent,
  type ReactElement,
  type ReactNode,
  Suspense,
  useEffect,
  useRef,
  useState,
} from 'react';
import { lazyPart } from '../lib/lazy-part.tsx';
import { useEverOpen } from './floating.ts';
import type { Side } from './tooltip.tsx';

const HoverPanelContent = lazyPart(async () => (await import('./hover-panel-content.tsx')).HoverPanelContent);

export interface HoverPanelProps {
  /** One button. */
  trigger: ReactElement;
  /** What it is, for a screen reader. */
  label: string;
  /** Made only while it is open. */
  children: () => ReactNode;
  align?: 'start' | 'center' | 'end';
  side?: Side;
  className?: string;
}

const openAfterMs = 250;
const closeAfterMs = 160;

export function HoverPanel({ trigger, children, align = 'end', side = 'top', ...rest }: HoverPanelProps) {
  const [isOpen, setOpen] = useState(false);
  const [isPressed, setPressed] = useState(false);
  const anchor = useRef<HTMLElement>(null);
  const everOpen = useEverOpen(isOpen);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const change = (open: boolean) => {
    clearTimeout(timer.current);
    setOpen(open);
    if (!open) setPressed(false);
  };
  const later = (open: boolean) => {
    clearTimeout(timer.current);
    if (open || !isPressed) timer.current = setTimeout(() => change(open), open ? openAfterMs : closeAfterMs);
  };
  const hover = (open: boolean) => (event: PointerEvent) => {
    // A finger does not hover.
    if (event.pointerType === 'mouse') later(open);
  };
  return (
    <>
      <Slot.Root
        ref={anchor}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onPointerEnter={hover(true)}
        onPointerLeave={hover(false)}
        onFocus={(event) => {
          if (event.currentTarget.matches(':focus-visible')) later(true);
        }}
        onBlur={() => later(false)}
        onClick={() => {
          clearTimeout(timer.current);
          // What hovering opened, a press keeps; the next one closes it.
          setOpen(!isPressed);
          setPressed(!isPressed);
        }}
      >
        {trigger}
      </Slot.Root>
      {everOpen && (
        <Suspense>
          <HoverPanelContent
            anchor={anchor}
            open={isOpen}
            isPressed={isPressed}
            onOpenChange={change}
            onPointerEnter={hover(true)}
            onPointerLeave={hover(false)}
            align={align}
            side={side}
            {...rest}
          >
            {isOpen ? children() : null}
          </HoverPanelContent>
        </Suspense>
      )}
    </>
  );
}
