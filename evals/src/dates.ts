// Measures how often dates and times are found where people wrote them, with the right value, and not where there are none.
import { en, es, pt } from 'chrono-node';
import { z } from 'zod';
import {
  type DateLanguage,
  type DateMention,
  findDates,
} from '../../server/src/modules/understanding/dates/dates.ts';
import { BARE, type EvalInput, percent, processorSeconds, type Row, readRows } from './rows.ts';

const language = z.enum(['en', 'es', 'pt']);

const duckling = z.object({
  text: z.string(),
  lang: language,
  ref: z.string(),
  kind: z.enum(['instant', 'interval', 'open_after', 'open_before', 'holiday', 'holiday_interval', 'none']),
  grain: z.enum(['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year']).optional(),
  start: z.string().optional(),
  end: z.string().optional(),
});

const recognizers = z.object({
  text: z.string(),
  lang: language,
  ref: z.string(),
  results: z.array(
    z.object({
      start: z.number(),
      end: z.number(),
      type: z.string(),
      values: z.array(
        z.object({ value: z.string().optional(), start: z.string().optional(), end: z.string().optional() }),
      ),
    }),
  ),
});

type Duckling = z.infer<typeof duckling>;
type Recognizers = z.infer<typeof recognizers>;
type Grain = NonNullable<Duckling['grain']>;

/** Something found: a span, and what it says on the wall clock of the text, as `Date.parse` in UTC has it. */
interface Found {
  readonly start: number;
  readonly end: number;
  readonly from: number | null;
  readonly to: number | null;
  readonly isInterval: boolean;
}

type Finder = (text: string, lang: DateLanguage, ref: string, zone: 'Etc/GMT+2' | 'UTC') => Found[];

const MINUTE = 60_000;
const DAY = 86_400_000;
const UNIT: Readonly<Partial<Record<Grain, number>>> = {
  second: 1000,
  minute: MINUTE,
  hour: 60 * MINUTE,
  day: DAY,
  week: 7 * DAY,
};

/** Duckling writes a year without month as 2013-00-00. */
function wall(text: string | undefined): number {
  const plain = (text ?? '')
    .replace(' ', 'T')
    .replace(/-00/g, '-01')
    .replace(/(\.\d{3})\d+$/, '$1');
  return Date.parse(`${plain.replace(/^-(\d{4})-/, '-00$1-')}Z`);
}

const ours: Finder = (text, lang, ref, zone) => {
  const offset = zone === 'UTC' ? 0 : 2 * 60 * MINUTE;
  return findDates(text, { languages: [lang], now: wall(ref) + offset, timeZone: zone }).map((found) =>
    asFound(found, zone),
  );
};

/** In Recognizers' sets a time in a zone that is named stays in that zone; so does ours there. */
function asFound(found: DateMention, zone: string): Found {
  const local = (moment: DateMention['start']) =>
    moment === null
      ? null
      : zone === 'UTC' && found.statedOffset !== null
        ? moment.instant + found.statedOffset * MINUTE
        : Date.parse(`${moment.local}Z`);
  return {
    start: found.from,
    end: found.to,
    from: local(found.start),
    to: local(found.end),
    isInterval: found.kind === 'interval',
  };
}

const PEERS = { en, es, pt } as const;

const peer: Finder = (text, lang, ref, zone) => {
  const offset = zone === 'UTC' ? 0 : -120;
  const reference = { instant: new Date(wall(ref) - offset * MINUTE), timezone: offset };
  return PEERS[lang].parse(text, reference, { forwardDate: true }).map((found) => ({
    start: found.index,
    end: found.index + found.text.length,
    from: found.start.date().getTime() + offset * MINUTE,
    to: found.end === null || found.end === undefined ? null : found.end.date().getTime() + offset * MINUTE,
    isInterval: found.end !== null && found.end !== undefined,
  }));
};

/** The same down to the grain that the row names: "in 7 days" is an hour there, at whatever minute. */
function isSame(value: number | null, wanted: number, grain: Grain): boolean {
  if (value === null) return false;
  const unit = UNIT[grain];
  if (grain === 'week') return Math.floor(value / DAY) * DAY === wanted;
  if (unit !== undefined) return Math.floor(value / unit) * unit === wanted;
  const date = new Date(value);
  const month = date.getUTCMonth();
  const first = grain === 'year' ? 0 : grain === 'quarter' ? month - (month % 3) : month;
  const floor = new Date(0);
  floor.setUTCFullYear(date.getUTCFullYear(), first, 1);
  return floor.getTime() === wanted;
}

