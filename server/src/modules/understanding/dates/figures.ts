// Dates, times and numbers that are written in figures.
import { dayAt } from './calendar.ts';
import { dayPoint, fullYear, number, type Put, yearPoint } from './given.ts';
import type { Lexicon } from './lexicon.ts';
import { type Clock, clockPoint, HAS, type Point, point, type Strength } from './nodes.ts';
import { once } from './series.ts';
import type { Token } from './tokens.ts';

const CURRENCIES = new Set(['$', '€', '£', '#', '+', '=', '_', '*', '&', '^']);

const SEPARATORS = new Set(['-', '/', '.']);

/** Two numbers as a day in the order of the language, with the other order as the other reading, or else as the only one. */
function ambiguousDay(
  year: number | null,
  a: number,
  b: number,
  isDayFirst: boolean,
  strength: Strength,
): Point | null {
  const [day, month] = isDayFirst ? [a, b] : [b, a];
  const own = dayPoint(year, month, day, strength);
  const other = day === month ? null : dayPoint(year, day, month, strength);
  return own === null ? other : { ...own, other };
}

function clock(
  hour: number,
  minute: number,
  second: number,
  grain: Clock['grain'],
  isAmbiguous: boolean,
): Clock | null {
  if (hour > 24 || minute > 59 || second > 59 || (hour === 24 && minute + second > 0)) return null;
  return { hour, minute, second, grain, isAmbiguous: isAmbiguous && hour >= 1 && hour <= 12 };
}

/** Whether a sign between figures stands at `at`, glued on both sides. */
function separatorAt(tokens: readonly Token[], at: number): string | null {
  const sign = tokens[at];
  if (sign?.kind !== 'sign' || !sign.isGlued || !SEPARATORS.has(sign.text)) return null;
  return tokens[at + 1]?.isGlued === true ? sign.text : null;
}

function isPartOfMore(tokens: readonly Token[], from: number, to: number): boolean {
  const before = tokens[from - 1];
  const isGlued = tokens[from]?.isGlued === true;
  if (
    isGlued &&
    before?.kind === 'sign' &&
    SEPARATORS.has(before.text) &&
    tokens[from - 2]?.kind === 'number' &&
    before.isGlued
  )
    return true;
  const next = separatorAt(tokens, to);
  return next !== null && tokens[to + 1]?.kind === 'number';
}

/** Whether a number is one of two that a dash joins, and no more: "13-15", "2014-2018". */
function isPair(tokens: readonly Token[], at: number): boolean {
  const isFirst = separatorAt(tokens, at + 1) === '-' && tokens[at + 2]?.kind === 'number';
  const first = isFirst ? at : at - 2;
  if (separatorAt(tokens, first + 1) !== '-' || tokens[first]?.kind !== 'number') return false;
  if (tokens[first]?.isGlued === true && SEPARATORS.has(tokens[first - 1]?.text ?? '')) return false;
  return separatorAt(tokens, first + 3) === null;
}

export function putDigits(
  tokens: readonly Token[],
  at: number,
  lexicon: Lexicon,
  isDayFirst: boolean,
  put: Put,
): void {
  const token = tokens[at] as Token;
  const digits = token.text.length;
  if (digits > 8) return;
  const before = tokens[at - 1];
  if (token.isGlued && before?.kind === 'sign' && CURRENCIES.has(before.text)) return;
  const afterLetters = token.isGlued && before?.kind === 'word';
  if (afterLetters && !lexicon.months.has(before.text) && !/^[hqtms]$/.test(before.text)) return;
  const value = Number(token.text);
  const next = tokens[at + 1];
  if (next?.text === '%') return;
  putFigures(tokens, at, lexicon, isDayFirst, put);
  // Part of a longer code or a number with many dots is neither a number nor a year.
  if (!isPartOfMore(tokens, at, at + 1) || isPair(tokens, at)) {
    if (digits <= 4) put(at, at + 1, number(value, digits));
    if (digits === 4 && value >= 1000 && value < 3000 && !afterLetters)
      put(at, at + 1, yearPoint(value, value >= 1800 && value < 2200 ? 1 : 0));
    if ((digits === 3 || digits === 4) && (value < 1900 || value > 2100)) {
      const read = clock(Math.floor(value / 100), value % 100, 0, 'minute', digits === 3 || value >= 1000);
      if (read !== null) put(at, at + 1, clockPoint(read, 0));
    }
  }
  if (next?.isGlued && lexicon.ordinalEndings.has(next.accented) && value >= 1 && value <= 31) {
    put(at, at + 2, { cat: 'ORD', value, isWord: false });
  }
  if (next?.text === '.' && (tokens[at + 2]?.text === 'º' || tokens[at + 2]?.text === 'ª')) {
    put(at, at + 3, { cat: 'ORD', value, isWord: false });
  }
}

