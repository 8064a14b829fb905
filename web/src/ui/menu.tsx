// What can be done with a thing, behind one button.
import type { LucideIcon } from 'lucide-react';
import { Slot } from 'radix-ui';
import { type ReactElement, Suspense, useRef, useState } from 'react';
import { MenuPanel, useEverOpen } from './floating.ts';
import type { Side } from './tooltip.tsx';

export interface MenuItem {
  readonly label: string;
  readonly icon?: LucideIcon;
  /** A shortcut, shown as keycaps; registering it is the caller's. */
  readonly keys?: string;
  readonly tone?: 'neutral' | 'danger';
  readonly disabled?: boolean;
  /** Makes it one that is on or off. */
  readonly checked?: boolean;
  /** Runs when the menu is gone and the focus is back at its button. */
  readonly onSelect: () => void;
}

export interface MenuProps {
  /** One button of this folder, or a plain one. */
  trigger: ReactElement;
  /** `'line'` parts groups; `{ heading }` names one. */
  items: readonly (MenuItem | 'line' | { readonly heading: string })[];
  align?: 'start' | 'center' | 'end';
  side?: Side;
}

export function Menu({ trigger, items, align = 'start', side = 'bottom' }: MenuProps) {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLElement>(null);
  const everOpen = useEverOpen(open);
  return (
    <>
      <Slot.Root
        ref={anchor}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(true)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown') return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        {trigger}
      </Slot.Root>
      {everOpen && (
        <Suspense>
          <MenuPanel
            anchor={anchor}
            open={open}
            onOpenChange={setOpen}
            items={items}
            align={align}
            side={side}
          />
        </Suspense>
      )}
    </>
  );
}
