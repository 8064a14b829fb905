// Rules for lengths of time, and for points that are counted from now or from another point.
import { addTo, floorTo, type Grain, isFiner, oneFiner } from './calendar.ts';
import { type Context, type Rule, rule } from './chart.ts';
import { clockPoint, type Duration, EARLIEST, HAS, type Num, type Point, point, type Unit } from './nodes.ts';
import { addDuration, daysOf, readPoint } from './reading.ts';
import { once } from './series.ts';

const HAS_ALL = HAS.year | HAS.quarter | HAS.month | HAS.week | HAS.day;

function duration(count: number, unit: Unit, strength: 0 | 1 | 2 = 2): Duration {
  const special = unit.special === 'letter' ? null : unit.special;
  return { cat: 'DUR', parts: [{ grain: unit.grain, count: count * unit.times }], strength, special };
}

function counted(num: Num, unit: Unit): Duration | null {
  // "1990s" is no length, and "a second" mostly not.
  if (num.value > 10000 || num.digits === 4) return null;
  return duration(
    num.value,
    unit,
    (num.isArticle && unit.grain === 'second') || unit.special === 'letter' ? 0 : 2,
  );
}

function finestOf({ parts }: Duration): Grain {
  return parts.reduce((least, { grain }) => (isFiner(grain, least) ? grain : least), 'year' as Grain);
}

/** A point at a length of time from now: on the clock below a day, on the calendar from a day on. */
export function fromNow(context: Context, length: Duration, sign: 1 | -1): Point {
  const unit = finestOf(length);
  if (isFiner(unit, 'day')) {
    const isClockOnly = length.parts.every(({ grain }) => isFiner(grain, 'day'));
    const time = addDuration(context.now, length, sign);
    const grain =
      unit === 'hour' && length.parts.every(({ count }) => Number.isInteger(count)) ? 'minute' : 'second';
    const has = HAS_ALL | HAS.clock;
    if (isClockOnly) return point({ cat: 'WHEN', has, grain, fromNow: time - context.now });
    return point({ cat: 'WHEN', has, grain, days: once(time, time + 1000), isFixed: true });
  }
  return counting(context.now, length, sign);
}

/** A point at a length of whole days or more from a time. */
function counting(base: number, length: Duration, sign: 1 | -1): Point {
  const unit = finestOf(length);
  const time =
    length.special === 'workday'
      ? addWorkdays(base, sign * (length.parts[0]?.count ?? 0))
      : addDuration(base, length, sign);
  const grain = oneFiner(unit);
  const start = floorTo(time, isFiner(grain, 'day') ? grain : 'day');
  return point({
    has: HAS_ALL | HAS.relative,
    grain,
    days: once(start, addTo(start, grain, 1)),
    isFixed: true,
    countedIn: unit,
  });
}

function addWorkdays(time: number, count: number): number {
  const step = Math.sign(count);
  let left = Math.min(Math.abs(count), 2000);
  let moved = time;
  while (left > 0) {
    moved = addTo(moved, 'day', step);
    const start = floorTo(moved, 'week');
    if (moved < addTo(start, 'day', 5)) left--;
  }
  return moved;
}

/** "3 days from tuesday", "2 weeks before christmas", "15 minutes past noon". */
function fromPoint(context: Context, length: Duration, base: Point, sign: 1 | -1): Point | null {
  const unit = finestOf(length);
  if (base.fromNow !== null) return null;
  if (isFiner(unit, 'day')) {
    const read = base.clock === null ? null : readPoint(base, context.now);
    if (read === null) return null;
    const start = addDuration(read.start, length, sign);
    if (base.days === null && base.clock !== null) {
      const minutes = Math.floor(start / 60000) % 1440;
      const hour = Math.floor((minutes + 1440) / 60) % 24;
      return clockPoint(
        {
          ...base.clock,
          hour: hour > 12 && base.clock.isAmbiguous ? hour - 12 : hour,
          minute: (minutes + 1440) % 60,
          grain: 'minute',
        },
        2,
      );
    }
    return point({
      cat: 'WHEN',
      has: HAS_ALL | HAS.clock,
      grain: 'minute',
      days: once(start, start + 60000),
      isFixed: true,
    });
  }
  if (base.clock !== null || base.part !== null) return null;
  const days = daysOf(base, context.now);
  if (days === null) return null;
  const result = counting(days.start, length, sign);
  // A day counted from a day is a day, and has no hour.
  const grain = isFiner(result.grain, 'day') || isFiner(base.grain, result.grain) ? 'day' : result.grain;
  const start = floorTo(result.days?.next(EARLIEST)?.start ?? 0, 'day');
  return { ...result, grain, days: once(start, addTo(start, grain, 1)) };
}

