// One line of text.
import { clsx } from 'clsx';
import type { LucideIcon } from 'lucide-react';
import type { ComponentProps } from 'react';
import { useFieldControl } from './field-control.ts';

export interface InputProps extends ComponentProps<'input'> {
  /** Drawn at the beginning: what kind of value it is. */
  icon?: LucideIcon;
}

export function Input({ icon: Icon, className, ...rest }: InputProps) {
  const input = (
    <input
      {...useFieldControl()}
      className={clsx('control h-8 w-full min-w-0 px-2.5 phone:h-11', Icon && 'pl-8', className)}
      {...rest}
    />
  );
  if (!Icon) return input;
  return (
    <span className="relative block w-full">
      <Icon
        size={16}
        aria-hidden="true"
        className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-text-muted"
      />
      {input}
    </span>
  );
}
