// Lengths of time as ISO 8601 and as seconds.
import type { Grain } from './calendar.ts';
import type { Duration } from './nodes.ts';

const SECONDS: Readonly<Record<Grain, number>> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
  month: 2_592_000,
  quarter: 7_776_000,
  year: 31_536_000,
};

/** With months of 30 and years of 365 days. */
export function durationSeconds({ parts, special }: Duration): number {
  if (special === 'weekend') return (parts[0]?.count ?? 0) * 2 * SECONDS.day;
  return parts.reduce((sum, { grain, count }) => sum + SECONDS[grain] * count, 0);
}

/** PnYnMnWnDTnHnMnS; a fraction stands as in "PT1.5H", weekends as their days. */
export function isoDuration({ parts, special }: Duration): string {
  if (special === 'weekend') return `P${(parts[0]?.count ?? 0) * 2}D`;
  const of = (grain: Grain) =>
    parts.reduce((sum, part) => (part.grain === grain ? sum + part.count : sum), 0);
  const letter = (count: number, name: string) => (count === 0 ? '' : `${count}${name}`);
  const date =
    letter(of('year'), 'Y') +
    letter(of('month') + 3 * of('quarter'), 'M') +
    letter(of('week'), 'W') +
    letter(of('day'), 'D');
  const time = letter(of('hour'), 'H') + letter(of('minute'), 'M') + letter(of('second'), 'S');
  return date === '' && time === '' ? 'PT0S' : `P${date}${time === '' ? '' : `T${time}`}`;
}
