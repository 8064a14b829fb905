// The n-th of something within something longer, and the nearest to a day.
import { addTo, DAY, type Grain, isFiner, type Span } from './calendar.ts';
import type { Context } from './chart.ts';
import { isOnly } from './days.ts';
import { HAS, type Num, type Ord, type Point, type Unit } from './nodes.ts';
import { daysOf } from './reading.ts';
import { every, mapped, nthWithin, once, type Series } from './series.ts';
import { HAS_OF, unitInner } from './units.ts';

/** "first monday of october", "last week of 2018", "20th day of next month". */
function nthOf(
  inner: { series: Series; grain: Grain; isSpan: boolean },
  n: number,
  outer: Point,
): Point | null {
  if (
    outer.days === null ||
    outer.clock !== null ||
    outer.part !== null ||
    !isFiner(inner.grain, outer.grain)
  )
    return null;
  if ((outer.has & (HAS.weekday | HAS.day)) !== 0) return null;
  const { series } = inner;
  const at = (span: Span) => {
    const found = nthWithin(span, series, n);
    if (n > 0 || inner.grain !== 'week' || found === null) return found;
    // From the end only weeks that are whole count.
    const last = series.previous(span.end);
    return last !== null && last.end > span.end
      ? nthWithin({ start: span.start, end: last.start }, series, n)
      : found;
  };
  const reach = 366 * DAY;
  return {
    ...outer,
    cat: 'DATE',
    strength: 2,
    has: outer.has | HAS_OF[inner.grain] | HAS.week | HAS.weekday,
    grain: inner.grain,
    days: mapped(outer.days, at, reach),
    isSpan: inner.isSpan,
    countedIn: null,
    other: null,
  };
}

/** "the first 2 weeks of 2021", "last 3 days of october". */
export function firstUnitsOf(n: number, count: Num, unit: Unit, outer: Point): Point | null {
  if (
    (n !== 1 && n !== -1) ||
    unit.times !== 1 ||
    unit.special !== null ||
    !Number.isInteger(count.value) ||
    count.value > 60
  )
    return null;
  const one = nthOf({ series: every(unit.grain), grain: unit.grain, isSpan: true }, n, outer);
  if (one?.days === undefined || one.days === null) return null;
  const days = mapped(
    one.days,
    ({ start, end }) =>
      n === 1
        ? { start, end: addTo(start, unit.grain, count.value) }
        : { start: addTo(end, unit.grain, -count.value), end },
    366 * DAY,
  );
  return { ...one, days, isSpan: true };
}

/** The n-th nearest of a series to a day: "the closest monday to oct 5th". */
export function closest(date: Point, to: Point, n: number, context: Context): Point | null {
  const base = daysOf(to, context.now)?.start;
  if (base === undefined || date.days === null || date.isFixed || n < 1 || n > 20) return null;
  let before = date.days.previous(base);
  let after = date.days.next(base);
  let found: Span | null = null;
  for (let step = 0; step < n; step++) {
    const takeAfter = after !== null && (before === null || after.start - base <= base - before.start);
    found = takeAfter ? after : before;
    if (found === null) return null;
    if (takeAfter) after = date.days.next(found.start + 1);
    else before = date.days.previous(found.start);
  }
  return found === null
    ? null
    : { ...date, strength: 2, has: HAS_OF.day, days: once(found.start, found.end), isFixed: true };
}

export function ordOfUnit(ord: Ord, unit: Unit, date: Point | null): Point | null {
  const inner = unitInner(unit);
  return inner === null || date === null ? null : nthOf(inner, ord.value, date);
}

export function ordOfDay(ord: Ord, day: Point, date: Point): Point | null {
  if (!isOnly(day, HAS.weekday) || day.days === null) return null;
  return nthOf({ series: day.days, grain: 'day', isSpan: false }, ord.value, date);
}
