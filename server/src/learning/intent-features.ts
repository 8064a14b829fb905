// What a classifier of intents reads in a message: words and pairs of words, and pieces of words, which typing errors leave alone.
import { type FeatureSpace, learnFeatureSpace, writeFeatures } from './feature-space.ts';
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

/** What an intent's name says: the words of "card_arrival" and of "CardArrival". */
export function hashesOfName(name: string): TextHashes {
  return hashesOf(name.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2'));
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
  const size = text.words.length + text.pieces.length;
  const vector = { columns: new Uint32Array(size), values: new Float32Array(size) };
  const middle = writeFeatures(words, text.words, vector, { length: HALF });
  const end = writeFeatures(pieces, text.pieces, vector, {
    from: middle,
    firstColumn: words.hashes.length,
    length: HALF,
  });
  return { columns: vector.columns.subarray(0, end), values: vector.values.subarray(0, end) };
}

export function columnCountOf({ words, pieces }: IntentSpaces): number {
  return words.hashes.length + pieces.hashes.length;
}
