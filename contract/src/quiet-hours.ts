// When a member wants no ring and no reminder. Hours of the clock on their wall, in their time zone: when clocks change, a
// quiet night is an hour shorter or longer, and begins and ends as it says. Pure, and without schemas: the page rings by it.

/** Monday is 1, Sunday 7. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

export interface QuietHours {
  /** `22:00`; from then on, on each of the days. */
  readonly from: string;
  /** `07:00`; not any more then. Not later than `from`: on the next day. The same as `from`: for a whole day. */
  readonly to: string;
  /** On which they begin. */
  readonly days: Weekday[];
}

/**
 * Whether now is quiet.
 * @param timeZone of the IANA database, in which the hours are meant
 */
export function isQuiet(quiet: QuietHours | null, timeZone: string, now: Date): boolean {
  if (quiet === null) return false;
  const { day, time } = wallClock(timeZone, now);
  const begunToday = quiet.days.includes(day) && time >= quiet.from;
  if (quiet.from < quiet.to) return begunToday && time < quiet.to;
  const yesterday = (day === 1 ? 7 : day - 1) as Weekday;
  return begunToday || (quiet.days.includes(yesterday) && time < quiet.to);
}

const weekdays: Readonly<Record<string, Weekday>> = {
  Mon: 1,
  Tue: 2,
  Wed: 3,
  Thu: 4,
  Fri: 5,
  Sat: 6,
  Sun: 7,
};

function wallClock(timeZone: string, at: Date): { day: Weekday; time: string } {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return { day: weekdays[parts.weekday ?? ''] ?? 1, time: `${parts.hour}:${parts.minute}` };
}
