// The floating half of a menu; loaded when the first one is opened.
import { clsx } from 'clsx';
import { Check } from 'lucide-react';
import { DropdownMenu as Radix } from 'radix-ui';
import { type RefObject, useLayoutEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { Kbd } from './kbd.tsx';
import type { MenuItem, MenuProps } from './menu.tsx';

export interface MenuPanelProps extends Required<Omit<MenuProps, 'trigger'>> {
  anchor: RefObject<HTMLElement | null>;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function MenuPanel({ anchor, open, onOpenChange, items, align, side }: MenuPanelProps) {
  const chosen = useRef<MenuItem | null>(null);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      {open && <Place anchor={anchor} />}
      <Radix.Portal>
        <Radix.Content
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
          aria-labelledby={undefined}
          aria-label={anchor.current ? nameOf(anchor.current) : undefined}
          // A row that has a menu is not clicked by what is chosen in it.
          onClick={(event) => event.stopPropagation()}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            anchor.current?.focus({ preventScroll: true });
            const item = chosen.current;
            chosen.current = null;
            item?.onSelect();
          }}
          className="z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-48 max-w-80 origin-(--radix-dropdown-menu-content-transform-origin) animate-pop-in overflow-y-auto rounded-control border border-line bg-surface-raised p-1 shadow-float outline-none"
        >
          {items.map((item, index) => {
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name, and no state
            if (item === 'line') return <Radix.Separator key={index} className="my-1 h-px bg-line" />;
            if ('heading' in item) {
              return (
                <Radix.Label key={item.heading} className="px-2 py-1 text-meta text-text-muted">
                  {item.heading}
                </Radix.Label>
              );
            }
            return (
              <Row
                key={item.label}
                item={item}
                choose={() => {
                  chosen.current = item;
                }}
              />
            );
          })}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** As a screen reader says the button: what is only seen in it (initials, signs) is no part of its name. */
function nameOf(button: HTMLElement): string | undefined {
  const copy = button.cloneNode(true) as HTMLElement;
  for (const hidden of copy.querySelectorAll('[aria-hidden=true]')) hidden.remove();
  return button.getAttribute('aria-label') ?? (copy.textContent.trim() || undefined);
}

/** Stands exactly over the button: Radix places the menu beside its own trigger, which this is. */
function Place({ anchor }: { anchor: RefObject<HTMLElement | null> }) {
  const [box, setBox] = useState<DOMRect | null>(null);
  useLayoutEffect(() => {
    setBox(anchor.current?.getBoundingClientRect() ?? null);
  }, [anchor]);
  const { left = 0, top = 0, width = 0, height = 0 } = box ?? {};
  return createPortal(
    <Radix.Trigger asChild>
      <span
        aria-hidden="true"
        tabIndex={-1}
        className="pointer-events-none fixed"
        style={{ left, top, width, height }}
      />
    </Radix.Trigger>,
    document.body,
  );
}

function Row({ item, choose }: { item: MenuItem; choose: () => void }) {
  const { label, icon: Icon, keys, tone = 'neutral', disabled, checked } = item;
  const className = clsx(
    'flex h-8 cursor-default items-center gap-2 rounded-small px-2 text-body outline-none data-[disabled]:opacity-45 phone:h-11',
    tone === 'danger'
      ? 'text-danger-text data-[highlighted]:bg-danger-soft'
      : 'data-[highlighted]:bg-surface-hover',
  );
  const content = (
    <>
      {Icon && <Icon size={16} aria-hidden="true" className="shrink-0 text-text-muted" />}
      <span className="grow truncate">{label}</span>
      {keys && <Kbd keys={keys} />}
      {checked && <Check size={16} aria-hidden="true" className="shrink-0 text-accent-text" />}
    </>
  );
  if (checked === undefined) {
    return (
      <Radix.Item className={className} disabled={disabled} onSelect={choose}>
        {content}
      </Radix.Item>
    );
  }
  return (
    <Radix.CheckboxItem className={className} disabled={disabled} checked={checked} onSelect={choose}>
      {content}
    </Radix.CheckboxItem>
  );
}
