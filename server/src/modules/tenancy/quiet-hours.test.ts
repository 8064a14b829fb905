import { isQuiet, type QuietHours, type Weekday } from '@parley/contract/quiet-hours';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const everyDay: Weekday[] = [1, 2, 3, 4, 5, 6, 7];
const night = { from: '22:00', to: '07:00', days: everyDay };
const minuteMs = 60_000;
const zones = Intl.supportedValuesOf('timeZone');

const timeOfDay = fc
  .integer({ min: 0, max: 24 * 60 - 1 })
  .map((minutes) => new Date(minutes * minuteMs).toISOString().slice(11, 16));
const hours: fc.Arbitrary<QuietHours> = fc.record({
  from: timeOfDay,
  to: timeOfDay,
  days: fc.subarray(everyDay, { minLength: 1 }),
});
const zone = fc.constantFrom(...zones, 'UTC', 'Asia/Calcutta');
// The rules of this century: before 1972 zones were off by seconds.
const moment = fc.date({
  min: new Date('1990-01-01T00:00:00Z'),
  max: new Date('2090-01-01T00:00:00Z'),
  noInvalidDate: true,
});

/** How far the clocks of a zone are ahead of UTC at a moment, as its own name for it says. */
function aheadMs(timeZone: string, at: Date): number {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, h = '0', m = '0', s = '0'] = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name) ?? [];
  return (sign === '-' ? -1 : 1) * ((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1000;
}

/** In UTC, by arithmetic alone. */
function isQuietInUtc({ from, to, days }: QuietHours, at: Date): boolean {
  const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  const length = ((minutesOf(to) - minutesOf(from) + 24 * 60 - 1) % (24 * 60)) + 1;
  return [0, 1].some((daysAgo) => {
    const midnight = Math.floor(at.getTime() / (24 * 60 * minuteMs)) - daysAgo;
    const day = ((((midnight + 3) % 7) + 7) % 7) + 1;
    const since = at.getTime() / minuteMs - midnight * 24 * 60 - minutesOf(from);
    return days.includes(day as Weekday) && since >= 0 && since < length;
  });
}

describe('quiet hours', () => {
  it('are those of the clock on the wall, in every zone and at every moment', () => {
    fc.assert(
      fc.property(hours, zone, moment, (quiet, timeZone, now) => {
        const onTheWall = new Date(now.getTime() + aheadMs(timeZone, now));
        expect(isQuiet(quiet, timeZone, now)).toBe(isQuietInUtc(quiet, onTheWall));
      }),
      { numRuns: 2000 },
    );
  });

  it('and the hours between them are all there is: every moment is in exactly one of both', () => {
    fc.assert(
      fc.property(timeOfDay, timeOfDay, zone, moment, (from, to, timeZone, now) => {
        fc.pre(from !== to);
        const inside = isQuiet({ from, to, days: everyDay }, timeZone, now);
        expect(isQuiet({ from: to, to: from, days: everyDay }, timeZone, now)).toBe(!inside);
      }),
    );
  });

  it('of a night are an hour shorter when clocks go forward, and an hour longer when they go back', () => {
    const minutesOfNight = (noon: string) => {
      const start = Date.parse(noon);
      const minutes = Array.from({ length: 24 * 60 }, (_, minute) => new Date(start + minute * minuteMs));
      return minutes.filter((now) => isQuiet(night, 'Europe/Madrid', now)).length;
    };
    expect(minutesOfNight('2026-03-20T12:00:00Z')).toBe(9 * 60);
    expect(minutesOfNight('2026-03-28T12:00:00Z')).toBe(8 * 60);
    expect(minutesOfNight('2026-10-24T12:00:00Z')).toBe(10 * 60);
  });

  it('belong to the day on which they begin', () => {
    const friday = { ...night, days: [5 as const] };
    const inMadrid = (now: string) => isQuiet(friday, 'Europe/Madrid', new Date(now));
    // Friday is the 4th of December 2026; Madrid is an hour ahead.
    expect(inMadrid('2026-12-04T05:00:00Z')).toBe(false);
    expect(inMadrid('2026-12-04T20:59:59Z')).toBe(false);
    expect(inMadrid('2026-12-04T21:00:00Z')).toBe(true);
    expect(inMadrid('2026-12-05T05:59:59Z')).toBe(true);
    expect(inMadrid('2026-12-05T06:00:00Z')).toBe(false);
    expect(inMadrid('2026-12-05T22:00:00Z')).toBe(false);
  });

  it('that begin and end at the same time last a day; none are never', () => {
    const sunday = { from: '12:00', to: '12:00', days: [7 as const] };
    expect(isQuiet(sunday, 'UTC', new Date('2026-12-06T12:00:00Z'))).toBe(true);
    expect(isQuiet(sunday, 'UTC', new Date('2026-12-07T11:59:00Z'))).toBe(true);
    expect(isQuiet(sunday, 'UTC', new Date('2026-12-07T12:00:00Z'))).toBe(false);
    expect(isQuiet(null, 'UTC', new Date())).toBe(false);
  });
});
