// A classifier by way of embeddings: each feature has a short vector, a text is the squashed sum of its features' vectors
// (a deep averaging network of one layer; Iyyer et al. 2015), and classes are told apart there. What it learns of one class's words helps
// others that are said alike, so it errs elsewhere than a linear classifier over the same features, and the mean of both is better.

import type { Training } from './linear.ts';
import { softmaxInPlace } from './linear.ts';
import { seededRandom, shuffledIndices } from './random.ts';
import type { SparseVector } from './sparse.ts';
import { addColumns } from './sparse.ts';

export interface EmbeddingClassifier {
  readonly classCount: number;
  readonly columnCount: number;
  readonly dimensions: number;
  readonly gain: number;
  /** Number d of column f at f * dimensions + d. */
  readonly vectors: Float32Array;
  /** Weight of dimension d for class k at k * dimensions + d. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

export interface EmbeddingOptions {
  readonly dimensions: number;
  readonly epochs: number;
  /** The first step's size; it falls to a tenth at the end, and AdaGrad makes it smaller where much was learned. */
  readonly learningRate: number;
  /** The share of a row's features that is left out each time that it is learned from. */
  readonly dropout: number;
  /** How soon the sum of a text's vectors is squashed: the more, the less this is like a linear classifier. */
  readonly gain: number;
}

const ERROR_MIN = 2e-3;

/** Trains by stochastic gradient descent on the cross-entropy; yields the share that is done. */
export function* trainEmbedding(
  { matrix, labels, classCount, importance, seed }: Training,
  { dimensions, epochs, learningRate, dropout, gain }: EmbeddingOptions,
): Generator<number, EmbeddingClassifier> {
  const { rowCount, columnCount, starts, columns, values } = matrix;
  const random = seededRandom(seed);
  const vectors = randomNumbers(columnCount * dimensions, 0.15, random);
  const weights = randomNumbers(classCount * dimensions, 0.1, random);
  const bias = new Float32Array(classCount);
  const gatheredVectors = new Float32Array(columnCount).fill(1e-4);
  const gatheredWeights = new Float32Array(classCount * dimensions).fill(1e-3);
  const text = new Float64Array(dimensions);
  const back = new Float64Array(dimensions);
  const scores = new Float64Array(classCount);
  const longest = starts.reduce((most, start, row) => Math.max(most, (starts[row + 1] ?? start) - start), 0);
  const keptColumns = new Uint32Array(longest);
  const keptValues = new Float32Array(longest);
  const makesUp = 1 / Math.sqrt(1 - dropout);
  const rowsPerStep = Math.max(1, Math.round(100_000 / (dimensions + classCount)));
  let done = 0;
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for (const row of shuffledIndices(rowCount, random)) {
      const rate = learningRate * (1 - (0.9 * done) / (rowCount * epochs));
      let kept = 0;
      for (let at = starts[row] as number; at < (starts[row + 1] as number); at += 1) {
        if (random() < dropout) continue;
        keptColumns[kept] = columns[at] as number;
        keptValues[kept++] = (values[at] as number) * makesUp;
      }
      const rowColumns = keptColumns.subarray(0, kept);
      const rowValues = keptValues.subarray(0, kept);
      sumVectors(vectors, gain, rowColumns, rowValues, text);
      scoreClasses(weights, bias, text, scores);
      softmaxInPlace(scores);
      back.fill(0);
      const counts = importance === undefined ? 1 : (importance[row] as number);
      for (let k = 0; k < classCount; k += 1) {
        const error = counts * ((k === labels[row] ? 1 : 0) - (scores[k] as number));
        if (Math.abs(error) < ERROR_MIN) continue;
        bias[k] = (bias[k] as number) + rate * error;
        for (let d = 0, at = k * dimensions; d < dimensions; d += 1, at += 1) {
          const weight = weights[at] as number;
          back[d] = (back[d] as number) + error * weight;
          const gradient = error * (text[d] as number);
          const square = (gatheredWeights[at] as number) + gradient * gradient;
          gatheredWeights[at] = square;
          weights[at] = weight + (2 * rate * gradient) / Math.sqrt(square);
        }
      }
      let squares = 0;
      for (let d = 0; d < dimensions; d += 1) {
        const gradient = (back[d] as number) * gain * (1 - (text[d] as number) ** 2);
        back[d] = gradient;
        squares += gradient * gradient;
      }
      squares /= dimensions;
      if (squares > 1e-9) {
        for (let at = 0; at < kept; at += 1) {
          const column = rowColumns[at] as number;
          const value = rowValues[at] as number;
          const square = (gatheredVectors[column] as number) + value * value * squares;
          gatheredVectors[column] = square;
          const step = (rate * value) / Math.sqrt(square);
          for (let d = 0, to = column * dimensions; d < dimensions; d += 1, to += 1)
            vectors[to] = (vectors[to] as number) + step * (back[d] as number);
        }
      }
      done += 1;
      if (done % rowsPerStep === 0) yield done / (rowCount * epochs);
    }
  }
  return { classCount, columnCount, dimensions, gain, vectors, weights, bias };
}

