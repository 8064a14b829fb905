// What passages and questions are compared by: light stems with the concepts of synonyms.ts, and character 4-grams.
import { type KeyVisitor, leftOut } from './field.ts';
import { conceptsOf } from './synonyms.ts';
import { gramsOf, gramsOfWord, isStopWord, termOf } from './words.ts';

/** A heading counts as if it were said so often. */
export const headingRepeats = 3;

// A concept stands beside the word that gave it, and must not outweigh it.
const conceptWeight = 0.6;

const conceptKey = ({ name }: { readonly name: string }) => `#${name}`;

export const visitTerms: KeyVisitor = (words, found) => {
  for (const word of words) {
    if (!isStopWord(word)) found(termOf(word), 1);
    for (const concept of conceptsOf(word)) found(conceptKey(concept), concept.strength * conceptWeight);
  }
};

export const visitGrams: KeyVisitor = (words, found) => {
  for (const gram of gramsOf(words)) found(gram, 1);
};

/** Without those that span two words: they are many, and few of them are ever asked for. */
export const visitWordGrams: KeyVisitor = (words, found) => {
  for (const word of words) for (const gram of wordGramsOf(word)) found(gram, 1);
};

/**
 * The same, where only some are asked for: all others are found as `leftOut`, together.
 * Most are told apart by their letters alone, before anything is cut out of the word.
 */
export function visitOnly(asked: ReadonlySet<string>): KeyVisitor {
  const mayBe = new Uint8Array(sieveSize);
  for (const gram of asked) mayBe[sieveOf(gram, 0)] = 1;
  return (words, found) => {
    for (const word of words) {
      if (isStopWord(word)) continue;
      const bordered = `_${word}_`;
      let others = 0;
      for (let at = 0; at === 0 || at + gramLength <= bordered.length; at += 1) {
        const gram = mayBe[sieveOf(bordered, at)] ? bordered.slice(at, at + gramLength) : '';
        if (asked.has(gram)) found(gram, 1);
        else others += 1;
      }
      found(leftOut, others);
    }
  };
}

const gramLength = 4;
const sieveSize = 4096;

function sieveOf(text: string, at: number): number {
  let sum = 0;
  for (let letter = at; letter < at + gramLength; letter += 1)
    sum = (sum * 31 + (letter < text.length ? text.charCodeAt(letter) : 0)) | 0;
  return sum & (sieveSize - 1);
}

// Texts repeat their words.
const remembered = new Map<string, readonly string[]>();
const rememberedMax = 20_000;
// A longer piece of a text may hold on to the whole of it (V8's sliced strings have 13 characters or more).
const rememberedLengthMax = 12;

function wordGramsOf(word: string): readonly string[] {
  const known = remembered.get(word);
  if (known !== undefined) return known;
  const grams = isStopWord(word) ? [] : gramsOfWord(word);
  if (word.length > rememberedLengthMax) return grams;
  if (remembered.size === rememberedMax) remembered.clear();
  remembered.set(word, grams);
  return grams;
}

/** The words of a heading, each once: its term, then what it says in other words, or its term again. */
export function headingKeys(words: readonly string[]): string[] {
  return [...new Set(words)].flatMap((word) => {
    const [concept] = conceptsOf(word);
    if (isStopWord(word) && concept === undefined) return [];
    const key = concept === undefined ? termOf(word) : conceptKey(concept);
    return [isStopWord(word) ? key : termOf(word), key];
  });
}
