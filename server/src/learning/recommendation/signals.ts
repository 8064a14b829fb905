// What speaks for an item for a user, each in a measure of its own, and how they are put together into one score.
import { matrixOf, rowOf, type SparseMatrix, type SparseVector } from '../sparse.ts';
import type { Popularity } from './popularity.ts';

/**
 * In the order of a blend's weights. `weight` is what each counts before there is anything to learn from, and what is learned is drawn
 * to it as strongly as by `prior` choices. Where new items differ from one another that is much: there are few choices of them to
 * learn from, and what they say of one season holds less in the next one than what was measured over several.
 */
export const SIGNALS = [
  { name: 'together', weight: 0.5, prior: 10 },
  { name: 'alikeByWords', weight: 0.2, prior: 10 },
  { name: 'taste', weight: 0.2, prior: 10 },
  { name: 'trend', weight: 0.8, prior: 10 },
  { name: 'popularity', weight: 0.1, prior: 10 },
  { name: 'isNew', weight: 0, prior: 10 },
  { name: 'expected', weight: 0.6, prior: 200 },
  { name: 'launch', weight: 0.3, prior: 200 },
  { name: 'likeTogether', weight: 0.5, prior: 200 },
  { name: 'words', weight: 0.5, prior: 200 },
] as const;
export type Signal = (typeof SIGNALS)[number]['name'];

/** Everything that signals are read from; rows are items. */
export interface Evidence {
  readonly itemCount: number;
  /** What having an item says of others. */
  readonly together: SparseMatrix;
  /** Which items share words with one, by their cosine. */
  readonly alikeByWords: SparseMatrix;
  readonly words: ItemWords;
  readonly taste: TasteVectors;
  readonly popularity: Popularity;
  /** Those that nobody had to do with, ascending. */
  readonly newItems: Uint32Array;
}

/** The words of items, and how much of each one interaction has on the average. */
export interface ItemWords {
  readonly of: SparseMatrix;
  readonly shares: Float32Array;
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
  readonly alikeByWords: Float32Array;
  readonly taste: Float32Array;
  /** Of new items: how much what is described alike goes with what the user has, and how much more of its words they have than others. */
  readonly likeTogether: Float32Array;
  readonly words: Float32Array;
  /** How much of each word the user has; see `readWords`. */
  readonly profile: Float32Array;
  /** A row for each new item: what is not new and described most alike, with the square of how near it is. */
  readonly like: SparseMatrix;
}

const LIKE_MAX = 30;

export function roomForSignals({
  itemCount,
  words,
  alikeByWords,
  popularity,
  newItems,
}: Evidence): PersonalSignals {
  const like = Array.from(newItems, (item) => {
    const { columns, values } = rowOf(alikeByWords, item);
    const order = Uint32Array.from(columns.keys())
      .filter((at) => popularity.isNew[columns[at] as number] === 0)
      .sort((a, b) => (values[b] as number) - (values[a] as number))
      .slice(0, LIKE_MAX);
    return {
      columns: order.map((at) => columns[at] as number),
      values: Float32Array.from(order, (at) => (values[at] as number) ** 2),
    };
  });
  return {
    like: matrixOf(like, itemCount),
    together: new Float32Array(itemCount),
    alikeByWords: new Float32Array(itemCount),
    taste: new Float32Array(itemCount),
    likeTogether: new Float32Array(itemCount),
    words: new Float32Array(itemCount),
    profile: new Float32Array(words.of.columnCount),
  };
}

/**
 * Fills `into`, each signal of the items that are not new scaled to a mean of 0 and a deviation of 1 over all items, so that long and
 * short histories are measured alike. What is 0 for all items stays 0.
 */
export function readPersonalSignals(
  evidence: Evidence,
  { history, user }: Someone,
  into: PersonalSignals,
): void {
  addNeighbours(history, evidence.together, into.together);
  addNeighbours(history, evidence.alikeByWords, into.alikeByWords);
  if (user === null) into.taste.fill(0);
  else readTaste(evidence.taste, user, into.taste);
  standardise(into.taste);
  standardise(into.together);
  standardise(into.alikeByWords);
  readWords(history, evidence, into);
  evidence.newItems.forEach((item, row) => {
    into.likeTogether[item] = likeTogetherOf(row, into);
  });
  for (const item of evidence.newItems) {
    into.together[item] = 0;
    into.alikeByWords[item] = 0;
    into.taste[item] = 0;
  }
}

const TOGETHER_MIN = -1;
const TOGETHER_MAX = 6;
/** So much nearness of others is added at the mean, so that far ones alone decide little. */
const FAR = 0.3;

/** The mean of what is described alike, the nearer the more. */
function likeTogetherOf(row: number, { like, together }: PersonalSignals): number {
  let sum = 0;
  let total = FAR;
  for (let at = like.starts[row] as number; at < (like.starts[row + 1] as number); at += 1) {
    const nearness = like.values[at] as number;
    total += nearness;
    const value = together[like.columns[at] as number] as number;
    sum += nearness * Math.min(TOGETHER_MAX, Math.max(TOGETHER_MIN, value));
  }
  return sum / total;
}

/** What is added to how much of a word somebody has, and as much of a history as is added at everybody's share. */
const WORD_PRIOR = 0.3;
const HISTORY_PRIOR = 3;

/** For each new item the sum over its words of the logarithm of how much more of them the user has than would be expected. */
function readWords(
  history: SparseVector,
  { words: { of, shares }, newItems }: Evidence,
  { profile, words }: PersonalSignals,
): void {
  if (newItems.length === 0) return;
  profile.fill(0);
  let total = HISTORY_PRIOR;
  for (let at = 0; at < history.columns.length; at += 1) {
    const item = history.columns[at] as number;
    const strength = history.values[at] as number;
    total += strength;
    for (let word = of.starts[item] as number; word < (of.starts[item + 1] as number); word += 1) {
      const column = of.columns[word] as number;
      profile[column] = (profile[column] as number) + strength * (of.values[word] as number);
    }
  }
  for (const item of newItems) {
    let sum = 0;
    for (let word = of.starts[item] as number; word < (of.starts[item + 1] as number); word += 1) {
      const column = of.columns[word] as number;
      const expected = total * (shares[column] as number);
      sum +=
        (of.values[word] as number) *
        Math.log(((profile[column] as number) + WORD_PRIOR) / (expected + WORD_PRIOR));
    }
    words[item] = sum;
  }
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
