// Linear classifiers of many classes over sparse rows. Trainers are generators, so that who trains can show progress, do other
// work in between, and stop: each yields the share that is done and returns the model.

import { seededRandom, shuffledIndices } from './random.ts';
import type { SparseMatrix, SparseVector } from './sparse.ts';
import { addColumns } from './sparse.ts';

export interface LinearModel {
  readonly classCount: number;
  readonly columnCount: number;
  /** Weight of column f for class k at f * classCount + k. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

export interface Training {
  readonly matrix: SparseMatrix;
  /** The class of each row, 0 to classCount - 1. */
  readonly labels: Uint32Array;
  readonly classCount: number;
  /** How much each row counts; 1 unless given. */
  readonly importance?: Float32Array;
  readonly seed: number;
}

export interface SvmOptions {
  /** The price of an error against that of large weights (LIBLINEAR's C). */
  readonly cost: number;
  readonly epochs: number;
}

/**
 * One L2-regularised support vector machine with squared hinge loss for each class against all others, by dual coordinate
 * descent (Hsieh et al. 2008), all classes in one pass over a row. Scores are margins: above 0 the class is likelier than not.
 */
export function* trainSvm(
  { matrix, labels, classCount, importance, seed }: Training,
  { cost, epochs }: SvmOptions,
): Generator<number, LinearModel> {
  const { rowCount, columnCount, starts, columns, values } = matrix;
  const weights = new Float32Array(columnCount * classCount);
  const bias = new Float32Array(classCount);
  const dual = new Float32Array(rowCount * classCount);
  const scores = new Float64Array(classCount);
  const changes = new Float64Array(classCount);
  const random = seededRandom(seed);
  const rowsPerStep = stepSize(matrix, classCount);
  let done = 0;
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for (const row of shuffledIndices(rowCount, random)) {
      const from = starts[row] as number;
      const to = starts[row + 1] as number;
      scores.set(bias);
      let squares = 1;
      for (let at = from; at < to; at += 1) squares += (values[at] as number) ** 2;
      addColumns(scores, weights, columns, values, from, to);
      const softness = 1 / (2 * cost * (importance === undefined ? 1 : (importance[row] as number)));
      const step = 1 / (squares + softness);
      const label = labels[row] as number;
      const base = row * classCount;
      let changed = false;
      for (let k = 0; k < classCount; k += 1) {
        const sign = k === label ? 1 : -1;
        const before = dual[base + k] as number;
        const gradient = sign * (scores[k] as number) - 1 + softness * before;
        const after = Math.max(0, before - gradient * step);
        dual[base + k] = after;
        changes[k] = sign * (after - before);
        if (after !== before) {
          changed = true;
          bias[k] = (bias[k] as number) + (changes[k] as number);
        }
      }
      if (changed) {
        for (let at = from; at < to; at += 1)
          addScaledTo(weights, (columns[at] as number) * classCount, changes, values[at] as number);
      }
      done += 1;
      if (done % rowsPerStep === 0) yield done / (rowCount * epochs);
    }
  }
  return { classCount, columnCount, weights, bias };
}

export interface SoftmaxOptions {
  /** The first step's size for a weight; AdaGrad makes it smaller where much was learned. */
  readonly learningRate: number;
  /** L2 penalty on the weights that a row uses. */
  readonly penalty: number;
  readonly epochs: number;
  /** What AdaGrad has gathered before it begins, 0.001 unless given: more keeps the first steps of rare features small. */
  readonly damping?: number;
}

/** Multinomial logistic regression by stochastic gradient descent with AdaGrad steps. Scores are log-probabilities up to a constant. */
export function* trainSoftmax(
  { matrix, labels, classCount, importance, seed }: Training,
  { learningRate, penalty, epochs, damping = 1e-3 }: SoftmaxOptions,
): Generator<number, LinearModel> {
  const { rowCount, columnCount, starts, columns, values } = matrix;
  const weights = new Float32Array(columnCount * classCount);
  const bias = new Float32Array(classCount);
  const gathered = new Float32Array(columnCount * classCount).fill(damping);
  const gatheredBias = new Float32Array(classCount).fill(damping);
  const scores = new Float64Array(classCount);
  // Classes whose probability is wrong by so little are left alone for this row: nearly all of them, after the first epoch.
  const errorMin = 2e-3;
  const touched = new Uint32Array(classCount);
  const random = seededRandom(seed);
  const rowsPerStep = stepSize(matrix, classCount);
  let done = 0;
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for (const row of shuffledIndices(rowCount, random)) {
      const from = starts[row] as number;
      const to = starts[row + 1] as number;
      scores.set(bias);
      addColumns(scores, weights, columns, values, from, to);
      softmaxInPlace(scores);
      const counts = importance === undefined ? 1 : (importance[row] as number);
      const label = labels[row] as number;
      let touchedCount = 0;
      for (let k = 0; k < classCount; k += 1) {
        const error = counts * ((k === label ? 1 : 0) - (scores[k] as number));
        scores[k] = error;
        if (Math.abs(error) > errorMin) {
          touched[touchedCount++] = k;
          const square = (gatheredBias[k] as number) + error * error;
          gatheredBias[k] = square;
          bias[k] = (bias[k] as number) + (learningRate * error) / Math.sqrt(square);
        }
      }
      for (let at = from; at < to; at += 1) {
        const value = values[at] as number;
        const base = (columns[at] as number) * classCount;
        for (let index = 0; index < touchedCount; index += 1) {
          const k = touched[index] as number;
          const weight = weights[base + k] as number;
          const gradient = (scores[k] as number) * value - penalty * weight;
          const square = (gathered[base + k] as number) + gradient * gradient;
          gathered[base + k] = square;
          weights[base + k] = weight + (learningRate * gradient) / Math.sqrt(square);
        }
      }
      done += 1;
      if (done % rowsPerStep === 0) yield done / (rowCount * epochs);
    }
  }
  return { classCount, columnCount, weights, bias };
}

/** The score of each class for a row, written into `scores` (classCount long). */
export function scoreRow(model: LinearModel, { columns, values }: SparseVector, scores: Float64Array): void {
  scores.set(model.bias);
  addColumns(scores, model.weights, columns, values, 0, columns.length);
}

/** Softmax in place, safe from overflow. */
export function softmaxInPlace(scores: Float64Array): void {
  let highest = Number.NEGATIVE_INFINITY;
  for (const score of scores) if (score > highest) highest = score;
  let sum = 0;
  for (let k = 0; k < scores.length; k += 1) {
    const power = Math.exp((scores[k] as number) - highest);
    scores[k] = power;
    sum += power;
  }
  for (let k = 0; k < scores.length; k += 1) scores[k] = (scores[k] as number) / sum;
}

/** Where the highest score stands; the first of equals. */
export function argmax(scores: ArrayLike<number>): number {
  let best = 0;
  for (let k = 1; k < scores.length; k += 1) if ((scores[k] as number) > (scores[best] as number)) best = k;
  return best;
}

/** Rows between two yields: some 20 ms of work. */
function stepSize({ rowCount, columns }: SparseMatrix, classCount: number): number {
  const perRow = (columns.length / Math.max(1, rowCount)) * classCount;
  return Math.max(1, Math.round(10_000_000 / Math.max(1, perRow)));
}

function addScaledTo(target: Float32Array, base: number, source: Float64Array, factor: number): void {
  for (let k = 0; k < source.length; k += 1)
    target[base + k] = (target[base + k] as number) + factor * (source[k] as number);
}
