// What the sentiment of a message is told by: its words, pairs of words, runs of characters in them, which of them are negated, emoji,
// emoticons and emphasis, as buckets of a hash.
import { hashText } from '../../learning/hashing.ts';
import type { Language } from './language.ts';

const TEXT_LENGTH_MAX = 1000;
const RUN_MIN = 3;
const RUN_MAX = 4;
/** How many words after a "not" it reaches, if no punctuation ends it before. */
const NEGATION_REACH = 4;

const PAIR_VALUE = 0.8;
const RUN_VALUE = 0.5;
const LISTED_VALUE = 2;

// Kinds of features, kept apart by the seed of their hash.
const WORD = 1;
const NEGATED = 2;
const PAIR = 3;

export interface SentimentToken {
  /** Lower-case and without accents; upper-case names stand for kinds: `URL`, `LAUGH`, `HAPPY`. */
  readonly text: string;
  readonly isNegated: boolean;
  readonly isWord: boolean;
}

export interface SentimentFeatures {
  /** Of both arrays the first `count` are the text's features, until the next text is read. */
  readonly buckets: Uint32Array;
  /** Scaled by the length of those in buckets, each occurrence taken for itself. */
  readonly values: Float32Array;
  readonly count: number;
}

let buckets = new Uint32Array(1 << 14);
let values = new Float32Array(1 << 14);

/** How good listed words are, -1 to 1, by their hash. */
export type SentimentLexicon = ReadonlyMap<number, number>;

/** Columns after the buckets: how bad and how good the listed words are, and those of them that are negated. */
export const LEXICON_COLUMNS = 4;

export function readSentimentFeatures(
  tokens: readonly SentimentToken[],
  bucketCount: number,
  lexicon: SentimentLexicon,
): SentimentFeatures {
  const listed = [0, 0, 0, 0];
  let count = 0;
  let squares = 0;
  const add = (hash: number, value: number) => {
    if (count === buckets.length) grow();
    buckets[count] = Math.floor(hash * (bucketCount / 4_294_967_296));
    values[count++] = value;
    squares += value * value;
  };
  let before = '';
  for (const { text, isNegated, isWord } of tokens) {
    const hash = hashText(text, WORD);
    add(hash, 1);
    const worth = lexicon.get(hash);
    if (worth !== undefined) {
      const column = (isNegated ? 2 : 0) + (worth > 0 ? 1 : 0);
      listed[column] = (listed[column] as number) + Math.abs(worth) * LISTED_VALUE;
    }
    if (isNegated) add(hashText(text, NEGATED), 1);
    const marked = isNegated ? `~${text}` : text;
    if (before !== '') add(hashText(`${before} ${marked}`, PAIR), PAIR_VALUE);
    before = marked;
    if (!isWord) continue;
    const length = text.length + 2;
    for (let start = 0; start + RUN_MIN <= length; start += 1) {
      let state = 0x811c9dc5;
      for (let at = start; at < length && at < start + RUN_MAX; at += 1) {
        const code = at === 0 || at === length - 1 ? 32 : text.charCodeAt(at - 1);
        state = Math.imul(state ^ code, 0x5bd1e995);
        state ^= state >>> 15;
        if (at - start + 1 >= RUN_MIN) add(Math.imul(state, 0x9e3779b1) >>> 0, RUN_VALUE);
      }
    }
  }
  for (let column = 0; column < LEXICON_COLUMNS; column += 1) {
    if (listed[column] === 0) continue;
    if (count === buckets.length) grow();
    buckets[count] = bucketCount + column;
    values[count++] = listed[column] as number;
  }
  const factor = squares === 0 ? 0 : 1 / Math.sqrt(squares);
  for (let at = 0; at < count; at += 1) values[at] = (values[at] as number) * factor;
  return { buckets, values, count };
}

/** The hash that a word is listed by. */
export function wordHash(word: string): number {
  return hashText(word, WORD);
}

function grow(): void {
  const wider = new Uint32Array(2 * buckets.length);
  wider.set(buckets);
  buckets = wider;
  const wide = new Float32Array(2 * values.length);
  wide.set(values);
  values = wide;
}

