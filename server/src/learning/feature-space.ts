// The features that a model knows: hashes of n-grams that its training texts had, with their inverse document frequency.
import type { SparseVector } from './sparse.ts';

export interface FeatureSpace {
  /** The hash of each column, ascending. */
  readonly hashes: Uint32Array;
  /** The weight of each column, 1 and more: ln((1 + texts) / (1 + texts with it)) + 1. */
  readonly idf: Float32Array;
  /** Open addressing over `hashes`: column + 1, or 0 where nothing stands. Its size is a power of two. */
  readonly slots: Uint32Array;
  /** How often each column stands in the text that is being read; zeros in between. */
  readonly counts: Uint32Array;
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
  return { hashes, idf, slots, counts: new Uint32Array(hashes.length) };
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

/** The text's known features, weighed by tf-idf and scaled to length 1; no columns where none is known. */
export function vectorise(space: FeatureSpace, hashes: readonly number[]): SparseVector {
  const columns = new Uint32Array(hashes.length);
  const values = new Float32Array(hashes.length);
  const size = writeFeatures(space, hashes, { columns, values });
  return { columns: columns.subarray(0, size), values: values.subarray(0, size) };
}

export interface FeaturePlace {
  /** Where the first feature is written, 0 unless given. */
  readonly from?: number;
  /** What is added to each column, for a space that is not the first of several. */
  readonly firstColumn?: number;
  /** What the values are scaled to: 1 unless given. */
  readonly length?: number;
}

/**
 * Writes a text's known features into a vector that has room for one for each hash, and returns where they end. What stands in the
 * text n times counts 1 + ln n times.
 */
export function writeFeatures(
  space: FeatureSpace,
  hashes: readonly number[],
  { columns, values }: SparseVector,
  { from = 0, firstColumn = 0, length = 1 }: FeaturePlace = {},
): number {
  const { idf, counts } = space;
  let to = from;
  for (const hash of hashes) {
    const column = columnOf(space, hash);
    if (column < 0) continue;
    if (counts[column] === 0) columns[to++] = column;
    counts[column] = (counts[column] as number) + 1;
  }
  let squares = 0;
  for (let at = from; at < to; at += 1) {
    const column = columns[at] as number;
    const times = counts[column] as number;
    counts[column] = 0;
    const value = (times === 1 ? 1 : 1 + Math.log(times)) * (idf[column] as number);
    columns[at] = column + firstColumn;
    values[at] = value;
    squares += value * value;
  }
  const factor = length / Math.sqrt(squares);
  for (let at = from; at < to; at += 1) values[at] = (values[at] as number) * factor;
  return to;
}
