// What a point or a period means seen from now, on the wall clock.
import { addTo, DAY, floorTo, type Grain, HOUR, isFiner, MINUTE, SECOND, type Span } from './calendar.ts';
import { type Clock, type Duration, EARLIEST, HAS, type Part, type Period, type Point } from './nodes.ts';
import { holdingOrNext } from './series.ts';

export interface Reading {
  readonly start: number;
  /** Where the last named unit ends: the minute after 15:30, the day after a day. */
  readonly end: number;
  readonly grain: Grain;
  readonly isSpan: boolean;
  /** Other starts that the words allow, as likely as they come. */
  readonly others: readonly number[];
}

const TWELVE = 12 * HOUR;

/** The span of days (weeks, months, …) that a point names: what is coming, and what goes on where it is longer than a day. */
export function daysOf(point: Point, now: number): Span | null {
  if (point.days === null) return null;
  if (point.isFixed) return point.days.next(EARLIEST);
  const today = floorTo(now, 'day');
  // "Monday" on a Monday is the next one.
  const from =
    point.has === HAS.weekday || (point.has & ~(HAS.clock | HAS.part)) === HAS.weekday ? today + DAY : today;
  const coming = holdingOrNext(point.days, from);
  if (coming !== null && (point.has & HAS.weekday) !== 0 && (point.has & HAS.day) !== 0) {
    // A weekday that fits the date only in years to come was more likely said of the past ("tue may 9" in june).
    const [far, near] = (point.has & HAS.month) !== 0 ? [500, 400] : [200, 60];
    const past = coming.start - now > far * DAY ? point.days.previous(from) : null;
    if (past !== null && now - past.start < near * DAY) return past;
  }
  return coming ?? point.days.previous(from);
}

function timeOf({ hour, minute, second }: Clock): number {
  return hour * HOUR + minute * MINUTE + second * SECOND;
}

/** The two readings of an ambiguous time, or the one that there is, in milliseconds from midnight. */
function readingsOf(clock: Clock, part: Part | null): number[] {
  const time = timeOf(clock);
  if (!clock.isAmbiguous) return [time];
  const isTwelve = clock.hour === 12;
  const morning = isTwelve ? time - TWELVE : time;
  const later = isTwelve ? time : time + TWELVE;
  switch (part?.name) {
    case undefined:
    case 'day':
      return [morning, later];
    case 'morning':
    case 'dawn':
      return [morning];
    case 'night':
      return [isTwelve || clock.hour <= 4 ? morning + DAY : later];
    case 'evening':
      return [isTwelve ? morning + DAY : later];
    default:
      return [later];
  }
}

/** Of a time on a day, the one that people mean: from seven the morning, before that and at twelve the afternoon. */
function likeliest(
  clock: Clock,
  readings: readonly number[],
  isToday: boolean,
  sinceMidnight: number,
): number {
  const [first, second] = readings as [number, number?];
  if (second === undefined) return first;
  if (isToday) {
    const coming = readings.find((reading) => reading > sinceMidnight);
    if (coming !== undefined) return coming;
  }
  return clock.hour >= 7 && clock.hour < 12 ? first : second;
}

export function readPoint(point: Point, now: number): Reading | null {
  if (point.fromNow !== null) {
    const start = now + point.fromNow;
    return { start, end: addTo(start, point.grain, 1), grain: point.grain, isSpan: false, others: [] };
  }
  const days = daysOf(point, now);
  if (point.days !== null && days === null) return null;
  if (point.clock === null && point.part === null) {
    if (days === null) return null;
    return { ...days, grain: point.grain, isSpan: point.isSpan, others: otherDays(point, now) };
  }
  const today = floorTo(now, 'day');
  let day = days === null ? today : floorTo(days.start, isFiner(point.grain, 'day') ? 'day' : point.grain);
  // A time at the weekend is on Saturday, though the weekend begins the evening before.
  if (days !== null && (point.has & HAS.span) !== 0 && days.start > day) day += DAY;
  if (point.clock === null) {
    const { from, to } = point.part as Part;
    const shift = days === null && today + to * HOUR <= now ? DAY : 0;
    return {
      start: day + shift + from * HOUR,
      end: day + shift + to * HOUR,
      grain: 'hour',
      isSpan: true,
      others: otherDays(point, now).map((start) => floorTo(start, 'day') + from * HOUR),
    };
  }
  const { clock } = point;
  let readings = readingsOf(clock, point.part);
  if (point.until !== null) readings = beforeUntil(readings, point.until);
  if (days === null) {
    // The next time that the clock shows it.
    const all = [...readings, ...readings.map((reading) => reading + DAY)].sort((a, b) => a - b);
    const chosen = all.find((reading) => today + reading >= floorTo(now, 'minute')) ?? (all[0] as number);
    const other = readings.length > 1 ? [today + chosen + TWELVE] : [];
    return finish(point, today, chosen, other);
  }
  const chosen = likeliest(clock, readings, day === today, now - today);
  const others = readings.filter((reading) => reading !== chosen).map((reading) => day + reading);
  return finish(point, day, chosen, [...others, ...otherDays(point, now).map((start) => start + chosen)]);
}

