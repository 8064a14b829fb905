// Vectors for users or for items, each the sum of one of its own and of those of its features (Kula 2015, "LightFM"): what was never
// seen still has a vector, of its features. Learned by AdaGrad with one rate for each vector.
import { noFeatures, type SparseMatrix } from '../sparse.ts';

export interface Factors {
  readonly dimensions: number;
  /** A row for each user or item; its columns are the features. */
  readonly features: SparseMatrix;
  /** Own vectors, and those of the features, one after the other. */
  readonly own: Float32Array;
  readonly ofFeatures: Float32Array;
  readonly ownBiases: Float32Array;
  readonly featureBiases: Float32Array;
}

/** What vectors add up to, kept while they are learned; see `refresh`. */
export interface Learner {
  readonly factors: Factors;
  readonly sums: Float32Array;
  readonly biases: Float32Array;
  readonly ownSquares: Float32Array;
  readonly featureSquares: Float32Array;
}

const INITIAL_SPREAD = 0.1;

/** Vectors of small random numbers; biases are 0. */
export function startFactors(features: SparseMatrix, dimensions: number, random: () => number): Factors {
  const around0 = (length: number) =>
    Float32Array.from({ length }, () => ((random() - 0.5) * INITIAL_SPREAD) / Math.sqrt(dimensions));
  return {
    dimensions,
    features,
    own: around0(features.rowCount * dimensions),
    ofFeatures: around0(features.columnCount * dimensions),
    ownBiases: new Float32Array(features.rowCount),
    featureBiases: new Float32Array(features.columnCount),
  };
}

/**
 * Factors that begin with the vectors and biases of others, without features. What is new begins with the mean of those that are near
 * it, by nearness, or where there are none with small random numbers.
 */
export function continueFactors(
  vectors: Float32Array,
  biases: Float32Array | null,
  dimensions: number,
  rowCount: number,
  near: SparseMatrix | null,
  random: () => number,
): Factors {
  const factors = startFactors(noFeatures(rowCount), dimensions, random);
  factors.own.set(vectors);
  if (biases !== null) factors.ownBiases.set(biases);
  if (near === null) return factors;
  const knownCount = vectors.length / dimensions;
  for (let row = knownCount; row < rowCount; row += 1) {
    let total = 0;
    const sum = new Float64Array(dimensions + 1);
    for (let at = near.starts[row] as number; at < (near.starts[row + 1] as number); at += 1) {
      const other = near.columns[at] as number;
      if (other >= knownCount) continue;
      const nearness = near.values[at] as number;
      total += nearness;
      for (let k = 0; k < dimensions; k += 1)
        sum[k] = (sum[k] as number) + nearness * (vectors[other * dimensions + k] as number);
      sum[dimensions] = (sum[dimensions] as number) + nearness * (biases?.[other] ?? 0);
    }
    if (total === 0) continue;
    for (let k = 0; k < dimensions; k += 1) factors.own[row * dimensions + k] = (sum[k] as number) / total;
    factors.ownBiases[row] = (sum[dimensions] as number) / total;
  }
  return factors;
}

export function startLearner(factors: Factors): Learner {
  const { features, dimensions } = factors;
  const learner = {
    factors,
    sums: new Float32Array(features.rowCount * dimensions),
    biases: new Float32Array(features.rowCount),
    ownSquares: new Float32Array(features.rowCount).fill(INITIAL_SQUARES),
    featureSquares: new Float32Array(features.columnCount).fill(INITIAL_SQUARES),
  };
  refresh(learner);
  return learner;
}

const INITIAL_SQUARES = 1;

/** Adds the vectors up anew: `learn` keeps the sum of its row, and lets those that share features with it grow old. */
export function refresh({ factors, sums, biases }: Learner): void {
  const { dimensions, own, ofFeatures, ownBiases, featureBiases } = factors;
  const { rowCount, starts, columns, values } = factors.features;
  sums.set(own);
  biases.set(ownBiases);
  for (let row = 0; row < rowCount; row += 1) {
    const begin = row * dimensions;
    for (let at = starts[row] as number; at < (starts[row + 1] as number); at += 1) {
      const feature = columns[at] as number;
      const value = values[at] as number;
      const from = feature * dimensions;
      for (let k = 0; k < dimensions; k += 1)
        sums[begin + k] = (sums[begin + k] as number) + value * (ofFeatures[from + k] as number);
      biases[row] = (biases[row] as number) + value * (featureBiases[feature] as number);
    }
  }
}

/** One step against `gradient` (of the row's vector) and `biasGradient`. */
export function learn(
  learner: Learner,
  row: number,
  gradient: Float32Array,
  biasGradient: number,
  rate: number,
): void {
  const { factors, sums, biases, ownSquares, featureSquares } = learner;
  const { dimensions } = factors;
  const { starts, columns, values } = factors.features;
  let square = biasGradient * biasGradient;
  for (let k = 0; k < dimensions; k += 1) square += (gradient[k] as number) ** 2;
  square /= dimensions + 1;
  const begin = row * dimensions;
  ownSquares[row] = (ownSquares[row] as number) + square;
  let step = rate / Math.sqrt(ownSquares[row] as number);
  for (let k = 0; k < dimensions; k += 1)
    factors.own[begin + k] = (factors.own[begin + k] as number) - step * (gradient[k] as number);
  factors.ownBiases[row] = (factors.ownBiases[row] as number) - step * biasGradient;
  let total = step;
  for (let at = starts[row] as number; at < (starts[row + 1] as number); at += 1) {
    const feature = columns[at] as number;
    const value = values[at] as number;
    const from = feature * dimensions;
    featureSquares[feature] = (featureSquares[feature] as number) + square * value * value;
    step = (rate * value) / Math.sqrt(featureSquares[feature] as number);
    for (let k = 0; k < dimensions; k += 1)
      factors.ofFeatures[from + k] =
        (factors.ofFeatures[from + k] as number) - step * (gradient[k] as number);
    factors.featureBiases[feature] = (factors.featureBiases[feature] as number) - step * biasGradient;
    total += step * value;
  }
  for (let k = 0; k < dimensions; k += 1)
    sums[begin + k] = (sums[begin + k] as number) - total * (gradient[k] as number);
  biases[row] = (biases[row] as number) - total * biasGradient;
}

/** Vectors and biases of all rows. */
export function sumUp(factors: Factors): { readonly vectors: Float32Array; readonly biases: Float32Array } {
  const { sums, biases } = startLearner(factors);
  return { vectors: sums, biases };
}
