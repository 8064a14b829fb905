// Times, money, counts and telephone numbers as a person reads them, in the member's language and zone (Intl only).
import { useMemo } from 'react';
import type { AppLanguage } from './store.ts';
import { useLanguage } from './texts.ts';

type Moment = string | number | Date;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

export interface Format {
  /** For lists: "now", "5 min", "14:05" of today, "Tue", "12 Mar", "12 Mar 2025". */
  relative(moment: Moment, nowMs?: number): string;
  /** For a tooltip: weekday, date, time with seconds, zone. */
  exact(moment: Moment): string;
  /** "14:05" */
  time(moment: Moment): string;
  /** For a line between days: "Today", "Yesterday", "Tuesday 12 March". */
  day(moment: Moment, nowMs?: number): string;
  /** The same within a sentence: "today", "Tuesday 12 March". */
  dayWithin(moment: Moment, nowMs?: number): string;
  /** "12 Mar", "12 Mar 2025" of another year. */
  date(moment: Moment, nowMs?: number): string;
  /** Within a sentence: "tomorrow 09:00". */
  dayAndTime(moment: Moment, nowMs?: number): string;
  /**
   * Within a sentence, as finely as it was meant (`minute`, `day`, `month`, …): "tomorrow 09:00", "tomorrow", "March 2026", "2026".
   * A day is one of the zone in which it was meant; by default the member's own.
   */
  moment(moment: Moment, grain: string, meant?: { timeZone?: string | undefined; nowMs?: number }): string;
  /** "in 3 hours", "2 days ago" */
  distance(moment: Moment, nowMs?: number): string;
  /** "2026-11" → "November 2026" */
  month(yearAndMonth: string): string;
  /** Millionths of a currency (ISO 4217); up to four decimals, because a text costs less than a cent. */
  money(micros: number, currency: string): string;
  number(value: number): string;
  /** 0.25 → "25 %" */
  percent(share: number): string;
  /** "850 ms", "1.4 s", "3 min" */
  duration(milliseconds: number): string;
  bytes(count: number): string;
  /** The name of a language by its code, in the member's own. */
  languageName(code: string): string;
  list(items: readonly string[]): string;
}

const made = new Map<AppLanguage, Format>();

/** @param language a member's, not a contact's */
export function formatIn(language: AppLanguage): Format {
  const known = made.get(language);
  if (known) return known;
  const format = makeFormat(language);
  made.set(language, format);
  return format;
}

export function useFormat(): Format {
  const language = useLanguage();
  return useMemo(() => formatIn(language), [language]);
}

