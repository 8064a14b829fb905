// From tokens to the first edges: the lexicon's words and phrases, numbers in words and digits, and dates and times in figures.
import { DAY, dayAt, daysInMonth } from './calendar.ts';
import type { Edge } from './chart.ts';
import type { Lexicon, Phrase } from './lexicon.ts';
import {
  type Clock,
  clockPoint,
  HAS,
  type Node,
  type Num,
  type Point,
  point,
  type Strength,
} from './nodes.ts';
import { once, yearly } from './series.ts';
import type { Token } from './tokens.ts';
import { abbreviatedOffset } from './zones.ts';

/** Words that mean something else with their accent than without. */
const OTHER_WORDS = new Set([
  'está',
  'estás',
  'é',
  'né',
  'sé',
  'dé',
  'té',
  'más',
  'sí',
  'vá',
  'dá',
  'avó',
  'avô',
  'só',
]);
const FRACTIONS: Readonly<Record<string, number>> = { '½': 0.5, '¼': 0.25, '¾': 0.75 };
const CURRENCIES = new Set(['$', '€', '£', '#', '+', '=', '_', '*', '&', '^']);
const SEPARATORS = new Set(['-', '/', '.']);

/** Classes that only join: a text of these alone has no date. */
const FUNCTION_WORDS = new Set(
  'OF PRE THE ON AT ATLOOSELY IN YEARLY AGO HENCE AFTERWARDS BEFOREHAND WITHIN SINCE UNTIL BY AFTER BETWEEN AND TO BUT OR FOR EVERY ONCE PER OTHER DIR COMING MORE PAST COMMA HOURS DOT PLUS NOTDATE QUOTE ANDHALF APPROX AMPMLETTER H INONE GREATER QUARTERLETTER HALFLETTER'.split(
    ' ',
  ),
);

type Put = (from: number, to: number, node: Node) => void;

/** The first edges by where they end, or null where nothing in the text can be part of a date. */
export function scan(
  tokens: readonly Token[],
  lexicon: Lexicon,
  isDayFirst: boolean,
): (Edge[] | undefined)[] | null {
  const ends: (Edge[] | undefined)[] = [];
  let isAnything = false;
  const put: Put = (from, to, node) => {
    if (!isAnything) isAnything = !FUNCTION_WORDS.has(node.cat) && !(node as Num).isArticle;
    const edge = { from, to, core: from, node };
    const list = ends[to];
    if (list === undefined) ends[to] = [edge];
    else list.push(edge);
  };
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    putPhrases(tokens, at, lexicon, put);
    if (token.kind === 'word') {
      putNumberWords(tokens, at, lexicon, put);
      const offset = abbreviatedOffset(token.text);
      if (offset !== null) put(at, at + 1, { cat: 'ZONE', value: offset });
      if (lexicon.months.has(token.text)) putMonthFirst(tokens, at, lexicon, put);
    } else if (token.kind === 'number') {
      putDigits(tokens, at, lexicon, isDayFirst, put);
    } else {
      const fraction = FRACTIONS[token.text];
      if (fraction !== undefined) put(at, at + 1, number(fraction, 0));
      if (token.text === "'") put(at, at + 1, { cat: 'QUOTE', value: 0 });
      if (token.text === '"') put(at, at + 1, { cat: 'DOUBLEQUOTE', value: 0 });
      if (token.text === '.' && token.isGlued && tokens[at - 1]?.kind === 'word')
        put(at, at + 1, { cat: 'DOT', value: 0 });
      if (token.text === '+') put(at, at + 1, { cat: 'PLUS', value: 1 });
      if (token.text === '-') put(at, at + 1, { cat: 'PLUS', value: -1 });
    }
  }
  return isAnything ? ends : null;
}

function number(value: number, digits: number): Node {
  return { cat: 'NUM', value, digits, isArticle: false, isVague: false };
}

function putPhrases(tokens: readonly Token[], at: number, lexicon: Lexicon, put: Put): void {
  const token = tokens[at] as Token;
  const hasAccents = token.accented !== token.text;
  if (!hasAccents || !OTHER_WORDS.has(token.accented))
    putMatches(tokens, at, lexicon.phrases.get(token.text), put);
  if (hasAccents) putMatches(tokens, at, lexicon.phrases.get(token.accented), put);
}