/** Dates and times written in figures, and decimal numbers. */
function putFigures(
  tokens: readonly Token[],
  at: number,
  lexicon: Lexicon,
  isDayFirst: boolean,
  put: Put,
): void {
  const token = tokens[at] as Token;
  const a = Number(token.text);
  const sizeA = token.text.length;
  const own = separatorAt(tokens, at + 1);
  const isAfterDash = tokens[at - 1]?.text === '-' && own !== null && own !== '-';
  const startsInside =
    !isAfterDash && (isPartOfMore(tokens, at, at) || (token.isGlued && tokens[at - 1]?.text === '.'));
  if (sizeA === 8 && !startsInside) {
    const read = dayPoint(Math.floor(a / 10000), Math.floor(a / 100) % 100, a % 100, 2);
    if (read !== null && a >= 19000101 && a < 21000101) put(at, at + 1, read);
  }
  const second = tokens[at + 2];
  if (
    tokens[at + 1]?.text === ':' &&
    tokens[at + 1]?.isGlued &&
    second?.isGlued &&
    second.kind === 'number'
  ) {
    putClock(tokens, at, put);
    return;
  }
  if (
    sizeA === 4 &&
    second?.kind === 'number' &&
    tokens[at + 1]?.kind === 'number' &&
    second.text.length === 2 &&
    tokens[at + 1]?.text.length === 2
  ) {
    const read = dayPoint(a, Number(tokens[at + 1]?.text), Number(second.text), 2);
    if (read !== null) put(at, at + 3, read);
  }
  const separator = separatorAt(tokens, at + 1);
  if (startsInside) return;
  if (separator === null) {
    // "2 - 15"
    if (tokens[at + 1]?.text === '-' && second?.kind === 'number' && sizeA <= 2 && second.text.length <= 2) {
      const read = ambiguousDay(null, a, Number(second.text), isDayFirst, 1);
      if (read !== null && tokens[at + 3]?.kind !== 'number') put(at, at + 3, read);
    }
    return;
  }
  if (second === undefined) return;
  const monthB = second.kind === 'word' ? lexicon.months.get(second.text) : undefined;
  // "31-dic.-1994" has a dot more.
  const dot = monthB !== undefined && tokens[at + 3]?.text === '.' && separator !== '.' ? 1 : 0;
  const third = separatorAt(tokens, at + 3 + dot) === separator ? tokens[at + 4 + dot] : undefined;
  const c = third?.kind === 'number' ? Number(third.text) : null;
  const end = at + 5 + dot;
  const isWhole = !isPartOfMore(tokens, at, end) || separatorAt(tokens, end) === '-';
  if (second.kind === 'number') {
    const b = Number(second.text);
    const sizeB = second.text.length;
    if (third?.kind === 'number' && c !== null && isWhole) {
      let read: Point | null = null;
      if (sizeA === 4) read = dayPoint(a, b, c, 2) ?? dayPoint(a, c, b, 2);
      else if (
        sizeA <= 2 &&
        sizeB <= 2 &&
        (third.text.length === 4 || (third.text.length === 2 && separator !== '.'))
      ) {
        read = ambiguousDay(fullYear(c, third.text.length), a, b, isDayFirst, 2);
      }
      if (read !== null) put(at, end, read);
    }
    const monthC = third?.kind === 'word' ? lexicon.months.get(third.text) : undefined;
    if (monthC !== undefined) {
      const read = sizeA === 4 ? dayPoint(a, monthC, b, 2) : sizeB === 4 ? dayPoint(b, monthC, a, 2) : null;
      if (read !== null) put(at, end, read);
    }
    if (isPartOfMore(tokens, at, at + 3) && separatorAt(tokens, at + 3) !== '-') return;
    if (separator === '.') {
      if (sizeB <= 3) put(at, at + 3, number(Number(`${token.text}.${second.text}`), 9));
      if (sizeB === 2 && sizeA <= 2) {
        const read = clock(a, b, 0, 'minute', sizeA === 1 || token.text.charAt(0) !== '0');
        if (read !== null) put(at, at + 3, clockPoint(read, 1));
      }
    }
    if (separator === '/' && a < b && b <= 8 && a > 0) put(at, at + 3, number(a / b, 9));
    if (sizeA <= 2 && sizeB <= 2) {
      const read = ambiguousDay(null, a, b, isDayFirst, separator === '/' ? 2 : separator === '-' ? 1 : 0);
      if (read !== null) put(at, at + 3, read);
    }
    const [year, month] = sizeA === 4 ? [a, b] : [b, a];
    if (isPartOfMore(tokens, at, at + 3)) return;
    if (
      separator !== '.' &&
      (sizeA === 4) !== (sizeB === 4) &&
      month >= 1 &&
      month <= 12 &&
      (sizeA <= 2 || sizeB <= 2)
    ) {
      const start = dayAt(year, month, 1);
      const days = once(start, dayAt(year, month + 1, 1));
      put(at, at + 3, point({ has: HAS.year | HAS.month, grain: 'month', days, isFixed: true }));
    }
    return;
  }
  if (monthB === undefined) return;
  if (third?.kind === 'number' && c !== null) {
    const size = third.text.length;
    const read =
      sizeA === 4 ? dayPoint(a, monthB, c, 2) : size !== 3 ? dayPoint(fullYear(c, size), monthB, a, 2) : null;
    if (read !== null) put(at, end, read);
  }
  if (sizeA <= 2) {
    const read = dayPoint(null, monthB, a, 2);
    if (read !== null) put(at, at + 3, read);
  }
}

