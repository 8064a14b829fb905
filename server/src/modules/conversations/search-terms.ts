// What a text is found by, and what a query asks for: words by their stems and beginnings, digits in a row, and pieces of
// writing without spaces. Plain terms leave this file only as keyed hashes.
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { stem } from '../../learning/stem.ts';

/** Goes up when the same text makes other terms: every index is then made anew. */
export const searchIndexVersion = 1;

const prefixLengthMin = 3;
const prefixLengthMax = 10;
const digitsMin = 4;
/** What E.164 and national numbers have; shorter rows of figures that stand beside one another are no telephone number. */
const phoneDigits = { min: 7, max: 15 } as const;
/** A text has no more terms than this: about a thousand different words. */
const termsMax = 4000;

const marks = /[\u0300-\u036f]/g;
/** Letters that Unicode does not take apart. */
const plainLetters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ς: 'σ',
};

/** One way to write what people write in many: NFKC, lower case, no diacritics. Never throws; twice is once. */
export function normalise(text: string): string {
  const decomposed = text.toWellFormed().normalize('NFKD').toLowerCase().normalize('NFKD');
  return decomposed
    .replace(marks, '')
    .replace(/[ßæœøłđðþıς]/g, (letter) => plainLetters[letter] ?? letter)
    .normalize('NFKC');
}

