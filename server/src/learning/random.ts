// Random numbers that can be replayed: the same seed gives the same model, figures and tests on every machine.

/** Uniform numbers in [0, 1) from any whole number as seed (mulberry32: 32 bits of state, enough to shuffle and to sample). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Fisher and Yates, in place. Returns what it was given. */
export function shuffle<T extends Uint32Array | unknown[]>(items: T, random: () => number): T {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const kept = items[last];
    items[last] = items[other] as never;
    items[other] = kept as never;
  }
  return items;
}

/** 0, 1, …, count - 1 in random order. */
export function shuffledIndices(count: number, random: () => number): Uint32Array {
  return shuffle(
    Uint32Array.from({ length: count }, (_, index) => index),
    random,
  );
}

/**
 * Deals rows into folds so that every class is spread evenly: `labels` holds the class of each row, the answer its fold,
 * 0 to foldCount - 1.
 */
export function stratifiedFolds(
  labels: ArrayLike<number>,
  foldCount: number,
  random: () => number,
): Uint8Array {
  const folds = new Uint8Array(labels.length);
  const dealt = new Map<number, number>();
  for (const row of shuffledIndices(labels.length, random)) {
    const label = labels[row] as number;
    const turn = dealt.get(label) ?? Math.floor(random() * foldCount);
    folds[row] = turn % foldCount;
    dealt.set(label, turn + 1);
  }
  return folds;
}
