// Cuts a message into lower-case words, without a regular expression: it runs for every message that comes in.

/** What stands after so many characters is not read: nobody says what they want there, and time must have an end. */
export const TEXT_LENGTH_MAX = 2_000;

export interface TokeniseOptions {
  /** Makes each of ? ! and the like a word of its own; otherwise they only end words. */
  readonly keepsPunctuation?: boolean;
}

/**
 * The words of a text, lower-case, compatibility forms unified ("ﬁ" is "fi"). An apostrophe inside a word is left out ("don't" is
 * "dont"), a symbol such as an emoji is a word of its own, and half of a surrogate pair is none.
 */
export function tokenise(text: string, options: TokeniseOptions = {}): string[] {
  const plain = unify(text.length > TEXT_LENGTH_MAX ? text.slice(0, TEXT_LENGTH_MAX) : text);
  const words: string[] = [];
  let word = '';
  for (let at = 0; at < plain.length; at += 1) {
    const code = plain.charCodeAt(at);
    const kind = kindOf(code, plain, at);
    if (kind === LETTER) {
      word += plain[at];
      continue;
    }
    if (kind === JOINER && word !== '' && isLetterAt(plain, at + 1)) continue;
    if (word !== '') {
      words.push(word);
      word = '';
    }
    if (kind === WIDE) {
      // Letters outside the basic plane make words like all others; the rest there are emoji and symbols.
      const symbol = String.fromCodePoint(plain.codePointAt(at) ?? code);
      if (symbol.length === 2) {
        words.push(symbol);
        at += 1;
      }
    } else if (kind === SYMBOL || (kind === MARK && options.keepsPunctuation === true)) {
      words.push(plain[at] ?? '');
    }
  }
  if (word !== '') words.push(word);
  return words;
}

/** Without accents: people in a hurry leave them out. */
function unify(text: string): string {
  const lower = text.toLowerCase();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the point is that nothing but ASCII stands there
  if (/^[\x00-\x7f]*$/.test(lower)) return lower;
  return lower.normalize('NFKD').replace(/\p{M}+/gu, '');
}

const LETTER = 0;
const SPACE = 1;
const JOINER = 2;
const MARK = 3;
const SYMBOL = 4;
const WIDE = 5;
type Kind = 0 | 1 | 2 | 3 | 4 | 5;

function kindOf(code: number, text: string, at: number): Kind {
  if (code >= 97 && code <= 122) return LETTER;
  if (code <= 32) return SPACE;
  if (code >= 48 && code <= 57) return LETTER;
  if (code === 39 || code === 0x2019) return JOINER;
  if (code < 128) return MARK;
  if (code >= 0xd800 && code <= 0xdfff) return WIDE;
  return kindOfRare(code, text[at] ?? '');
}

const known = new Map<number, Kind>();

function kindOfRare(code: number, character: string): Kind {
  let kind = known.get(code);
  if (kind === undefined) {
    if (/[\p{L}\p{M}\p{N}]/u.test(character)) kind = LETTER;
    else if (/\p{S}/u.test(character)) kind = SYMBOL;
    else kind = /\p{P}/u.test(character) ? MARK : SPACE;
    known.set(code, kind);
  }
  return kind;
}

function isLetterAt(text: string, at: number): boolean {
  return at < text.length && kindOf(text.charCodeAt(at), text, at) === LETTER;
}
