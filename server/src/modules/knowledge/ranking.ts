// Finds the passages that answer a question, without a model: BM25 over light stems and over character 4-grams, each once
// over the whole passage and once over its heading alone, with the concepts of synonyms.ts as further words.
import { conceptsOf } from './synonyms.ts';
import { fold, gramsOf, gramsOfWord, isStopWord, termOf, wordsOf } from './words.ts';

/** What can be ranked; a Q/A pair has its question as heading. */
export interface RankablePassage {
  readonly heading: string | null;
  readonly text: string;
}

export interface RankedPassage<T extends RankablePassage> {
  readonly passage: T;
  /** Comparable within one question only. */
  readonly score: number;
  /** The estimated probability, 0 to 1, that this passage answers the question; comparable everywhere. */
  readonly support: number;
}

export interface PassageIndex<T extends RankablePassage> {
  readonly passages: readonly T[];
  /** Terms and 4-grams of the whole passage, then of its heading. */
  readonly fields: readonly [terms: Field, grams: Field, ...headings: Field[]];
}

/**
 * One inverted index. The postings of a key stand side by side in two long arrays, because a typed array for each of
 * thousands of keys takes longer to make than to fill.
 */
interface Field {
  readonly weight: number;
  readonly visit: KeyVisitor;
  readonly slots: ReadonlyMap<string, number>;
  /** By slot: where its postings begin; the next slot's begin is their end. */
  readonly starts: Uint32Array;
  /** By posting: which passage, ascending, and what the key adds to its score. */
  readonly passages: Uint32Array;
  readonly scores: Float32Array;
}

/** Calls back for each key of a text and how much its occurrence counts. */
type KeyVisitor = (words: readonly string[], found: (key: string, weight: number) => void) => void;

const SATURATION = 1.2;
const HEADING_REPEATS = 3;
const HEADING_WEIGHT = 0.6;
// A 4-gram that stands in most passages tells nothing apart, and its postings are the long ones.
const SHARED_MAX = 0.4;
const SHARED_BY_FEW = 25;
// A concept stands beside the word that gave it, and must not outweigh it.
const CONCEPT_WEIGHT = 0.6;

/** Builds what `rankPassages` reads; once per knowledge, not once per question. */
export function buildPassageIndex<T extends RankablePassage>(passages: readonly T[]): PassageIndex<T> {
  const headings = passages.map((passage) => wordsOf(fold(passage.heading ?? '')));
  const whole = passages.map((passage, position) => [
    { words: wordsOf(fold(passage.text)), repeats: 1 },
    { words: headings[position] ?? [], repeats: HEADING_REPEATS },
  ]);
  const alone = headings.map((words) => [{ words, repeats: 1 }]);
  return {
    passages,
    fields: [
      buildField(whole, { visit: visitTerms, weight: 1, lengthInfluence: 0.75 }),
      buildField(whole, { visit: visitGrams, weight: 1, lengthInfluence: 0.75 }),
      buildField(alone, { visit: visitTerms, weight: HEADING_WEIGHT, lengthInfluence: 0.5 }),
      buildField(alone, { visit: visitGrams, weight: HEADING_WEIGHT, lengthInfluence: 0.5 }),
    ],
  };
}

const visitTerms: KeyVisitor = (words, found) => {
  for (const word of words) {
    if (!isStopWord(word)) found(termOf(word), 1);
    for (const { name, strength } of conceptsOf(word)) found(`#${name}`, strength * CONCEPT_WEIGHT);
  }
};

const visitGrams: KeyVisitor = (words, found) => {
  for (const gram of gramsOf(words)) found(gram, 1);
};

interface DocumentPart {
  readonly words: readonly string[];
  readonly repeats: number;
}

