// Words that follow one another in a question and in a passage too: "plano de ensino" is more than a plan and some teaching.
import { isStopWord, termOf } from './words.ts';

/** The content words of every passage in their order, as the slots of their terms, side by side in one long array. */
export interface Phrases {
  /** By passage: where its words begin; the next passage's begin is their end. */
  readonly starts: Uint32Array;
  readonly slots: Uint32Array;
}

/** Content words as terms; words that every sentence has are stepped over. */
export function contentTerms(words: readonly string[]): string[] {
  return words.filter((word) => !isStopWord(word)).map(termOf);
}

export function buildPhrases(
  passages: readonly (readonly string[])[],
  slotOf: ReadonlyMap<string, number>,
): Phrases {
  const starts = new Uint32Array(passages.length + 1);
  passages.forEach((terms, passage) => {
    starts[passage + 1] = (starts[passage] ?? 0) + terms.length;
  });
  const slots = new Uint32Array(starts[passages.length] ?? 0);
  let at = 0;
  for (const term of passages.flat()) {
    slots[at] = slotOf.get(term) ?? 0;
    at += 1;
  }
  return { starts, slots };
}

/** The neighbours in a question, with how much each pair tells. */
export interface AskedPhrases {
  readonly pairs: ReadonlyMap<number, number>;
  /** By slot: whether it begins a pair. Asked for each word of a passage, where a map would be slow. */
  readonly begins: Uint8Array;
  readonly slotsCount: number;
  readonly weight: number;
}

export function askPhrases(
  words: readonly string[],
  slotOf: ReadonlyMap<string, number>,
  rarityOf: (slot: number | undefined) => number,
): AskedPhrases {
  const asked = contentTerms(words).map((term) => {
    const slot = slotOf.get(term);
    return { slot, rarity: rarityOf(slot) };
  });
  const pairs = new Map<number, number>();
  const begins = new Uint8Array(slotOf.size);
  let weight = 0;
  asked.forEach(({ slot, rarity }, at) => {
    const next = asked[at + 1];
    if (next === undefined) return;
    weight += rarity + next.rarity;
    if (slot === undefined || next.slot === undefined) return;
    const key = slot * slotOf.size + next.slot;
    pairs.set(key, (pairs.get(key) ?? 0) + rarity + next.rarity);
    begins[slot] = 1;
  });
  return { pairs, begins, slotsCount: slotOf.size, weight };
}

/** The share, 0 to 1, of the question's neighbours that are neighbours in a passage. */
export function sharedPhrases({ starts, slots }: Phrases, passage: number, asked: AskedPhrases): number {
  if (asked.pairs.size === 0) return 0;
  const found = new Set<number>();
  let shared = 0;
  const end = (starts[passage + 1] ?? 0) - 1;
  for (let at = starts[passage] ?? 0; at < end; at += 1) {
    const slot = slots[at] ?? 0;
    if (asked.begins[slot] === 0) continue;
    const key = slot * asked.slotsCount + (slots[at + 1] ?? 0);
    const weight = asked.pairs.get(key);
    if (weight === undefined || found.has(key)) continue;
    found.add(key);
    shared += weight;
  }
  return shared / asked.weight;
}
