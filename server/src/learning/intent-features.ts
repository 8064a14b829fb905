// What a classifier of intents reads in a message: words and pairs of words, and pieces of words, which typing errors leave alone.
import { type FeatureSpace, learnFeatureSpace, vectorise } from './feature-space.ts';
import { hashCharacterNgrams, hashWordNgrams } from './hashing.ts';
import type { SparseVector } from './sparse.ts';
import { tokenise } from './tokenise.ts';

export interface IntentSpaces {
  readonly words: FeatureSpace;
  readonly pieces: FeatureSpace;
}

export interface TextHashes {
  /** Words and pairs of neighbours. */
  readonly words: readonly number[];
  /** 2 to 4 characters in a row, within words. */
  readonly pieces: readonly number[];
}

export function hashesOf(text: string): TextHashes {
  const words = tokenise(text);
  return {
    words: hashWordNgrams(words, 1, 2),
    pieces: hashCharacterNgrams(words, 2, 4),
  };
}

/** The most frequent features of the texts, at most `featuresMax`; of many texts only what more than one has. */
export function learnIntentSpaces(texts: readonly TextHashes[], featuresMax: number): IntentSpaces {
  const textsMin = texts.length > MANY_TEXTS ? 2 : 1;
  const pieces = texts.map((text) => text.pieces);
  const words = learnFeatureSpace(
    texts.map((text) => text.words),
    { textsMin, featuresMax: Math.floor(featuresMax / 2) },
  );
  return {
    words,
    pieces: learnFeatureSpace(pieces, { textsMin, featuresMax: featuresMax - words.hashes.length }),
  };
}

const MANY_TEXTS = 3_000;
/** Words and pieces are scaled to length 1 on their own, so that the many pieces do not drown the few words. */
const HALF = Math.SQRT1_2;

/** The text as one vector of length 1: the columns of words, then those of pieces. Empty where nothing in it is known. */
export function vectoriseText({ words, pieces }: IntentSpaces, text: TextHashes): SparseVector {
  const left = vectorise(words, text.words);
  const right = vectorise(pieces, text.pieces);
  const size = left.columns.length;
  const columns = new Uint32Array(size + right.columns.length);
  const values = new Float32Array(columns.length);
  columns.set(left.columns);
  for (let at = 0; at < size; at += 1) values[at] = HALF * (left.values[at] as number);
  for (let at = size; at < columns.length; at += 1) {
    columns[at] = (right.columns[at - size] as number) + words.hashes.length;
    values[at] = HALF * (right.values[at - size] as number);
  }
  return { columns, values };
}

export function columnCountOf({ words, pieces }: IntentSpaces): number {
  return words.hashes.length + pieces.hashes.length;
}
