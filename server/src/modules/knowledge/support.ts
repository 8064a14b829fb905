// How likely it is that a passage answers a question: what their words have in common, weighed as questions with known
// answers, and questions that nothing answers, have taught.
import { type Field, holds, rarityOf } from './field.ts';
import type { Phrases } from './phrases.ts';
import { conceptsOf } from './synonyms.ts';
import { fold, gramsOfWord, isStopWord, termOf, wordsOf } from './words.ts';

/** As far as an index is read for it. */
interface Searched {
  readonly passages: readonly { readonly heading: string | null }[];
  readonly fields: readonly [terms: Field, grams: Field, ...headings: Field[]];
  readonly phrases: Phrases;
  /** The words of each heading, each once: its term, then what it says in other words, or its term again. */
  readonly headings: Phrases;
}

/** One content word of a question: how much it matters, and where it, a synonym or something like it is found. */
interface Need {
  readonly importance: number;
  readonly term: number | undefined;
  readonly concepts: readonly { readonly slot: number | undefined; readonly strength: number }[];
  readonly grams: readonly (number | undefined)[];
  /** A number, or a word that is written large within the sentence. */
  readonly isName: boolean;
  /** It hints at what is asked ("when", "how much") and names nothing. */
  readonly isHint: boolean;
}

/** A question, as it is held against passages. */
export interface Needs {
  readonly all: readonly Need[];
  readonly importance: number;
  /** By slot: how much the word of that slot matters. Asked for each word of a passage, where a map would be slow. */
  readonly importances: Float32Array;
  /** How outright the question says a concept, by the concept's slot. */
  readonly concepts: ReadonlyMap<number, number>;
  /** By slot: a place to count in; left empty. */
  readonly inside: Uint16Array;
}

/** A passage that was found, among the others that were. */
export interface Found {
  readonly position: number;
  readonly score: number;
  /** The best score of a passage that says something else. */
  readonly rival: number;
}

// A word that hints without being content ("where", "how much") matters, but less than a word that names something.
const HINT_IMPORTANCE = 0.5;
const SYNONYM_MATCH = 0.85;
const GRAM_MATCH_MIN = 0.5;
const GRAM_MATCH = 0.8;
/** Content words that stand together in a sentence or two. */
const WINDOW = 24;

export function needsOf(
  { fields: [terms, grams] }: Searched,
  question: string,
  words: readonly string[],
): Needs {
  const unseen = rarityOf(terms, undefined);
  const names = namesOf(question);
  const importances = new Float32Array(terms.slots.size);
  const all = [...new Set(words)].flatMap((word) => {
    const stopWord = isStopWord(word);
    const concepts = conceptsOf(word).map(({ name, strength }) => ({
      slot: terms.slots.get(`#${name}`),
      strength: stopWord ? 1 : strength,
    }));
    if (stopWord && concepts.length === 0) return [];
    const term = stopWord ? undefined : terms.slots.get(termOf(word));
    const rarest = term ?? concepts[0]?.slot;
    const rarity = rarityOf(terms, rarest);
    // Half of the weight is the same for all words: with five passages, what all of them hold may still be the question.
    const importance = (0.5 + (0.5 * rarity) / unseen) * (stopWord ? HINT_IMPORTANCE : 1);
    if (term !== undefined) importances[term] = importance;
    const gramSlots = stopWord ? [] : gramsOfWord(word).map((gram) => grams.slots.get(gram));
    return [{ importance, term, concepts, grams: gramSlots, isName: names.has(word), isHint: stopWord }];
  });
  const importance = all.reduce((sum, need) => sum + need.importance, 0);
  const concepts = new Map<number, number>();
  for (const { slot, strength } of all.flatMap((need) => need.concepts))
    if (slot !== undefined) concepts.set(slot, Math.max(strength * SYNONYM_MATCH, concepts.get(slot) ?? 0));
  return { all, importance, importances, concepts, inside: new Uint16Array(terms.slots.size) };
}

