// Gathers which passages hold which terms, for as many passages as are stored together.
import { dampingOf, impactOf } from '../field.ts';
import { headingRepeats, visitTerms, visitWordGrams } from '../keys.ts';
import { lengthInfluences, type RankablePassage } from '../ranking.ts';
import { fold, wordsOf } from '../words.ts';
import type { FieldLengths } from './head.ts';
import { encodePostings, toImpact } from './postings.ts';
import type { TermHasher } from './terms.ts';

interface Gathered {
  readonly numbers: number[];
  /** How often the passage says it; of a 4-gram nothing is kept but that it is there. */
  readonly counts: number[] | null;
}

export interface StoredPostings {
  readonly term: string;
  readonly count: number;
  readonly postings: Uint8Array;
}

export class SegmentBuilder {
  readonly #terms = new Map<string, Gathered>();
  readonly #grams = new Map<string, Gathered>();
  readonly #termLengths: number[] = [];
  readonly #lengths: [number, number, number, number] = [0, 0, 0, 0];

  get lengths(): FieldLengths {
    return this.#lengths;
  }

  add({ heading, text }: RankablePassage): void {
    const number = this.#termLengths.length;
    const counts = new Map<string, number>();
    const grams = new Set<string>();
    let termLength = 0;
    const parts = [
      { words: wordsOf(fold(text)), repeats: 1 },
      { words: wordsOf(fold(heading ?? '')), repeats: headingRepeats },
    ];
    for (const [part, { words, repeats }] of parts.entries()) {
      visitTerms(words, (term, weight) => {
        counts.set(term, (counts.get(term) ?? 0) + weight * repeats);
        termLength += weight * repeats;
        if (part === 1) this.#lengths[2] += weight;
      });
      visitWordGrams(words, (gram) => {
        grams.add(gram);
        this.#lengths[1] += repeats;
        if (part === 1) this.#lengths[3] += 1;
      });
    }
    this.#lengths[0] += termLength;
    this.#termLengths.push(termLength);
    for (const [term, count] of counts) {
      const list = this.#terms.get(term);
      if (list) {
        list.numbers.push(number);
        list.counts?.push(count);
      } else this.#terms.set(term, { numbers: [number], counts: [count] });
    }
    for (const gram of grams) {
      const list = this.#grams.get(gram);
      if (list) list.numbers.push(number);
      else this.#grams.set(gram, { numbers: [number], counts: null });
    }
  }

  /**
   * Numbered from 0: wherever the segment begins, the distances from there are the same.
   * @param lengthMean of the terms of all passages of the index, as far as it is known
   */
  *postings(hasher: TermHasher, lengthMean: number): Generator<StoredPostings> {
    for (const [term, list] of this.#terms) yield this.#encode(hasher.hash('term', term), list, lengthMean);
    for (const [gram, list] of this.#grams) yield this.#encode(hasher.hash('gram', gram), list, lengthMean);
  }

  #encode(term: string, { numbers, counts }: Gathered, lengthMean: number): StoredPostings {
    const impacts =
      counts?.map((count, at) => {
        const length = this.#termLengths[numbers[at] ?? 0] ?? 0;
        return toImpact(impactOf(count, dampingOf(length / lengthMean, lengthInfluences.whole)));
      }) ?? null;
    return { term, count: numbers.length, postings: encodePostings({ numbers, impacts }, 0) };
  }
}
