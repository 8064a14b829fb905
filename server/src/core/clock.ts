// Time as the code sees it, so that tests can hold it still.

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  date(): Date;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  date: () => new Date(),
};

/** A clock that stands still until it is moved. */
export function fixedClock(start: Date | number = Date.UTC(2026, 0, 5, 12)): Clock & {
  advance(milliseconds: number): void;
  set(moment: Date | number): void;
} {
  let current = Number(start);
  return {
    now: () => current,
    date: () => new Date(current),
    advance: (milliseconds) => {
      current += milliseconds;
    },
    set: (moment) => {
      current = Number(moment);
    },
  };
}
