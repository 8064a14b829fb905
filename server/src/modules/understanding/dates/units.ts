// Weeks, months, quarters, years and seasons: the one that now is in, those beside it, and those that have a number.
import { addTo, civilDay, DAY, dayAt, floorTo, type Grain, HOUR, isFiner, type Span } from './calendar.ts';
import type { Context } from './chart.ts';
import { HAS, type Num, type Ord, type Point, point, type Strength, type Unit } from './nodes.ts';
import { daysOf } from './reading.ts';
import { every, mapped, once, type Series, yearly } from './series.ts';

export const HAS_OF: Readonly<Record<Grain, number>> = {
  year: HAS.year | HAS.relative,
  quarter: HAS.year | HAS.quarter | HAS.relative,
  month: HAS.year | HAS.month | HAS.relative,
  week: HAS.year | HAS.month | HAS.week | HAS.quarter,
  day: HAS.year | HAS.month | HAS.week | HAS.day | HAS.relative,
  hour: 1023,
  minute: 1023,
  second: 1023,
};

/** Friday evening to the end of Sunday. */
const WEEKENDS: Series = mapped(
  every('week'),
  ({ start }) => ({ start: start + 4 * DAY + 18 * HOUR, end: start + 7 * DAY }),
  7 * DAY,
);

/** Northern seasons as people count them, from the 21st of their month; 1 is spring. */
export function seasonSpan(season: number, year: number): Span {
  const [month, day, nextMonth, nextDay] = (
    [
      [3, 20, 6, 21],
      [6, 21, 9, 24],
      [9, 23, 12, 22],
      [12, 21, 15, 21],
    ] as const
  )[season - 1] as readonly [number, number, number, number];
  return { start: dayAt(year, month, day), end: dayAt(year, nextMonth, nextDay) };
}

function unitSeries(unit: Unit): Series | null {
  if (unit.special === 'weekend') return WEEKENDS;
  if (unit.special === 'workday') return null;
  if (unit.times === 1) return every(unit.grain);
  if (unit.grain === 'day') return null;
  const months = unit.times * (unit.grain === 'year' ? 12 : 1);
  const spanAt = (index: number) => ({
    start: dayAt(0, 1 + index * months, 1),
    end: dayAt(0, 1 + (index + 1) * months, 1),
  });
  const indexOf = (time: number) => {
    const { year, month } = civilDay(time);
    return Math.floor((year * 12 + month - 1) / months);
  };
  return {
    next: (time) => {
      const span = spanAt(indexOf(time));
      return span.start >= time ? span : spanAt(indexOf(time) + 1);
    },
    previous: (time) => spanAt(indexOf(time - 1)),
  };
}

/** "this week", "next month", "last year": n units from the one that now is in. */
export function relativeUnit(context: Context, unit: Unit, n: number): Point | null {
  if (unit.special === 'night' || unit.special === 'workday') return null;
  if (unit.special === 'weekend') {
    const start = addTo(floorTo(context.now, 'week'), 'week', n);
    return point({
      has: HAS_OF.week | HAS.span,
      grain: 'hour',
      days: once(start + 4 * DAY + 18 * HOUR, start + 7 * DAY),
      isFixed: true,
      isSpan: true,
    });
  }
  const series = unitSeries(unit);
  if (series === null) {
    const start = floorTo(context.now, 'week') + n * unit.times * DAY;
    return point({
      has: HAS_OF.week,
      grain: 'week',
      days: once(start, start + unit.times * DAY),
      isFixed: true,
      isSpan: true,
    });
  }
  const isSubDay = isFiner(unit.grain, 'day');
  let span = series.previous(context.now + 1);
  for (let step = 0; step < Math.abs(n) && span !== null; step++) {
    span = n > 0 ? series.next(span.start + 1) : series.previous(span.start);
  }
  if (span === null) return null;
  return point({
    cat: isSubDay ? 'WHEN' : 'DATE',
    has: HAS_OF[unit.grain] | (isSubDay ? HAS.clock : 0),
    grain: unit.grain,
    days: once(span.start, span.end),
    isFixed: true,
    isSpan: unit.times > 1,
  });
}

