// Finds dates and times in a message of English, Spanish or Portuguese: points, periods, repetitions and lengths of time.
// Pure: no clock, no I/O; the same text, time and zone give the same answer.
import { addTo, civilDay, floorTo, type Grain, isFiner } from './calendar.ts';
import type { Context, Edge } from './chart.ts';
import { type DateLanguage, lexiconOf, theGrammar } from './grammar.ts';
import { durationSeconds, isoDuration } from './lengths.ts';
import {
  type Duration,
  HAS,
  type Node,
  type Part,
  type Period,
  type Point,
  type Repetition,
} from './nodes.ts';
import { readPeriod, readPoint } from './reading.ts';
import { recurrence } from './recurrence.ts';
import { scan } from './scan.ts';
import { type Token, tokenize } from './tokens.ts';
import { instantsOf, wallOf } from './zones.ts';

export type { DateLanguage, Grain };

export interface DateOptions {
  /** The language of the text; with several, what one reads over more of the text goes before what another reads. */
  readonly languages: readonly DateLanguage[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** IANA name of the zone in which whoever wrote it lives. */
  readonly timeZone: string;
  /** Whether 04/05 is the fourth of May; by default as the language has it. Both readings are given. */
  readonly dayFirst?: boolean;
}

/** A moment on the clock of the zone that was asked for. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly instant: number;
  /** The wall clock there, as YYYY-MM-DDTHH:MM:SS. */
  readonly local: string;
}

export interface FoundDate {
  /** The place in the text: [start, end) in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly kind: 'instant' | 'interval' | 'recurrence' | 'duration';
  /** How finely it was said. */
  readonly grain: Grain;
  /** The instant, or where the interval begins, or the first time of a recurrence; null for a duration and an interval that is open there. */
  readonly from: Moment | null;
  /** Where the interval ends (not part of it), or null. For an instant where its unit ends: midnight after a day. */
  readonly to: Moment | null;
  /** Other moments that the words allow for `from`, likeliest first: 03:00 beside 15:00, the 5th of April beside the 4th of May. */
  readonly alternatives: readonly Moment[];
  /** Recurrence rule of RFC 5545 without its DTSTART, which is `from`. */
  readonly rrule: string | null;
  /** ISO 8601 ("PT1H30M") and its usual number of seconds; null for all but durations. */
  readonly duration: { readonly iso: string; readonly seconds: number } | null;
  /** "morning", "night", …: for whoever would rather choose an hour of their own. */
  readonly part: Part['name'] | null;
  /** Minutes from UTC of a zone that the text names; the moments are in the zone that was asked for all the same. */
  readonly statedOffset: number | null;
  /** From 0 to 1: how surely this is what was meant. */
  readonly confidence: number;
}

interface Candidate {
  readonly start: number;
  readonly end: number;
  readonly edge: Edge;
  /** In characters, with the words that are not shown. */
  readonly length: number;
  readonly rank: number;
  readonly context: Context;
}

/** More than these a message is no message. */
const LONGEST_TEXT = 200_000;

/**
 * All dates in a text, in order and without overlap. Never throws for a text; what begins beyond 200,000 characters is not read.
 * @throws RangeError when `timeZone` is no zone
 */
export function findDates(text: string, options: DateOptions): FoundDate[] {
  const tokens = tokenize(text.length > LONGEST_TEXT ? text.slice(0, LONGEST_TEXT) : text);
  const now = wallOf(options.timeZone, options.now);
  const candidates: Candidate[] = [];
  for (const language of options.languages) collect(tokens, language, now, options, candidates);
  if (candidates.length === 0) return [];
  candidates.sort((a, b) => b.length - a.length || b.rank - a.rank || a.start - b.start);
  const taken = new Uint8Array(tokens.length);
  const found: FoundDate[] = [];
  for (const candidate of candidates) {
    if (isTaken(taken, candidate.edge)) continue;
    const date = describe(candidate, options);
    if (date === null) continue;
    taken.fill(1, candidate.edge.from, candidate.edge.to);
    found.push(date);
  }
  return found.sort((a, b) => a.start - b.start);
}

function isTaken(taken: Uint8Array, { from, to }: Edge): boolean {
  for (let at = from; at < to; at++) if (taken[at] === 1) return true;
  return false;
}

