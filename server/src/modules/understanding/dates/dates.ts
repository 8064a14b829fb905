// Finds dates and times in a message of English, Spanish or Portuguese: points, periods, repetitions and lengths of time.
// Pure: no clock, no I/O; the same text, time and zone give the same answer.
import { addTo, type Grain, isFiner } from './calendar.ts';
import type { Context } from './chart.ts';
import { type Candidate, collect, isTaken } from './choose.ts';
import type { DateLanguage } from './grammar.ts';
import { durationSeconds, isoDuration } from './lengths.ts';
import { at, momentOf, utcText } from './moments.ts';
import type { Duration, Period, Point, Repetition } from './nodes.ts';
import { readPeriod, readPoint } from './reading.ts';
import { recurrence } from './recurrence.ts';
import { tokenize } from './tokens.ts';
import type { DateMention, DateOptions } from './types.ts';
import { instantsOf, wallOf } from './zones.ts';

export type { DateLanguage, DateMention, DateOptions };

/** More than these a message is no message. */
const LONGEST_TEXT = 200_000;

/**
 * All dates in a text, in order and without overlap. Never throws for a text; what begins beyond 200,000 characters is not read.
 * @throws RangeError when `timeZone` is no zone
 */
export function findDates(text: string, options: DateOptions): DateMention[] {
  const tokens = tokenize(text.length > LONGEST_TEXT ? text.slice(0, LONGEST_TEXT) : text);
  const now = wallOf(options.timeZone, options.now);
  const candidates: Candidate[] = [];
  for (const language of options.languages) collect(tokens, language, now, options, candidates);
  if (candidates.length === 0) return [];
  candidates.sort((a, b) => b.length - a.length || b.rank - a.rank || a.start - b.start);
  const taken = new Uint8Array(tokens.length);
  const found: DateMention[] = [];
  for (const candidate of candidates) {
    if (isTaken(taken, candidate.edge)) continue;
    const date = describe(candidate, options);
    if (date === null) continue;
    taken.fill(1, candidate.edge.from, candidate.edge.to);
    found.push(date);
  }
  return found.sort((a, b) => a.from - b.from);
}

function describe(
  { start: from, end: to, edge, context }: Candidate,
  options: DateOptions,
): DateMention | null {
  const { node } = edge;
  const blank = {
    from,
    to,
    start: null,
    end: null,
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
    const start = read === null ? null : momentOf(read.start, null, options);
    if (read === null || start === null) return null;
    const until = read.until === null ? null : momentOf(read.until, null, options);
    const rrule = until === null ? read.rule : `${read.rule};UNTIL=${utcText(until.instant)}`;
    return { ...blank, kind: 'recurrence', grain: read.grain, start, rrule };
  }
  if (node.cat === 'PERIOD') {
    const range = node as Period;
    const zone = range.from?.zone ?? range.to?.zone ?? null;
    const read = readPeriod(range, nowIn(zone, context, options));
    if (read === null) return null;
    const start = read.start === null ? null : momentOf(read.start, zone, options);
    const end = read.end === null ? null : momentOf(read.end, zone, options);
    if (start === null && end === null) return null;
    const part = (range.from ?? range.to)?.part?.name ?? null;
    return { ...blank, kind: 'interval', grain: read.grain, start, end, part, statedOffset: zone };
  }
  const point = node as Point;
  const read = readPoint(point, nowIn(point.zone, context, options));
  if (read === null) return null;
  const start =
    point.fromNow === null
      ? momentOf(read.start, point.zone, options)
      : at(options.now + point.fromNow, options.timeZone);
  const end =
    point.fromNow === null
      ? momentOf(read.end, point.zone, options)
      : at(addTo(options.now + point.fromNow, read.grain, 1), options.timeZone);
  if (start === null || end === null) return null;
  const alternatives = read.others
    .map((other) => momentOf(other, point.zone, options))
    .filter((moment) => moment !== null);
  // Where the clock is set back, the same time comes twice.
  const again =
    point.zone === null && point.fromNow === null && isFiner(read.grain, 'day')
      ? instantsOf(options.timeZone, read.start)[1]
      : undefined;
  if (again !== undefined) alternatives.push({ instant: again, local: start.local });
  return {
    ...blank,
    kind: read.isSpan ? 'interval' : 'instant',
    grain: read.grain,
    start,
    end,
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
