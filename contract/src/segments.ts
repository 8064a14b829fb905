// Counts what a text costs on the carrier's side: its encoding and its SMS segments, before anything is sent.
// Source: 3GPP TS 23.038 v18, 6.2.1 (alphabet and extension table) and TS 23.040, 9.2.3.24.1 (concatenation).

export type SmsEncoding = 'GSM-7' | 'UCS-2';

export interface SegmentCount {
  readonly encoding: SmsEncoding;
  /** Messages that the carrier bills; 0 for an empty body. */
  readonly segments: number;
  /** Septets (GSM-7; a character of the extension table takes two) or UTF-16 code units (UCS-2). */
  readonly unitsUsed: number;
  /** Room in each segment: 160 or 70 in one message, 153 or 67 where several are joined. */
  readonly unitsPerSegment: number;
  /** Each character outside the GSM alphabet once, in order of appearance. */
  readonly charactersThatForceUcs2: readonly string[];
}

const BASIC_TABLE = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const EXTENSION_TABLE = new Set('\f^{}\\[~]|€');

const ROOM = {
  'GSM-7': { single: 160, joined: 153 },
  'UCS-2': { single: 70, joined: 67 },
} as const;

/**
 * Counts the segments of a body as a handset receives them: neither the two septets of an extension character nor the two
 * halves of a surrogate pair are ever parted, so a joined segment may stay one unit short.
 */
export function countSegments(body: string): SegmentCount {
  const characters = [...body];
  const foreign = [...new Set(characters.filter((character) => !isGsm7(character)))];
  const encoding = foreign.length === 0 ? 'GSM-7' : 'UCS-2';
  const costs = characters.map((character) => unitsOf(character, encoding));
  const unitsUsed = costs.reduce((sum, cost) => sum + cost, 0);
  const { single, joined } = ROOM[encoding];
  if (unitsUsed <= single) {
    const segments = unitsUsed === 0 ? 0 : 1;
    return { encoding, segments, unitsUsed, unitsPerSegment: single, charactersThatForceUcs2: foreign };
  }
  let segments = 1;
  let free: number = joined;
  for (const cost of costs) {
    if (cost > free) {
      segments += 1;
      free = joined;
    }
    free -= cost;
  }
  return { encoding, segments, unitsUsed, unitsPerSegment: joined, charactersThatForceUcs2: foreign };
}

function isGsm7(character: string): boolean {
  return BASIC_TABLE.has(character) || EXTENSION_TABLE.has(character);
}

function unitsOf(character: string, encoding: SmsEncoding): number {
  if (encoding === 'UCS-2') return character.length;
  return EXTENSION_TABLE.has(character) ? 2 : 1;
}

// Typography only: a reader takes the right side for the left one. Accents are not here, they tell words apart
// ("papá" and "papa", "avô" and "avó"), nor are fractions and exponents ("1½" would become "11/2").
const REPLACEMENTS: Readonly<Record<string, string>> = {
  ...spread('‘’‚‛′ʼ`´‹›', "'"),
  ...spread('“”„‟″«»', '"'),
  ...spread('‐‑‒–—―−⁃', '-'),
  ...spread('•‣●▪', '-'),
  ...spread(
    '\t\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u202F\u205F\u3000',
    ' ',
  ),
  ...spread('\u2028\u2029\u0085\v', '\n'),
  ...spread('\u00AD\u200B\u2060\uFEFF', ''),
  '…': '...',
  '‥': '..',
  '⁄': '/',
  '×': 'x',
  '→': '->',
  '←': '<-',
  '™': '(TM)',
  '®': '(R)',
  '©': '(C)',
  '№': 'No.',
  ﬀ: 'ff',
  ﬁ: 'fi',
  ﬂ: 'fl',
  ﬃ: 'ffi',
  ﬄ: 'ffl',
};

function spread(characters: string, replacement: string): Record<string, string> {
  return Object.fromEntries([...characters].map((character) => [character, replacement]));
}

export interface Gsm7Change {
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

/**
 * Suggests the same text in the cheaper alphabet, where typography alone keeps it out: quotes, dashes, dots, spaces. A text
 * that would need UCS-2 anyway (an emoji, "não") comes back untouched, as does one that is GSM-7 already.
 */
export function toGsm7(body: string): { body: string; changes: Gsm7Change[] } {
  const composed = body.normalize('NFC');
  const counts = new Map<string, number>();
  const replaced = [...composed]
    .map((character) => {
      const replacement = isGsm7(character) ? character : replacementOf(character);
      if (replacement !== character) counts.set(character, (counts.get(character) ?? 0) + 1);
      return replacement;
    })
    .join('')
    .normalize('NFC');
  if (replaced === body || countSegments(replaced).encoding !== 'GSM-7') return { body, changes: [] };
  const changes = [...counts].map(([from, count]) => ({ from, to: replacementOf(from), count }));
  return { body: replaced, changes };
}

function replacementOf(character: string): string {
  const replacement = REPLACEMENTS[character];
  if (replacement !== undefined) return replacement;
  // Full-width forms of ASCII are the same letters on another keyboard.
  return character >= '\uFF01' && character <= '\uFF5E' ? character.normalize('NFKC') : character;
}