function finish(point: Point, day: number, chosen: number, others: readonly number[]): Reading {
  const clock = point.clock as Clock;
  const start = day + chosen;
  if (point.until === null)
    return { start, end: addTo(start, clock.grain, 1), grain: clock.grain, isSpan: false, others };
  const ends = readingsOf(point.until, null);
  let end = ends.find((reading) => reading > chosen) ?? (ends[0] as number);
  while (end <= chosen) end += point.until.isAmbiguous && end + TWELVE > chosen ? TWELVE : DAY;
  const grain = isFiner(point.until.grain, clock.grain) ? point.until.grain : clock.grain;
  return { start, end: day + end, grain, isSpan: true, others };
}

/** "3 to 8 pm" is the afternoon, "11 to 1 pm" begins before noon. */
function beforeUntil(readings: number[], until: Clock): number[] {
  if (readings.length < 2 || until.isAmbiguous) return readings;
  const end = timeOf(until);
  const [morning, later] = readings as [number, number];
  if (later < end) return end >= TWELVE ? [later] : [morning];
  return morning < end ? [morning] : readings;
}

function otherDays(point: Point, now: number): number[] {
  const other = point.other === null ? null : daysOf(point.other, now);
  return other === null ? [] : [other.start];
}

export interface PeriodReading {
  readonly start: number | null;
  readonly end: number | null;
  readonly grain: Grain;
  /** Whether the end is a time that was named, and the unit that begins there not part of it. */
  readonly endsAtTime: boolean;
}

export function addDuration(time: number, duration: Duration, sign: 1 | -1): number {
  return duration.parts.reduce((sum, { grain, count }) => addTo(sum, grain, sign * count), time);
}

export function readPeriod(period: Period, now: number): PeriodReading | null {
  const { from, to, length } = period;
  if (from !== null && length !== null) {
    const first = readPoint(from, now);
    if (first === null) return null;
    const end = addDuration(first.start, length, 1);
    return { start: first.start, end, grain: first.grain, endsAtTime: isFiner(first.grain, 'day') };
  }
  if (from === null || to === null) {
    const only = readPoint((from ?? to) as Point, now);
    if (only === null) return null;
    const hasTime = only.grain === 'second' || only.grain === 'minute' || only.grain === 'hour';
    const { grain } = only;
    if (from !== null) {
      return {
        start: period.startsAfter && !hasTime ? only.end : only.start,
        end: null,
        grain,
        endsAtTime: false,
      };
    }
    return {
      start: null,
      end: period.includesTo && !hasTime ? only.end : only.start,
      grain,
      endsAtTime: hasTime,
    };
  }
  const [first, last] = readEnds(from, to, now);
  if (first === null || last === null || last.start < first.start) return null;
  const endsAtTime = isFiner(last.grain, 'day') && !last.isSpan;
  return {
    start: first.start,
    end: period.includesTo && !endsAtTime ? last.end : last.start,
    grain: isFiner(last.grain, first.grain) ? last.grain : first.grain,
    endsAtTime,
  };
}

/** The two ends of a period, of which one may say what the other leaves out ("13 to 15 July", "Nov to Feb 2017"). */
function readEnds(from: Point, to: Point, now: number): [Reading | null, Reading | null] {
  if (from.days !== null && to.days !== null && from.clock === null && from.part === null) {
    const isDayOnly = (from.has & ~HAS.weekday) === HAS.day || from.has === HAS.month;
    if (!from.isFixed && (to.isFixed || isDayOnly) && (to.isFixed || to.has !== from.has)) {
      const last = readPoint(to, now);
      const span = last === null ? null : from.days.previous(last.start + 1);
      return [span === null ? null : { ...span, grain: from.grain, isSpan: false, others: [] }, last];
    }
  }
  const first = readPoint(from, now);
  if (first === null) return [null, null];
  if (!to.isFixed && to.days !== null) {
    const span = to.days.next(first.start + (from.grain === to.grain ? 1 : 0));
    const moved =
      span === null
        ? null
        : readPoint({ ...to, days: { next: () => span, previous: () => span }, isFixed: true }, now);
    return [first, moved];
  }
  if (to.days === null && to.clock !== null) {
    const day = { start: floorTo(first.start, 'day'), end: floorTo(first.start, 'day') + DAY };
    const last = readPoint({ ...to, days: { next: () => day, previous: () => day }, isFixed: true }, now);
    const isBefore = last !== null && last.start <= first.start;
    return [first, isBefore && to.clock.isAmbiguous ? { ...last, start: last.start + TWELVE } : last];
  }
  return [first, readPoint(to, now)];
}