/** "the day after christmas", "a week before easter" without its number. */
function besideDay(context: Context, unit: Unit, base: Point, sign: 1 | -1): Point | null {
  if (
    (unit.grain !== 'day' && unit.grain !== 'week') ||
    unit.special !== null ||
    unit.times > 1 ||
    base.strength < 2
  )
    return null;
  return (base.has & (HAS.day | HAS.holiday)) === 0
    ? null
    : fromPoint(context, duration(1, unit), base, sign);
}

function joined(a: Duration, b: Duration): Duration | null {
  if (!isFiner(finestOf(b), finestOf(a)) || a.special !== null || b.special !== null) return null;
  return { ...a, parts: [...a.parts, ...b.parts] };
}

/** now … the given end. */
function fromNowUntil(context: Context, length: Duration): Point {
  const end = floorTo(
    addDuration(context.now, length, 1),
    isFiner(finestOf(length), 'day') ? 'second' : 'day',
  );
  return point({
    cat: 'WHEN',
    has: HAS_ALL | HAS.clock,
    grain: 'second',
    days: once(context.now, end),
    isFixed: true,
    isSpan: true,
  });
}

export const lengthRules: readonly Rule[] = [
  rule('NUM MORE? UNIT', (_, num, _more, unit) => counted(num, unit)),
  rule('HALF UNIT', (_, _half, unit) => duration(0.5, unit)),
  rule('THE HALF UNIT', (_, _the, _half, unit) => duration(0.5, unit)),
  rule('FOURTH UNIT', (_, fourth, unit) => (unit.grain === 'hour' ? duration(fourth.value / 4, unit) : null)),
  rule('NUM ANDHALF UNIT', (_, num, _and, unit) => duration(num.value + 0.5, unit)),
  rule('NUM UNIT ANDHALF', (_, num, unit) => duration(num.value + 0.5, unit)),
  rule('NUM ANDFOURTH UNIT', (_, num, and, unit) => duration(num.value + and.value / 4, unit)),
  rule('NUM UNIT ANDFOURTH', (_, num, unit, and) => duration(num.value + and.value / 4, unit)),
  rule('NUM +QUOTE', (_, num) => minutesOrSeconds(num, 'minute')),
  rule('NUM +DOUBLEQUOTE', (_, num) => minutesOrSeconds(num, 'second')),
  rule('NUM +QUOTE +QUOTE', (_, num) => minutesOrSeconds(num, 'second')),
  rule('DUR DUR', (_, a, b) => joined(a, b)),
  rule('DUR AND DUR', (_, a, _and, b) => joined(a, b)),
  rule('DUR OR DUR', (_, a, or, b) => (or.cat === 'OR' ? joined(a, b) : null)),

  rule('IN DUR', (context, _, length) => fromNow(context, length, 1)),
  rule('INONE UNIT', (context, _, unit) => fromNow(context, duration(1, unit), 1)),
  rule('IN DUR HENCE', (context, _, length) => fromNow(context, length, 1)),
  rule('DUR HENCE', (context, length, hence) => {
    const made = fromNow(context, length, 1);
    const time = addDuration(context.now, length, 1);
    return hence.value === 1
      ? { ...made, grain: 'second', days: once(time, time + 1000), countedIn: null }
      : made;
  }),
  rule('DUR AGO', (context, length) => fromNow(context, length, -1)),
  rule('AGOBEFORE DUR', (context, _, length) => fromNow(context, length, -1)),
  rule('DUR AGOBEFORE', (context, length) => fromNow(context, length, -1)),
  rule('AFTERLENGTH DUR', (context, _after, length) => {
    const from = length.strength < 2 ? null : fromNow(context, length, 1);
    return from === null
      ? null
      : { cat: 'PERIOD', strength: 2, from, to: null, includesTo: false, startsAfter: false, length: null };
  }),
  rule('UNIT AFTERWARDS DATE', (context, unit, _, base) => besideDay(context, unit, base, 1)),
  rule('UNIT BEFOREHAND DATE', (context, unit, _, base) => besideDay(context, unit, base, -1)),
  rule('WITHIN DUR', (context, _, length) => fromNowUntil(context, length)),
  rule('DUR AFTERWARDS DATE|WHEN|CLOCK', (context, length, _, base) => fromPoint(context, length, base, 1)),
  rule('DUR BEFOREHAND DATE|WHEN|CLOCK', (context, length, _, base) => fromPoint(context, length, base, -1)),
].flat();

function minutesOrSeconds(num: Num, grain: 'minute' | 'second'): Duration | null {
  if (num.digits === 0) return null;
  return duration(num.value, { cat: 'UNIT', grain, times: 1, special: null }, 0);
}
