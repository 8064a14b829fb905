// A text as words, numbers and signs, folded (small letters, no accents) but with their places in the text as it was typed.

export interface Token {
  /** Small letters without accents; for a number its digits; for a sign itself. */
  readonly text: string;
  /** As `text`, but with the accents that were typed. */
  readonly accented: string;
  readonly start: number;
  readonly end: number;
  readonly kind: 'word' | 'number' | 'sign';
  /** Whether it follows the one before without a space. */
  readonly isGlued: boolean;
}

const LETTER = 1;
const DIGIT = 2;
const SPACE = 3;
const SIGN = 4;
const MARK = 5;
const APOSTROPHE = 6;

/** Latin letters by code up to U+024F, folded; '' where it is no letter. */
const FOLDED: string[] = [];
const KIND = new Uint8Array(0x250);
for (let code = 0; code < 0x250; code++) {
  const letter = String.fromCharCode(code);
  const folded = letter
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase();
  FOLDED.push(folded);
  KIND[code] = /\p{L}/u.test(letter)
    ? LETTER
    : /[0-9]/.test(letter)
      ? DIGIT
      : /\s/.test(letter)
        ? SPACE
        : letter === "'"
          ? APOSTROPHE
          : SIGN;
}
// Masculine and feminine ordinal signs are signs here ("1º"), not letters.
KIND[0xaa] = SIGN;
KIND[0xba] = SIGN;

function kindOf(code: number): number {
  if (code < 0x250) return KIND[code] ?? SIGN;
  if (code >= 0x300 && code <= 0x36f) return MARK;
  if (code === 0x2019 || code === 0x2018 || code === 0x2bc) return APOSTROPHE;
  if (code >= 0x2000 && code <= 0x200a) return SPACE;
  if (code === 0x202f || code === 0x205f || code === 0x3000 || code === 0xfeff) return SPACE;
  return SIGN;
}

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let lastEnd = -1;
  while (at < text.length) {
    const kind = kindOf(text.charCodeAt(at));
    if (kind === SPACE) {
      at++;
      continue;
    }
    const start = at;
    if (kind === DIGIT) {
      while (at < text.length && kindOf(text.charCodeAt(at)) === DIGIT) at++;
      const digits = text.slice(start, at);
      tokens.push({
        text: digits,
        accented: digits,
        start,
        end: at,
        kind: 'number',
        isGlued: start === lastEnd,
      });
    } else if (kind === LETTER) {
      let folded = '';
      while (at < text.length) {
        const code = text.charCodeAt(at);
        const inner = kindOf(code);
        if (inner === LETTER) folded += FOLDED[code] ?? '';
        // "o'clock", "new year's": an apostrophe belongs to the word when a letter follows.
        else if (inner === APOSTROPHE) {
          const next: number = kindOf(text.charCodeAt(at + 1));
          // "presidents' day"
          const endsPlural = folded.endsWith('s') && folded.length > 2 && next === SPACE;
          if (next !== LETTER && !endsPlural) break;
          if (next !== LETTER) {
            at++;
            break;
          }
        } else if (inner !== MARK) break;
        at++;
      }
      const typed = text.slice(start, at);
      const accented = typed.length === folded.length ? typed.toLowerCase() : folded;
      tokens.push({ text: folded, accented, start, end: at, kind: 'word', isGlued: start === lastEnd });
    } else {
      at++;
      const code = text.charCodeAt(start);
      const sign =
        kind === APOSTROPHE
          ? "'"
          : code === 0x2013 || code === 0x2014 || code === 0x2212
            ? '-'
            : text.charAt(start);
      tokens.push({ text: sign, accented: sign, start, end: at, kind: 'sign', isGlued: start === lastEnd });
    }
    lastEnd = at;
  }
  return tokens;
}
