// Numbers, years and days as points, and where the first edges are put.
import { DAY, dayAt, daysInMonth } from './calendar.ts';
import { HAS, type Node, type Point, point, type Strength } from './nodes.ts';
import { once, yearly } from './series.ts';

export type Put = (from: number, to: number, node: Node) => void;

export function number(value: number, digits: number): Node {
  return { cat: 'NUM', value, digits, isArticle: false, isVague: false };
}

export function fullYear(value: number, digits: number): number {
  return digits === 2 ? (value < 50 ? 2000 + value : 1900 + value) : value;
}

export function yearPoint(year: number, strength: Strength): Point {
  return point({
    strength,
    has: HAS.year,
    grain: 'year',
    days: once(dayAt(year, 1, 1), dayAt(year + 1, 1, 1)),
    isFixed: true,
  });
}

/** A day of a year, or of every year; null where no such day is. */
export function dayPoint(year: number | null, month: number, day: number, strength: Strength): Point | null {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year ?? 2000, month)) return null;
  if (year === null) {
    return point({
      strength,
      has: HAS.month | HAS.day,
      days: yearly((of) => {
        if (day > daysInMonth(of, month)) return null;
        const start = dayAt(of, month, day);
        return { start, end: start + DAY };
      }),
    });
  }
  const start = dayAt(year, month, day);
  return point({
    strength,
    has: HAS.year | HAS.month | HAS.day,
    days: once(start, start + DAY),
    isFixed: true,
  });
}
