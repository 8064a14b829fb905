// What the grammar is made of: numbers, units, lengths of time, points, periods and repetitions, each with how surely it is a date.
import { finest, type Grain, isFiner } from './calendar.ts';
import { type Series, within } from './series.ts';

/** What a word class of the lexicon carries besides its name: +1 for "next", 7 for a number of things, … */
export interface Word {
  readonly cat: string;
  readonly value: number;
}

export interface Num {
  readonly cat: 'NUM';
  readonly value: number;
  /** How many digits were typed; 0 for words. */
  readonly digits: number;
  /** "a", "un", "uma": one of something, but no hour and no day. */
  readonly isArticle: boolean;
  /** "a few", "a couple": no hour and no day either. */
  readonly isVague: boolean;
}

export interface Ord {
  readonly cat: 'ORD';
  /** From 1; -1 for the last, -2 for the last but one. */
  readonly value: number;
  readonly isWord: boolean;
}

export interface Unit {
  readonly cat: 'UNIT';
  readonly grain: Grain;
  /** How many of the grain: 2 weeks for a fortnight. */
  readonly times: number;
  /** `letter`: written as one letter, which means many other things. */
  readonly special: 'workday' | 'weekend' | 'night' | 'letter' | null;
}

export interface Part {
  readonly name: 'dawn' | 'morning' | 'lunch' | 'afternoon' | 'evening' | 'night' | 'day';
  /** Hours from midnight; 24 and more reach into the next day. */
  readonly from: number;
  readonly to: number;
}

export interface Duration {
  readonly cat: 'DUR';
  readonly parts: readonly { readonly grain: Grain; readonly count: number }[];
  readonly strength: Strength;
  readonly special: Unit['special'];
}

/** 0 says nothing by itself, 1 only when it is the whole text, 2 anywhere. */
export type Strength = 0 | 1 | 2;

export interface Clock {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly grain: 'hour' | 'minute' | 'second';
  /** Whether it may be twelve hours later as well: "3", but not "3 pm", "15" or "03:00". */
  readonly isAmbiguous: boolean;
}

export const HAS = {
  year: 1,
  quarter: 2,
  month: 4,
  week: 8,
  day: 16,
  weekday: 32,
  holiday: 64,
  relative: 128,
  span: 256,
  clock: 512,
  part: 1024,
} as const;

export interface Point {
  /** A day or more, a time of day, a part of the day, or a day with a time. */
  readonly cat: 'DATE' | 'CLOCK' | 'PART' | 'WHEN';
  readonly strength: Strength;
  /** Which of `HAS` were said, so that nothing is said twice. */
  readonly has: number;
  readonly grain: Grain;
  readonly days: Series | null;
  /** Whether `days` holds one span only. */
  readonly isFixed: boolean;
  /** Whether what is meant is the whole span and not its start: a weekend, a season, the end of the month. */
  readonly isSpan: boolean;
  readonly clock: Clock | null;
  /** The second time of "from 3 to 5". */
  readonly until: Clock | null;
  readonly part: Part | null;
  /** Minutes from UTC of a zone that was named. */
  readonly zone: number | null;
  /** "in 2 hours": milliseconds from now, on the clock and not on the calendar. */
  readonly fromNow: number | null;
  /** The unit in which it is counted from now or from another day: "in 3 weeks", "2 days after easter". */
  readonly countedIn: Grain | null;
  /** The other reading of 04/05. */
  readonly other: Point | null;
}

/** From one point to another, either open. */
export interface Period {
  readonly cat: 'PERIOD';
  readonly strength: Strength;
  readonly from: Point | null;
  readonly to: Point | null;
  /** Whether the last unit that is named still belongs to it ("from monday to friday"), or it ends where that starts ("before friday"). */
  readonly includesTo: boolean;
  /** "after 2018" starts where 2018 ends, "since 2018" where it starts. */
  readonly startsAfter: boolean;
  readonly length: Duration | null;
}

export interface Repetition {
  readonly cat: 'REPEAT';
  readonly strength: Strength;
  readonly frequency: 'HOURLY' | 'MINUTELY' | 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  readonly interval: number;
  /** Weekdays from 1 = Monday, with the place in the month (0 for all). */
  readonly weekdays: readonly { readonly day: number; readonly nth: number }[];
  readonly monthDays: readonly number[];
  readonly month: number | null;
  readonly time: Point | null;
  readonly starts: Point | null;
  readonly ends: Point | null;
  readonly length: Duration | null;
}

export interface Weekdays {
  readonly cat: 'DAYS';
  readonly days: readonly number[];
  /** "mondays": every one of them. */
  readonly isPlural: boolean;
}

export type Node = Word | Num | Ord | Unit | Duration | Point | Period | Repetition | Weekdays;

const EMPTY: Point = {
  cat: 'DATE',
  strength: 2,
  has: 0,
  grain: 'day',
  days: null,
  isFixed: false,
  isSpan: false,
  clock: null,
  until: null,
  part: null,
  zone: null,
  fromNow: null,
  countedIn: null,
  other: null,
};

export function point(fields: Partial<Point>): Point {
  return { ...EMPTY, ...fields };
}

export function clockPoint(clock: Clock, strength: Strength): Point {
  return point({ cat: 'CLOCK', strength, has: HAS.clock, grain: clock.grain, clock });
}

/** Both at once ("monday" and "the 14th", "tomorrow" and "at 3"), or null where they do not go together. */
export function both(a: Point, b: Point): Point | null {
  if ((a.has & b.has) !== 0 || a.fromNow !== null || b.fromNow !== null) return null;
  if (a.zone !== null && b.zone !== null) return null;
  let days = a.days ?? b.days;
  let isFixed = a.days === null ? b.isFixed : a.isFixed;
  let grain = a.days === null ? b.grain : a.grain;
  if (a.days !== null && b.days !== null) {
    const [outer, inner] = isFiner(a.grain, b.grain) ? [b, a] : [a, b];
    days = within(outer.days as Series, inner.days as Series);
    grain = inner.grain;
    isFixed = a.isFixed || b.isFixed;
    if (isFixed && days.next(firstPossible(a, b)) === null) return null;
  }
  if (a.days === null || b.days === null) grain = finest(a.grain, b.grain);
  const has = a.has | b.has;
  const hasTime = (has & (HAS.clock | HAS.part)) !== 0;
  const other = a.other !== null ? both(a.other, b) : b.other !== null ? both(a, b.other) : null;
  return {
    cat: days === null ? (has & HAS.clock ? 'CLOCK' : 'PART') : hasTime ? 'WHEN' : 'DATE',
    // "Mon" and "13th" are sure together.
    strength:
      a.days !== null && b.days !== null && a.strength + b.strength > 0
        ? 2
        : (Math.max(a.strength, b.strength) as Strength),
    has,
    grain,
    days,
    isFixed,
    isSpan: a.isSpan || b.isSpan,
    clock: a.clock ?? b.clock,
    until: a.until ?? b.until,
    part: a.part ?? b.part,
    zone: a.zone ?? b.zone,
    fromNow: null,
    countedIn: null,
    other,
  };
}

/** Where to look for the one span of two series of which one is fixed. */
function firstPossible(a: Point, b: Point): number {
  const fixed = a.isFixed ? a : b;
  return fixed.days?.next(EARLIEST)?.start ?? EARLIEST;
}

/** Before all that can be said. */
export const EARLIEST = -3e14;