function namesOf(question: string): ReadonlySet<string> {
  const found = question.matchAll(/(?<=[\p{L}\p{N},] +["'«“(]?)\p{Lu}[\p{L}\p{N}]*|\p{N}+/gu);
  return new Set([...found].flatMap(([name]) => wordsOf(fold(name))));
}

/**
 * What is known of a question and a passage, each with what it weighs. Learned by `evals/src/fit-support.ts` from the dev
 * parts of the retrieval sets: their own questions, also with the right passage taken away and with a tenth or less of the
 * passages, and questions of other sets.
 */
const WEIGHTS = {
  /** The share of the question that stands close together in the passage. */
  together: 4.37,
  /** The share of the question that stands nowhere in the knowledge. */
  unseen: -2.44,
  /** Whether it names something, and the share of its names that the passage has. */
  hasNames: -0.93,
  names: 2.18,
  /** How far the passage is ahead of the best other one, relative to the better of the two. */
  margin: 6,
  /** How much is asked, and how much of it is there, both in words and as logarithms. */
  asked: 0.27,
  covered: 2.54,
  /** Whether the passage has a heading, and the share of the heading that the question says. */
  hasHeading: -0.91,
  heading: 3.86,
} as const;
const OFFSET = -7.66;

export type Signals = Readonly<Record<keyof typeof WEIGHTS, number>>;

export function signalsOf(searched: Searched, needs: Needs, found: Found): Signals {
  const [terms, grams] = searched.fields;
  const { position, score, rival } = found;
  let covered = 0;
  let unseen = 0;
  let names = 0;
  let namesFound = 0;
  let elsewise = 0;
  let named = 0;
  for (const need of needs.all) {
    const match = matchOf(need, terms, grams, position);
    if (!need.isHint) named += match;
    covered += need.importance * match;
    if (!holds(terms, need.term, position)) elsewise += need.importance * match;
    if (need.term === undefined && need.concepts.every(({ slot }) => slot === undefined))
      unseen += need.importance * (1 - match);
    if (!need.isName) continue;
    names += 1;
    namesFound += match;
  }
  return {
    together: share(mostTogether(searched.phrases, position, needs) + elsewise, needs.importance),
    unseen: share(unseen, needs.importance),
    hasNames: names > 0 ? 1 : 0,
    names: share(namesFound, names),
    margin: share(score - rival, Math.max(score, rival)),
    asked: Math.log1p(needs.all.length),
    // "When can you repair it?" has only its hint in common with the opening hours.
    covered: named > 0 || needs.all.every(({ isHint }) => isHint) ? Math.log1p(covered) : 0,
    hasHeading: searched.passages[position]?.heading == null ? 0 : 1,
    heading: shareOfHeading(searched.headings, position, needs, terms),
  };
}

/** The share of the question that the passage has, anywhere in it. */
export function coverageFrom({ covered }: Signals, needs: Needs): number {
  return share(Math.expm1(covered), needs.importance);
}

/** The estimated probability that the passage answers. */
export function supportFrom(signals: Signals): number {
  if (signals.covered === 0) return 0;
  let sum = OFFSET;
  for (const name of Object.keys(WEIGHTS) as (keyof Signals)[]) sum += WEIGHTS[name] * signals[name];
  return 1 / (1 + Math.exp(-sum));
}

const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);

/** The most of the question that stands in one stretch of the passage. */
function mostTogether({ starts, slots }: Phrases, passage: number, { importances, inside }: Needs): number {
  const begin = starts[passage] ?? 0;
  const end = starts[passage + 1] ?? 0;
  let sum = 0;
  let most = 0;
  for (let at = begin; at < end + WINDOW; at += 1) {
    if (at < end) {
      const entering = slots[at] ?? 0;
      const importance = importances[entering] ?? 0;
      if (importance > 0) {
        const count = inside[entering] ?? 0;
        if (count === 0) sum += importance;
        inside[entering] = count + 1;
        if (sum > most) most = sum;
      }
    }
    if (at - WINDOW < begin) continue;
    const leaving = slots[at - WINDOW] ?? 0;
    const importance = importances[leaving] ?? 0;
    if (importance === 0) continue;
    const count = inside[leaving] ?? 0;
    inside[leaving] = count - 1;
    if (count === 1) sum -= importance;
  }
  return most;
}

/** A word of the heading is said where the question has it, or another word for it. */
function shareOfHeading(
  { starts, slots }: Phrases,
  passage: number,
  { importances, concepts }: Needs,
  terms: Field,
): number {
  let all = 0;
  let said = 0;
  const end = starts[passage + 1] ?? 0;
  for (let at = starts[passage] ?? 0; at < end; at += 2) {
    const term = slots[at] ?? 0;
    const concept = slots[at + 1] ?? 0;
    const rarity = rarityOf(terms, term);
    all += rarity;
    if ((importances[term] ?? 0) > 0) said += rarity;
    else said += rarity * (concepts.get(concept) ?? 0);
  }
  return share(said, all);
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