const unspaced = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー`;
const letter = String.raw`[[\p{L}\p{N}\p{M}]--[${unspaced}]]`;
const token = new RegExp(
  `(?<run>[${unspaced}]+)|` +
    String.raw`(?<figures>(?<![\p{L}\p{N}])\d[\d \(\).\-\/]*(?!${letter}))|` +
    `(?<word>${letter}+(?:['’]${letter}+)*)`,
  'gv',
);

interface Tokens {
  /** Each with its pieces: of "o'brien", o and brien. */
  readonly words: readonly (readonly string[])[];
  /** Groups of digits that stand beside one another. */
  readonly figures: readonly (readonly string[])[];
  /** Writing without spaces between its words, as it stands. */
  readonly runs: readonly string[];
  readonly last: 'word' | 'figures' | 'run' | null;
}

function tokensOf(text: string): Tokens {
  const words: string[][] = [];
  const figures: string[][] = [];
  const runs: string[] = [];
  let last: Tokens['last'] = null;
  for (const { 0: found, groups } of normalise(text).matchAll(token)) {
    if (groups?.run !== undefined) {
      runs.push(found);
      last = 'run';
    } else if (groups?.figures !== undefined) {
      figures.push(found.match(/\d+/g) ?? []);
      last = 'figures';
    } else {
      words.push(found.split(/['’]/));
      last = 'word';
    }
  }
  return { words, figures, runs, last };
}

/**
 * A telephone number whole, however it is spaced; of other figures the groups of at least four digits.
 * @param joinedMin from how many digits on groups that stand beside one another are one number.
 */
function numbersOf(groups: readonly string[], joinedMin: number): string[] {
  const joined = groups.join('');
  if (joined.length >= joinedMin && joined.length <= phoneDigits.max) return [joined];
  return groups.filter((group) => group.length >= digitsMin);
}

/** What is in a text to be found. */
interface Parts {
  readonly words: ReadonlySet<string>;
  readonly numbers: ReadonlySet<string>;
  readonly runs: ReadonlySet<string>;
}

function partsOf(text: string): Parts {
  const { words, figures, runs } = tokensOf(text);
  return {
    words: new Set([...words.flatMap((pieces) => [...pieces, pieces.join('')]), ...figures.flat()]),
    numbers: new Set([
      ...figures.flatMap((groups) => numbersOf(groups, phoneDigits.min)),
      ...words
        .flat()
        .flatMap((word) => word.match(/\d+/g)?.filter(({ length }) => length >= digitsMin) ?? []),
    ]),
    runs: new Set(runs),
  };
}

/** Without all its endings: "reparación", "repara" and "reparar" meet. */
function rootOf(word: string): string {
  // A loop, for a "word" may be as long as a text, and all of it endings.
  let root = word;
  for (let shorter = stem(root); shorter !== root; shorter = stem(root)) root = shorter;
  return root;
}

const rootTerm = (word: string) => `w${rootOf(word)}`;
const prefixTerm = (characters: readonly string[], length: number) =>
  `p${characters.slice(0, length).join('')}`;

function digitTerms(number: string): string[] {
  return Array.from(
    { length: Math.max(0, number.length - digitsMin + 1) },
    (_, start) => `d${number.slice(start, start + digitsMin)}`,
  );
}

const pairTerms = (characters: readonly string[]) =>
  characters.slice(1).map((character, index) => `c${characters[index]}${character}`);

function* everyTermOf({ words, numbers, runs }: Parts): Generator<string> {
  for (const word of words) {
    yield rootTerm(word);
    if (/^\d+$/.test(word)) continue;
    const characters = [...word];
    const longest = Math.min(characters.length, prefixLengthMax);
    for (let length = prefixLengthMin; length <= longest; length += 1) yield prefixTerm(characters, length);
  }
  for (const number of numbers) yield* digitTerms(number);
  for (const run of runs) {
    const characters = [...run];
    for (const character of characters) yield `c${character}`;
    yield* pairTerms(characters);
  }
}

/** The plain terms under which a text is indexed; of a very long one those of its beginning. */
export function termsOf(text: string): string[] {
  const terms = new Set<string>();
  for (const term of everyTermOf(partsOf(text))) {
    if (terms.add(term).size === termsMax) break;
  }
  return [...terms];
}

/** What a text must have to be a hit. */
export interface Question {
  /** All of these terms. */
  readonly all: readonly string[];
  /** And one of these, where there are any: the last word, which may be unfinished. */
  readonly any: readonly string[];
  /** Whether a plain text is one: none whose hashes collide, and none that was changed since it was indexed. */
  matches(text: string): boolean;
}

/** Zeros before a number are a way to dial it and no part of it: 0034…, 07700… */
function dialled(number: string): string {
  const bare = number.replace(/^0+/, '');
  return bare.length >= phoneDigits.min ? bare : number;
}

/** Reads what somebody typed; null when there is nothing in it to look for. */
export function readQuestion(query: string): Question | null {
  const { words, figures, runs, last } = tokensOf(query);
  // Half a telephone number has few digits, and is spaced all the same.
  const numbers = figures.flatMap((groups) => numbersOf(groups, digitsMin)).map(dialled);
  const short = figures.filter((groups) => groups.join('').length < digitsMin).flat();
  const pieces = words.flat();
  const ending = last === 'word' ? pieces.at(-1) : undefined;
  const unfinished = ending !== undefined && [...ending].length >= prefixLengthMin ? ending : null;
  const whole = [...(unfinished === null ? pieces : pieces.slice(0, -1)), ...short];
  const all = new Set([
    ...whole.map(rootTerm),
    ...numbers.flatMap(digitTerms),
    ...runs.flatMap((run) => ([...run].length === 1 ? [`c${run}`] : pairTerms([...run]))),
  ]);
  const any = unfinished === null ? [] : [rootTerm(unfinished), prefixTerm([...unfinished], prefixLengthMax)];
  if (all.size === 0 && any.length === 0) return null;
  return {
    all: [...all],
    any,
    matches: (text) => {
      const parts = partsOf(text);
      const roots = new Set([...parts.words].map(rootOf));
      return (
        whole.every((word) => roots.has(rootOf(word))) &&
        numbers.every((number) => some(parts.numbers, (candidate) => candidate.includes(number))) &&
        runs.every((run) => some(parts.runs, (candidate) => candidate.includes(run))) &&
        (unfinished === null ||
          roots.has(rootOf(unfinished)) ||
          some(parts.words, (candidate) => candidate.startsWith(unfinished)))
      );
    },
  };
}

function some(values: ReadonlySet<string>, fits: (value: string) => boolean): boolean {
  for (const value of values) if (fits(value)) return true;
  return false;
}

/** What contacts are found by and what messages and notes are found by have nothing in common at rest. */
export type TermClass = 'contact' | 'text';

/** Hashes terms with a workspace's search key: HMAC-SHA256 (RFC 2104), cut to 63 bits, as decimals of a `bigint`. */
export class TermHasher {
  readonly #key: KeyObject;
  /** Most words of a batch have been seen in it before. */
  readonly #known = new Map<string, string>();

  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  hash(termClass: TermClass, terms: readonly string[]): string[] {
    return terms.map((term) => {
      const input = `${termClass}|${term}`;
      const known = this.#known.get(input);
      if (known !== undefined) return known;
      const digest = createHmac('sha256', this.#key).update(input).digest();
      const hashed = (digest.readBigUInt64BE(0) >> 1n).toString();
      this.#known.set(input, hashed);
      return hashed;
    });
  }
}
