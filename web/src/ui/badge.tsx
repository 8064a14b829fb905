// A count beside a place. Nothing where there is nothing to count.
import { clsx } from 'clsx';
import { useFormat } from '../lib/format.ts';

export interface BadgeProps {
  count: number;
  /** What is counted, for a screen reader: "unread". */
  label: string;
  /** More are shown as "99+". */
  countMax?: number;
  tone?: 'neutral' | 'accent';
  className?: string;
}

export function Badge({ count, label, countMax = 99, tone = 'accent', className }: BadgeProps) {
  const format = useFormat();
  if (count <= 0) return null;
  return (
    <span
      data-figures
      className={clsx(
        'inline-block min-w-4.5 rounded-full px-1.25 text-center font-semibold text-tiny leading-4.5',
        tone === 'accent' ? 'bg-accent text-on-accent' : 'bg-surface-hover text-text-muted',
        className,
      )}
    >
      {count > countMax ? `${format.number(countMax)}+` : format.number(count)}
      <span className="sr-only"> {label}</span>
    </span>
  );
}