/** One more of the grain: both corpora disagree whether the last named unit belongs to an interval, and both ends count. */
function oneMore(value: number, grain: Grain): number {
  const unit = UNIT[grain];
  if (unit !== undefined) return value + unit;
  const date = new Date(value);
  date.setUTCMonth(date.getUTCMonth() + (grain === 'year' ? 12 : grain === 'quarter' ? 3 : 1));
  return date.getTime();
}

function isRightDuckling(row: Duckling, found: readonly Found[]): boolean {
  if (row.kind === 'none') return found.length === 0;
  const grain = row.grain ?? 'second';
  const start = wall(row.start);
  return found.some((date) => {
    switch (row.kind) {
      case 'instant':
      case 'holiday':
        return isSame(date.from, start, grain);
      case 'open_after':
        return isSame(date.from, start, grain) && (date.to === null || !date.isInterval);
      case 'open_before':
        return date.from === null && date.to !== null && isSame(date.to, start, grain);
      default: {
        const end = wall(row.end);
        return (
          date.from !== null &&
          date.to !== null &&
          isSame(date.from, start, grain) &&
          (date.to === end || oneMore(date.to, grain) === end)
        );
      }
    }
  });
}

const POINTS = new Set(['date', 'datetime', 'time']);
const RANGES = new Set(['daterange', 'datetimerange', 'timerange']);

type Result = Recognizers['results'][number];

/** Right where any of the readings that are listed is met. A time has no day, a date no hour. */
function isRightResult(result: Result, found: readonly Found[]): boolean {
  const overlapping = found.filter((date) => date.start < result.end && date.end > result.start);
  return overlapping.some((date) => result.values.some((value) => isRightValue(result.type, value, date)));
}

function isRightValue(
  type: string,
  value: Result['values'][number],
  { from, to, isInterval }: Found,
): boolean {
  const same = (text: string, time: number) =>
    type.startsWith('time')
      ? clockOf(Date.parse(`1970-01-01T${text}Z`)) === clockOf(time)
      : text.includes(':')
        ? Math.floor(wall(text) / 1000) === Math.floor(time / 1000)
        : wall(text) === Math.floor(time / DAY) * DAY;
  if (POINTS.has(type)) return from !== null && value.value !== undefined && same(value.value, from);
  if (value.start === undefined && value.end === undefined) return false;
  const isStart = value.start === undefined ? from === null : from !== null && same(value.start, from);
  // The end is named there by its last day, here by where it ends.
  const isEnd =
    value.end === undefined
      ? to === null || !isInterval
      : to !== null && (same(value.end, to) || same(value.end, to - DAY));
  return isStart && isEnd;
}

function clockOf(time: number): number {
  return ((time % DAY) + DAY) % DAY;
}

function isResolved(result: Result): boolean {
  return result.values.some(
    ({ value, start, end }) =>
      (value !== undefined && value !== 'not resolved') || start !== undefined || end !== undefined,
  );
}

interface Measured {
  readonly right: number;
  readonly peerRight: number;
  readonly count: number;
}

function rowOf(
  split: string,
  set: string,
  metric: string,
  { right, peerRight, count }: Measured,
  micros: number,
  baseline: number | null,
): Row {
  return {
    ...BARE,
    task: 'dates',
    set,
    split,
    metric,
    unit: '%',
    value: percent(right, count),
    peers: { 'chrono-node': percent(peerRight, count) },
    baseline: baseline === null ? null : { value: baseline, from: 'chrono-node' },
    microsPerRow: micros,
    count,
  };
}

/** Finds in all texts, and says how many microseconds one takes once all is warm. */
function findAll<T extends { text: string; lang: DateLanguage; ref: string }>(
  rows: readonly T[],
  zone: 'Etc/GMT+2' | 'UTC',
) {
  const find = () => rows.map((row) => ours(row.text, row.lang, row.ref, zone));
  let found = find();
  let micros = Number.POSITIVE_INFINITY;
  // The fastest of several rounds: what the machine does besides only adds.
  for (let round = 0; round < 12; round++) {
    const startedAt = processorSeconds();
    found = find();
    micros = Math.min(micros, (1e6 * (processorSeconds() - startedAt)) / rows.length);
  }
  return { found, micros, peers: rows.map((row) => peer(row.text, row.lang, row.ref, zone)) };
}

