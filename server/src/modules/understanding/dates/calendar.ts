// Arithmetic on wall-clock time: a number of milliseconds as if the wall clock were UTC, so that no time zone gets in the way.

/** How finely something is said, finest first. */
export const GRAINS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
export type Grain = (typeof GRAINS)[number];

/** [start, end) on the wall clock. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const WEEK = 7 * DAY;

const RANK: Readonly<Record<Grain, number>> = {
  second: 0,
  minute: 1,
  hour: 2,
  day: 3,
  week: 4,
  month: 5,
  quarter: 6,
  year: 7,
};

export function isFiner(a: Grain, b: Grain): boolean {
  return RANK[a] < RANK[b];
}

export function finest(a: Grain, b: Grain): Grain {
  return RANK[a] <= RANK[b] ? a : b;
}

/** The grain that a point gets when it is counted in units of `grain`: "in 3 years" means a month, "in 2 days" an hour. */
export function oneFiner(grain: Grain): Grain {
  if (grain === 'quarter' || grain === 'month' || grain === 'week') return 'day';
  return GRAINS[Math.max(0, RANK[grain] - (grain === 'year' ? 2 : 1))] ?? 'second';
}

/** Midnight of a day. `month` from 1; months and days beyond their range carry over. Year 0 is 1 BC. */
export function dayAt(year: number, month: number, day: number): number {
  const months = year * 12 + month - 1;
  const y = Math.floor(months / 12);
  const m = months - y * 12 + 1;
  // Days from civil (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
  const shifted = m <= 2 ? y - 1 : y;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (m + (m > 2 ? -3 : 9)) + 2) / 5);
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return (era * 146097 + dayOfEra - 719468 + day - 1) * DAY;
}

export interface CivilDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export function civilDay(time: number): CivilDay {
  const z = Math.floor(time / DAY) + 719468;
  const era = Math.floor(z / 146097);
  const dayOfEra = z - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const mp = Math.floor((5 * dayOfYear + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * mp + 2) / 5) + 1,
  };
}

export function daysInMonth(year: number, month: number): number {
  return (dayAt(year, month + 1, 1) - dayAt(year, month, 1)) / DAY;
}

/** 1 is Monday, 7 is Sunday. */
export function weekdayOf(time: number): number {
  return ((((Math.floor(time / DAY) + 3) % 7) + 7) % 7) + 1;
}

export function floorTo(time: number, grain: Grain): number {
  switch (grain) {
    case 'second':
      return Math.floor(time / SECOND) * SECOND;
    case 'minute':
      return Math.floor(time / MINUTE) * MINUTE;
    case 'hour':
      return Math.floor(time / HOUR) * HOUR;
    case 'day':
      return Math.floor(time / DAY) * DAY;
    case 'week':
      return Math.floor(time / DAY) * DAY - (weekdayOf(time) - 1) * DAY;
  }
  const { year, month } = civilDay(time);
  if (grain === 'month') return dayAt(year, month, 1);
  if (grain === 'quarter') return dayAt(year, month - ((month - 1) % 3), 1);
  return dayAt(year, 1, 1);
}

/** Whole months keep the day where the month has it, else they end on its last. Fractions are of the next finer unit. */
export function addTo(time: number, grain: Grain, count: number): number {
  switch (grain) {
    case 'second':
      return time + Math.round(count * SECOND);
    case 'minute':
      return time + Math.round(count * MINUTE);
    case 'hour':
      return time + Math.round(count * HOUR);
    case 'day':
      return time + Math.round(count * DAY);
    case 'week':
      return time + Math.round(count * WEEK);
  }
  const months = count * (grain === 'year' ? 12 : grain === 'quarter' ? 3 : 1);
  const whole = Math.trunc(months);
  const { year, month, day } = civilDay(time);
  const first = dayAt(year, month + whole, 1);
  const there = civilDay(first);
  const moved = first + (Math.min(day, daysInMonth(there.year, there.month)) - 1) * DAY;
  return moved + (time - Math.floor(time / DAY) * DAY) + Math.round((months - whole) * 30) * DAY;
}
