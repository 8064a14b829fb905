// Rules for days, weeks, months and years: by name, by number, by their place in something longer, and relative to now.
import { civilDay, DAY, floorTo } from './calendar.ts';
import { type Rule, rule } from './chart.ts';
import {
  dayIn,
  dayOfMonth,
  directed,
  eraYear,
  inUnit,
  isDayNumber,
  isOnly,
  joinDay,
  meet,
  nearest,
  nextAfterToday,
  nthFromNow,
  relativeDay,
  weekdayPoint,
  weekOf,
  withShortYear,
} from './days.ts';
import { dayPoint, fullYear, yearPoint } from './given.ts';
import { longWeekend } from './holidays.ts';
import { both, EARLIEST, HAS, point } from './nodes.ts';
import { closest, firstUnitsOf, ordOfDay, ordOfUnit } from './places.ts';
import { readPoint } from './reading.ts';
import { mapped, nthWithin, once } from './series.ts';
import {
  HAS_OF,
  nthUnit,
  ordinalUnit,
  partOfYear,
  relativeUnit,
  relativeUnits,
  season,
  theUnit,
  weekNumber,
} from './units.ts';

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
