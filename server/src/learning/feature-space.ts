// The features that a model knows: hashes of n-grams that its training texts had, with their inverse document frequency.
import { normalise, type SparseVector } from './sparse.ts';

export interface FeatureSpace {
  /** The hash of each column, ascending. */
  readonly hashes: Uint32Array;
  /** The weight of each column, 1 and more: ln((1 + texts) / (1 + texts with it)) + 1. */
  readonly idf: Float32Array;
  /** Open addressing over `hashes`: column + 1, or 0 where nothing stands. Its size is a power of two. */
  readonly slots: Uint32Array;
}

export interface FeatureSpaceOptions {
  /** A feature of fewer training texts is left out. */
  readonly textsMin?: number;
  /** When there are more features, those of the most texts stay. */
  readonly featuresMax?: number;
}

/** Learns the features of texts, each given as the hashes of its n-grams (any order, repeated as often as they occur). */
export function learnFeatureSpace(
  texts: readonly (readonly number[])[],
  { textsMin = 1, featuresMax = Number.POSITIVE_INFINITY }: FeatureSpaceOptions = {},
): FeatureSpace {
  const textsWith = new Map<number, number>();
  for (const hashes of texts)
    for (const hash of new Set(hashes)) textsWith.set(hash, (textsWith.get(hash) ?? 0) + 1);
  let kept = [...textsWith].filter(([, count]) => count >= textsMin);
  if (kept.length > featuresMax) kept = kept.sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, featuresMax);
  kept.sort((a, b) => a[0] - b[0]);
  return featureSpaceOf(
    Uint32Array.from(kept, ([hash]) => hash),
    Float32Array.from(kept, ([, count]) => Math.log((1 + texts.length) / (1 + count)) + 1),
  );
}

/** Puts a space together from its two lists, as they stand in a model's file. */
export function featureSpaceOf(hashes: Uint32Array, idf: Float32Array): FeatureSpace {
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(4, 2 * hashes.length))));
  const mask = slots.length - 1;
  for (let column = 0; column < hashes.length; column += 1) {
    let slot = (hashes[column] as number) & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = column + 1;
  }
  return { hashes, idf, slots };
}

/** The column of a hash, or -1 for one that no training text had. */
export function columnOf(space: FeatureSpace, hash: number): number {
  const mask = space.slots.length - 1;
  let slot = hash & mask;
  for (;;) {
    const column = (space.slots[slot] as number) - 1;
    if (column < 0 || space.hashes[column] === hash) return column;
    slot = (slot + 1) & mask;
  }
}

/**
 * The text's known features, weighed by tf-idf and scaled to length 1; no columns where none is known. What stands there n times
 * counts 1 + ln n times.
 */
export function vectorise(space: FeatureSpace, hashes: readonly number[]): SparseVector {
  const found = new Uint32Array(hashes.length);
  let count = 0;
  for (const hash of hashes) {
    const column = columnOf(space, hash);
    if (column >= 0) found[count++] = column;
  }
  const sorted = found.subarray(0, count).sort();
  const columns = new Uint32Array(count);
  const values = new Float32Array(count);
  let size = 0;
  for (let at = 0; at < count; ) {
    const column = sorted[at] as number;
    const from = at;
    while (at < count && sorted[at] === column) at += 1;
    const times = at - from;
    columns[size] = column;
    values[size++] = (1 + Math.log(times)) * (space.idf[column] as number);
  }
  return { columns: columns.subarray(0, size), values: normalise(values.subarray(0, size)) };
}
