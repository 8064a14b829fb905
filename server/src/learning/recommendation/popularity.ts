// How much an item is wanted these days, and how much one will be that nobody has bought yet, from what is described alike.
import type { SparseMatrix } from '../sparse.ts';
import type { Interactions } from './interactions.ts';

/** An interaction counts half after so many days. */
export const TREND_HALF_LIFE_DAYS = 7;
export const POPULARITY_HALF_LIFE_DAYS = 60;
const TREND_PRIOR = 0.3;
const POPULARITY_PRIOR = 1;
const RIDGE = 0.5;
const RIDGE_STEPS = 40;
/** So much nearness of other items is added at the mean of all, so that far ones alone decide little. */
const MEAN_WEIGHT = 0.05;

export interface Popularity {
  /** Logarithms, one an item. */
  readonly trend: Float32Array;
  readonly popularity: Float32Array;
  /** 1 for each item that nobody had to do with. */
  readonly isNew: Float32Array;
}

/** `today` is a day as in `interactions`; later interactions count in full. */
export function measurePopularity(
  interactions: Interactions,
  today: number,
  alike: SparseMatrix,
  features: SparseMatrix,
): Popularity {
  const seen = new Uint8Array(interactions.itemCount);
  for (const item of interactions.items) seen[item] = 1;
  const isNew = Float32Array.from(seen, (flag) => 1 - flag);
  const smoothed = (halfLife: number, prior: number) => {
    const logs = decayed(interactions, today, halfLife).map((count) => Math.log(count + prior));
    return withExpected(logs, seen, alike, features);
  };
  return {
    trend: smoothed(TREND_HALF_LIFE_DAYS, TREND_PRIOR),
    popularity: smoothed(POPULARITY_HALF_LIFE_DAYS, POPULARITY_PRIOR),
    isNew,
  };
}

function decayed({ itemCount, items, days, strengths }: Interactions, today: number, halfLife: number) {
  const counts = new Float32Array(itemCount);
  items.forEach((item, at) => {
    const age = Math.max(0, today - (days[at] as number));
    counts[item] = (counts[item] as number) + (strengths[at] as number) * 0.5 ** (age / halfLife);
  });
  return counts;
}

/** What is new gets the mean of its neighbours (by the square of their nearness) and of what its features weigh. */
function withExpected(
  logs: Float32Array,
  seen: Uint8Array,
  alike: SparseMatrix,
  features: SparseMatrix,
): Float32Array {
  const known = Uint32Array.from(seen.keys()).filter((item) => seen[item] === 1);
  if (known.length === 0) return logs;
  const mean = known.reduce((sum, item) => sum + (logs[item] as number), 0) / known.length;
  const weights = ridge(features, known, logs, mean);
  return logs.map((log, item) => {
    if (seen[item] === 1) return log;
    let sum = MEAN_WEIGHT * mean;
    let weight = MEAN_WEIGHT;
    for (let at = alike.starts[item] as number; at < (alike.starts[item + 1] as number); at += 1) {
      const other = alike.columns[at] as number;
      if (seen[other] === 0) continue;
      const nearness = (alike.values[at] as number) ** 2;
      sum += nearness * (logs[other] as number);
      weight += nearness;
    }
    return (sum / weight + mean + dot(features, item, weights)) / 2;
  });
}

/** Ridge regression of the logarithms of known items on their features, by conjugate gradients. */
function ridge(features: SparseMatrix, known: Uint32Array, logs: Float32Array, mean: number): Float64Array {
  const size = features.columnCount;
  const solution = new Float64Array(size);
  const residual = new Float64Array(size);
  for (const item of known) add(features, item, residual, (logs[item] as number) - mean);
  const direction = residual.slice();
  let norm = squareOf(residual);
  for (let step = 0; step < RIDGE_STEPS && norm > 1e-9; step += 1) {
    const image = direction.map((value) => RIDGE * value);
    for (const item of known) add(features, item, image, dot(features, item, direction));
    const length = norm / direction.reduce((sum, value, at) => sum + value * (image[at] as number), 0);
    for (let at = 0; at < size; at += 1) {
      solution[at] = (solution[at] as number) + length * (direction[at] as number);
      residual[at] = (residual[at] as number) - length * (image[at] as number);
    }
    const next = squareOf(residual);
    for (let at = 0; at < size; at += 1)
      direction[at] = (residual[at] as number) + (next / norm) * (direction[at] as number);
    norm = next;
  }
  return solution;
}

function dot({ starts, columns, values }: SparseMatrix, row: number, weights: Float64Array): number {
  let sum = 0;
  for (let at = starts[row] as number; at < (starts[row + 1] as number); at += 1)
    sum += (values[at] as number) * (weights[columns[at] as number] as number);
  return sum;
}

function add({ starts, columns, values }: SparseMatrix, row: number, to: Float64Array, factor: number): void {
  for (let at = starts[row] as number; at < (starts[row + 1] as number); at += 1) {
    const column = columns[at] as number;
    to[column] = (to[column] as number) + factor * (values[at] as number);
  }
}

function squareOf(vector: Float64Array): number {
  return vector.reduce((sum, value) => sum + value * value, 0);
}
