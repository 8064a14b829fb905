// A recommender as bytes and back; see `model-file.ts` for what is checked.
import { z } from 'zod';
import { arrayOf, type ModelFile, ModelFileError, readModelFile, writeModelFile } from '../model-file.ts';
import type { SparseMatrix } from '../sparse.ts';
import type { Recommender } from './recommender.ts';
import { SIGNALS } from './signals.ts';

/** Another one reads no file of this one: shops then train anew. */
export const RECOMMENDER_FORMAT = 2;
const KIND = `recommendation/${RECOMMENDER_FORMAT}`;

const head = z.object({
  itemCount: z.int().nonnegative(),
  userCount: z.int().nonnegative(),
  wordCount: z.int().nonnegative(),
  dimensions: z.int().positive(),
  weights: z.array(z.number()).length(SIGNALS.length),
  heldBackAuc: z.number().nullable(),
});

export function writeRecommender(recommender: Recommender): Uint8Array<ArrayBuffer> {
  const { itemCount, userCount, weights, heldBackAuc, together, alikeByWords, words, taste, popularity } =
    recommender;
  return writeModelFile({
    kind: KIND,
    head: {
      itemCount,
      userCount,
      wordCount: words.of.columnCount,
      dimensions: taste.dimensions,
      weights: [...weights],
      heldBackAuc,
    },
    arrays: {
      ...matrixArrays('together', together),
      ...matrixArrays('alike', alikeByWords),
      ...matrixArrays('words', words.of),
      wordShares: words.shares,
      users: taste.users,
      items: taste.items,
      itemBiases: taste.itemBiases,
      trend: popularity.trend,
      popularity: popularity.popularity,
      isNew: popularity.isNew,
      expected: popularity.expected,
      launch: popularity.launch,
    },
  });
}

/** @throws {ModelFileError} for anything that `writeRecommender` did not write */
export function readRecommender(bytes: Uint8Array): Recommender {
  const file = readModelFile(bytes, KIND, head);
  const { itemCount, userCount, wordCount, dimensions, weights, heldBackAuc } = file.head;
  const isNew = arrayOf(file, 'isNew', 'f32', itemCount);
  return {
    itemCount,
    userCount,
    weights: Float64Array.from(weights),
    heldBackAuc,
    together: matrixOfFile(file, 'together', itemCount, itemCount),
    alikeByWords: matrixOfFile(file, 'alike', itemCount, itemCount),
    words: {
      of: matrixOfFile(file, 'words', itemCount, wordCount),
      shares: arrayOf(file, 'wordShares', 'f32', wordCount),
    },
    taste: {
      dimensions,
      users: arrayOf(file, 'users', 'f32', userCount * dimensions),
      items: arrayOf(file, 'items', 'f32', itemCount * dimensions),
      itemBiases: arrayOf(file, 'itemBiases', 'f32', itemCount),
    },
    popularity: {
      trend: arrayOf(file, 'trend', 'f32', itemCount),
      popularity: arrayOf(file, 'popularity', 'f32', itemCount),
      isNew,
      expected: arrayOf(file, 'expected', 'f32', itemCount),
      launch: arrayOf(file, 'launch', 'f32', itemCount),
    },
    newItems: Uint32Array.from(isNew.keys()).filter((item) => isNew[item] === 1),
  };
}

function matrixArrays(name: string, { starts, columns, values }: SparseMatrix) {
  return { [`${name}Starts`]: starts, [`${name}Columns`]: columns, [`${name}Values`]: values };
}

function matrixOfFile(
  file: ModelFile<unknown>,
  name: string,
  size: number,
  columnCount: number,
): SparseMatrix {
  const starts = arrayOf(file, `${name}Starts`, 'u32', size + 1);
  const length = starts[size] as number;
  const columns = arrayOf(file, `${name}Columns`, 'u32', length);
  const values = arrayOf(file, `${name}Values`, 'f32', length);
  const ascends = starts.every((start, row) => row === 0 || start >= (starts[row - 1] as number));
  if (!ascends || starts[0] !== 0 || columns.some((column) => column >= columnCount))
    throw new ModelFileError('other_shape', `The matrix ${name} of this model does not fit it.`);
  return { rowCount: size, columnCount, starts, columns, values };
}
