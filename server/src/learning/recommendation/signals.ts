// What speaks for an item for a user, each in a measure of its own, and how they are put together into one score.
import type { SparseMatrix, SparseVector } from '../sparse.ts';
import type { Popularity } from './popularity.ts';

/** In the order of a blend's weights. */
export const SIGNALS = ['together', 'alike', 'taste', 'trend', 'popularity', 'isNew'] as const;

/** Everything that signals are read from; rows are items. */
export interface Evidence {
  readonly itemCount: number;
  /** What having an item says of others. */
  readonly together: SparseMatrix;
  /** Which items share words with one, by their cosine. */
  readonly alike: SparseMatrix;
  readonly taste: TasteVectors;
  readonly popularity: Popularity;
}

/** One vector of `dimensions` numbers for each user and each item; how well they agree is their product plus the item's bias. */
export interface TasteVectors {
  readonly dimensions: number;
  readonly users: Float32Array;
  readonly items: Float32Array;
  readonly itemBiases: Float32Array;
}

/** For whom is recommended. */
export interface Someone {
  /** The items that they had to do with, and how strongly. */
  readonly history: SparseVector;
  /** Their number among the users that the factors know; null: unknown. */
  readonly user: number | null;
}

/** Room for the personal signals of one user, an element for each item. */
export interface PersonalSignals {
  readonly together: Float32Array;
  readonly alike: Float32Array;
  readonly taste: Float32Array;
}

export function roomForSignals(itemCount: number): PersonalSignals {
  return {
    together: new Float32Array(itemCount),
    alike: new Float32Array(itemCount),
    taste: new Float32Array(itemCount),
  };
}

/**
 * Fills `into`, each signal scaled to a mean of 0 and a deviation of 1 over all items, so that long and
 * short histories are measured alike. What is 0 for all items stays 0.
 */
export function readPersonalSignals(
  evidence: Evidence,
  { history, user }: Someone,
  into: PersonalSignals,
): void {
  addNeighbours(history, evidence.together, into.together);
  addNeighbours(history, evidence.alike, into.alike);
  if (user === null) into.taste.fill(0);
  else readTaste(evidence.taste, user, into.taste);
  standardise(into.taste);
  standardise(into.together);
  standardise(into.alike);
}

function readTaste(
  { dimensions, users, items, itemBiases }: TasteVectors,
  user: number,
  into: Float32Array,
): void {
  const vector = users.subarray(user * dimensions, (user + 1) * dimensions);
  for (let item = 0, at = 0; item < into.length; item += 1) {
    let sum = itemBiases[item] as number;
    for (let k = 0; k < dimensions; k += 1, at += 1) sum += (vector[k] as number) * (items[at] as number);
    into[item] = sum;
  }
}

function addNeighbours(history: SparseVector, near: SparseMatrix, into: Float32Array): void {
  into.fill(0);
  const { starts, columns, values } = near;
  for (let at = 0; at < history.columns.length; at += 1) {
    const strength = history.values[at] as number;
    const item = history.columns[at] as number;
    const end = starts[item + 1] as number;
    for (let of = starts[item] as number; of < end; of += 1) {
      const other = columns[of] as number;
      into[other] = (into[other] as number) + strength * (values[of] as number);
    }
  }
}

function standardise(values: Float32Array): void {
  let sum = 0;
  let squares = 0;
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] as number;
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  const deviation = Math.sqrt(Math.max(0, squares / values.length - mean * mean));
  const factor = deviation > 1e-6 ? 1 / deviation : 0;
  for (let at = 0; at < values.length; at += 1) values[at] = ((values[at] as number) - mean) * factor;
}
