// Rules for periods: from … to …, since, until, the beginning and the end of something.
import { floorTo, isFiner } from './calendar.ts';
import { type Rule, rule } from './chart.ts';
import { both, HAS, point } from './nodes.ts';
import {
  clockRange,
  dayNumberOf,
  daysIn,
  EDGE_UNITS,
  edgeOf,
  edgeOfUnit,
  edgeWord,
  fromNowTo,
  fromTo,
  hourClock,
  lasting,
  onDay,
  openFrom,
  openTo,
  period,
  stronger,
  untilEndOf,
  withYear,
} from './periods.ts';
import { daysOf, readPoint } from './reading.ts';
import { once } from './series.ts';
import { relativeUnit } from './units.ts';

const ANY = 'DATE|WHEN|CLOCK|PART';

export const periodRules: readonly Rule[] = [
  rule('CLOCK TO CLOCK', (_, from, _to, to) => clockRange(from, to, 0)),
  rule('NUM TO CLOCK', (_, from, _to, to) => clockRange(from, to, 0)),
  rule('CLOCK TO NUM', (_, from, _to, to) => clockRange(from, to, 0)),
  rule('NUM TO NUM', (_, from, _to, to) => clockRange(from, to, 0)),
  rule('BETWEEN CLOCK', (_, _from, range) =>
    range.until === null ? null : { ...range, strength: range.strength === 0 ? 1 : 2 },
  ),
  rule('BETWEEN NUM|CLOCK AND NUM|CLOCK', (_, _between, from, _and, to) => {
    const range = clockRange(from, to, 0);
    return range === null ? null : { ...range, strength: range.strength === 0 ? 0 : 2 };
  }),
  rule('AFTER CLOCK BUT CLOCK', (_, _after, from, _but, to) => clockRange(from, to, 2)),
  rule('WHEN TO CLOCK|NUM', (_, when, _to, to) => {
    if (when.clock === null || when.until !== null || when.fromNow !== null) return null;
    const until = to.cat === 'NUM' ? hourClock(to) : to.until === null ? to.clock : null;
    return until === null
      ? null
      : { ...when, until, isSpan: true, zone: when.zone ?? (to.cat === 'NUM' ? null : to.zone) };
  }),
  rule('BETWEEN WHEN AND CLOCK', (_, _between, when, _and, to) =>
    when.clock === null ||
    when.until !== null ||
    to.clock === null ||
    to.until !== null ||
    when.fromNow !== null
      ? null
      : { ...when, until: to.clock, isSpan: true },
  ),
  rule('BETWEEN WHEN', (_, _from, when) => (when.until === null ? null : when), true),

  rule('NUM|ORD TO NUM|ORD DATE', (_, from, _to, to, month) =>
    daysIn(month, dayNumberOf(from), dayNumberOf(to)),
  ),
  rule('NUM|ORD TO NUM|ORD OF DATE', (_, from, _to, to, _of, month) =>
    daysIn(month, dayNumberOf(from), dayNumberOf(to)),
  ),
  rule('BETWEEN NUM|ORD AND NUM|ORD DATE', (_, _between, from, _and, to, month) =>
    daysIn(month, dayNumberOf(from), dayNumberOf(to)),
  ),
  rule('BETWEEN THE NUM|ORD TO|AND NUM|ORD DATE', (_, _between, _the, from, _and, to, month) =>
    daysIn(month, dayNumberOf(from), dayNumberOf(to)),
  ),
  rule('NUM|ORD TO THE NUM|ORD DATE', (_, from, _to, _the, to, month) =>
    daysIn(month, dayNumberOf(from), dayNumberOf(to)),
  ),
  rule('DATE NUM|ORD TO NUM|ORD', (_, month, from, _to, to) =>
    daysIn(month, dayNumberOf(from), dayNumberOf(to)),
  ),
  rule('BETWEEN DATE', (_, _from, date) => (date.isSpan && (date.has & HAS.span) !== 0 ? date : null), true),
  rule('DATE DATE', (_, range, year) =>
    (range.has & HAS.span) !== 0 && !range.isFixed && year.has === HAS.year ? both(range, year) : null,
  ),

  rule('DATE TO DATE', (_, from, _to, to) => fromTo(from, to)),
  rule('WHEN TO WHEN|DATE', (_, from, _to, to) => fromTo(from, to)),
  rule('DATE TO WHEN', (_, from, _to, to) => fromTo(from, to)),
  rule('BETWEEN DATE|WHEN AND DATE|WHEN', (_, _between, from, _and, to) => stronger(fromTo(from, to))),
  rule('BETWEEN PERIOD', (_, _from, range) =>
    range.from !== null && range.to !== null ? stronger(range) : null,
  ),
  rule('PERIOD DATE', (_, range, year) =>
    year.has === HAS.year && range.to !== null && range.from !== null && (range.to.has & HAS.year) === 0
      ? withYear(range, year)
      : null,
  ),
  rule('DATE PERIOD', (_, date, range) => onDay(range, date)),
  rule('PERIOD DATE', (_, range, date) => onDay(range, date)),
  rule('DATE COMMA PERIOD', (_, date, _comma, range) => onDay(range, date)),
  rule('PRE PERIOD', (_, _pre, range) => range, true),

  rule(`SINCE ${ANY}`, (_, _since, target) => openFrom(target, false)),
  rule(`AFTER ${ANY}`, (_, _after, target) => openFrom(target, true)),
  rule(`${ANY} GREATER`, (_, target) => openFrom(target, false)),
  rule(`UNTIL ${ANY}`, (context, _until, target) => openTo(target, context.language !== 'en')),
  rule(`${ANY} LATEST`, (_, target) => openTo(target, true)),
  rule('ASAP', (context) =>
    period(
      point({
        cat: 'WHEN',
        has: 1023,
        grain: 'second',
        days: once(context.now, context.now + 1000),
        isFixed: true,
      }),
      null,
    ),
  ),
  rule('BY CLOCK|WHEN|DATE', (context, _by, target) => {
    if (context.language !== 'en' || target.strength === 0 || target.until !== null) return null;
    const read = readPoint(target, context.now);
    return read === null || target.isSpan ? null : fromNowTo(context, read.start);
  }),

  rule('BEGIN DATE', (context, _edge, outer) => edgeOf('begin', outer, context)),
  rule('MID DATE', (context, _edge, outer) => edgeOf('middle', outer, context)),
  rule('END DATE', (context, _edge, outer) => edgeOf('end', outer, context)),
  rule('BEGIN|BEGINBARE UNIT', (context, _edge, unit) =>
    edgeOfUnit('begin', relativeUnit(context, unit, 0), context),
  ),
  rule('MID UNIT', (context, _edge, unit) => edgeOfUnit('middle', relativeUnit(context, unit, 0), context)),
  rule('END|ENDBARE UNIT', (context, _edge, unit) =>
    edgeOfUnit('end', relativeUnit(context, unit, 0), context),
  ),
  rule('THE DATE', (_, _the, date) => ((date.has & HAS.span) !== 0 ? date : null), true),
  rule('EDGE', (context, word) => edgeWord(context, word.value)),
  rule('EDGEWEAK', (context, word) => {
    const made = edgeWord(context, word.value);
    return made === null ? null : { ...made, strength: 1 };
  }),
  rule('BYEND DATE', (context, _by, outer) => untilEndOf(outer, context)),
  rule('BYEND UNIT', (context, _by, unit) => {
    const outer = relativeUnit(context, unit, 0);
    return outer === null || isFiner(outer.grain, 'week') ? null : untilEndOf(outer, context);
  }),
  rule('BY EDGE', (context, _by, word) => {
    const outer = relativeUnit(
      context,
      { cat: 'UNIT', grain: EDGE_UNITS[Math.abs(word.value)] ?? 'week', times: 1, special: null },
      0,
    );
    const span = outer === null ? null : daysOf(outer, context.now);
    return span === null || word.value < 0 ? null : fromNowTo(context, span.end);
  }),
  rule('REST DATE', (context, _rest, outer) => {
    const span = outer.clock === null ? daysOf(outer, context.now) : null;
    const start = floorTo(context.now, 'day');
    if (span === null || start < span.start || start >= span.end) return null;
    return point({ has: 1023, days: once(start, span.end), isFixed: true, isSpan: true });
  }),
  rule('REST UNIT', (context, _rest, unit) => {
    const outer = relativeUnit(context, unit, 0);
    const span = outer === null ? null : daysOf(outer, context.now);
    const start = floorTo(context.now, 'day');
    return span === null
      ? null
      : point({ has: 1023, days: once(start, span.end), isFixed: true, isSpan: true });
  }),

  rule(`${'CLOCK|WHEN|DATE'} FOR DUR`, (context, from, _for, length) => lasting(from, length, context)),
  rule('SINCE CLOCK|WHEN|DATE FOR DUR', (context, _since, from, _for, length) =>
    lasting(from, length, context),
  ),
  rule('FOR DUR SINCE CLOCK|WHEN|DATE', (context, _for, length, _since, from) =>
    lasting(from, length, context),
  ),
  rule('DUR SINCE CLOCK|WHEN|DATE', (context, length, _since, from) =>
    from.strength === 2 && length.parts.length > 0 ? lasting(from, length, context) : null,
  ),
].flat();