/** Made when it is first used, and kept: making one takes as long as thousands of uses. */
function lazily<Made>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function makeFormat(language: AppLanguage): Format {
  const date = (options: Intl.DateTimeFormatOptions) =>
    lazily(() => new Intl.DateTimeFormat(language, options));
  const number = (options: Intl.NumberFormatOptions) =>
    lazily(() => new Intl.NumberFormat(language, options));
  const time = date({ hour: 'numeric', minute: '2-digit' });
  const weekday = date({ weekday: 'short' });
  const dayMonth = date({ day: 'numeric', month: 'short' });
  const withYear = date({ day: 'numeric', month: 'short', year: 'numeric' });
  const longDay = date({ weekday: 'long', day: 'numeric', month: 'long' });
  const year = date({ year: 'numeric' });
  const monthYear = date({ month: 'long', year: 'numeric' });
  const exact = date({ dateStyle: 'full', timeStyle: 'long' });
  const distance = lazily(() => new Intl.RelativeTimeFormat(language, { numeric: 'auto' }));
  const minutes = number({ style: 'unit', unit: 'minute', unitDisplay: 'short' });
  const numbers = number({});
  const percents = number({ style: 'percent', maximumFractionDigits: 0 });
  const languages = lazily(() => new Intl.DisplayNames(language, { type: 'language' }));
  const lists = lazily(() => new Intl.ListFormat(language, { type: 'conjunction' }));
  const units = new Map<string, () => Intl.NumberFormat>();
  const unit = (name: string, value: number, digits: number) => {
    const key = `${name} ${digits}`;
    const known =
      units.get(key) ??
      number({ style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: digits });
    units.set(key, known);
    return known().format(value);
  };

  const shortDate = (moment: Moment, nowMs = Date.now()) => {
    const at = new Date(moment);
    return (at.getFullYear() === new Date(nowMs).getFullYear() ? dayMonth : withYear)().format(at);
  };
  const dayWithin = (moment: Moment, nowMs = Date.now()) => {
    const at = new Date(moment);
    const days = daysBetween(at, nowMs);
    if (Math.abs(days) <= 1) return distance().format(-days, 'day');
    return (at.getFullYear() === new Date(nowMs).getFullYear() ? longDay : withYear)().format(at);
  };

  return {
    relative: (moment, nowMs = Date.now()) => {
      const at = new Date(moment);
      const agoMs = nowMs - at.getTime();
      if (Math.abs(agoMs) < minuteMs) return distance().format(0, 'second');
      if (agoMs > 0 && agoMs < hourMs) return minutes().format(Math.floor(agoMs / minuteMs));
      const days = daysBetween(at, nowMs);
      if (days === 0) return time().format(at);
      if (days > 0 && days < 7) return weekday().format(at);
      return shortDate(at, nowMs);
    },
    exact: (moment) => exact().format(new Date(moment)),
    time: (moment) => time().format(new Date(moment)),
    day: (moment, nowMs) => capitalise(dayWithin(moment, nowMs)),
    dayWithin,
    date: shortDate,
    dayAndTime: (moment, nowMs) => `${dayWithin(moment, nowMs)} ${time().format(new Date(moment))}`,
    moment: (moment, grain, { timeZone, nowMs } = {}) => {
      const isClock = grain === 'hour' || grain === 'minute' || grain === 'second';
      const at = timeZone && !isClock ? sameDayIn(new Date(moment), timeZone) : new Date(moment);
      if (grain === 'year') return year().format(at);
      if (grain === 'month' || grain === 'quarter') return monthYear().format(at);
      const dayOf = dayWithin(at, nowMs);
      return isClock ? `${dayOf} ${time().format(at)}` : dayOf;
    },
    distance: (moment, nowMs = Date.now()) => {
      const aheadMs = new Date(moment).getTime() - nowMs;
      const far = Math.abs(aheadMs);
      if (far < hourMs) return distance().format(Math.round(aheadMs / minuteMs), 'minute');
      if (far < dayMs) return distance().format(Math.round(aheadMs / hourMs), 'hour');
      return distance().format(Math.round(aheadMs / dayMs), 'day');
    },
    month: (yearAndMonth) => {
      const [year = 0, month = 1] = yearAndMonth.split('-').map(Number);
      return monthYear().format(new Date(year, month - 1));
    },
    money: (micros, currency) =>
      new Intl.NumberFormat(language, {
        style: 'currency',
        currency,
        maximumFractionDigits: micros !== 0 && Math.abs(micros) < 1_000_000 ? 4 : 2,
      }).format(micros / 1_000_000),
    number: (value) => numbers().format(value),
    percent: (share) => percents().format(share),
    duration: (milliseconds) => {
      if (milliseconds < 1000) return unit('millisecond', Math.round(milliseconds), 0);
      if (milliseconds < 2 * minuteMs) return unit('second', milliseconds / 1000, 1);
      return unit('minute', milliseconds / minuteMs, 0);
    },
    bytes: (count) => {
      if (count < 1024) return unit('byte', count, 0);
      if (count < 1024 ** 2) return unit('kilobyte', count / 1024, 0);
      return unit('megabyte', count / 1024 ** 2, 1);
    },
    languageName: (code) => (code === 'unknown' ? '?' : (languages().of(code) ?? code)),
    list: (items) => lists().format(items),
  };
}

/** Midnights between then and now, in the member's zone; negative for what is to come. */
function daysBetween(at: Date, nowMs: number): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(new Date(nowMs)) - midnight(at)) / dayMs);
}

/** Midnight here of the day that it is there. */
function sameDayIn(moment: Date, timeZone: string): Date {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    calendar: 'gregory',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  }).formatToParts(moment);
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((one) => one.type === type)?.value);
  return new Date(part('year'), part('month') - 1, part('day'));
}

const capitalise = (text: string) => text.charAt(0).toLocaleUpperCase() + text.slice(1);

/** Country calling codes of one and two digits (ITU-T E.164 list); all others have three. */
const shortCallingCodes = /^(?:1|7|20|27|3[0-4]|36|39|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;

/** "+1 (202) 555-0142", "+49 151 234 567 89"; what is no number in E.164 stays as it is. */
export function formatPhone(address: string): string {
  const digits = /^\+([1-9]\d{6,14})$/.exec(address)?.[1];
  if (!digits) return address;
  const american = /^1(\d{3})(\d{3})(\d{4})$/.exec(digits);
  if (american) return `+1 (${american[1]}) ${american[2]}-${american[3]}`;
  const code = shortCallingCodes.exec(digits)?.[0] ?? digits.slice(0, 3);
  const groups = digits.slice(code.length).match(/\d{2,3}(?=(?:\d{2,3})*$)/g) ?? [];
  return `+${code} ${groups.join(' ')}`;
}
