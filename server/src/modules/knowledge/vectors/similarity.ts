// Vectors as they rest and are compared: eight bits a number, of which the direction alone is kept. Pure.

const most = 127;

/** The direction of a vector that is not zero, its largest number as ±127. */
export function toBytes(vector: Float32Array): Int8Array {
  const largest = vector.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return Int8Array.from(vector, (value) => Math.round((value / largest) * most));
}

/** The length of a quantised vector. */
export function lengthOf(vector: Int8Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}

/** What the cosines of a question with all passages are like. */
export interface Background {
  readonly count: number;
  readonly mean: number;
  readonly deviation: number;
}

/** Few passages say little of how far cosines are apart: so many that are this far apart are added. */
const assumed = { count: 5, deviation: 0.1 };

/** @param sum of all cosines @param squares of all cosines */
export function backgroundOf(count: number, sum: number, squares: number): Background {
  const mean = count === 0 ? 0 : sum / count;
  const spread = Math.max(0, squares - count * mean * mean);
  const variance = (spread + assumed.count * assumed.deviation ** 2) / (count + assumed.count);
  return { count, mean, deviation: Math.sqrt(variance) };
}

/** What chance brings now and then besides, and how many deviations beyond it make two thirds of certainty. */
const chanceMore = 0.5;
const beyondChance = 1.5;

/**
 * How far a passage stands out among all, 0 to 1: 0 for a cosine that the best of as many that mean nothing would have too,
 * so that vectors that tell nothing apart change nothing. The expected maximum of `count` normal deviates is that of Cramér,
 * Mathematical Methods of Statistics, 28.6.
 */
export function evidenceOf(cosine: number, { count, mean, deviation }: Background): number {
  const root = Math.sqrt(2 * Math.log(Math.max(3, count)));
  const chance = root - (2 * Math.log(root) - Math.log(2) + Math.log(4 * Math.PI)) / (2 * root);
  return 1 - Math.exp(-Math.max(0, (cosine - mean) / deviation - chance - chanceMore) / beyondChance);
}
