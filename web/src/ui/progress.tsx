// How far something is that takes longer than two seconds.
import { useFormat } from '../lib/format.ts';

export interface ProgressProps {
  /** From 0 to 1. */
  value: number;
  /** What is under way, or how much of it is done. */
  label: string;
  /** What is under way, for a screen reader, where the label does not say it. */
  name?: string;
}

export function Progress({ value, label, name = label }: ProgressProps) {
  const format = useFormat();
  const share = Math.min(1, Math.max(0, value));
  return (
    <div>
      <div className="mb-1 flex justify-between gap-4 text-meta">
        <span className="min-w-0 truncate">{label}</span>
        <span data-figures className="text-text-muted">
          {format.percent(share)}
        </span>
      </div>
      <div
        role="progressbar"
        aria-label={name}
        aria-valuenow={Math.round(share * 100)}
        className="h-1.5 overflow-hidden rounded-full bg-surface-hover"
      >
        <div
          className="h-full w-full origin-left rounded-full bg-accent transition-transform duration-[180ms]"
          style={{ transform: `scaleX(${share})` }}
        />
      </div>
    </div>
  );
}
