// What a text's language is told by: its words, and the runs of up to six characters in them, as buckets of a hash. Written for
// speed: every message that comes in passes here.

const TEXT_LENGTH_MAX = 1000;
const NGRAM_MAX = 6;

const SPACE = 32;
const APOSTROPHE = 39;
/** Stands for every letter of another script: our languages have none, so which one it is says nothing more. */
const OTHER_SCRIPT = 1;

// A text between two spaces; a code of a letter never needs more than one place.
const codes = new Uint16Array(2 * TEXT_LENGTH_MAX + 2);
const buckets = new Uint32Array(codes.length * (NGRAM_MAX + 1));

export interface LanguageFeatures {
  /** Of this array the first `count` are the text's features, until the next text is read. */
  readonly buckets: Uint32Array;
  readonly count: number;
}

/**
 * Reads the first 1,000 characters. Links, addresses, names of accounts, numbers and codes are of no language and left out; a text
 * that has nothing else has no features.
 */
export function readLanguageFeatures(text: string, bucketCount: number): LanguageFeatures {
  const length = readCodes(text);
  let count = 0;
  for (let start = 0; start < length - 1; start += 1) {
    let hash = 0x811c9dc5;
    for (let at = start; at < length && at < start + NGRAM_MAX; at += 1) {
      const code = codes[at] as number;
      hash = Math.imul(hash ^ code, 0x5bd1e995);
      hash ^= hash >>> 15;
      // A single space says nothing, and a run ends with its word.
      if (at === start) {
        if (code !== SPACE) buckets[count++] = bucketOf(hash, bucketCount);
        continue;
      }
      buckets[count++] = bucketOf(hash, bucketCount);
      if (code === SPACE) break;
    }
    if (codes[start] !== SPACE) continue;
    let word = 0x1234567;
    for (let at = start + 1; codes[at] !== SPACE; at += 1) {
      word = Math.imul(word ^ (codes[at] as number), 0x5bd1e995);
      word ^= word >>> 15;
    }
    buckets[count++] = bucketOf(word ^ 0x3c6ef372, bucketCount);
  }
  return { buckets, count };
}

function bucketOf(hash: number, bucketCount: number): number {
  return Math.floor((Math.imul(hash, 0x9e3779b1) >>> 0) * (bucketCount / 4_294_967_296));
}

/** Fills `codes` with the text's letters, lower-case, its words between single spaces. Returns how many there are. */
function readCodes(text: string): number {
  const plain = text.slice(0, TEXT_LENGTH_MAX).normalize('NFC').toLowerCase();
  let length = 0;
  codes[length++] = SPACE;
  let at = 0;
  while (at < plain.length && length < codes.length - 1) {
    let end = at;
    let isLanguage = !isMarked(plain, at);
    for (; end < plain.length && !isBlank(plain.charCodeAt(end)); end += 1)
      if (isLanguage && isForeign(plain.charCodeAt(end))) isLanguage = false;
    if (isLanguage) {
      for (; at < end && length < codes.length - 1; at += 1) {
        const code = codeOf(plain.charCodeAt(at));
        if (code !== SPACE || codes[length - 1] !== SPACE) codes[length++] = code;
      }
      if (codes[length - 1] !== SPACE) codes[length++] = SPACE;
    }
    at = end + 1;
  }
  return length;
}

function isMarked(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code === 35) return true;
  if (code === 104) return text.startsWith('http://', at) || text.startsWith('https://', at);
  return code === 119 && text.startsWith('www.', at);
}

function isBlank(code: number): boolean {
  return (
    code <= 32 || code === 0xa0 || (code >= 0x2000 && code <= 0x200b) || code === 0x2028 || code === 0x3000
  );
}

/** What makes an address or a code of a word: an at sign or a digit. */
function isForeign(code: number): boolean {
  if (code < 128) return code === 64 || (code >= 48 && code <= 57);
  return DIGITS_ELSEWHERE.some((first) => code >= first && code <= first + 9);
}

// Arabic, Persian, Devanagari, Bengali, Thai and full-width digits.
const DIGITS_ELSEWHERE = [0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10];

/** A letter of Latin script as it is, every other letter as one, and everything else as a space. */
function codeOf(code: number): number {
  if (code < 128) return (code >= 97 && code <= 122) || code === APOSTROPHE ? code : SPACE;
  if (code === 0x2019) return APOSTROPHE;
  // Below À only ordinals are letters; ¿ and ¡ are as good as one.
  if (code < 0xc0) return code === 0xaa || code === 0xba || code === 0xa1 || code === 0xbf ? code : SPACE;
  if (code === 0xd7 || code === 0xf7) return SPACE;
  if (code < 0x370 || (code >= 0x1e00 && code < 0x1f00)) return code;
  // Punctuation, symbols, halves of what stands beyond the basic plane, and marks that change how an emoji looks.
  const isSymbol =
    (code >= 0x2000 && code < 0x2c00) ||
    (code >= 0x3000 && code < 0x3040) ||
    (code >= 0xd800 && code < 0xf900) ||
    (code >= 0xfe00 && code < 0xfe10) ||
    code >= 0xfff0;
  return isSymbol ? SPACE : OTHER_SCRIPT;
}
