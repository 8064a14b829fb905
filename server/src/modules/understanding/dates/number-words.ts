// Numbers that are written in words.
import { number, type Put, yearPoint } from './given.ts';
import type { Lexicon } from './lexicon.ts';
import type { Token } from './tokens.ts';

/** Numbers up to 999,999 in words, each prefix that is a number too ("twenty" of "twenty five"). */
export function putNumberWords(tokens: readonly Token[], at: number, lexicon: Lexicon, put: Put): void {
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
