// One of a few: the browser's own list, which phones and screen readers know best.
import { clsx } from 'clsx';
import { ChevronDown } from 'lucide-react';
import type { ComponentProps } from 'react';
import { useFieldControl } from './field-control.ts';

export interface SelectProps<Value extends string>
  extends Omit<ComponentProps<'select'>, 'onChange' | 'value' | 'children'> {
  value: Value;
  options: readonly { readonly value: Value; readonly label: string; readonly disabled?: boolean }[];
  onChange: (value: Value) => void;
}

export function Select<Value extends string>({
  value,
  options,
  onChange,
  className,
  ...rest
}: SelectProps<Value>) {
  return (
    <span className={clsx('relative block', className)}>
      <select
        {...useFieldControl()}
        value={value}
        onChange={(event) => onChange(event.target.value as Value)}
        className="control h-8 w-full appearance-none truncate pr-8 pl-2.5 phone:h-11"
        {...rest}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
      </select>
      <ChevronDown
        size={16}
        aria-hidden="true"
        className="pointer-events-none absolute top-1/2 right-2.5 -translate-y-1/2 text-text-muted"
      />
    </span>
  );
}