function collect(
  tokens: readonly Token[],
  language: DateLanguage,
  now: number,
  options: DateOptions,
  candidates: Candidate[],
): void {
  const isDayFirst = options.dayFirst ?? language !== 'en';
  const given = scan(tokens, lexiconOf(language), isDayFirst);
  if (given === null) return;
  const context: Context = { now, isDayFirst, language };
  const first = tokens.findIndex(({ kind }) => kind !== 'sign');
  const last = tokens.findLastIndex(({ kind }) => kind !== 'sign');
  for (const edge of theGrammar().parse(tokens, given, context)) {
    const strength = strengthOf(edge.node);
    if (strength === 0) continue;
    if (isWithinWord(tokens, edge) || isOfSomething(edge, tokens, given, language)) continue;
    if (strength === 1 && (edge.from > first || edge.to <= last)) continue;
    const start = tokens[edge.core]?.start ?? 0;
    const end = endOf(tokens, edge);
    const length = (tokens[edge.to - 1]?.end ?? 0) - (tokens[edge.from]?.start ?? 0);
    candidates.push({
      start,
      end,
      edge,
      length,
      rank: rankOf(edge.node) - (strength === 1 ? 2 : 0),
      context,
    });
  }
}

/** Where an edge ends in the text, without a full stop or a comma that ends the sentence. */
function endOf(tokens: readonly Token[], edge: Edge): number {
  const last = edge.to - edge.core > 1 && tokens[edge.to - 1]?.text === '.' ? edge.to - 2 : edge.to - 1;
  return tokens[last]?.end ?? 0;
}

/** A bare hour or day of the month before a noun: "the 3rd floor", "at 5 stores". */
function isOfSomething(
  edge: Edge,
  tokens: readonly Token[],
  given: readonly (readonly Edge[] | undefined)[],
  language: DateLanguage,
): boolean {
  const { has, clock } = edge.node as Point;
  const isHour = has === HAS.clock && clock?.grain === 'hour' && clock.isAmbiguous;
  if (has !== HAS.day && !isHour) return false;
  let isKnown = false;
  for (let end = edge.to + 1; end <= edge.to + 4; end++) {
    for (const word of given[end] ?? []) {
      if (word.from !== edge.to) continue;
      if (word.node.cat === 'NOTDATE') return true;
      isKnown = true;
    }
  }
  const next = tokens[edge.to];
  return isHour && language === 'en' && !isKnown && next?.kind === 'word' && PLURAL.test(next.text);
}

/** What after a number is most likely many things; "always" and the like are not. */
const PLURAL =
  /^(?!always|unless|perhaps|besides|thanks|sometimes|please|across|plus|this|.*ss$|.*us$)[a-z]{3,}s$/;

/** Letters or figures right before or after, as in a code: "3am3io", "7ampm". */
function isWithinWord(tokens: readonly Token[], edge: Edge): boolean {
  const first = tokens[edge.from];
  const after = tokens[edge.to];
  return (
    (first?.isGlued === true && tokens[edge.from - 1]?.kind !== 'sign') ||
    (after?.isGlued === true && after.kind !== 'sign')
  );
}

function strengthOf(node: Node): number {
  switch (node.cat) {
    case 'DATE':
    case 'CLOCK':
    case 'PART':
    case 'WHEN':
    case 'PERIOD':
    case 'REPEAT':
    case 'DUR':
      return (node as Point).strength;
    default:
      return 0;
  }
}

/** Of two readings of the same words the one with more to say. */
function rankOf(node: Node): number {
  const { has, isSpan, until } = node as Point;
  switch (node.cat) {
    case 'REPEAT':
      return 5;
    case 'WHEN':
      // "by the end of the month" is from now until then, and not the end of the month.
      return isSpan && has === 1023 ? 5 : 4;
    case 'DATE':
      // Holidays go by their own names ("fin de año"), and "13 to 15 july" are days, and not hours in july.
      if ((has & HAS.holiday) !== 0) return 4.7;
      if ((has & (HAS.span | HAS.day)) === (HAS.span | HAS.day)) return 4.5;
      // "The third monday of march" is no third of march.
      return (has & HAS.week) !== 0 ? 3.6 : 3.5;
    case 'CLOCK':
      // "15 to noon"
      return until === null ? 3.1 : 3;
    case 'PERIOD':
      return 2;
    default:
      return 1;
  }
}

