// A moment: relative or short to look at, exact on hover, and never stale.
import { useFormat } from '../lib/format.ts';
import { useNow } from '../lib/now.ts';

export interface TimeProps {
  /** ISO 8601. */
  at: string;
  show?: 'relative' | 'time' | 'exact' | 'distance' | 'day' | 'dayWithin';
  className?: string;
}

export function Time({ at, show = 'relative', className }: TimeProps) {
  const format = useFormat();
  const nowMs = useNow();
  const text = show === 'time' || show === 'exact' ? format[show](at) : format[show](at, nowMs);
  return (
    <time dateTime={at} title={format.exact(at)} className={className}>
      {text}
    </time>
  );
}