function buildField(
  documents: readonly (readonly DocumentPart[])[],
  { visit, weight, lengthInfluence }: Pick<Field, 'visit' | 'weight'> & { readonly lengthInfluence: number },
): Field {
  const slots = new Map<string, number>();
  const listLengths: number[] = [];
  const lengths = new Float64Array(documents.length);
  const counted = documents.map((parts, document) => {
    const counts = new Map<number, number>();
    for (const { words, repeats } of parts) {
      visit(words, (key, each) => {
        const slot = slots.get(key) ?? slots.size;
        slots.set(key, slot);
        const before = counts.get(slot);
        if (before === undefined) listLengths[slot] = (listLengths[slot] ?? 0) + 1;
        counts.set(slot, (before ?? 0) + each * repeats);
        lengths[document] = (lengths[document] ?? 0) + each * repeats;
      });
    }
    return counts;
  });
  const starts = new Uint32Array(slots.size + 1);
  for (let slot = 0; slot < slots.size; slot += 1)
    starts[slot + 1] = (starts[slot] ?? 0) + (listLengths[slot] ?? 0);
  const postingsCount = starts[slots.size] ?? 0;
  const passages = new Uint32Array(postingsCount);
  const scores = new Float32Array(postingsCount);
  const next = starts.slice();
  const lengthMean = lengths.reduce((sum, length) => sum + length, 0) / documents.length || 1;
  counted.forEach((counts, document) => {
    const relativeLength = (lengths[document] ?? 0) / lengthMean;
    const damping = SATURATION * (1 - lengthInfluence + lengthInfluence * relativeLength);
    for (const [slot, count] of counts) {
      const at = next[slot] ?? 0;
      next[slot] = at + 1;
      passages[at] = document;
      const rarity = inverseFrequency(listLengths[slot] ?? 0, documents.length);
      scores[at] = (rarity * count * (SATURATION + 1)) / (count + damping);
    }
  });
  return { weight, visit, slots, starts, passages, scores };
}

/** BM25's weight of a key that stands in `count` of `all` passages. */
function inverseFrequency(count: number, all: number): number {
  return Math.log(1 + (all - count + 0.5) / (count + 0.5));
}

const RESULTS_MAX = 8;
/** Whatever is longer is no question; its rest is not read. */
const QUESTION_LENGTH_MAX = 2000;

/**
 * The passages that share anything with the question, best first, at most `limit` of them. The same index and question give
 * the same order; equal passages keep theirs.
 */
