// Wall clock and instant, in IANA zones by Intl (which knows daylight saving) and in zones that are named in a message.

const formats = new Map<string, Intl.DateTimeFormat>();
/** Offsets by zone and day, NaN on a day that changes it, and on those by quarter of an hour: no zone changes at another minute. */
const byDay = new Map<string, Map<number, number>>();
const byQuarter = new Map<string, Map<number, number>>();
const QUARTER = 15 * 60_000;
const DAY = 86_400_000;
const MOST_KEPT = 20_000;

/** @throws RangeError when there is no such zone */
function offsetAt(timeZone: string, instant: number): number {
  const day = Math.floor(instant / DAY);
  const offset = kept(byDay, timeZone, day, () => {
    const start = computeOffset(timeZone, day * DAY);
    return start === computeOffset(timeZone, (day + 1) * DAY) ? start : Number.NaN;
  });
  if (!Number.isNaN(offset)) return offset;
  const quarter = Math.floor(instant / QUARTER);
  return kept(byQuarter, timeZone, quarter, () => computeOffset(timeZone, quarter * QUARTER));
}

function kept(
  cache: Map<string, Map<number, number>>,
  timeZone: string,
  key: number,
  compute: () => number,
): number {
  let known = cache.get(timeZone);
  if (known === undefined) {
    known = new Map();
    cache.set(timeZone, known);
  }
  let offset = known.get(key);
  if (offset === undefined) {
    offset = compute();
    if (known.size > MOST_KEPT) known.clear();
    known.set(key, offset);
  }
  return offset;
}

function computeOffset(timeZone: string, instant: number): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  const parts: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(instant)) parts[type] = value;
  const year = parts.era?.startsWith('B') ? 1 - Number(parts.year) : Number(parts.year);
  const wall = new Date(0);
  wall.setUTCFullYear(year, Number(parts.month) - 1, Number(parts.day));
  wall.setUTCHours(Number(parts.hour), Number(parts.minute), Number(parts.second));
  return wall.getTime() - Math.floor(instant / 1000) * 1000;
}

/** The furthest that Date reaches, less two days for any offset. */
const FURTHEST = 8.64e15 - 2 * 86_400_000;

/** What the wall clock shows at an instant. */
export function wallOf(timeZone: string, instant: number): number {
  return instant + offsetAt(timeZone, instant);
}

/**
 * The instants at which the wall clock shows `wall`: one, two where the clock is set back, and where it is set forward the
 * one that the clock of before would have reached, as Temporal's "compatible" has it. Empty beyond what Date can hold.
 */
export function instantsOf(timeZone: string, wall: number): readonly number[] {
  if (Math.abs(wall) > FURTHEST) return [];
  const before = offsetAt(timeZone, wall - 86_400_000);
  const after = offsetAt(timeZone, wall + 86_400_000);
  const candidates = before === after ? [wall - before] : [wall - before, wall - after];
  const exact = candidates.filter((instant) => wallOf(timeZone, instant) === wall);
  return exact.length > 0 ? exact : [wall - before];
}

/** Minutes from UTC of the zones that people name by letters; standard and summer time are told apart as written. */
const ABBREVIATIONS = new Map(
  Object.entries({
    utc: 0,
    gmt: 0,
    z: 0,
    wet: 0,
    west: 60,
    bst: 60,
    ist: 330,
    cet: 60,
    cest: 120,
    eet: 120,
    eest: 180,
    msk: 180,
    est: -300,
    edt: -240,
    cst: -360,
    cdt: -300,
    mst: -420,
    mdt: -360,
    pst: -480,
    pdt: -420,
    akst: -540,
    hst: -600,
    brt: -180,
    art: -180,
    clt: -240,
    jst: 540,
    kst: 540,
    hkt: 480,
    sgt: 480,
    aest: 600,
    aedt: 660,
    nzst: 720,
    nzdt: 780,
  }),
);

export function abbreviatedOffset(word: string): number | null {
  return word.length > 4 ? null : (ABBREVIATIONS.get(word) ?? null);
}
