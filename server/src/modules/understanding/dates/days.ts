// Days by their names and numbers, and how two things that are said of a day go together.
import { DAY, floorTo, isFiner, type Span, weekdayOf } from './calendar.ts';
import type { Context } from './chart.ts';
import { fullYear, yearPoint } from './given.ts';
import {
  both,
  EARLIEST,
  HAS,
  type Num,
  type Ord,
  type Point,
  point,
  type Strength,
  type Unit,
} from './nodes.ts';
import { daysOf } from './reading.ts';
import { daysOfMonth, once, type Series, weekdays } from './series.ts';
import { HAS_OF, relativeUnit } from './units.ts';

export function dayOfMonth(day: number, strength: Strength): Point | null {
  if (!Number.isInteger(day) || day < 1 || day > 31) return null;
  return point({ strength, has: HAS.day, days: daysOfMonth(day) });
}

export function isDayNumber(num: Num | Ord): boolean {
  if (num.cat === 'ORD') return num.value >= 1 && num.value <= 31;
  return (
    !num.isArticle &&
    !num.isVague &&
    num.digits <= 2 &&
    Number.isInteger(num.value) &&
    num.value >= 1 &&
    num.value <= 31
  );
}

/** A day in a month that was named or is fixed ("20 of next month"). */
export function dayIn(month: Point, num: Num | Ord): Point | null {
  if (!isDayNumber(num) || month.grain !== 'month' || (month.has & (HAS.day | HAS.weekday | HAS.clock)) !== 0)
    return null;
  // "um set" is a thing.
  if (num.cat === 'NUM' && num.digits === 0 && num.value === 1 && month.strength < 2) return null;
  const day = dayOfMonth(num.value, 2);
  const made = day === null ? null : both({ ...month, strength: 2 }, day);
  if (made === null) return null;
  // A month that never has that day.
  if (!made.isFixed && made.days?.next(0) === null) return null;
  return made;
}

export function withShortYear(date: Point, num: Num, isMarked = false): Point | null {
  if (num.digits !== 2 || (date.has & HAS.year) !== 0 || (date.has & HAS.month) === 0) return null;
  // "february 18" is a day.
  if ((date.has & HAS.day) === 0 && num.value <= 31 && !isMarked) return null;
  return both(date, yearPoint(fullYear(num.value, 2), 2));
}

/** Whether a point is only a weekday, a month, … */
export function isOnly(date: Point, has: number): boolean {
  return date.has === has;
}

function weekdayOfPoint(date: Point): number {
  return weekdayOf(date.days?.next(0)?.start ?? 0);
}

/** "this friday", "next monday", "last tuesday", "next easter", "last october". */
export function directed(context: Context, date: Point, direction: number): Point | null {
  if (date.isFixed || date.days === null || date.clock !== null || date.strength === 0) return null;
  const today = floorTo(context.now, 'day');
  // "this may" is mostly no month.
  const isDoubtful = direction === 0 && date.strength === 1 && date.has === HAS.month;
  const rest = { ...date, strength: isDoubtful ? (1 as const) : (2 as const), isFixed: true };
  const has = date.has | HAS.relative | HAS.year;
  if (isOnly(date, HAS.weekday)) {
    const monday = floorTo(context.now, 'week');
    const day = weekdayOfPoint(date) - 1;
    const shift = direction === 0 && monday + day * DAY <= today ? 7 : direction * 7;
    const start = monday + (day + shift) * DAY;
    return { ...rest, has: HAS_OF.day, days: once(start, start + DAY) };
  }
  const isDay = (date.has & (HAS.month | HAS.day)) === (HAS.month | HAS.day);
  const span =
    direction === 0
      ? isDay
        ? date.days.next(floorTo(today, 'year'))
        : daysOf(date, context.now)
      : direction > 0
        ? date.days.next(date.grain === 'month' ? floorTo(today, 'month') + DAY : today + DAY)
        : (previousEnded(date.days, today) ?? null);
  return span === null ? null : { ...rest, has, days: once(span.start, span.end) };
}

function previousEnded(series: Series, today: number): Span | null {
  const span = series.previous(today);
  return span !== null && span.end > today ? series.previous(span.start) : span;
}

export function nextAfterToday(context: Context, date: Point): Point | null {
  if (date.isFixed || date.days === null) return null;
  const span = date.days.next(floorTo(context.now, 'day') + DAY);
  return span === null
    ? null
    : { ...date, strength: 2, has: HAS_OF.day, days: once(span.start, span.end), isFixed: true };
}

