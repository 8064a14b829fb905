// A name or an exact value beside what is pointed at or focused; never the only place where something is said.
// One tip for the whole app instead of a primitive around every row: thousands of rows may have one.
import { Slot } from 'radix-ui';
import { type PointerEvent, type ReactElement, type ReactNode, useEffect, useRef } from 'react';
import { create } from 'zustand';

export type Side = 'top' | 'right' | 'bottom' | 'left';

export interface TooltipProps {
  text: ReactNode;
  /** A shortcut, shown as keycaps. */
  keys?: string;
  side?: Side;
  /** One element that can be focused or pointed at. */
  children: ReactElement;
}

interface Tip {
  readonly anchor: Element;
  readonly text: ReactNode;
  readonly keys: string | undefined;
  readonly side: Side;
}

export const useTip = create<{ tip: Tip | null }>(() => ({ tip: null }));

const openDelayMs = 400;
/** Whoever has just read one reads the next at once. */
const stillReadingMs = 300;
/** Long enough to reach the tip itself with the pointer. */
const closeDelayMs = 120;

let timer: ReturnType<typeof setTimeout> | undefined;
let closedAtMs = 0;

function show(tip: Tip | null, delayMs: number): void {
  clearTimeout(timer);
  const apply = () => {
    if (!tip && useTip.getState().tip) closedAtMs = Date.now();
    useTip.setState({ tip });
  };
  if (delayMs === 0) apply();
  else timer = setTimeout(apply, delayMs);
}

export const hideTip = (delayMs = 0): void => {
  if (useTip.getState().tip || delayMs === 0) show(null, delayMs);
  else clearTimeout(timer);
};

/** The pointer is on the tip: it stays. */
export const keepTip = (): void => clearTimeout(timer);

export function Tooltip({ text, keys, side = 'top', children }: TooltipProps) {
  const own = useRef<Element | null>(null);
  useEffect(
    () => () => {
      if (own.current && useTip.getState().tip?.anchor === own.current) hideTip();
    },
    [],
  );
  const open = (anchor: Element, delayMs: number) => {
    own.current = anchor;
    show({ anchor, text, keys, side }, delayMs);
  };
  return (
    <Slot.Root
      onPointerEnter={(event: PointerEvent<HTMLElement>) => {
        // A finger does not hover.
        if (event.pointerType === 'touch') return;
        const reading = useTip.getState().tip !== null || Date.now() - closedAtMs < stillReadingMs;
        open(event.currentTarget, reading ? 0 : openDelayMs);
      }}
      onPointerLeave={() => hideTip(closeDelayMs)}
      onPointerDown={() => hideTip()}
      onFocus={(event) => {
        if (event.currentTarget.matches(':focus-visible')) open(event.currentTarget, 0);
      }}
      onBlur={() => hideTip()}
    >
      {children}
    </Slot.Root>
  );
}
