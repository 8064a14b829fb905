// Times of day: an hour, minutes before and after it, its half of the day, and the day that it is on.
import { DAY, floorTo } from './calendar.ts';
import type { Context } from './chart.ts';
import {
  both,
  type Clock,
  clockPoint,
  EARLIEST,
  HAS,
  type Num,
  type Point,
  point,
  type Strength,
} from './nodes.ts';
import { once } from './series.ts';

export function hourOf(num: Num, strength: Strength): Point | null {
  const isHour =
    !num.isArticle &&
    !num.isVague &&
    num.digits <= 2 &&
    Number.isInteger(num.value) &&
    num.value >= 0 &&
    num.value <= 24;
  if (!isHour) return null;
  const clock: Clock = {
    hour: num.value,
    minute: 0,
    second: 0,
    grain: 'hour',
    isAmbiguous: num.value >= 1 && num.value <= 12,
  };
  return clockPoint(clock, strength);
}

export function asClock(time: Num | Point): Point | null {
  if (time.cat === 'NUM') return hourOf(time, 0);
  return time.clock !== null && time.until === null && time.part === null ? time : null;
}

export function withHalf(time: Point | null, half: number): Point | null {
  const clock = time?.clock;
  if (!time || !clock || time.until !== null) return null;
  // "15:00 pm" is said, "07:00 pm" written by machines.
  if (clock.hour > 12 || clock.hour === 0)
    return clock.hour < 12 === (half === 0) ? { ...time, strength: 2 } : null;
  const hour = (clock.hour % 12) + half;
  return { ...time, strength: 2, clock: { ...clock, hour, isAmbiguous: false } };
}

/** Minutes before or after a full hour, or after any time for a quarter and a half. */
export function shifted(time: Point | null, minutes: number, strength: Strength): Point | null {
  const clock = time?.clock;
  if (!time || !clock || clock.second !== 0 || clock.minute !== 0 || time.until !== null) return null;
  if (!Number.isInteger(minutes) || Math.abs(minutes) > 59 || minutes === 0) return null;
  const total = (clock.hour * 60 + minutes + 1440) % 1440;
  const hour = Math.floor(total / 60);
  const inTwelve = clock.isAmbiguous ? ((hour + 11) % 12) + 1 : hour;
  const grain = 'minute' as const;
  return { ...time, strength, grain, clock: { ...clock, hour: inTwelve, minute: total % 60, grain } };
}

export function fullMinutes(num: Num): number {
  return !num.isArticle && !num.isVague && Number.isInteger(num.value) && num.digits <= 2
    ? num.value
    : Number.NaN;
}

/** "three twenty", "12 15". */
export function hourAndMinute(hour: Num, minutes: Num, strength: Strength): Point | null {
  const isPlausible =
    minutes.value >= 10 && minutes.value <= 59 && (minutes.digits === 0 || minutes.digits === 2);
  if (!isPlausible || minutes.isVague || minutes.isArticle || hour.digits > 2) return null;
  return shifted(hourOf(hour, 0), fullMinutes(minutes), strength);
}

export function timed(context: Context, word: number): Point {
  const start = floorTo(context.now, 'day');
  return point({
    cat: 'WHEN',
    has: HAS.year | HAS.month | HAS.week | HAS.day | HAS.relative | HAS.part,
    grain: 'hour',
    days: once(start, start + DAY),
    isFixed: true,
    isSpan: true,
    part: { name: 'night', from: word, to: 24 },
  });
}

export const strong = (time: Point | null): Point | null => (time === null ? null : { ...time, strength: 2 });

/** A part of a day, and of no month. */
export function partOn(date: Point, part: Point): Point | null {
  const isLong = date.grain === 'month' || date.grain === 'quarter' || date.grain === 'year';
  return isLong && (date.has & HAS.relative) === 0 ? null : both(date, part);
}

/** A time on a day; in a month or a year only where it was said to be a time, and the month counted from now. */
export function onDate(date: Point, time: Point): Point | null {
  if (time.strength === 0 && time.until === null) return null;
  const isLong = date.grain === 'month' || date.grain === 'quarter' || date.grain === 'year';
  if (isLong && (time.strength < 2 || (date.has & HAS.relative) === 0)) return null;
  const start = date.isFixed ? date.days?.next(EARLIEST)?.start : undefined;
  // "At 7 in 3 years" is on the first day of that month.
  if (isLong && start !== undefined) {
    const first = floorTo(start, date.grain);
    return both({ ...date, days: once(first, first + DAY), grain: 'day' }, time);
  }
  return both(date, time);
}

export function strengthOf(time: Num | Point): Strength {
  return time.cat === 'NUM' ? 1 : time.strength;
}

export function weakly(time: Point | null): Point | null {
  return time === null ? null : { ...time, strength: 1 };
}

export function withPart(time: Point | null, day: Point): Point | null {
  if (time === null || day.strength < 2) return null;
  return both(time, day);
}

export function atMinute(hour: Num, minutes: Num): Point | null {
  const time = hourOf(hour, 2);
  if (time?.clock == null || minutes.value > 59) return null;
  const isAmbiguous = time.clock.isAmbiguous && !(hour.digits === 2 && hour.value < 10);
  return {
    ...time,
    grain: 'minute',
    clock: { ...time.clock, minute: minutes.value, grain: 'minute', isAmbiguous },
  };
}

export function inZone(time: Point, zone: number): Point | null {
  return time.clock === null || time.zone !== null ? null : { ...time, zone };
}

/** "this morning", "last night", "next afternoon". */
export function dayPart(context: Context, part: Point, direction: number): Point | null {
  if (part.clock !== null || (context.language === 'es' && direction === -1 && part.part?.name === 'morning'))
    return null;
  const start = floorTo(context.now, 'day') + direction * DAY;
  return both(
    point({
      has: HAS.year | HAS.month | HAS.week | HAS.day | HAS.relative,
      days: once(start, start + DAY),
      isFixed: true,
    }),
    part,
  );
}
