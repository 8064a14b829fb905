// Finds the passages that answer a question, without a model: BM25 over light stems and over character 4-grams, each once
// over the whole passage and once over its heading alone, with the concepts of synonyms.ts as further words, and among
// the best of them those first that say the question's words one after the other.
import {
  addPostings,
  buildField,
  type DocumentPart,
  type Field,
  frequencyOf,
  keysOf,
  leftOut,
  rarityOf,
  type WholeField,
} from './field.ts';
import { headingKeys, headingRepeats, visitGrams, visitOnly, visitTerms } from './keys.ts';
import { askPhrases, buildPhrases, contentTerms, type Phrases, sharedPhrases } from './phrases.ts';
import { coverageFrom, needsOf, type Signals, signalsOf, supportFrom } from './support.ts';
import { fold, wordsOf } from './words.ts';

/** What can be ranked; a Q/A pair has its question as heading. */
export interface RankablePassage {
  readonly heading: string | null;
  readonly text: string;
  /** Where it is known. */
  readonly language?: string;
}

export interface RankedPassage<T extends RankablePassage> {
  readonly passage: T;
  /** Comparable within one question only. */
  readonly score: number;
  /** The estimated probability, 0 to 1, that this passage answers the question; comparable everywhere. */
  readonly support: number;
  /** What it was estimated from. */
  readonly signals: Signals;
  /** The share of the question, 0 to 1, that the passage has; comparable within one question only. */
  readonly coverage: number;
}

export interface PassageIndex<T extends RankablePassage> {
  readonly passages: readonly T[];
  /** Terms and 4-grams of the whole passage, then of its heading. */
  readonly fields: readonly [terms: Field, grams: Field, ...headings: Field[]];
  readonly phrases: Phrases;
  /** The words of each heading, each once: its term, then what it says in other words, or its term again. */
  readonly headings: Phrases;
}

const HEADING_WEIGHT = 0.6;
// A 4-gram that stands in most passages tells nothing apart, and its postings are the long ones.
const SHARED_MAX = 0.4;
const SHARED_BY_FEW = 25;
// What the whole question as one phrase is worth, beside 1 for each of the two fields; 0.5 to 0.8 do about as well.
const PHRASE_WEIGHT = 0.6;
// So many of the best are read for phrases; 10 to 40 do the same.
const READ_FOR_PHRASES = 12;
// Passages that are looked at in one step of building.
const STEP = 32;

/** How much a passage's length counts in each field. */
export const lengthInfluences = { whole: 0.75, heading: 0.5 } as const;

/** What is known of all passages, where those that are ranked are a few of them; of fields as in `PassageIndex`. */
export interface WholeKnowledge {
  readonly terms: WholeField;
  readonly grams: WholeField;
  readonly headingTerms: WholeField;
  readonly headingGrams: WholeField;
}

/**
 * Builds what `rankPassages` reads; once per knowledge, not once per question.
 * @param whole what was found for one question is ranked as it would be among all, by the 4-grams within words alone
 */
export function buildPassageIndex<T extends RankablePassage>(
  passages: readonly T[],
  whole: WholeKnowledge | null = null,
): PassageIndex<T> {
  const steps = buildInSteps(passages, whole);
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}

/** The same in steps of a few milliseconds, for those who have others to let in between. */
export function* buildInSteps<T extends RankablePassage>(
  passages: readonly T[],
  whole: WholeKnowledge | null = null,
): Generator<undefined, PassageIndex<T>> {
  const headings = passages.map((passage) => wordsOf(fold(passage.heading ?? '')));
  const parts: DocumentPart[][] = [];
  for (const [position, { text }] of passages.entries()) {
    if (position % STEP === 0) yield;
    parts.push([
      { words: wordsOf(fold(text)), repeats: 1 },
      { words: headings[position] ?? [], repeats: headingRepeats },
    ]);
  }
  const alone = headings.map((words) => [{ words, repeats: 1 }]);
  const ofAll = { weight: 1, lengthInfluence: lengthInfluences.whole };
  const ofHeading = { weight: HEADING_WEIGHT, lengthInfluence: lengthInfluences.heading };
  const visitLetters = whole ? visitOnly(new Set(whole.grams.counts.keys())) : visitGrams;
  const of = (field: keyof WholeKnowledge) => ({ whole: whole?.[field] ?? null });
  const terms = yield* buildField(parts, { ...ofAll, ...of('terms'), visit: visitTerms });
  const sequences: string[][] = [];
  for (const [position, [text, heading]] of parts.entries()) {
    if (position % STEP === 0) yield;
    // The heading stands above the text.
    sequences.push([heading, text].flatMap((part) => contentTerms(part?.words ?? [])));
  }
  return {
    passages,
    phrases: buildPhrases(sequences, terms.slots),
    headings: buildPhrases(headings.map(headingKeys), terms.slots),
    fields: [
      terms,
      yield* buildField(parts, { ...ofAll, ...of('grams'), visit: visitLetters }),
      yield* buildField(alone, { ...ofHeading, ...of('headingTerms'), visit: visitTerms }),
      yield* buildField(alone, { ...ofHeading, ...of('headingGrams'), visit: visitLetters }),
    ],
  };
}

