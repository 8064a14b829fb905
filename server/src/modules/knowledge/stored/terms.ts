// What a passage is found by in the stored index, as keyed hashes: plain terms do not leave this file.
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { keysOf } from '../field.ts';
import { visitTerms, visitWordGrams } from '../keys.ts';
import { conceptsOf } from '../synonyms.ts';
import { isStopWord, termOf } from '../words.ts';

/** Words and their concepts, and character 4-grams, have nothing in common at rest. */
export type TermKind = 'term' | 'gram';

const rememberedMax = 100_000;

/** Hashes terms with a workspace's key of its stored index: HMAC-SHA256 (RFC 2104), cut to 63 bits, as decimals of a `bigint`. */
export class TermHasher {
  readonly #key: KeyObject;
  readonly #known = new Map<string, string>();

  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  hash(kind: TermKind, term: string): string {
    const input = `${kind}|${term}`;
    const known = this.#known.get(input);
    if (known !== undefined) return known;
    const digest = createHmac('sha256', this.#key).update(input).digest();
    const hashed = (digest.readBigUInt64BE(0) >> 1n).toString();
    if (this.#known.size === rememberedMax) this.#known.clear();
    this.#known.set(input, hashed);
    return hashed;
  }
}

/** A longer question has what it asks in its beginning, or asks too much. */
const wordsMax = 60;

/** What a question asks the stored index for. */
export interface AskedTerms {
  /** Words and concepts, with how much each counts. */
  readonly terms: ReadonlyMap<string, number>;
  readonly grams: ReadonlySet<string>;
  /** The 4-grams of each word by its term: what finds a word that was written otherwise. */
  readonly gramsOfTerm: ReadonlyMap<string, readonly string[]>;
}

/** @param words of the question, folded */
export function askedTermsOf(words: readonly string[]): AskedTerms {
  const asked = [...new Set(words)]
    .filter((word) => !isStopWord(word) || conceptsOf(word).length > 0)
    .slice(0, wordsMax);
  const gramsOfTerm = new Map(
    asked
      .filter((word) => !isStopWord(word))
      .map((word) => [termOf(word), [...keysOf([word], visitWordGrams).keys()]]),
  );
  return {
    terms: keysOf(asked, visitTerms),
    grams: new Set([...gramsOfTerm.values()].flat()),
    gramsOfTerm,
  };
}