function describe({ start, end, edge, context }: Candidate, options: DateOptions): FoundDate | null {
  const { node } = edge;
  const blank = {
    start,
    end,
    from: null,
    to: null,
    alternatives: [],
    rrule: null,
    duration: null,
    part: null,
    statedOffset: null,
    confidence: 0.9,
  };
  if (node.cat === 'DUR') {
    const { parts } = node as Duration;
    const grain = parts.reduce(
      (least: Grain, part) => (isFiner(part.grain, least) ? part.grain : least),
      'year',
    );
    return {
      ...blank,
      kind: 'duration',
      grain,
      duration: { iso: isoDuration(node as Duration), seconds: durationSeconds(node as Duration) },
    };
  }
  if (node.cat === 'REPEAT') {
    const read = recurrence(node as Repetition, context.now);
    const from = read === null ? null : momentOf(read.start, null, options);
    if (read === null || from === null) return null;
    const until = read.until === null ? null : momentOf(read.until, null, options);
    const rrule = until === null ? read.rule : `${read.rule};UNTIL=${utcText(until.instant)}`;
    return { ...blank, kind: 'recurrence', grain: read.grain, from, rrule };
  }
  if (node.cat === 'PERIOD') {
    const range = node as Period;
    const zone = range.from?.zone ?? range.to?.zone ?? null;
    const read = readPeriod(range, nowIn(zone, context, options));
    if (read === null) return null;
    const from = read.start === null ? null : momentOf(read.start, zone, options);
    const to = read.end === null ? null : momentOf(read.end, zone, options);
    if (from === null && to === null) return null;
    const part = (range.from ?? range.to)?.part?.name ?? null;
    return { ...blank, kind: 'interval', grain: read.grain, from, to, part, statedOffset: zone };
  }
  const point = node as Point;
  const read = readPoint(point, nowIn(point.zone, context, options));
  if (read === null) return null;
  const from =
    point.fromNow === null
      ? momentOf(read.start, point.zone, options)
      : at(options.now + point.fromNow, options.timeZone);
  const to =
    point.fromNow === null
      ? momentOf(read.end, point.zone, options)
      : at(addTo(options.now + point.fromNow, read.grain, 1), options.timeZone);
  if (from === null || to === null) return null;
  const alternatives = read.others
    .map((other) => momentOf(other, point.zone, options))
    .filter((moment) => moment !== null);
  // Where the clock is set back, the same time comes twice.
  const again =
    point.zone === null && point.fromNow === null && isFiner(read.grain, 'day')
      ? instantsOf(options.timeZone, read.start)[1]
      : undefined;
  if (again !== undefined) alternatives.push({ instant: again, local: from.local });
  return {
    ...blank,
    kind: read.isSpan ? 'interval' : 'instant',
    grain: read.grain,
    from,
    to,
    alternatives,
    part: point.part?.name ?? null,
    statedOffset: point.zone,
    confidence: confidenceOf(point, alternatives.length),
  };
}

function nowIn(zone: number | null, context: Context, options: DateOptions): number {
  return zone === null ? context.now : options.now + zone * 60_000;
}

function confidenceOf(point: Point, alternatives: number): number {
  return (point.strength === 2 ? 0.95 : 0.7) - Math.min(0.3, alternatives * 0.15);
}

function at(instant: number, timeZone: string): Moment | null {
  if (!Number.isFinite(new Date(instant + 1e9).getTime())) return null;
  return { instant, local: localText(wallOf(timeZone, instant)) };
}

function momentOf(wall: number, zone: number | null, options: DateOptions): Moment | null {
  if (zone !== null) return at(wall - zone * 60_000, options.timeZone);
  const [instant] = instantsOf(options.timeZone, wall);
  return instant === undefined ? null : { instant, local: localText(wall) };
}

function localText(wall: number): string {
  const { year, month, day } = civilDay(wall);
  const seconds = Math.floor((wall - floorTo(wall, 'day')) / 1000);
  const written =
    year >= 0 && year <= 9999
      ? String(year).padStart(4, '0')
      : `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`;
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${written}-${two(month)}-${two(day)}T${clock}`;
}

/** As RFC 5545 writes an instant: 20260105T090000Z. */
function utcText(instant: number): string {
  return `${localText(instant).replace(/[-:]/g, '')}Z`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
