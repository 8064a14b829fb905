// From one point to another, from or until one, and the beginning, the middle and the end of something.
import { addTo, DAY, floorTo, isFiner, type Span } from './calendar.ts';
import type { Context } from './chart.ts';
import {
  both,
  type Clock,
  type Duration,
  HAS,
  type Num,
  type Period,
  type Point,
  point,
  type Strength,
} from './nodes.ts';
import { addDuration, daysOf, readPoint } from './reading.ts';
import { mapped, once } from './series.ts';
import { relativeUnit } from './units.ts';

export function period(from: Point | null, to: Point | null, more: Partial<Period> = {}): Period {
  return {
    cat: 'PERIOD',
    strength: 2,
    from,
    to,
    includesTo: true,
    startsAfter: false,
    length: null,
    ...more,
  };
}

export function hourClock(num: Num): Clock | null {
  const isHour =
    !num.isArticle &&
    !num.isVague &&
    num.digits <= 2 &&
    Number.isInteger(num.value) &&
    num.value >= 0 &&
    num.value <= 24;
  return isHour
    ? { hour: num.value, minute: 0, second: 0, grain: 'hour', isAmbiguous: num.value >= 1 && num.value <= 12 }
    : null;
}

/** "3 to 5", "9:30 - 11:00", "8am until 6". */
export function clockRange(from: Num | Point, to: Num | Point, strength: Strength): Point | null {
  const start = from.cat === 'NUM' ? hourClock(from) : from.clock;
  const until = to.cat === 'NUM' ? hourClock(to) : to.clock;
  if (start === null || until === null) return null;
  const rest = from.cat === 'NUM' ? null : from;
  const end = to.cat === 'NUM' ? null : to;
  if ((rest !== null && rest.until !== null) || (end !== null && end.until !== null)) return null;
  const zone = end?.zone ?? rest?.zone ?? null;
  const part = end?.part ?? rest?.part ?? null;
  // A part that was said of the end holds for the beginning where that would else be after it.
  const isPm = part !== null && end?.part != null && rest?.part == null;
  const grain = isFiner(until.grain, start.grain) ? until.grain : start.grain;
  return point({
    cat: 'CLOCK',
    strength: Math.max(strength, rest?.strength ?? 0, end?.strength ?? 0) as Strength,
    has: HAS.clock | (part === null ? 0 : HAS.part),
    grain,
    clock: start,
    until: isPm || part === null ? untilIn(until, end?.part ?? null) : until,
    part,
    zone,
    isSpan: true,
  });
}

function untilIn(clock: Clock, part: Point['part']): Clock {
  if (part === null || !clock.isAmbiguous) return clock;
  const isLater = part.name !== 'morning' && part.name !== 'dawn';
  return { ...clock, hour: (clock.hour % 12) + (isLater ? 12 : 0), isAmbiguous: false };
}

export function fromTo(from: Point, to: Point): Period | null {
  if (from.isSpan && from.clock === null && from.part === null && (from.has & HAS.span) === 0) return null;
  if (from.until !== null || to.until !== null) return null;
  return period(from, to, { strength: Math.min(2, Math.max(from.strength, to.strength)) as Strength });
}

/** Days in a month: "13 to 15 july", "july 13-15". */
export function daysIn(month: Point, from: number, to: number): Point | null {
  if (
    month.grain !== 'month' ||
    (month.has & (HAS.day | HAS.weekday | HAS.span)) !== 0 ||
    month.days === null
  )
    return null;
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 1 && to > from && to <= 31)) return null;
  const span = ({ start, end }: Span) =>
    start + to * DAY <= end ? { start: start + (from - 1) * DAY, end: start + to * DAY } : null;
  return {
    ...month,
    strength: 2,
    has: month.has | HAS.day | HAS.span,
    grain: 'day',
    days: mapped(month.days, span, 31 * DAY),
    isSpan: true,
  };
}

export const dayNumberOf = (num: { readonly value: number; readonly digits?: number }): number =>
  (num.digits ?? 0) > 2 ? Number.NaN : num.value;

type Edge = 'begin' | 'middle' | 'end';