/**
 * One classifier whose scores are the mean of the members': their dimensions stand side by side. Members that began from other random
 * numbers err elsewhere. They have the same columns, classes and gain.
 */
export function joinEmbeddings(members: readonly EmbeddingClassifier[]): EmbeddingClassifier {
  const [first] = members;
  if (first === undefined) throw new TypeError('there is nothing to join');
  const { classCount, columnCount, gain } = first;
  const dimensions = members.reduce((sum, member) => sum + member.dimensions, 0);
  const vectors = new Float32Array(columnCount * dimensions);
  const weights = new Float32Array(classCount * dimensions);
  const bias = new Float32Array(classCount);
  let offset = 0;
  for (const member of members) {
    const size = member.dimensions;
    for (let column = 0; column < columnCount; column += 1)
      vectors.set(member.vectors.subarray(column * size, (column + 1) * size), column * dimensions + offset);
    for (let k = 0; k < classCount; k += 1) {
      bias[k] = (bias[k] as number) + (member.bias[k] as number) / members.length;
      for (let d = 0; d < size; d += 1)
        weights[k * dimensions + offset + d] = (member.weights[k * size + d] as number) / members.length;
    }
    offset += size;
  }
  return { classCount, columnCount, dimensions, gain, vectors, weights, bias };
}

/** The text's own vector, each number in -1 to 1, written into `text` (dimensions long). */
export function embedRow(
  model: EmbeddingClassifier,
  { columns, values }: SparseVector,
  text: Float64Array,
): void {
  sumVectors(model.vectors, model.gain, columns, values, text);
}

/** The score of each class for a text's vector, written into `scores` (classCount long): log-probabilities up to a constant. */
export function scoreEmbedded(model: EmbeddingClassifier, text: Float64Array, scores: Float64Array): void {
  scoreClasses(model.weights, model.bias, text, scores);
}

function sumVectors(
  vectors: Float32Array,
  gain: number,
  columns: Uint32Array,
  values: Float32Array,
  text: Float64Array,
): void {
  const dimensions = text.length;
  text.fill(0);
  addColumns(text, vectors, columns, values, 0, columns.length);
  for (let d = 0; d < dimensions; d += 1) text[d] = Math.tanh(gain * (text[d] as number));
}

/** Four classes at a time: three times as fast as one by one. */
function scoreClasses(
  weights: Float32Array,
  bias: Float32Array,
  text: Float64Array,
  scores: Float64Array,
): void {
  const dimensions = text.length;
  const classCount = scores.length;
  let k = 0;
  for (; k + 4 <= classCount; k += 4) {
    const a = k * dimensions;
    const b = a + dimensions;
    const c = b + dimensions;
    const e = c + dimensions;
    let u = bias[k] as number;
    let v = bias[k + 1] as number;
    let x = bias[k + 2] as number;
    let y = bias[k + 3] as number;
    for (let d = 0; d < dimensions; d += 1) {
      const number = text[d] as number;
      u += number * (weights[a + d] as number);
      v += number * (weights[b + d] as number);
      x += number * (weights[c + d] as number);
      y += number * (weights[e + d] as number);
    }
    scores[k] = u;
    scores[k + 1] = v;
    scores[k + 2] = x;
    scores[k + 3] = y;
  }
  for (; k < classCount; k += 1) {
    const base = k * dimensions;
    let sum = bias[k] as number;
    for (let d = 0; d < dimensions; d += 1) sum += (text[d] as number) * (weights[base + d] as number);
    scores[k] = sum;
  }
}

function randomNumbers(count: number, largest: number, random: () => number): Float32Array {
  return Float32Array.from({ length: count }, () => (2 * random() - 1) * largest);
}