export const resultsMax = 8;
/** Whatever is longer is no question; its rest is not read. */
export const questionLengthMax = 2000;

/**
 * The passages that share anything with the question, best first, at most `limit` of them. The same index and question give
 * the same order; equal passages keep theirs.
 * @param also positions of passages that were found in another way: they come too, whatever they share, beyond the limit
 */
export function rankPassages<T extends RankablePassage>(
  index: PassageIndex<T>,
  question: string,
  limit = resultsMax,
  also: readonly number[] = [],
): RankedPassage<T>[] {
  const words = wordsOf(fold(question.slice(0, questionLengthMax)));
  const totals = new Float64Array(index.passages.length);
  const [terms, grams] = index.fields;
  const asked = new Map([terms, grams].map(({ visit }) => [visit, keysOf(words, visit)]));
  for (const field of index.fields) addField(totals, field, asked.get(field.visit) ?? new Map());
  const phrases = askPhrases(words, terms.slots, (slot) => rarityOf(terms, slot));
  const best = highest(totals, Math.max(limit, READ_FOR_PHRASES));
  const others = also.filter((position) => !best.includes(position));
  best.push(...others);
  for (const position of best) {
    const bonus = PHRASE_WEIGHT * sharedPhrases(index.phrases, position, phrases);
    totals[position] = (totals[position] ?? 0) + bonus;
  }
  best.sort((left, right) => (totals[right] ?? 0) - (totals[left] ?? 0));
  const needs = needsOf(index, question, words);
  const wanted = new Set(also);
  return best.flatMap((position, place) => {
    if (place >= limit && !wanted.has(position)) return [];
    const passage = index.passages[position];
    if (passage === undefined) return [];
    const score = totals[position] ?? 0;
    const rival = best.find((other) => !saysTheSame(passage, index.passages[other]));
    const signals = signalsOf(index, needs, { position, score, rival: totals[rival ?? -1] ?? 0 });
    const coverage = coverageFrom(signals, needs);
    return [{ passage, score, signals, coverage, support: supportFrom(signals) }];
  });
}

/** What stands under one heading, or in another language, is no other answer. */
function saysTheSame(passage: RankablePassage, other: RankablePassage | undefined): boolean {
  if (passage === other || other === undefined) return true;
  return (
    (passage.heading !== null && passage.heading === other.heading) || passage.language !== other.language
  );
}

/** The positions of the highest totals above 0, highest first; of equal ones the first. */
function highest(totals: Float64Array, limit: number): number[] {
  const positions: number[] = [];
  let lowest = 0;
  for (let position = 0; position < totals.length; position += 1) {
    const total = totals[position] ?? 0;
    if (total <= lowest) continue;
    let at = positions.length;
    while (at > 0 && (totals[positions[at - 1] ?? 0] ?? 0) < total) at -= 1;
    positions.splice(at, 0, position);
    if (positions.length > limit) positions.pop();
    if (positions.length === limit) lowest = totals[positions[limit - 1] ?? 0] ?? 0;
  }
  return positions;
}

/** Each field's scores count relative to its best one, so that no field speaks louder for having rarer words. */
function addField(totals: Float64Array, field: Field, asked: ReadonlyMap<string, number>): void {
  const sharedMax = Math.max(SHARED_BY_FEW, field.all * SHARED_MAX);
  const scores = new Float64Array(totals.length);
  for (const [key, weight] of asked) {
    const slot = field.slots.get(key);
    if (slot === undefined || key === leftOut) continue;
    if (field.visit !== visitTerms && frequencyOf(field, slot) > sharedMax) continue;
    addPostings(scores, field, slot, weight);
  }
  let best = 0;
  for (let passage = 0; passage < scores.length; passage += 1) best = Math.max(best, scores[passage] ?? 0);
  if (best === 0) return;
  const scale = field.weight / best;
  for (let passage = 0; passage < totals.length; passage += 1) {
    totals[passage] = (totals[passage] ?? 0) + scale * (scores[passage] ?? 0);
  }
}
