// Holidays as rules for the day of a year; their names stand in holiday-names.ts.
import { DAY, dayAt, floorTo, HOUR, MINUTE, type Span, weekdayOf } from './calendar.ts';
import { HOLIDAY_NAMES } from './holiday-names.ts';
import { HAS, type Node, point } from './nodes.ts';
import { nthWithin, weekdays, yearly } from './series.ts';

/** Western Easter by the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, chapter 8). */
export function easter(year: number): number {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 19 * l) / 433);
  return dayAt(
    year,
    Math.floor((h + l - 7 * m + 90) / 25),
    (h + l - 7 * m + 33 * Math.floor((h + l - 7 * m + 90) / 25) + 19) % 32,
  );
}

/** Orthodox Easter on the Gregorian calendar (Meeus, chapter 8, Julian Easter, and the days between the calendars). */
export function orthodoxEaster(year: number): number {
  const d = (19 * (year % 19) + 15) % 30;
  const e = (2 * (year % 4) + 4 * (year % 7) - d + 34) % 7;
  const month = Math.floor((d + e + 114) / 31);
  const day = ((d + e + 114) % 31) + 1;
  const between = Math.floor(year / 100) - Math.floor(year / 400) - 2;
  return dayAt(year, month, day + between);
}

function nthWeekday(year: number, month: number, weekday: number, n: number): number {
  const span = { start: dayAt(year, month, 1), end: dayAt(year, month + 1, 1) };
  return nthWithin(span, weekdays(weekday), n)?.start ?? span.start;
}

/** Days of a year by month and day of another calendar, as Intl has it: "9-1" for the first of Ramadan. */
const tables = new Map<string, Map<string, number>>();

function calendarTable(
  calendar: 'islamic-umalqura' | 'hebrew' | 'chinese',
  year: number,
): Map<string, number> {
  const key = `${calendar} ${year}`;
  let table = tables.get(key);
  if (table !== undefined) return table;
  table = new Map();
  if (tables.size > 200) tables.clear();
  tables.set(key, table);
  const format = new Intl.DateTimeFormat(`en-u-ca-${calendar}`, {
    month: calendar === 'hebrew' ? 'long' : 'numeric',
    day: 'numeric',
    timeZone: 'UTC',
  });
  for (let day = dayAt(year, 1, 1); day < dayAt(year + 1, 1, 1); day += DAY) {
    const parts = format.formatToParts(day);
    const month = parts.find(({ type }) => type === 'month')?.value;
    const number = parts.find(({ type }) => type === 'day')?.value;
    table.set(`${month}-${number}`, day);
  }
  return table;
}

/** To the nearest working day, or to the next one. */
function observed(day: number, how: 'nearest' | 'next'): number {
  const weekday = weekdayOf(day);
  if (weekday === 6) return how === 'nearest' ? day - DAY : day + 2 * DAY;
  return weekday === 7 ? day + DAY : day;
}

function emancipationDay(year: number): number {
  return observed(dayAt(year, 4, 16), 'nearest');
}

function taxDay(year: number): number {
  const day = observed(dayAt(year, 4, 15), 'next');
  return day === emancipationDay(year) ? observed(day + DAY, 'next') : day;
}

function superTuesday(year: number): number | null {
  if (year % 4 !== 0 || year < 1976) return null;
  return year === 2008 ? dayAt(2008, 2, 5) : nthWeekday(year, 3, 2, 1);
}

/** The Sunday that opens the n-th whole week of a month. */
function wholeWeek(year: number, month: number, n: number): number {
  if (n > 0) return nthWeekday(year, month, 7, n);
  const last = dayAt(year, month + 1, 1) - DAY;
  const saturday = last - ((weekdayOf(last) + 1) % 7) * DAY;
  return saturday - 6 * DAY;
}