/** "next 3 days", "last two weeks": whole units beside the one that now is in. */
export function relativeUnits(context: Context, count: Num, unit: Unit, direction: number): Point | null {
  if (
    direction === 0 ||
    !Number.isInteger(count.value) ||
    count.value < 1 ||
    count.value > 1000 ||
    count.isArticle
  )
    return null;
  const length = count.value * unit.times;
  let start: number;
  let end: number;
  if (unit.special === 'workday') {
    const today = floorTo(context.now, 'day');
    let moved = today;
    for (let left = Math.min(count.value, 500); left > 0; ) {
      moved += direction * DAY;
      if (moved < floorTo(moved, 'week') + 5 * DAY) left--;
    }
    [start, end] = direction > 0 ? [today + DAY, moved + DAY] : [moved, today];
  } else {
    const base = floorTo(context.now, unit.grain);
    start = direction > 0 ? addTo(base, unit.grain, 1) : addTo(base, unit.grain, -length);
    end = direction > 0 ? addTo(start, unit.grain, length) : base;
  }
  const isSubDay = isFiner(unit.grain, 'day');
  return point({
    cat: isSubDay ? 'WHEN' : 'DATE',
    has: HAS_OF[unit.grain] | HAS.span | (isSubDay ? HAS.clock : 0),
    grain: unit.grain,
    days: once(start, end),
    isFixed: true,
    isSpan: true,
  });
}

export function unitInner(unit: Unit): { series: Series; grain: Grain; isSpan: boolean } | null {
  const series = unitSeries(unit);
  if (series === null) return null;
  if (unit.special === 'weekend') return { series, grain: 'hour', isSpan: true };
  return { series, grain: unit.times > 1 ? 'month' : unit.grain, isSpan: unit.times > 1 };
}

/** The quarter (3 months) or half (6) of a year by its number. */
export function partOfYear(number: number, months: 3 | 6, strength: Strength): Point | null {
  if (number < 1 || number > 12 / months) return null;
  return point({
    strength,
    has: HAS.quarter | HAS.month,
    grain: months === 3 ? 'quarter' : 'month',
    isSpan: months === 6,
    days: yearly((year) => ({
      start: dayAt(year, 1 + (number - 1) * months, 1),
      end: dayAt(year, 1 + number * months, 1),
    })),
  });
}

export function ordinalUnit(ord: Ord, unit: Unit): Point | null {
  if (unit.grain === 'quarter' || (unit.grain === 'month' && unit.times === 6)) {
    const months = unit.grain === 'quarter' ? 3 : 6;
    if (ord.value < 0) return null;
    return partOfYear(ord.value, months, 2);
  }
  return null;
}

/** ISO week of a year. */
export function weekNumber(number: Num, year: Point | null, context: Context): Point | null {
  if (!Number.isInteger(number.value) || number.value < 1 || number.value > 53 || number.isArticle)
    return null;
  const of =
    year === null ? civilDay(context.now).year : civilDay(daysOf(year, context.now)?.start ?? 0).year;
  const start = floorTo(dayAt(of, 1, 4), 'week') + (number.value - 1) * 7 * DAY;
  return point({ has: HAS_OF.week, grain: 'week', days: once(start, start + 7 * DAY), isFixed: true });
}

export function season(context: Context, number: number, direction: number): Point {
  const has = HAS.span | HAS.month | HAS.quarter | HAS.day;
  if (number > 0) {
    const series = yearly((year) => seasonSpan(number, year));
    const base = point({ has, days: series, isSpan: true, strength: 1 });
    if (direction === 2) return base;
    const current = series.previous(context.now + 1);
    const isNow = current !== null && current.end > context.now;
    const span =
      direction > 0
        ? series.next(context.now)
        : direction === 0
          ? isNow
            ? current
            : series.next(context.now)
          : isNow
            ? series.previous(current.start)
            : current;
    return {
      ...base,
      strength: 2,
      has: has | HAS.year,
      days: once(span?.start ?? 0, span?.end ?? 0),
      isFixed: true,
    };
  }
  let index = 0;
  const { year } = civilDay(context.now);
  for (let at = 0; at < 8; at++)
    if (seasonSpan((at % 4) + 1, year - 1 + Math.floor(at / 4)).start <= context.now) index = at;
  const at = index + (direction === 2 ? 0 : direction);
  const span = seasonSpan((((at % 4) + 4) % 4) + 1, year - 1 + Math.floor(at / 4));
  return point({
    strength: direction === 2 ? 1 : 2,
    has: has | HAS.year,
    days: once(span.start, span.end - 2 * DAY),
    isFixed: true,
    isSpan: true,
  });
}

/** "the week", "the year": the one that now is in; "the day" and shorter say too little. */
export function theUnit(context: Context, unit: Unit): Point | null {
  if (isFiner(unit.grain, 'week') || unit.special === 'night') return null;
  const made = relativeUnit(context, unit, 0);
  return made === null ? null : { ...made, strength: 0 };
}

/** "upcoming two weeks": the second week from this. */
export function nthUnit(context: Context, num: Num, unit: Unit): Point | null {
  if (!Number.isInteger(num.value) || num.value > 500 || num.isVague) return null;
  return relativeUnit(context, unit, num.value);
}