const BASELINES: Readonly<Record<string, number>> = {
  'en instants': 48,
  'es instants': 36,
  'pt instants': 36,
  'en intervals': 16,
  'en holidays': 0,
  'en none': 96,
  'en all': 28,
  'es all': 30,
  'pt all': 27,
  'en points': 51,
  'es points': 52,
  'pt points': 52,
};

const PARTS: readonly (readonly [string, readonly Duckling['kind'][]])[] = [
  ['instants', ['instant']],
  ['intervals', ['interval', 'open_after', 'open_before']],
  ['holidays', ['holiday', 'holiday_interval']],
  ['none', ['none']],
  ['all', duckling.shape.kind.options],
];

function measureDuckling(input: EvalInput, lang: DateLanguage): Row[] {
  const rows = readRows(input.dataDirectory, 'dates_duckling', `${lang}.${input.split}`, duckling);
  const { found, micros, peers } = findAll(rows, 'Etc/GMT+2');
  const right = rows.map((row, index) => isRightDuckling(row, found[index] ?? []));
  const peerRight = rows.map((row, index) => isRightDuckling(row, peers[index] ?? []));
  return PARTS.flatMap(([name, kinds]) => {
    const chosen = rows
      .map((row, index) => (kinds.includes(row.kind) ? index : -1))
      .filter((index) => index >= 0);
    if (chosen.length === 0) return [];
    const measured = {
      right: chosen.filter((index) => right[index]).length,
      peerRight: chosen.filter((index) => peerRight[index]).length,
      count: chosen.length,
    };
    const metric = name === 'none' ? 'left alone' : 'right value';
    return [
      rowOf(
        input.split,
        `dates_duckling/${lang}-${name}`,
        metric,
        measured,
        micros,
        BASELINES[`${lang} ${name}`] ?? null,
      ),
    ];
  });
}

function measureRecognizers(input: EvalInput, file: 'en' | 'es' | 'pt' | 'en_tasks'): Row[] {
  const rows = readRows(input.dataDirectory, 'dates_recognizers', `${file}.${input.split}`, recognizers);
  const { found, micros, peers } = findAll(rows, 'UTC');
  const measure = (types: ReadonlySet<string>): Measured => {
    const results = rows.flatMap((row, index) =>
      row.results
        .filter((result) => types.has(result.type) && isResolved(result))
        .map((result) => ({ result, index })),
    );
    return {
      right: results.filter(({ result, index }) => isRightResult(result, found[index] ?? [])).length,
      peerRight: results.filter(({ result, index }) => isRightResult(result, peers[index] ?? [])).length,
      count: results.length,
    };
  };
  const none = rows
    .map((row, index) => (row.results.length === 0 ? index : -1))
    .filter((index) => index >= 0);
  const leftAlone = {
    right: none.filter((index) => found[index]?.length === 0).length,
    peerRight: none.filter((index) => peers[index]?.length === 0).length,
    count: none.length,
  };
  const set = `dates_recognizers/${file}`;
  const valued = [
    rowOf(
      input.split,
      `${set}-points`,
      'right value',
      measure(POINTS),
      micros,
      BASELINES[`${file} points`] ?? null,
    ),
    rowOf(
      input.split,
      `${set}-ranges`,
      'right value',
      measure(RANGES),
      micros,
      file === 'en_tasks' ? null : 10,
    ),
  ];
  // Where the mode for tasks finds nothing there are dates all the same ("next quarter"): those rows are no negatives.
  return file === 'en_tasks'
    ? valued
    : [...valued, rowOf(input.split, `${set}-none`, 'left alone', leftAlone, micros, null)];
}

export async function run(input: EvalInput): Promise<Row[]> {
  const languages = ['en', 'es', 'pt'] as const;
  return [
    ...languages.flatMap((lang) => measureDuckling(input, lang)),
    ...[...languages, 'en_tasks' as const].flatMap((file) => measureRecognizers(input, file)),
  ];
}
