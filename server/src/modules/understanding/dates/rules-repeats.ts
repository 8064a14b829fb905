// Rules for what comes again: "every other tuesday at 9", "todos los lunes", "toda sexta", "monthly".

import { civilDay, type Grain, weekdayOf } from './calendar.ts';
import { type Rule, rule } from './chart.ts';
import { HAS, type Node, type Point, type Repetition, type Unit, type Weekdays } from './nodes.ts';

function repeat(
  frequency: Repetition['frequency'],
  interval = 1,
  more: Partial<Repetition> = {},
): Repetition {
  return {
    cat: 'REPEAT',
    strength: 2,
    frequency,
    interval,
    weekdays: [],
    monthDays: [],
    month: null,
    time: null,
    starts: null,
    ends: null,
    length: null,
    ...more,
  };
}

const OF_GRAIN: Readonly<Record<Grain, readonly [Repetition['frequency'], number] | null>> = {
  second: null,
  minute: ['MINUTELY', 1],
  hour: ['HOURLY', 1],
  day: ['DAILY', 1],
  week: ['WEEKLY', 1],
  month: ['MONTHLY', 1],
  quarter: ['MONTHLY', 3],
  year: ['YEARLY', 1],
};

const WORKDAYS = [1, 2, 3, 4, 5];
const WEEKEND = [6, 7];

function everyUnit(unit: Unit, count: number): Repetition | null {
  if (!Number.isInteger(count) || count < 1 || count > 999) return null;
  if (unit.special === 'workday') return count === 1 ? onDays(WORKDAYS, 1) : null;
  if (unit.special === 'weekend') return onDays(WEEKEND, count);
  const found = OF_GRAIN[unit.grain];
  return found === null ? null : repeat(found[0], found[1] * unit.times * count);
}

function onDays(days: readonly number[], interval: number): Repetition {
  return repeat('WEEKLY', interval, { weekdays: days.map((day) => ({ day, nth: 0 })) });
}

/** From a period in days, as adverbs have it. */
function howOften(days: number): Repetition {
  if (days === 0) return repeat('HOURLY');
  if (days < 7) return repeat('DAILY', days);
  if (days < 28) return repeat('WEEKLY', days / 7);
  if (days < 365) return repeat('MONTHLY', Math.round(days / 30.4));
  return repeat('YEARLY');
}

/** "every 5th of november", "every 15th", "every june", "every christmas" by what day it falls on now. */
function everyDate(date: Point): Repetition | null {
  if (date.isFixed || date.days === null || date.clock !== null || date.isSpan) return null;
  const start = date.days.next(0)?.start;
  if (start === undefined) return null;
  const { month, day } = civilDay(start);
  const { has } = date;
  if (has === HAS.day) return repeat('MONTHLY', 1, { monthDays: [day] });
  if (has === HAS.month) return repeat('YEARLY', 1, { month });
  if (has === (HAS.month | HAS.day)) return repeat('YEARLY', 1, { month, monthDays: [day] });
  if (has === HAS.holiday) {
    const next = date.days.next(start + 1)?.start ?? start;
    const isFixedDay = civilDay(next).month === month && civilDay(next).day === day;
    return isFixedDay ? repeat('YEARLY', 1, { month, monthDays: [day] }) : null;
  }
  if (has === HAS.weekday) return onDays([weekdayOf(start)], 1);
  return null;
}

function joinDays(a: Weekdays, b: Weekdays): Node {
  return {
    cat: 'DAYS',
    days: [...new Set([...a.days, ...b.days])].sort(),
    isPlural: a.isPlural || b.isPlural,
  };
}

function rangeOfDays(a: Weekdays, b: Weekdays): Weekdays | null {
  const [from, to] = [a.days[0] ?? 1, b.days[0] ?? 1];
  if (a.days.length !== 1 || b.days.length !== 1 || from >= to) return null;
  return {
    cat: 'DAYS',
    days: Array.from({ length: to - from + 1 }, (_, index) => from + index),
    isPlural: true,
  };
}

function at(again: Repetition, time: Point): Repetition | null {
  if (
    again.time !== null ||
    time.days !== null ||
    again.frequency === 'HOURLY' ||
    again.frequency === 'MINUTELY'
  )
    return null;
  return { ...again, time, strength: 2 };
}