/** n weekdays (holidays, …) from now: "2 thursdays ago", "three fridays from now", "friday after next". */
export function nthFromNow(context: Context, date: Point, n: number): Point | null {
  if (date.days === null || date.isFixed || date.clock !== null || !Number.isInteger(n) || Math.abs(n) > 100)
    return null;
  let at = floorTo(context.now, 'day') + (n > 0 ? DAY : 0);
  let span: Span | null = null;
  for (let step = 0; step < Math.abs(n); step++) {
    span = n > 0 ? date.days.next(at) : date.days.previous(at);
    if (span === null) return null;
    at = n > 0 ? span.start + 1 : span.start;
  }
  return span === null
    ? null
    : { ...date, strength: 2, has: HAS_OF.day, days: once(span.start, span.end), isFixed: true };
}

/** The week that a day is in. A Sunday belongs, as "the week of", to the week that it opens. */
export function weekOf(date: Point, context: Context): Point | null {
  if (date.clock !== null || !(date.has & (HAS.day | HAS.holiday | HAS.weekday))) return null;
  const span = daysOf(date, context.now);
  if (span === null) return null;
  const start = floorTo(span.start + (context.language === 'en' ? DAY : 0), 'week');
  return point({ has: HAS_OF.week, grain: 'week', days: once(start, start + 7 * DAY), isFixed: true });
}

/** Two dates at once. A weekday that a full date contradicts is left out; counted weeks hold the weekday in theirs. */
export function meet(a: Point, b: Point): Point | null {
  for (const [x, y] of [
    [a, b],
    [b, a],
  ] as const) {
    if (
      x.countedIn !== null &&
      x.isFixed &&
      y.countedIn === null &&
      !y.isFixed &&
      y.clock === null &&
      y.days !== null
    ) {
      const start = x.days?.next(EARLIEST)?.start;
      if (start === undefined) return null;
      if (isOnly(y, HAS.weekday)) {
        const day = floorTo(start, 'week') + (weekdayOfPoint(y) - 1) * DAY;
        return {
          ...x,
          grain: 'day',
          days: once(day, day + DAY),
          countedIn: null,
          has: HAS_OF.day | HAS.weekday,
        };
      }
      const unit = x.countedIn === 'year' ? 'year' : 'month';
      const span = y.days.next(floorTo(start, unit));
      return span === null
        ? null
        : {
            ...y,
            strength: 2,
            has: HAS_OF.day | HAS.weekday,
            days: once(span.start, span.end),
            isFixed: true,
          };
    }
    const isFullDay = x.isFixed && x.grain === 'day' && x.clock === null;
    if (isFullDay && isOnly(y, HAS.weekday) && (x.has & HAS.weekday) === 0) {
      return both(x, y) ?? { ...x, has: x.has | HAS.weekday };
    }
    // "today, 14 march" is what the date says, when it is today.
  }
  return both(a, b);
}

export function relativeDay(context: Context, offset: number, strength: Strength = 2): Point {
  const start = floorTo(context.now, 'day') + offset * DAY;
  return point({ strength, has: HAS_OF.day, days: once(start, start + DAY), isFixed: true });
}

export function joinDay(weekday: Point, num: Num): Point | null {
  const day = dayOfMonth(num.value, 2);
  return day === null ? null : both(weekday, day);
}

export function weekdayPoint(day: number): Point {
  return point({ has: HAS.weekday, days: weekdays(day) });
}

export function eraYear(num: Num, era: number): Point | null {
  if (!Number.isInteger(num.value) || num.value < 1 || num.value > 9999) return null;
  return yearPoint(era > 0 ? num.value : -num.value, 2);
}

export function nearest(context: Context, weekday: Point, direction: number): Point | null {
  const today = floorTo(context.now, 'day');
  const span = direction > 0 ? weekday.days?.next(today + DAY) : weekday.days?.previous(today);
  return span
    ? { ...weekday, strength: 2, has: HAS_OF.day, days: once(span.start, span.end), isFixed: true }
    : null;
}

export function inUnit(context: Context, date: Point, unit: Unit, direction: number): Point | null {
  const outer = relativeUnit(context, unit, direction);
  return outer === null || !isFiner(date.grain, outer.grain) ? null : meet(date, outer);
}