export function putMonthFirst(tokens: readonly Token[], at: number, lexicon: Lexicon, put: Put): void {
  const separator = separatorAt(tokens, at + 1);
  const second = tokens[at + 2];
  if (separator === null || second?.kind !== 'number') return;
  const month = lexicon.months.get(tokens[at]?.text ?? '') as number;
  const b = Number(second.text);
  const third = separatorAt(tokens, at + 3) === separator ? tokens[at + 4] : undefined;
  if (third?.kind === 'number') {
    const c = Number(third.text);
    const read =
      second.text.length === 4
        ? dayPoint(b, month, c, 2)
        : dayPoint(fullYear(c, third.text.length), month, b, 2);
    if (read !== null) put(at, at + 5, read);
  } else if (second.text.length <= 2 && separator !== '.') {
    const read = dayPoint(null, month, b, 2);
    if (read !== null) put(at, at + 3, read);
  }
}

/** 15:30, 15:30:10. */
function putClock(tokens: readonly Token[], at: number, put: Put): void {
  const [hours, , minutes, colon, seconds] = tokens.slice(at, at + 5) as [
    Token,
    Token,
    Token,
    Token?,
    Token?,
  ];
  if (hours.text.length > 2 || minutes.text.length !== 2) return;
  const isAmbiguous = hours.text.charAt(0) !== '0';
  const hasSeconds = colon?.text === ':' && colon.isGlued && seconds?.isGlued && seconds.kind === 'number';
  const read = hasSeconds
    ? seconds.text.length === 2
      ? clock(Number(hours.text), Number(minutes.text), Number(seconds.text), 'second', isAmbiguous)
      : null
    : clock(Number(hours.text), Number(minutes.text), 0, 'minute', isAmbiguous);
  if (read !== null) put(at, at + (hasSeconds ? 5 : 3), clockPoint(read, 2));
}