export function rankPassages<T extends RankablePassage>(
  index: PassageIndex<T>,
  question: string,
  limit = RESULTS_MAX,
): RankedPassage<T>[] {
  const words = wordsOf(fold(question.slice(0, QUESTION_LENGTH_MAX)));
  const totals = new Float64Array(index.passages.length);
  const asked = new Map([visitTerms, visitGrams].map((visit) => [visit, keysOf(words, visit)]));
  for (const field of index.fields) addField(totals, field, asked.get(field.visit) ?? new Map());
  const [terms, grams] = index.fields;
  const needs = needsOf(terms, grams, words, index.passages.length);
  return highest(totals, limit).flatMap((position) => {
    const passage = index.passages[position];
    if (passage === undefined) return [];
    return [{ passage, score: totals[position] ?? 0, support: supportOf(needs, terms, grams, position) }];
  });
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

/** The keys of a text, each once, with the most that one of its occurrences counts. */
function keysOf(words: readonly string[], visit: KeyVisitor): Map<string, number> {
  const keys = new Map<string, number>();
  visit(words, (key, weight) => {
    keys.set(key, Math.max(weight, keys.get(key) ?? 0));
  });
  return keys;
}

/** Each field's scores count relative to its best one, so that no field speaks louder for having rarer words. */
function addField(totals: Float64Array, field: Field, asked: ReadonlyMap<string, number>): void {
  const sharedMax = Math.max(SHARED_BY_FEW, totals.length * SHARED_MAX);
  const scores = new Float64Array(totals.length);
  for (const [key, weight] of asked) {
    const slot = field.slots.get(key);
    if (slot === undefined) continue;
    if (field.visit === visitGrams && listLength(field, slot) > sharedMax) continue;
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

function addPostings(scores: Float64Array, field: Field, slot: number, weight: number): void {
  const end = field.starts[slot + 1] ?? 0;
  for (let at = field.starts[slot] ?? 0; at < end; at += 1) {
    const passage = field.passages[at] ?? 0;
    scores[passage] = (scores[passage] ?? 0) + weight * (field.scores[at] ?? 0);
  }
}

function listLength(field: Field, slot: number): number {
  return (field.starts[slot + 1] ?? 0) - (field.starts[slot] ?? 0);
}

/** One content word of a question: how much it matters, and where it, a synonym or something like it is found. */
interface Need {
  readonly importance: number;
  readonly term: number | undefined;
  readonly concepts: readonly { readonly slot: number | undefined; readonly strength: number }[];
  readonly grams: readonly (number | undefined)[];
}

// A word that hints without being content ("where", "how much") matters, but less than a word that names something.
const HINT_IMPORTANCE = 0.5;
const SYNONYM_MATCH = 0.85;
const GRAM_MATCH_MIN = 0.5;
const GRAM_MATCH = 0.8;

function needsOf(terms: Field, grams: Field, words: readonly string[], passagesCount: number): Need[] {
  const unseen = inverseFrequency(0, passagesCount);
  return [...new Set(words)].flatMap((word) => {
    const stopWord = isStopWord(word);
    const concepts = conceptsOf(word).map(({ name, strength }) => ({
      slot: terms.slots.get(`#${name}`),
      strength: stopWord ? 1 : strength,
    }));
    if (stopWord && concepts.length === 0) return [];
    const term = stopWord ? undefined : terms.slots.get(termOf(word));
    const rarest = term ?? concepts[0]?.slot;
    const rarity = rarest === undefined ? unseen : inverseFrequency(listLength(terms, rarest), passagesCount);
    // Half of the weight is the same for all words: with five passages, what all of them hold may still be the question.
    const importance = (0.5 + (0.5 * rarity) / unseen) * (stopWord ? HINT_IMPORTANCE : 1);
    const gramSlots = stopWord ? [] : gramsOfWord(word).map((gram) => grams.slots.get(gram));
    return [{ importance, term, concepts, grams: gramSlots }];
  });
}

/** The share of the question's content that a passage covers, through the curve that was fitted to how often it answers. */
function supportOf(needs: readonly Need[], terms: Field, grams: Field, passage: number): number {
  const asked = needs.reduce((sum, need) => sum + need.importance, 0);
  if (asked === 0) return 0;
  const covered = needs.reduce(
    (sum, need) => sum + need.importance * matchOf(need, terms, grams, passage),
    0,
  );
  return calibrate(covered / asked);
}

function matchOf(need: Need, terms: Field, grams: Field, passage: number): number {
  if (holds(terms, need.term, passage)) return 1;
  const concept = need.concepts.reduce(
    (best, { slot, strength }) =>
      holds(terms, slot, passage) ? Math.max(best, strength * SYNONYM_MATCH) : best,
    0,
  );
  if (concept > 0 || need.grams.length === 0) return concept;
  const shared = need.grams.filter((slot) => holds(grams, slot, passage)).length / need.grams.length;
  return shared >= GRAM_MATCH_MIN ? shared * GRAM_MATCH : 0;
}

function holds(field: Field, slot: number | undefined, passage: number): boolean {
  if (slot === undefined) return false;
  let low = field.starts[slot] ?? 0;
  let high = (field.starts[slot + 1] ?? 0) - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = field.passages[middle] ?? 0;
    if (found === passage) return true;
    if (found < passage) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

// Fitted by logistic regression on the dev parts of the four retrieval sets: how often the best passage was the right one,
// against the best of the wrong ones, at each share that was covered.
const CALIBRATION = { slope: 6, offset: -4 };

function calibrate(coverage: number): number {
  if (coverage === 0) return 0;
  return 1 / (1 + Math.exp(-(CALIBRATION.slope * coverage + CALIBRATION.offset)));
}
