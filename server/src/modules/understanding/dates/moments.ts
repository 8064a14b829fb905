// From the wall clock to moments, and how they are written.
import { civilDay, floorTo } from './calendar.ts';
import type { DateOptions, Moment } from './types.ts';
import { instantsOf, wallOf } from './zones.ts';

export function at(instant: number, timeZone: string): Moment | null {
  if (!Number.isFinite(new Date(instant + 1e9).getTime())) return null;
  return { instant, local: localText(wallOf(timeZone, instant)) };
}

export function momentOf(wall: number, zone: number | null, options: DateOptions): Moment | null {
  if (zone !== null) return at(wall - zone * 60_000, options.timeZone);
  const [instant] = instantsOf(options.timeZone, wall);
  return instant === undefined ? null : { instant, local: localText(wall) };
}

function localText(wall: number): string {
  const { year, month, day } = civilDay(wall);
  const seconds = Math.floor((wall - floorTo(wall, 'day')) / 1000);
  const written =
    year >= 0 && year <= 9999
      ? String(year).padStart(4, '0')
      : `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`;
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${written}-${two(month)}-${two(day)}T${clock}`;
}

/** As RFC 5545 writes an instant: 20260105T090000Z. */
export function utcText(instant: number): string {
  return `${localText(instant).replace(/[-:]/g, '')}Z`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