/** The beginning, the middle or the end of a day, a week, a month or a year. */
export function edgeOf(which: Edge, outer: Point, context: Context): Point | null {
  if (outer.days === null || outer.clock !== null || outer.part !== null) return null;
  if (outer.grain === 'day' && !outer.isSpan) {
    if (which !== 'end') return null;
    return both(
      outer,
      point({
        cat: 'CLOCK',
        has: HAS.clock,
        grain: 'second',
        clock: { hour: 23, minute: 59, second: 59, grain: 'second', isAmbiguous: false },
      }),
    );
  }
  if (outer.grain !== 'week' && outer.grain !== 'month' && outer.grain !== 'year') return null;
  if (outer.isSpan) return null;
  const { grain } = outer;
  const edge = ({ start, end }: Span): Span => {
    if (grain === 'week') {
      if (which === 'begin') return { start, end: start + 3 * DAY };
      return which === 'end'
        ? { start: start + 4 * DAY, end }
        : { start: start + 2 * DAY, end: start + 4 * DAY };
    }
    if (grain === 'month') {
      if (which === 'begin') return { start, end: start + 10 * DAY };
      return which === 'end'
        ? { start: start + 20 * DAY, end }
        : { start: start + 9 * DAY, end: start + 20 * DAY };
    }
    if (which === 'begin') return { start, end: addTo(start, 'month', 3) };
    return which === 'end'
      ? { start: addTo(start, 'month', 8), end }
      : { start: addTo(start, 'month', 4), end: addTo(start, 'month', 8) };
  };
  // "At the beginning of January" in February is next year's.
  const span = outer.isFixed ? null : daysOf(outer, context.now);
  const days = span === null ? mapped(outer.days, edge, 366 * DAY) : once(edge(span).start, edge(span).end);
  return {
    ...outer,
    strength: 2,
    has: outer.has | HAS.span | HAS.day | HAS.week,
    grain: grain === 'year' ? 'month' : 'day',
    days,
    isFixed: true,
    isSpan: true,
  };
}

export function untilEndOf(outer: Point, context: Context): Point | null {
  const span = outer.clock === null && outer.part === null ? daysOf(outer, context.now) : null;
  if (span === null || outer.grain === 'day') return null;
  return fromNowTo(context, span.end);
}

export function fromNowTo(context: Context, end: number): Point | null {
  if (end <= context.now) return null;
  return point({
    cat: 'WHEN',
    has: 1023,
    grain: 'second',
    days: once(context.now, end),
    isFixed: true,
    isSpan: true,
  });
}

export const EDGE_UNITS = ['week', 'week', 'month', 'year', 'day'] as const;

export function edgeWord(context: Context, value: number): Point | null {
  const grain = EDGE_UNITS[Math.abs(value)] ?? 'week';
  const outer = relativeUnit(context, { cat: 'UNIT', grain, times: 1, special: null }, 0);
  return outer === null ? null : edgeOf(value < 0 ? 'begin' : 'end', outer, context);
}

function isUsable(target: Point): boolean {
  return target.strength > 0 || target.has === HAS.year;
}

/** "Since 2014" and "hasta las 5" are sure where "2014" and "las 5" are not. */
function openStrength(target: Point): Strength {
  return target.cat === 'CLOCK' || target.has === HAS.year || target.has === HAS.month ? 2 : target.strength;
}

export function openFrom(target: Point, startsAfter: boolean): Period | null {
  return isUsable(target) && target.until === null
    ? period(target, null, { startsAfter, strength: openStrength(target) })
    : null;
}

export function openTo(target: Point, includesTo: boolean): Period | null {
  if (!isUsable(target) || target.until !== null) return null;
  return period(null, target, {
    includesTo: includesTo || (target.has & HAS.span) !== 0,
    strength: openStrength(target),
  });
}

/** A day for a period that has only times: "after 3 pm" and "tomorrow". */
export function onDay(target: Period, date: Point): Period | null {
  const { from, to } = target;
  if ((from !== null && to !== null) || target.length !== null) return null;
  const only = (from ?? to) as Point;
  if (only.days !== null || date.clock !== null || date.until !== null) return null;
  const made = both(only, date);
  return made === null
    ? null
    : { ...target, strength: 2, from: from === null ? null : made, to: to === null ? null : made };
}

export function lasting(from: Point, length: Duration, context: Context): Point | Period | null {
  if (from.until !== null || from.strength < 2 || length.strength < 2) return null;
  if (from.clock !== null && from.days === null) {
    const read = readPoint(from, context.now);
    if (read === null) return null;
    const end = addDuration(read.start, length, 1);
    if (end - read.start < DAY) {
      const minutes = Math.floor((end - floorTo(end, 'day')) / 60000);
      const until: Clock = {
        hour: Math.floor(minutes / 60),
        minute: minutes % 60,
        second: 0,
        grain: from.clock.grain,
        isAmbiguous: false,
      };
      const clock = {
        ...from.clock,
        hour: Math.floor((read.start - floorTo(read.start, 'day')) / 3600000),
        isAmbiguous: false,
      };
      return {
        ...from,
        clock,
        until: { ...until, grain: until.minute > 0 ? 'minute' : until.grain },
        isSpan: true,
        strength: 2,
      };
    }
  }
  return period(from, null, { length });
}

export function stronger(range: Period | null): Period | null {
  return range === null ? null : { ...range, strength: 2 };
}

export function edgeOfUnit(which: Edge, outer: Point | null, context: Context): Point | null {
  return outer === null || isFiner(outer.grain, 'day') ? null : edgeOf(which, outer, context);
}

export function withYear(range: Period, year: Point): Period | null {
  const to = both(range.to as Point, year);
  return to === null ? null : { ...range, strength: 2, to };
}