function putMatches(
  tokens: readonly Token[],
  at: number,
  list: readonly Phrase[] | undefined,
  put: Put,
): void {
  if (list === undefined) return;
  for (const { words, nodes, isAlone } of list) {
    if (isAlone && tokens.length > words.length) continue;
    let matched = 1;
    while (matched < words.length) {
      const next = tokens[at + matched];
      const word = words[matched];
      if (next === undefined || (next.text !== word && next.accented !== word)) break;
      matched++;
    }
    if (matched < words.length) continue;
    for (const node of nodes) put(at, at + words.length, node);
  }
}

/** Numbers up to 999,999 in words, each prefix that is a number too ("twenty" of "twenty five"). */
function putNumberWords(tokens: readonly Token[], at: number, lexicon: Lexicon, put: Put): void {
  const word = tokens[at]?.text as string;
  const isThousand = lexicon.thousands.has(word);
  if (!lexicon.cardinals.has(word) && !isThousand) {
    const ordinal = lexicon.ordinals.get(word);
    if (ordinal !== undefined) put(at, at + 1, { cat: 'ORD', value: ordinal, isWord: true });
    return;
  }
  const before = tokens[at - 1];
  // The second half of "twenty-five" is no number of its own.
  const isSecondHalf =
    before?.text === '-' &&
    before.isGlued &&
    tokens[at]?.isGlued &&
    lexicon.cardinals.has(tokens[at - 2]?.text ?? '');
  if (isSecondHalf && (lexicon.cardinals.get(tokens[at - 2]?.text ?? '') ?? 0) >= 20) return;
  const found = new Map<number, number>();
  const first = isThousand ? [[at, 1] as const] : underThousand(tokens, at, lexicon);
  for (const [to, value] of first) {
    if (!isThousand) found.set(to, value);
    if (!lexicon.thousands.has(tokens[to]?.text ?? '') || value === 0) continue;
    found.set(to + 1, value * 1000);
    for (const start of afterJoint(tokens, to + 1, lexicon)) {
      for (const [end, rest] of underThousand(tokens, start, lexicon))
        if (rest > 0) found.set(end, value * 1000 + rest);
    }
  }
  for (const [to, value] of found) {
    const isHalf = tokens[to]?.text === '-' && tokens[to]?.isGlued && found.has(to + 2);
    if (!isHalf) put(at, to, number(value, 0));
    if (value >= 1000 && value < 2200 && to > at + 1) put(at, to, yearPoint(value, value > 1500 ? 1 : 0));
    // "twenty first", "thirty-first", "vigésimo" has none.
    if (value >= 20 && value % 10 === 0) {
      const joint = tokens[to]?.text === '-' ? to + 1 : to;
      const ordinal = lexicon.ordinals.get(tokens[joint]?.text ?? '');
      if (ordinal !== undefined && ordinal > 0 && ordinal < 10) {
        put(at, joint + 1, { cat: 'ORD', value: value + ordinal, isWord: true });
      }
    }
  }
}

function afterJoint(tokens: readonly Token[], at: number, lexicon: Lexicon): number[] {
  return lexicon.joints.has(tokens[at]?.text ?? '') ? [at, at + 1] : [at];
}

function underHundred(tokens: readonly Token[], at: number, lexicon: Lexicon): (readonly [number, number])[] {
  const value = lexicon.cardinals.get(tokens[at]?.text ?? '');
  if (value === undefined || value >= 100) return [];
  const found: (readonly [number, number])[] = [[at + 1, value]];
  if (value >= 20 && value % 10 === 0) {
    for (const start of afterJoint(tokens, at + 1, lexicon)) {
      const units = lexicon.cardinals.get(tokens[start]?.text ?? '');
      if (units !== undefined && units > 0 && units < 10) found.push([start + 1, value + units]);
    }
  }
  return found;
}

function underThousand(
  tokens: readonly Token[],
  at: number,
  lexicon: Lexicon,
): (readonly [number, number])[] {
  const own = lexicon.cardinals.get(tokens[at]?.text ?? '');
  const small = underHundred(tokens, at, lexicon);
  const hundreds: (readonly [number, number])[] =
    own !== undefined && own >= 100
      ? [[at + 1, own]]
      : small
          .filter(([to]) => lexicon.hundreds.has(tokens[to]?.text ?? ''))
          .map(([to, value]) => [to + 1, value * 100]);
  const found = [...small, ...hundreds];
  for (const [to, value] of hundreds) {
    for (const start of afterJoint(tokens, to, lexicon)) {
      for (const [end, rest] of underHundred(tokens, start, lexicon))
        if (rest > 0) found.push([end, value + rest]);
    }
  }
  return found;
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

function putDigits(
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

function putMonthFirst(tokens: readonly Token[], at: number, lexicon: Lexicon, put: Put): void {
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
