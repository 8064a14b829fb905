// Turns words into 32-bit hashes of n-grams: a model knows features by their hashes and keeps no text that it was trained on.

const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;
const SPACE = 32;

/** Spreads the bits of an FNV-1a state, so that any part of them can be used (the finaliser of MurmurHash3). */
function spread(state: number): number {
  let hash = state ^ (state >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The hash of any text under a seed; seeds keep kinds of features apart that could have the same text. */
export function hashText(text: string, seed = 0): number {
  let state = OFFSET ^ Math.imul(seed, 0x9e3779b1);
  for (let at = 0; at < text.length; at += 1) state = Math.imul(state ^ text.charCodeAt(at), PRIME);
  return spread(state);
}

/** Hashes of each `from` to `to` words in a row, each as often as it stands there. */
export function hashWordNgrams(words: readonly string[], from: number, to: number): number[] {
  const single = words.map((word) => hashText(word, 1));
  const hashes: number[] = [];
  for (let start = 0; start < single.length; start += 1) {
    let state = OFFSET;
    for (let length = 1; length <= to && start + length <= single.length; length += 1) {
      state = Math.imul(state ^ (single[start + length - 1] as number), PRIME);
      if (length >= from) hashes.push(spread(state ^ (length << 24)));
    }
  }
  return hashes;
}

/**
 * Hashes of each `from` to `to` characters in a row of a word with a space before and after it, each as often as it stands there.
 */
export function hashCharacterNgrams(words: readonly string[], from: number, to: number): number[] {
  const hashes: number[] = [];
  for (const word of words) {
    const length = word.length + 2;
    for (let start = 0; start < length; start += 1) {
      let state = OFFSET ^ 0x5bd1e995;
      const end = Math.min(length, start + to);
      for (let at = start; at < end; at += 1) {
        const code = at === 0 || at === length - 1 ? SPACE : word.charCodeAt(at - 1);
        state = Math.imul(state ^ code, PRIME);
        const size = at - start + 1;
        if (size >= from) hashes.push(spread(state ^ (size << 24)));
      }
    }
  }
  return hashes;
}
