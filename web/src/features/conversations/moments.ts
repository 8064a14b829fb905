// Moments that people mean: later today, tomorrow morning, next week. In the zone of whoever looks. Pure.

export type MomentName = 'later_today' | 'tonight' | 'tomorrow' | 'next_week';
export interface Moment {
  readonly name: MomentName;
  readonly at: Date;
}

const hourMs = 3_600_000;
const morningHour = 9;
const eveningHour = 18;

/** A day's hour, so many days from now. */
function atHour(now: Date, days: number, hour: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
}

/** What is offered now, soonest first; each is at least an hour away, and none twice. */
export function momentsFrom(now: Date): Moment[] {
  const later = new Date(now.getTime() + 3 * hourMs);
  later.setMinutes(0, 0, 0);
  const daysToMonday = (8 - now.getDay()) % 7 || 7;
  const moments: Moment[] = [
    { name: 'later_today', at: later },
    { name: 'tonight', at: atHour(now, 0, eveningHour) },
    { name: 'tomorrow', at: atHour(now, 1, morningHour) },
    { name: 'next_week', at: atHour(now, daysToMonday, morningHour) },
  ];
  return moments.filter(({ name, at }, index) => {
    const isToday = at.getDate() === now.getDate();
    const wantsToday = name === 'later_today' || name === 'tonight';
    const isAhead = at.getTime() - now.getTime() >= hourMs;
    const isTwice = moments.slice(0, index).some((earlier) => earlier.at.getTime() === at.getTime());
    return isAhead && !isTwice && (!wantsToday || isToday);
  });
}

/** As `<input type="datetime-local">` wants it. */
export function toLocalInput(at: Date): string {
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}T${pad(at.getHours())}:${pad(at.getMinutes())}`;
}

export type MomentProblem = 'unreadable' | 'past' | 'too_far';

/** What was typed, if it is within the next year. */
export function readLocalInput(value: string, now: Date): Date | MomentProblem {
  const at = new Date(value);
  if (value === '' || Number.isNaN(at.getTime())) return 'unreadable';
  if (at.getTime() <= now.getTime()) return 'past';
  return at.getTime() - now.getTime() > 365 * 24 * hourMs ? 'too_far' : at;
}
