// Chosen or not; `indeterminate` for a head above several of which some are.
import { clsx } from 'clsx';
import { Check, Minus } from 'lucide-react';
import { Checkbox as Radix } from 'radix-ui';
import { type ReactNode, useId } from 'react';

export interface CheckboxProps {
  label: ReactNode;
  /** The label is there for a screen reader only. */
  labelHidden?: boolean;
  checked: boolean | 'indeterminate';
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  className?: string;
}

export function Checkbox({
  label,
  labelHidden = false,
  checked,
  onChange,
  disabled,
  className,
}: CheckboxProps) {
  const id = useId();
  return (
    <div className={clsx('flex items-start gap-2', className)}>
      <Radix.Root
        id={id}
        checked={checked}
        onCheckedChange={(state) => onChange(state === true)}
        disabled={disabled}
        className="relative mt-0.5 grid size-4 shrink-0 place-items-center rounded-small border border-line-strong bg-surface-raised after:absolute after:-inset-3.5 after:content-[''] disabled:opacity-50 data-[state=checked]:border-accent data-[state=indeterminate]:border-accent data-[state=checked]:bg-accent data-[state=indeterminate]:bg-accent"
      >
        <Radix.Indicator className="text-on-accent">
          {checked === 'indeterminate' ? (
            <Minus size={12} strokeWidth={3} aria-hidden="true" />
          ) : (
            <Check size={12} strokeWidth={3} aria-hidden="true" />
          )}
        </Radix.Indicator>
      </Radix.Root>
      <label htmlFor={id} className={labelHidden ? 'sr-only' : 'text-body'}>
        {label}
      </label>
    </div>
  );
}
