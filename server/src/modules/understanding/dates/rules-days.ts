// Rules for days, weeks, months and years: by name, by number, by their place in something longer, and relative to now.
import {
  addTo,
  civilDay,
  DAY,
  dayAt,
  floorTo,
  type Grain,
  HOUR,
  isFiner,
  type Span,
  weekdayOf,
} from './calendar.ts';
import { type Context, type Rule, rule } from './chart.ts';
import { longWeekend } from './holidays.ts';
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
import { daysOf, readPoint } from './reading.ts';
import { dayPoint, fullYear, yearPoint } from './scan.ts';
import { daysOfMonth, every, mapped, nthWithin, once, type Series, weekdays, yearly } from './series.ts';

const HAS_OF: Readonly<Record<Grain, number>> = {
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
function relativeUnits(context: Context, count: Num, unit: Unit, direction: number): Point | null {
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

function dayOfMonth(day: number, strength: Strength): Point | null {
  if (!Number.isInteger(day) || day < 1 || day > 31) return null;
  return point({ strength, has: HAS.day, days: daysOfMonth(day) });
}

function isDayNumber(num: Num | Ord): boolean {
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
function dayIn(month: Point, num: Num | Ord): Point | null {
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

function withShortYear(date: Point, num: Num, isMarked = false): Point | null {
  if (num.digits !== 2 || (date.has & HAS.year) !== 0 || (date.has & HAS.month) === 0) return null;
  // "february 18" is a day.
  if ((date.has & HAS.day) === 0 && num.value <= 31 && !isMarked) return null;
  return both(date, yearPoint(fullYear(num.value, 2), 2));
}

/** Whether a point is only a weekday, a month, … */
function isOnly(date: Point, has: number): boolean {
  return date.has === has;
}

function weekdayOfPoint(date: Point): number {
  return weekdayOf(date.days?.next(0)?.start ?? 0);
}

/** "this friday", "next monday", "last tuesday", "next easter", "last october". */
function directed(context: Context, date: Point, direction: number): Point | null {
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

function nextAfterToday(context: Context, date: Point): Point | null {
  if (date.isFixed || date.days === null) return null;
  const span = date.days.next(floorTo(context.now, 'day') + DAY);
  return span === null
    ? null
    : { ...date, strength: 2, has: HAS_OF.day, days: once(span.start, span.end), isFixed: true };
}

/** n weekdays (holidays, …) from now: "2 thursdays ago", "three fridays from now", "friday after next". */
function nthFromNow(context: Context, date: Point, n: number): Point | null {
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

function unitInner(unit: Unit): { series: Series; grain: Grain; isSpan: boolean } | null {
  const series = unitSeries(unit);
  if (series === null) return null;
  if (unit.special === 'weekend') return { series, grain: 'hour', isSpan: true };
  return { series, grain: unit.times > 1 ? 'month' : unit.grain, isSpan: unit.times > 1 };
}

/** "the first 2 weeks of 2021", "last 3 days of october". */
function firstUnitsOf(n: number, count: Num, unit: Unit, outer: Point): Point | null {
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

/** The quarter (3 months) or half (6) of a year by its number. */
function partOfYear(number: number, months: 3 | 6, strength: Strength): Point | null {
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

function ordinalUnit(ord: Ord, unit: Unit): Point | null {
  if (unit.grain === 'quarter' || (unit.grain === 'month' && unit.times === 6)) {
    const months = unit.grain === 'quarter' ? 3 : 6;
    if (ord.value < 0) return null;
    return partOfYear(ord.value, months, 2);
  }
  return null;
}

/** ISO week of a year. */
function weekNumber(number: Num, year: Point | null, context: Context): Point | null {
  if (!Number.isInteger(number.value) || number.value < 1 || number.value > 53 || number.isArticle)
    return null;
  const of =
    year === null ? civilDay(context.now).year : civilDay(daysOf(year, context.now)?.start ?? 0).year;
  const start = floorTo(dayAt(of, 1, 4), 'week') + (number.value - 1) * 7 * DAY;
  return point({ has: HAS_OF.week, grain: 'week', days: once(start, start + 7 * DAY), isFixed: true });
}

/** The week that a day is in. A Sunday belongs, as "the week of", to the week that it opens. */
function weekOf(date: Point, context: Context): Point | null {
  if (date.clock !== null || !(date.has & (HAS.day | HAS.holiday | HAS.weekday))) return null;
  const span = daysOf(date, context.now);
  if (span === null) return null;
  const start = floorTo(span.start + (context.language === 'en' ? DAY : 0), 'week');
  return point({ has: HAS_OF.week, grain: 'week', days: once(start, start + 7 * DAY), isFixed: true });
}

/** The n-th nearest of a series to a day: "the closest monday to oct 5th". */
function closest(date: Point, to: Point, n: number, context: Context): Point | null {
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

/** Two dates at once. A weekday that a full date contradicts is left out; counted weeks hold the weekday in theirs. */
function meet(a: Point, b: Point): Point | null {
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

function relativeDay(context: Context, offset: number, strength: Strength = 2): Point {
  const start = floorTo(context.now, 'day') + offset * DAY;
  return point({ strength, has: HAS_OF.day, days: once(start, start + DAY), isFixed: true });
}

function season(context: Context, number: number, direction: number): Point {
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

const DATES = 'DATE|WHEN';

export const dayRules: readonly Rule[] = [
  rule('RELATIVE', (context, word) => relativeDay(context, word.value)),
  rule('RELATIVEWEAK', (context, word) => relativeDay(context, word.value, 1)),
  rule('NOWWEAK', (context) =>
    point({
      cat: 'WHEN',
      strength: 1,
      has: 1023,
      grain: 'second',
      days: once(context.now, context.now + 1000),
      isFixed: true,
      fromNow: 0,
    }),
  ),
  rule('NOW', (context) =>
    point({
      cat: 'WHEN',
      has: 1023,
      grain: 'second',
      days: once(context.now, context.now + 1000),
      isFixed: true,
      fromNow: 0,
    }),
  ),
  rule('ASAPNOW', (context) =>
    point({
      cat: 'WHEN',
      has: 1023,
      grain: 'second',
      days: once(context.now, context.now + 1000),
      isFixed: true,
      fromNow: 0,
    }),
  ),

  rule('ORD', (_, ord) => dayOfMonth(ord.value, 0)),
  rule('THE ORD', (_, _the, ord) => dayOfMonth(ord.value, 1)),
  rule('ON ORD', (context, _on, ord) => dayOfMonth(ord.value, context.language === 'en' ? 2 : 1)),
  rule('ON THE ORD', (_, _on, _the, ord) => dayOfMonth(ord.value, 2)),
  rule('ON NUM', (_, _on, num) => (isDayNumber(num) ? dayOfMonth(num.value, num.digits > 0 ? 1 : 0) : null)),
  rule('DAYNUMBER NUM|ORD', (context, _day, num) =>
    isDayNumber(num) ? dayOfMonth(num.value, context.language === 'en' ? 0 : 2) : null,
  ),
  rule('DATE NUM', (_, date, num) =>
    isOnly(date, HAS.weekday) && isDayNumber(num) ? joinDay(date, num) : null,
  ),
  rule('DATE NUM', (_, date, num) => dayIn(date, num) ?? withShortYear(date, num)),
  rule('DATE +NUM', (_, date, num) => dayIn(date, num)),
  rule('DATE OF NUM', (_, date, _of, num) => withShortYear(date, num) ?? null),
  rule('DATE +DOT', (_, date) => (isOnly(date, HAS.month) || isOnly(date, HAS.weekday) ? date : null)),
  rule('DATE QUOTE +NUM', (_, date, _quote, num) => withShortYear(date, num, true)),
  rule('NUM DATE', (_, num, date) => dayIn(date, num)),
  rule('NUM OF DATE', (_, num, _of, date) => dayIn(date, num)),
  rule('NUM OF NUM OF DATE', (_, day, _of, month, _too, year) =>
    isOnly(year, HAS.year) && day.digits > 0 && month.digits > 0
      ? dayPoint(civilDay(year.days?.next(EARLIEST)?.start ?? 0).year, month.value, day.value, 2)
      : null,
  ),
  rule(
    'ON DATE',
    (_, _on, date) =>
      date.strength < 2 && date.has === (HAS.month | HAS.day) ? { ...date, strength: 2 } : null,
    true,
  ),
  rule(
    'YEARLY DATE',
    (_, _in, date) => (isOnly(date, HAS.year) && date.strength < 2 ? { ...date, strength: 2 } : null),
    true,
  ),
  rule(
    'YEARLY DATE',
    (_, _in, date) => (isOnly(date, HAS.month) && date.strength === 1 ? { ...date, strength: 2 } : null),
    true,
  ),
  rule('YEARLY NUM ERA', (_, _in, num, era) => eraYear(num, era.value)),
  rule('NUM ERA', (_, num, era) => eraYear(num, era.value)),
  rule('NUM NUM', (_, a, b) =>
    a.digits === 0 &&
    b.digits === 0 &&
    a.value >= 11 &&
    a.value <= 20 &&
    b.value >= 10 &&
    b.value <= 99 &&
    !a.isVague &&
    !b.isVague
      ? yearPoint(a.value * 100 + b.value, 0)
      : null,
  ),

  rule('DATE DATE', (_context, a, b) => meet(a, b)),
  rule('DATE COMMA DATE', (_context, a, comma, b) => (comma.cat === 'COMMA' ? meet(a, b) : null)),
  rule('DATE WHEN', (_context, a, b) => meet(a, b)),
  rule('WHEN DATE', (_context, a, b) => meet(a, b)),
  rule('DATE COMMA WHEN', (_context, a, _comma, b) => meet(a, b)),
  rule('WHEN COMMA DATE', (_context, a, _comma, b) => meet(a, b)),
  rule('DATE AFTERWARDS DATE', (_context, a, _from, b) =>
    isOnly(a, HAS.weekday) && b.grain === 'week' ? meet(a, b) : null,
  ),
  // "la mañana" is the morning, "mañana" tomorrow.
  rule(
    `PRE ${DATES}`,
    (context, pre, date) =>
      pre.value === 1 && context.language === 'es' && date.has === HAS_OF.day && date.grain === 'day'
        ? null
        : date,
    true,
  ),
  rule(
    'THE DATE',
    (context, _the, date) =>
      date.has === HAS.weekday || (context.language === 'es' && date.has === HAS_OF.day) ? null : date,
    true,
  ),

  rule('DIR UNIT', (context, dir, unit) => relativeUnit(context, unit, dir.value)),
  rule('UNIT DIR', (context, unit, dir) =>
    context.language === 'en' ? null : relativeUnit(context, unit, dir.value),
  ),
  rule('DIR UNIT DIR', (context, dir, unit, second) =>
    dir.value === 0 ? relativeUnit(context, unit, second.value) : null,
  ),
  rule('DIR DIR UNIT', (context, dir, second, unit) =>
    dir.value === 0 ? relativeUnit(context, unit, second.value) : null,
  ),
  rule('UNIT AFTERNEXT', (context, unit) => relativeUnit(context, unit, 2)),
  rule('DATE AFTERNEXT', (context, date) => nthFromNow(context, date, 2)),
  rule('THE UNIT', (context, _the, unit) => theUnit(context, unit)),
  rule('DIR NUM UNIT', (context, dir, num, unit) => relativeUnits(context, num, unit, dir.value)),
  rule('NUM DIR UNIT', (context, num, dir, unit) => relativeUnits(context, num, unit, dir.value)),
  rule('NUM UNIT DIR', (context, num, unit, dir) =>
    context.language === 'en' ? null : relativeUnits(context, num, unit, dir.value),
  ),
  rule('COMING NUM UNIT', (context, _coming, num, unit) => nthUnit(context, num, unit)),
  rule('NUM COMING UNIT', (context, num, _coming, unit) => nthUnit(context, num, unit)),
  rule('DIR DATE', (context, dir, date) => directed(context, date, dir.value)),
  rule('DATE DIR', (context, date, dir) =>
    context.language === 'en' ? null : directed(context, date, dir.value),
  ),
  rule('DIR DATE DIR', (context, first, date, dir) =>
    first.value === 0 && isOnly(date, HAS.weekday) ? nearest(context, date, dir.value) : null,
  ),
  rule('COMING UNIT', (context, _coming, unit) => relativeUnit(context, unit, 1)),
  rule('DATE NOWISH', (context, date) => {
    const span = isOnly(date, HAS.weekday) ? date.days?.next(floorTo(context.now, 'day')) : null;
    return span
      ? { ...date, strength: 2, has: HAS_OF.day, days: once(span.start, span.end), isFixed: true }
      : null;
  }),
  rule('COMING DATE', (context, _coming, date) => nextAfterToday(context, date)),
  rule('DATE OF DIR UNIT', (context, date, _of, dir, unit) => inUnit(context, date, unit, dir.value)),
  rule('DATE DIR UNIT', (context, date, dir, unit) => inUnit(context, date, unit, dir.value)),

  rule('NUM DATE AGO', (context, num, date) =>
    isOnly(date, HAS.weekday) ? nthFromNow(context, date, -num.value) : null,
  ),
  rule('NUM DAYS AGO', (context, num, days) =>
    nthFromNow(context, weekdayPoint(days.days[0] ?? 1), -num.value),
  ),
  rule('NUM DAYS HENCE', (context, num, days) =>
    nthFromNow(context, weekdayPoint(days.days[0] ?? 1), num.value),
  ),
  rule('NUM DATE HENCE', (context, num, date) =>
    isOnly(date, HAS.weekday) ? nthFromNow(context, date, num.value) : null,
  ),
  rule('AGOBEFORE NUM DATE', (context, _ago, num, date) =>
    isOnly(date, HAS.weekday) ? nthFromNow(context, date, -num.value) : null,
  ),

  rule('ORD ORD', (_, a, b) =>
    a.value > 0 && b.value === -1 ? { cat: 'ORD', value: -a.value, isWord: true } : null,
  ),
  rule('THE ORD ORD', (_, _the, a, b) =>
    a.value > 0 && b.value === -1 ? { cat: 'ORD', value: -a.value, isWord: true } : null,
  ),
  rule('ORD UNIT', (_, ord, unit) => ordinalUnit(ord, unit)),
  rule('ORD UNIT DATE', (_, ord, unit, date) => ordOfUnit(ord, unit, date)),
  rule('ORD DATE DATE', (_, ord, day, date) => ordOfDay(ord, day, date)),
  rule('ORD DATE AFTERWARDS DATE', (context, ord, day, _after, date) => {
    const base = readPoint(date, context.now);
    if (base === null || day.days === null || day.isFixed || ord.value < 1) return null;
    const span = nthWithin({ start: base.end, end: Number.POSITIVE_INFINITY }, day.days, ord.value);
    return span === null
      ? null
      : { ...day, strength: 2 as const, has: HAS_OF.day, days: once(span.start, span.end), isFixed: true };
  }),
  rule('ORD NUM UNIT DATE', (_, ord, num, unit, date) => firstUnitsOf(ord.value, num, unit, date)),
  rule('ORD UNIT OF UNIT', (context, ord, unit, _of, outer) =>
    ordOfUnit(ord, unit, relativeUnit(context, outer, 0)),
  ),
  rule('ORD UNIT THE UNIT', (context, ord, unit, _of, outer) =>
    ordOfUnit(ord, unit, relativeUnit(context, outer, 0)),
  ),
  rule('ORD? CLOSEST DATE TO|PRE DATE', (context, ord, _closest, date, _to, to) =>
    closest(date, to, ord?.value ?? 1, context),
  ),
  rule('DATE UNIT', (_, date, unit) =>
    isOnly(date, HAS.holiday) && date.days !== null && unit.special === 'weekend'
      ? {
          ...date,
          has: HAS.holiday | HAS.span,
          grain: 'hour' as const,
          days: mapped(date.days, longWeekend, 14 * DAY),
          isSpan: true,
        }
      : null,
  ),
  rule('WEEKOF DATE', (context, _week, date) => weekOf(date, context)),
  rule('UNIT NUM', (context, unit, num) =>
    unit.grain === 'week' && unit.times === 1 && unit.special === null
      ? weekNumber(num, null, context)
      : null,
  ),
  rule('UNIT NUM DATE', (context, unit, num, date) =>
    unit.grain === 'week' && unit.times === 1 && (date.has & ~HAS.relative) === HAS.year
      ? weekNumber(num, date, context)
      : null,
  ),
  rule('QUARTERLETTER +NUM', (_, _q, num) => partOfYear(num.digits === 1 ? num.value : 0, 3, 1)),
  rule('HALFLETTER +NUM', (_, _h, num) => partOfYear(num.digits === 1 ? num.value : 0, 6, 0)),
  rule('DATE TO DATE', (_, year, _dash, quarter) =>
    isOnly(year, HAS.year) && isOnly(quarter, HAS.quarter | HAS.month) && !quarter.isSpan
      ? both(year, quarter)
      : null,
  ),
  rule('DATE TO DATE', (_, quarter, _dash, year) =>
    isOnly(year, HAS.year) && isOnly(quarter, HAS.quarter | HAS.month) ? both(year, quarter) : null,
  ),
  rule('NUM +DATE', (_, year, quarter) =>
    year.digits === 2 && isOnly(quarter, HAS.quarter | HAS.month)
      ? both(yearPoint(fullYear(year.value, 2), 2), quarter)
      : null,
  ),
  rule('SEASON', (context, word) => season(context, word.value, 2)),
  rule('DIR SEASON', (context, dir, word) => season(context, word.value, dir.value)),
  rule('SEASON DIR', (context, word, dir) =>
    context.language === 'en' ? null : season(context, word.value, dir.value),
  ),
].flat();

function joinDay(weekday: Point, num: Num): Point | null {
  const day = dayOfMonth(num.value, 2);
  return day === null ? null : both(weekday, day);
}

function weekdayPoint(day: number): Point {
  return point({ has: HAS.weekday, days: weekdays(day) });
}

function eraYear(num: Num, era: number): Point | null {
  if (!Number.isInteger(num.value) || num.value < 1 || num.value > 9999) return null;
  return yearPoint(era > 0 ? num.value : -num.value, 2);
}

/** "the week", "the year": the one that now is in; "the day" and shorter say too little. */
function theUnit(context: Context, unit: Unit): Point | null {
  if (isFiner(unit.grain, 'week') || unit.special === 'night') return null;
  const made = relativeUnit(context, unit, 0);
  return made === null ? null : { ...made, strength: 0 };
}

/** "upcoming two weeks": the second week from this. */
function nthUnit(context: Context, num: Num, unit: Unit): Point | null {
  if (!Number.isInteger(num.value) || num.value > 500 || num.isVague) return null;
  return relativeUnit(context, unit, num.value);
}

function nearest(context: Context, weekday: Point, direction: number): Point | null {
  const today = floorTo(context.now, 'day');
  const span = direction > 0 ? weekday.days?.next(today + DAY) : weekday.days?.previous(today);
  return span
    ? { ...weekday, strength: 2, has: HAS_OF.day, days: once(span.start, span.end), isFixed: true }
    : null;
}

function inUnit(context: Context, date: Point, unit: Unit, direction: number): Point | null {
  const outer = relativeUnit(context, unit, direction);
  return outer === null || !isFiner(date.grain, outer.grain) ? null : meet(date, outer);
}

function ordOfUnit(ord: Ord, unit: Unit, date: Point | null): Point | null {
  const inner = unitInner(unit);
  return inner === null || date === null ? null : nthOf(inner, ord.value, date);
}

function ordOfDay(ord: Ord, day: Point, date: Point): Point | null {
  if (!isOnly(day, HAS.weekday) || day.days === null) return null;
  return nthOf({ series: day.days, grain: 'day', isSpan: false }, ord.value, date);
}
