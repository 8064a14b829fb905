// Repetitions as recurrence rules of RFC 5545, with their first time.
import { addTo, civilDay, DAY, floorTo, type Grain, HOUR, MINUTE, SECOND, weekdayOf } from './calendar.ts';
import type { Clock, Point, Repetition } from './nodes.ts';
import { addDuration, readPoint } from './reading.ts';

const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

export interface Recurrence {
  /** The first time on the wall clock. */
  readonly start: number;
  readonly grain: Grain;
  /** The last second that belongs to it on the wall clock; null where it goes on. */
  readonly until: number | null;
  /** The rule without UNTIL, which is in UTC. */
  readonly rule: string;
}

export function recurrence(again: Repetition, now: number): Recurrence | null {
  const base = again.starts === null ? now : (readPoint(again.starts, now)?.start ?? now);
  const time = timeOf(again.time, now);
  const isSubDay = again.frequency === 'HOURLY' || again.frequency === 'MINUTELY';
  const start = isSubDay ? base : firstDay(again, base, now, time ?? 0) + (time ?? 0);
  const parts = [`FREQ=${again.frequency}`];
  if (again.interval > 1) parts.push(`INTERVAL=${again.interval}`);
  const until = endOf(again, base, now);
  if (until !== null && until < start) return null;
  if (again.month !== null) parts.push(`BYMONTH=${again.month}`);
  if (again.monthDays.length > 0) parts.push(`BYMONTHDAY=${again.monthDays.join(',')}`);
  if (again.weekdays.length > 0) {
    parts.push(
      `BYDAY=${again.weekdays.map(({ day, nth }) => `${nth === 0 ? '' : nth}${DAYS[day - 1]}`).join(',')}`,
    );
  }
  if (time !== null && !isSubDay) {
    parts.push(`BYHOUR=${Math.floor(time / HOUR) % 24}`, `BYMINUTE=${Math.floor(time / MINUTE) % 60}`);
  }
  return {
    start,
    grain: time === null ? (isSubDay ? 'hour' : 'day') : 'minute',
    until,
    rule: parts.join(';'),
  };
}

function endOf(again: Repetition, base: number, now: number): number | null {
  if (again.length !== null) return addDuration(base, again.length, 1) - SECOND;
  if (again.ends === null) return null;
  const read = readPoint(again.ends, now);
  return read === null ? null : read.end - SECOND;
}

/** Of a part of the day its beginning, but no night's midnight and no morning's small hours. */
const HOURS_OF_PARTS: Readonly<Record<string, number>> = {
  dawn: 6,
  morning: 9,
  lunch: 12,
  afternoon: 15,
  evening: 19,
  night: 21,
  day: 9,
};

function timeOf(time: Point | null, now: number): number | null {
  if (time === null) return null;
  if (time.clock === null) return (HOURS_OF_PARTS[time.part?.name ?? 'day'] ?? 9) * HOUR;
  const clock: Clock = time.clock;
  if (!clock.isAmbiguous) return (clock.hour % 24) * HOUR + clock.minute * MINUTE;
  // As on a day to come, with its likeliest half.
  const tomorrow = floorTo(now, 'day') + DAY;
  const span = { start: tomorrow, end: tomorrow + DAY };
  const read = readPoint({ ...time, days: { next: () => span, previous: () => span }, isFixed: true }, now);
  return read === null ? null : (read.start - tomorrow) % DAY;
}

/** The first day that fits, today if its time is still to come. */
function firstDay(again: Repetition, base: number, now: number, time: number): number {
  let day = floorTo(base, 'day');
  if (day + time < now && base <= now && again.time !== null) day += DAY;
  for (let tries = 0; tries < 370; tries++, day += DAY) if (fits(again, day)) return day;
  return floorTo(base, 'day');
}

function fits(again: Repetition, day: number): boolean {
  const { year, month, day: number } = civilDay(day);
  if (again.month !== null && month !== again.month) return false;
  const length = civilDay(addTo(floorTo(day, 'month'), 'month', 1) - DAY).day;
  if (
    again.monthDays.length > 0 &&
    !again.monthDays.some((wanted) => (wanted < 0 ? length + 1 + wanted : wanted) === number)
  )
    return false;
  if (again.month !== null && again.monthDays.length === 0 && number !== 1) return false;
  if (again.weekdays.length === 0) return year > -9999;
  return again.weekdays.some(({ day: weekday, nth }) => {
    if (weekdayOf(day) !== weekday) return false;
    if (nth === 0) return true;
    return nth > 0 ? Math.ceil(number / 7) === nth : Math.ceil((length - number + 1) / 7) === -nth;
  });
}
