// How much an item is wanted these days, and how much one will be that nobody has bought yet, from what is described alike.
import type { SparseMatrix } from '../sparse.ts';
import type { Interactions } from './interactions.ts';

/** An interaction counts half after so many days. */
const TREND_HALF_LIFE_DAYS = 7;
const POPULARITY_HALF_LIFE_DAYS = 60;
const TREND_PRIOR = 0.3;
const POPULARITY_PRIOR = 1;
const RIDGE = 0.5;
const RIDGE_STEPS = 40;
/** So much nearness of other items is added at the mean of all, so that far ones alone decide little. */
const MEAN_WEIGHT = 0.05;

/** An item is being launched so many days from the first interaction on. */
const LAUNCH_DAYS = 30;
/** Who has been here less long has sold nothing yet by chance. */
const LAUNCH_DAYS_MIN = 5;
const LAUNCH_PRIOR = 0.5;
/** What was there when the interactions begin was hardly new then, and counts less. */
const SETTLED_DAYS = 45;
const SETTLED_WEIGHT = 0.2;
const LAUNCH_RIDGE = 1;

export interface Popularity {
  /** Logarithms, one an item; 0 for new ones. */
  readonly trend: Float32Array;
  readonly popularity: Float32Array;
  /** 1 for each item that nobody had to do with. */
  readonly isNew: Float32Array;
  /** Logarithms of what new ones are expected to be: wanted as what is described alike, and as its like when that was new; else 0. */
  readonly expected: Float32Array;
  readonly launch: Float32Array;
}

/** `today` is a day as in `interactions`; later interactions count in full. */
export function measurePopularity(
  interactions: Interactions,
  today: number,
  alikeByFeatures: SparseMatrix,
  features: SparseMatrix,
): Popularity {
  const seen = new Uint8Array(interactions.itemCount);
  for (const item of interactions.items) seen[item] = 1;
  const logs = (halfLife: number, prior: number) =>
    decayed(interactions, today, halfLife).map((count) => Math.log(count + prior));
  const trend = logs(TREND_HALF_LIFE_DAYS, TREND_PRIOR);
  const expected = expectedOf(trend, seen, alikeByFeatures, features);
  const launch = launchOf(interactions, today, seen, features);
  const ifSeen = (value: number, item: number) => (seen[item] === 1 ? value : 0);
  const ifNew = (value: number, item: number) => (seen[item] === 1 ? 0 : value);
  return {
    trend: trend.map(ifSeen),
    popularity: logs(POPULARITY_HALF_LIFE_DAYS, POPULARITY_PRIOR).map(ifSeen),
    isNew: Float32Array.from(seen, (flag) => 1 - flag),
    expected: expected.map(ifNew),
    launch: launch.map(ifNew),
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
function expectedOf(
  logs: Float32Array,
  seen: Uint8Array,
  alikeByFeatures: SparseMatrix,
  features: SparseMatrix,
): Float32Array {
  const known = itemsSeen(seen);
  if (known.length === 0) return logs;
  const mean = known.reduce((sum, item) => sum + (logs[item] as number), 0) / known.length;
  const weights = ridge(features, { rows: known, values: logs, importance: null, mean, strength: RIDGE });
  return logs.map((log, item) => {
    if (seen[item] === 1) return log;
    let sum = MEAN_WEIGHT * mean;
    let weight = MEAN_WEIGHT;
    for (
      let at = alikeByFeatures.starts[item] as number;
      at < (alikeByFeatures.starts[item + 1] as number);
      at += 1
    ) {
      const other = alikeByFeatures.columns[at] as number;
      if (seen[other] === 0) continue;
      const nearness = (alikeByFeatures.values[at] as number) ** 2;
      sum += nearness * (logs[other] as number);
      weight += nearness;
    }
    return (sum / weight + mean + dot(features, item, weights)) / 2;
  });
}

/** How much an item is expected to be wanted in its first days, by what its features weighed in the first days of others. */
function launchOf(
  { itemCount, items, days }: Interactions,
  today: number,
  seen: Uint8Array,
  features: SparseMatrix,
): Float32Array {
  const known = itemsSeen(seen);
  const first = new Float64Array(itemCount).fill(Infinity);
  items.forEach((item, at) => {
    first[item] = Math.min(first[item] as number, days[at] as number);
  });
  const begin = first.reduce((least, day) => Math.min(least, day), Infinity);
  const counts = new Float64Array(itemCount);
  items.forEach((item, at) => {
    if ((days[at] as number) < (first[item] as number) + LAUNCH_DAYS)
      counts[item] = (counts[item] as number) + 1;
  });
  const values = Float32Array.from(counts, (count, item) => {
    const lasted = Math.min(LAUNCH_DAYS, Math.max(LAUNCH_DAYS_MIN, today - (first[item] as number)));
    return Math.log(((count + LAUNCH_PRIOR) / lasted) * LAUNCH_DAYS);
  });
  const importance = Float32Array.from(first, (day) => (day > begin + SETTLED_DAYS ? 1 : SETTLED_WEIGHT));
  let sum = 0;
  let total = 0;
  for (const item of known) {
    sum += (importance[item] as number) * (values[item] as number);
    total += importance[item] as number;
  }
  const mean = total > 0 ? sum / total : 0;
  const weights = ridge(features, { rows: known, values, importance, mean, strength: LAUNCH_RIDGE });
  return values.map((_, item) => mean + dot(features, item, weights));
}

function itemsSeen(seen: Uint8Array): Uint32Array {
  return Uint32Array.from(seen.keys()).filter((item) => seen[item] === 1);
}

interface Regression {
  readonly rows: Uint32Array;
  /** An element for each item, of which those of `rows` are read; so is `importance`, 1 for all where it is null. */
  readonly values: Float32Array;
  readonly importance: Float32Array | null;
  readonly mean: number;
  readonly strength: number;
}

/** Ridge regression of how far values are from their mean on the features of their items, by conjugate gradients. */
function ridge(
  features: SparseMatrix,
  { rows, values, importance, mean, strength }: Regression,
): Float64Array {
  const weightOf = (item: number) => importance?.[item] ?? 1;
  const size = features.columnCount;
  const solution = new Float64Array(size);
  const residual = new Float64Array(size);
  for (const item of rows) add(features, item, residual, weightOf(item) * ((values[item] as number) - mean));
  const direction = residual.slice();
  let norm = squareOf(residual);
  for (let step = 0; step < RIDGE_STEPS && norm > 1e-9; step += 1) {
    const image = direction.map((value) => strength * value);
    for (const item of rows) add(features, item, image, weightOf(item) * dot(features, item, direction));
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
