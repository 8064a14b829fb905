// Days that come again: "monday", "july", "the 13th", "last friday of october" as series of spans that can be searched both ways.
import {
  addTo,
  civilDay,
  DAY,
  dayAt,
  daysInMonth,
  floorTo,
  type Grain,
  type Span,
  weekdayOf,
} from './calendar.ts';

/** Spans in time, in order and without overlap. */
export interface Series {
  /** The first span that starts at `time` or later. */
  readonly next: (time: number) => Span | null;
  /** The last span that starts before `time`. */
  readonly previous: (time: number) => Span | null;
}

/** How many spans are looked at before a combination ("monday 30 february") counts as impossible. */
const PATIENCE = 120;

export function once(start: number, end: number): Series {
  const span = { start, end };
  return {
    next: (time) => (start >= time ? span : null),
    previous: (time) => (start < time ? span : null),
  };
}

/** Every week, month, …: what starts where `grain` starts. */
export function every(grain: Grain): Series {
  const spanAt = (start: number) => ({ start, end: addTo(start, grain, 1) });
  const first = (time: number) => {
    const floor = floorTo(time, grain);
    return floor === time ? floor : addTo(floor, grain, 1);
  };
  return {
    next: (time) => spanAt(first(time)),
    previous: (time) => spanAt(addTo(first(time), grain, -1)),
  };
}

/** @param weekday 1 is Monday */
export function weekdays(weekday: number): Series {
  const spanAt = (start: number) => ({ start, end: start + DAY });
  const first = (time: number) => {
    const day = Math.ceil(time / DAY) * DAY;
    return day + ((weekday - weekdayOf(day) + 7) % 7) * DAY;
  };
  return {
    next: (time) => spanAt(first(time)),
    previous: (time) => spanAt(first(time) - 7 * DAY),
  };
}

/** What happens at most once a year: `at` gives its span within a year, or null where it has none. */
export function yearly(at: (year: number) => Span | null): Series {
  const search = (time: number, step: 1 | -1) => {
    const { year } = civilDay(time);
    for (let offset = -1; offset < 12; offset++) {
      const span = at(year + offset * step);
      if (span !== null && (step === 1 ? span.start >= time : span.start < time)) return span;
    }
    return null;
  };
  return { next: (time) => search(time, 1), previous: (time) => search(time, -1) };
}

export function months(month: number): Series {
  return yearly((year) => ({ start: dayAt(year, month, 1), end: dayAt(year, month + 1, 1) }));
}

/** A day of every month that has it. */
export function daysOfMonth(day: number): Series {
  const search = (time: number, step: 1 | -1) => {
    const { year, month } = civilDay(time);
    for (let offset = 0; offset < 14; offset++) {
      const first = civilDay(dayAt(year, month + offset * step, 1));
      if (day > daysInMonth(first.year, first.month)) continue;
      const start = dayAt(first.year, first.month, day);
      if (step === 1 ? start >= time : start < time) return { start, end: start + DAY };
    }
    return null;
  };
  return { next: (time) => search(time, 1), previous: (time) => search(time, -1) };
}

/** The span of `series` that holds `time`, or the first after it. */
export function holdingOrNext(series: Series, time: number): Span | null {
  const before = series.previous(time);
  return before !== null && before.end > time ? before : series.next(time);
}

/** Those of `inner` that start within a span of `outer`. */
export function within(outer: Series, inner: Series): Series {
  return {
    next(time) {
      let out = holdingOrNext(outer, time);
      for (let tries = 0; out !== null && tries < PATIENCE; tries++) {
        const found = inner.next(Math.max(out.start, time));
        if (found === null || found.start < out.end) return found;
        const holding = outer.previous(found.start + 1);
        out = holding !== null && holding.end > found.start ? holding : outer.next(found.start);
      }
      return null;
    },
    previous(time) {
      let found = inner.previous(time);
      for (let tries = 0; found !== null && tries < PATIENCE; tries++) {
        const out = outer.previous(found.start + 1);
        if (out === null || out.end > found.start) return out === null ? null : found;
        found = inner.previous(out.end);
      }
      return null;
    },
  };
}

/** One span for each of `series`, made from it; those without are left out. `reach` is how far the made one may start from the given. */
export function mapped(series: Series, make: (span: Span) => Span | null, reach: number): Series {
  return {
    next(time) {
      let at = series.previous(time - reach) ?? series.next(time - reach);
      for (let tries = 0; at !== null && tries < PATIENCE; tries++) {
        const made = make(at);
        if (made !== null && made.start >= time) return made;
        at = series.next(at.start + 1);
      }
      return null;
    },
    previous(time) {
      let at = series.previous(time + reach);
      for (let tries = 0; at !== null && tries < PATIENCE; tries++) {
        const made = make(at);
        if (made !== null && made.start < time) return made;
        at = series.previous(at.start);
      }
      return null;
    },
  };
}

/** The n-th of `inner` from the start of a span (n from 1), or from its end (n = -1 is the last). */
export function nthWithin(span: Span, inner: Series, n: number): Span | null {
  if (n > 0) {
    let found = inner.next(span.start);
    for (let count = 1; found !== null && count < n; count++) found = inner.next(found.start + 1);
    return found !== null && found.start < span.end ? found : null;
  }
  let found = inner.previous(span.end);
  for (let count = -1; found !== null && count > n; count--) found = inner.previous(found.start);
  return found !== null && found.start >= span.start ? found : null;
}
