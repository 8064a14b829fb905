// A short fact about something: a word, and a sign beside its colour.
import { clsx } from 'clsx';
import { type LucideIcon, X } from 'lucide-react';
import type { ReactNode } from 'react';

export type Tone = 'neutral' | 'accent' | 'danger' | 'warning' | 'success' | 'info';

export const toneColours: Readonly<Record<Tone, string>> = {
  neutral: 'bg-surface-hover text-text-muted',
  accent: 'bg-accent-soft text-accent-text',
  danger: 'bg-danger-soft text-danger-text',
  warning: 'bg-warning-soft text-warning-text',
  success: 'bg-success-soft text-success-text',
  info: 'bg-info-soft text-info-text',
};

export interface ChipProps {
  children: ReactNode;
  tone?: Tone;
  icon?: LucideIcon;
  /** Takes it away; `removeLabel` names the button. */
  onRemove?: () => void;
  removeLabel?: string;
  className?: string;
}

export function Chip({
  children,
  tone = 'neutral',
  icon: Icon,
  onRemove,
  removeLabel,
  className,
}: ChipProps) {
  return (
    <span
      className={clsx(
        'inline-flex h-5.5 max-w-full items-center gap-1 rounded-full px-2 font-medium text-tiny',
        toneColours[tone],
        className,
      )}
    >
      {Icon && <Icon size={12} strokeWidth={2.25} aria-hidden="true" className="shrink-0" />}
      <span className="truncate">{children}</span>
      {onRemove && (
        <button
          type="button"
          aria-label={removeLabel}
          onClick={onRemove}
          className="relative -mr-1 grid size-4 place-items-center rounded-full after:absolute after:-inset-2 after:content-[''] hover:bg-current/15 phone:after:-inset-3.5"
        >
          <X size={12} aria-hidden="true" />
        </button>
      )}
    </span>
  );
}