// Links, names of accounts, emoticons, hearts, emoji, words and hashtags, numbers, punctuation.
const TOKEN =
  /https?:\S*|www\.\S+|@\w+|[<>]?[:;=8xX][-o*']?[)\]([dDpP/}{|\\]+(?!\p{L})|<\/?3|[)\]([]{2,}|\p{Extended_Pictographic}|#?\p{L}[\p{L}\p{M}\p{N}_]*(?:['’]\p{L}+)*|\p{N}+|[!?]+|\.{2,}|[.,;:\n"]/gu;

const LAUGH = /^(?:(?:[jh]+[aei]+){2,}[jh]?|k{3,}|(?:rs){2,}|lo+l|lmao+)$/;
const ENDS_NEGATION = /^[.,;:\n"]$/;

const NEGATORS: Readonly<Record<Language, ReadonlySet<string>>> = {
  en: wordSet(
    `not no never none nobody nothing nor neither cannot cant wont dont doesnt didnt isnt arent wasnt werent without hardly barely aint
    couldnt shouldnt wouldnt havent hasnt hadnt`,
  ),
  es: wordSet('no nunca jamas ni nadie nada ningun ninguna ninguno sin tampoco'),
  pt: wordSet('nao n nunca jamais nem ninguem nada nenhum nenhuma sem num'),
};

/** Cuts a text up, of which the first 1,000 characters are read. */
export function tokeniseSentiment(text: string, language: Language): SentimentToken[] {
  const tokens: SentimentToken[] = [];
  const mark = (name: string) => tokens.push({ text: name, isNegated: false, isWord: false });
  let negatedWords = 0;
  for (const [raw] of text.slice(0, TEXT_LENGTH_MAX).matchAll(TOKEN)) {
    const first = raw.charCodeAt(0);
    if (raw.startsWith('http') || raw.startsWith('www.')) mark('URL');
    else if (first === 64) mark('USER');
    else if (isLetter(first) || (first === 35 && raw.length > 1)) {
      const isNegated = negatedWords > 0;
      negatedWords -= 1;
      const word = plainWord(first === 35 ? raw.slice(1) : raw);
      if (LAUGH.test(word)) {
        mark('LAUGH');
        continue;
      }
      const short = shorten(word);
      tokens.push({ text: short, isNegated, isWord: true });
      if (short !== word) mark('STRETCHED');
      if (raw.length > 2 && raw === raw.toUpperCase()) mark('LOUD');
      if (NEGATORS[language].has(short)) negatedWords = NEGATION_REACH;
    } else if (first >= 48 && first <= 57) mark('NUMBER');
    else if (first === 33 || first === 63) {
      mark(raw.length > 2 ? `${raw[0]}+` : raw);
      negatedWords = 0;
    } else if (ENDS_NEGATION.test(raw)) negatedWords = 0;
    else if (first === 46) {
      mark('...');
      negatedWords = 0;
    } else if (/^[<>:;=8xX)\]([]/.test(raw)) {
      mark(raw.toLowerCase());
      mark(
        raw === '<3' || (/[)\]dp}]/i.test(raw.slice(1)) && !/[([{|/\\]/.test(raw.slice(1))) ? 'HAPPY' : 'SAD',
      );
    } else mark(raw);
  }
  return tokens;
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 0xc0 && code < 0x2000);
}

/** Lower-case, without accents and apostrophes. */
export function plainWord(word: string): string {
  const lower = word.toLowerCase();
  for (let at = 0; at < lower.length; at += 1) {
    const code = lower.charCodeAt(at);
    if (code > 127 || code === 39) return lower.normalize('NFD').replace(/[\p{M}'’]/gu, '');
  }
  return lower;
}

/** A letter three times and more stands there twice, or once in a short word: "nooooo", "buenoooo". */
function shorten(word: string): string {
  if (!/(\p{L})\1\1/u.test(word)) return word;
  const twice = word.replace(/(\p{L})\1{2,}/gu, '$1$1');
  return twice.length <= 5 ? twice.replace(/(\p{L})\1/gu, '$1') : twice;
}

function wordSet(list: string): ReadonlySet<string> {
  return new Set(list.split(/\s+/));
}
