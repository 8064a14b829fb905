// Buttons say what they do with a verb; while it is being done they keep their place and turn.
import { clsx } from 'clsx';
import { LoaderCircle, type LucideIcon } from 'lucide-react';
import type { ComponentProps } from 'react';

export interface ButtonProps extends ComponentProps<'button'> {
  /** `primary`: the one thing to do here. `quiet`: everything else. `bare`: in bars and rows. `danger`: what is lost is lost. */
  variant?: 'primary' | 'quiet' | 'bare' | 'danger';
  size?: 'regular' | 'small';
  /** Under way: keeps its width and its focus, and cannot be pressed again. */
  busy?: boolean;
  icon?: LucideIcon;
}

export const buttonColours = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover',
  quiet: 'border border-line bg-surface-raised text-text hover:bg-surface-hover',
  bare: 'text-text hover:bg-surface-hover',
  danger: 'bg-danger text-on-danger hover:bg-danger-hover',
} as const;

/** Also for links that look like buttons: `<Link className={buttonLook('primary')}>`. */
export function buttonLook(
  variant: keyof typeof buttonColours = 'quiet',
  size: 'regular' | 'small' = 'regular',
): string {
  return clsx(
    'relative inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-control font-medium text-body transition-colors duration-[120ms] phone:min-h-11',
    size === 'small' ? 'h-7 px-2.5 text-meta' : 'h-8 px-3',
    'disabled:opacity-50 aria-disabled:opacity-100 disabled:pointer-events-none',
    buttonColours[variant],
  );
}

export function Button({
  variant = 'quiet',
  size = 'regular',
  busy = false,
  icon: Icon,
  type = 'button',
  className,
  children,
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      type={type}
      className={clsx(buttonLook(variant, size), className)}
      aria-busy={busy || undefined}
      // Not `disabled`: that would throw away the focus.
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      {...rest}
    >
      <span className={clsx('inline-flex items-center gap-1.5', busy && 'opacity-0')}>
        {Icon && <Icon size={16} aria-hidden="true" />}
        {children}
      </span>
      {busy && (
        <span className="absolute inset-0 grid place-items-center">
          <LoaderCircle size={16} aria-hidden="true" className="animate-spin" />
        </span>
      )}
    </button>
  );
}
