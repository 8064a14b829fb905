// Linear models over features that are known by nothing but their hash, modulo the number of buckets (feature hashing, Weinberger et
// al. 2009): a table of one byte for each bucket and class, and no list of features. For models that ship, where size is dear.
import type { LinearModel } from './linear.ts';
import { quantise } from './quantise.ts';
import type { SparseMatrix } from './sparse.ts';

export interface BucketModel {
  readonly bucketCount: number;
  readonly classCount: number;
  /** Of bucket b for class k at b * classCount + k, times `scales[k]`. */
  readonly weights: Int8Array;
  readonly scales: Float32Array;
  readonly bias: Float32Array;
}

/** Makes a trained model small. */
export function bucketModelOf({ weights, bias, columnCount, classCount }: LinearModel): BucketModel {
  const byClass = new Float32Array(weights.length);
  for (let at = 0; at < weights.length; at += 1)
    byClass[(at % classCount) * columnCount + Math.floor(at / classCount)] = weights[at] as number;
  const small = quantise(byClass, columnCount);
  const interleaved = new Int8Array(weights.length);
  for (let at = 0; at < weights.length; at += 1)
    interleaved[at] = small.values[(at % classCount) * columnCount + Math.floor(at / classCount)] as number;
  return { bucketCount: columnCount, classCount, weights: interleaved, scales: small.scales, bias };
}

/**
 * The score of each class, written into `scores`, for a text whose features fall into the first `count` of `buckets`, each as often
 * as it occurs. Every feature has the value `value`.
 */
export function scoreBuckets(
  { classCount, weights, scales, bias }: BucketModel,
  buckets: Uint32Array,
  count: number,
  value: number,
  scores: Float64Array,
): void {
  // Class by class: a sum of whole numbers in a register is several times faster than one in memory.
  for (let k = 0; k < classCount; k += 1) {
    let sum = 0;
    for (let at = 0; at < count; at += 1) sum += weights[(buckets[at] as number) * classCount + k] as number;
    scores[k] = sum * (scales[k] as number) * value + (bias[k] as number);
  }
}

/** The same for features of which each has a value of its own. */
export function scoreWeightedBuckets(
  { classCount, weights, scales, bias }: BucketModel,
  buckets: Uint32Array,
  values: Float32Array,
  count: number,
  scores: Float64Array,
): void {
  for (let k = 0; k < classCount; k += 1) {
    let sum = 0;
    for (let at = 0; at < count; at += 1)
      sum += (weights[(buckets[at] as number) * classCount + k] as number) * (values[at] as number);
    scores[k] = sum * (scales[k] as number) + (bias[k] as number);
  }
}

/** Gathers texts as the rows of a matrix, without an object for each: there can be a million of them. */
export class BucketRows {
  readonly #bucketCount: number;
  readonly #starts: number[] = [0];
  #columns = new Uint32Array(1024);
  #values = new Float32Array(1024);

  constructor(bucketCount: number) {
    this.#bucketCount = bucketCount;
  }

  /** Takes the first `count` of `buckets` as a row, and sorts them in place; each has `value` as often as it occurs. */
  add(buckets: Uint32Array, count: number, value: number): void {
    const sorted = buckets.subarray(0, count).sort();
    let size = this.#starts.at(-1) as number;
    if (size + count > this.#columns.length) this.#grow(size + count);
    for (let at = 0; at < count; at += 1) {
      if (at > 0 && sorted[at] === sorted[at - 1]) {
        this.#values[size - 1] = (this.#values[size - 1] as number) + value;
        continue;
      }
      this.#columns[size] = sorted[at] as number;
      this.#values[size++] = value;
    }
    this.#starts.push(size);
  }

  matrix(): SparseMatrix {
    const size = this.#starts.at(-1) as number;
    return {
      rowCount: this.#starts.length - 1,
      columnCount: this.#bucketCount,
      starts: Uint32Array.from(this.#starts),
      columns: this.#columns.subarray(0, size),
      values: this.#values.subarray(0, size),
    };
  }

  #grow(needed: number): void {
    const length = Math.max(needed, 2 * this.#columns.length);
    const columns = new Uint32Array(length);
    columns.set(this.#columns);
    this.#columns = columns;
    const values = new Float32Array(length);
    values.set(this.#values);
    this.#values = values;
  }
}
