// On or off, at once. (What waits for "Save" is a Checkbox.)
import { clsx } from 'clsx';
import { Switch as Radix } from 'radix-ui';
import { type ReactNode, useId } from 'react';

export interface SwitchProps {
  label: ReactNode;
  hint?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  className?: string;
}

export function Switch({ label, hint, checked, onChange, disabled, className }: SwitchProps) {
  const id = useId();
  return (
    <div className={clsx('flex items-start justify-between gap-4', className)}>
      <span>
        <label htmlFor={id} className="block font-medium text-body">
          {label}
        </label>
        {hint && (
          <span id={`${id}-hint`} className="text-meta text-text-muted">
            {hint}
          </span>
        )}
      </span>
      <Radix.Root
        id={id}
        checked={checked}
        onCheckedChange={onChange}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="group relative mt-px h-5 w-9 shrink-0 rounded-full bg-line-strong transition-colors duration-[120ms] after:absolute after:-inset-3 after:content-[''] disabled:opacity-50 data-[state=checked]:bg-accent"
      >
        <Radix.Thumb className="block size-4 translate-x-0.5 rounded-full bg-surface-raised transition-transform duration-[120ms] data-[state=checked]:translate-x-4.5" />
      </Radix.Root>
    </div>
  );
}