const SPECIAL: Readonly<Record<string, (year: number) => number | Span | null>> = {
  tax: taxDay,
  emancipation: emancipationDay,
  boss: (year) => observed(dayAt(year, 10, 16), 'nearest'),
  king: (year) => dayAt(year, 4, weekdayOf(dayAt(year, 4, 27)) === 7 ? 26 : 27),
  super: superTuesday,
  mini: (year) => (year === 2004 ? dayAt(2004, 2, 3) : null),
  admins: (year) => wholeWeek(year, 4, -1) + 3 * DAY,
  ems: (year) => ({ start: wholeWeek(year, 5, 3), end: wholeWeek(year, 5, 3) + 7 * DAY }),
  emsc: (year) => wholeWeek(year, 5, 3) + 3 * DAY,
  earthhour: (year) => {
    const last = nthWeekday(year, 3, 6, -1);
    const day = last === easter(year) - DAY ? last - 7 * DAY : last;
    return { start: day + 20 * HOUR + 30 * MINUTE, end: day + 21 * HOUR + 30 * MINUTE };
  },
  jumua: (year) => {
    const first = calendarTable('islamic-umalqura', year).get('10-1');
    return first === undefined ? null : first - ((weekdayOf(first - DAY) + 2) % 7) * DAY - DAY;
  },
};

/**
 * A holiday's day or days in a year by its rule: `12-25` · `11/4/4+1` (the day after the fourth Thursday of November) · `e-2`, `o-2`
 * (from western or orthodox Easter) · `i9-1`, `hTishri-10`, `c1-1` (Islamic, Hebrew from the evening before, Chinese) · `!tax`; `*8` for 8 days.
 */
function spanOf(rule: string, year: number): Span | null {
  if (year < 100 || year > 4000) return null;
  const [base = '', length = '1'] = rule.split('*');
  const days = (start: number | undefined | null): Span | null =>
    start === undefined || start === null ? null : { start, end: start + Number(length) * DAY };
  if (base.startsWith('!')) {
    const made = SPECIAL[base.slice(1)]?.(year) ?? null;
    return typeof made === 'number' ? days(made) : made;
  }
  if (base.startsWith('e')) return days(easter(year) + Number(base.slice(1)) * DAY);
  if (base.startsWith('o')) return days(orthodoxEaster(year) + Number(base.slice(1)) * DAY);
  if (base.startsWith('i')) return days(calendarTable('islamic-umalqura', year).get(base.slice(1)));
  if (base.startsWith('c')) return days(calendarTable('chinese', year).get(base.slice(1)));
  if (base.startsWith('h')) {
    const table = calendarTable('hebrew', year);
    const day = table.get(base.slice(1)) ?? table.get(base.slice(1).replace('Adar', 'Adar II'));
    return days(day === undefined ? undefined : day - DAY);
  }
  const nth = /^(\d+)\/(\d)\/(-?\d)([+-]\d+)?$/.exec(base);
  if (nth !== null) {
    const [, month, weekday, n, shift] = nth;
    return days(nthWeekday(year, Number(month), Number(weekday), Number(n)) + Number(shift ?? 0) * DAY);
  }
  const [month, day] = base.split('-').map(Number);
  return days(dayAt(year, month ?? 1, day ?? 1));
}

/** The names of a language's holidays, each with its point. */
export function holidaysOf(language: 'en' | 'es' | 'pt'): (readonly [string, Node])[] {
  return HOLIDAY_NAMES[language].map(([rule, names]) => {
    const found = new Map<number, Span | null>();
    const at = (year: number): Span | null => {
      let span = found.get(year);
      if (span === undefined) {
        span = spanOf(rule, year);
        if (found.size < 400) found.set(year, span);
      }
      return span;
    };
    const isSpan = rule.includes('*') || rule === '!earthhour' || rule === '!ems';
    const grain = rule === '!earthhour' ? 'minute' : 'day';
    return [names, point({ has: HAS.holiday, grain, isSpan, days: yearly(at) })] as const;
  });
}

/** The long weekend of a holiday: from Friday evening to the holiday's end, where it is a Monday. */
export function longWeekend({ start, end }: Span): Span {
  const friday = floorTo(start, 'week') + 4 * DAY + (weekdayOf(start) <= 3 ? -7 * DAY : 0);
  return { start: friday + 18 * HOUR, end: Math.max(end, friday + 3 * DAY) };
}