export const repeatRules: readonly Rule[] = [
  rule('EVERY UNIT', (_, _every, unit) => everyUnit(unit, 1)),
  rule('EVERY NUM UNIT', (_, _every, num, unit) => (num.isVague ? null : everyUnit(unit, num.value))),
  rule('EVERY OTHER UNIT', (_, _every, _other, unit) => everyUnit(unit, 2)),
  rule('EVERY ORD UNIT', (_, _every, ord, unit) => (ord.value > 1 ? everyUnit(unit, ord.value) : null)),
  rule('EVERY DAYS', (_, _every, days) => onDays(days.days, 1)),
  rule('EVERY OTHER DAYS', (_, _every, _other, days) => onDays(days.days, 2)),
  rule('EVERY NUM DAYS', (_, _every, num, days) => (num.value > 1 ? onDays(days.days, num.value) : null)),
  rule('EVERY ORD DAYS', (_, _every, ord, days) =>
    days.days.length === 1 && (ord.value === -1 || (ord.value >= 2 && ord.value <= 5))
      ? repeat('MONTHLY', 1, { weekdays: [{ day: days.days[0] ?? 1, nth: ord.value }] })
      : null,
  ),
  rule('EVERY WORKDAYS', () => onDays(WORKDAYS, 1)),
  rule('EVERY WEEKENDS', () => onDays(WEEKEND, 1)),
  rule('ON WORKDAYS', () => onDays(WORKDAYS, 1)),
  rule('ON WEEKENDS', (context) => (context.language === 'en' ? onDays(WEEKEND, 1) : null)),
  rule('EVERY PART', (_, _every, part) => repeat('DAILY', 1, { time: part })),
  rule('EVERY DAYS PART', (_, _every, days, part) => ({ ...onDays(days.days, 1), time: part })),
  rule('EVERY DATE', (_, _every, date) => everyDate(date)),
  rule('DAYS OR DAYS', (_, a, _or, b) => joinDays(a, b)),
  rule('DAYS OR PRE DAYS', (_, a, _or, _pre, b) => joinDays(a, b)),
  rule('EVERY DAYS TO DAYS', (_, _every, a, _to, b) => {
    const days = rangeOfDays(a, b);
    return days === null ? null : onDays(days.days, 1);
  }),
  rule('DAYS TO DAYS CLOCK', (_, a, _to, b, time) => {
    const days = rangeOfDays(a, b);
    return days === null || time.strength < 2 ? null : at(onDays(days.days, 1), time);
  }),
  rule('CLOCK PRE? DAYS TO DAYS', (_, time, _pre, a, _to, b) => {
    const days = rangeOfDays(a, b);
    return days === null || time.strength < 2 ? null : at(onDays(days.days, 1), time);
  }),
  rule('DAYS', (_, days) => (days.isPlural ? onDays(days.days, 1) : null)),
  rule('DAYS PARTS', (_, days) => onDays(days.days, 1)),
  rule('PRE REPEAT', (_, _pre, again) => again, true),
  rule('HOWOFTEN', (_, word) => howOften(word.value)),
  rule('ONCE PER UNIT', (_, once, _per, unit) => (once.value === 1 ? everyUnit(unit, 1) : null)),
  rule('ONCE EVERY NUM UNIT', (_, once, _per, num, unit) =>
    once.value === 1 ? everyUnit(unit, num.value) : null,
  ),

  rule('DATE REPEAT', (_, date, again) => dayOfEvery(date, again)),
  rule('ORD DAYS REPEAT', (_, ord, days, again) =>
    again.frequency === 'MONTHLY' &&
    days.days.length === 1 &&
    again.weekdays.length === 0 &&
    again.monthDays.length === 0 &&
    ord.value >= -1 &&
    ord.value <= 5
      ? { ...again, weekdays: [{ day: days.days[0] ?? 1, nth: ord.value }] }
      : null,
  ),
  rule('ORD UNIT REPEAT', (_, ord, unit, again) =>
    again.frequency === 'MONTHLY' &&
    unit.grain === 'day' &&
    unit.special === null &&
    again.monthDays.length === 0 &&
    ord.value <= 31
      ? { ...again, monthDays: [ord.value] }
      : null,
  ),
  rule('REPEAT DATE', (_, again, date) => dayOfEvery(date, again)),
  rule('REPEAT PRE DAYS', (_, again, _on, days) =>
    again.frequency === 'WEEKLY' && again.weekdays.length === 0
      ? { ...again, weekdays: days.days.map((day) => ({ day, nth: 0 })) }
      : null,
  ),
  rule('REPEAT CLOCK|PART', (_, again, time) => at(again, time)),
  rule('REPEAT COMMA CLOCK|PART', (_, again, _comma, time) => at(again, time)),
  rule('CLOCK|PART REPEAT', (_, time, again) => at(again, time)),
  rule('REPEAT PERIOD', (_, again, range) => {
    if (range.from !== null && range.to === null && range.from.days !== null)
      return { ...again, starts: range.from };
    if (range.to !== null && range.from === null && range.to.days !== null)
      return { ...again, ends: range.to };
    return null;
  }),
  rule('REPEAT FOR DUR', (_, again, _for, length) => ({ ...again, length })),
].flat();

function dayOfEvery(date: Point, again: Repetition): Repetition | null {
  if (date.isFixed || date.days === null || again.weekdays.length > 0 || again.monthDays.length > 0)
    return null;
  const start = date.days.next(0)?.start;
  if (start === undefined) return null;
  const { month, day } = civilDay(start);
  if (again.frequency === 'WEEKLY' && date.has === HAS.weekday)
    return { ...again, weekdays: [{ day: weekdayOf(start), nth: 0 }] };
  if (again.frequency === 'MONTHLY' && date.has === HAS.day) return { ...again, monthDays: [day] };
  if (again.frequency === 'YEARLY' && date.has === (HAS.month | HAS.day))
    return { ...again, month, monthDays: [day] };
  if (again.frequency === 'DAILY' && date.has === HAS.weekday) return onDays([weekdayOf(start)], 1);
  return null;
}
