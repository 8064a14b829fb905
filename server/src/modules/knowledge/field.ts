// An inverted index of passages that is built once and asked often: for each key the passages that hold it, with what it
// adds to their score by BM25.

/**
 * One inverted index. The postings of a key stand side by side in two long arrays, because a typed array for each of
 * thousands of keys takes longer to make than to fill.
 */
export interface Field {
  readonly weight: number;
  readonly visit: KeyVisitor;
  readonly slots: ReadonlyMap<string, number>;
  /** By slot: where its postings begin; the next slot's begin is their end. */
  readonly starts: Uint32Array;
  /** Of how many passages in all, and by slot: how many of those hold the key. */
  readonly all: number;
  readonly counts: Uint32Array;
  /** By posting: which passage, ascending, and what the key adds to its score. */
  readonly passages: Uint32Array;
  readonly scores: Float32Array;
}

/** Calls back for each key of a text and how much its occurrence counts. */
export type KeyVisitor = (words: readonly string[], found: (key: string, weight: number) => void) => void;

const SATURATION = 1.2;
/** What a key adds to a passage's score, at most, for each unit of its rarity. */
export const IMPACT_MAX = SATURATION + 1;
// Passages that are looked at in one step of building.
const STEP = 32;

export interface DocumentPart {
  readonly words: readonly string[];
  readonly repeats: number;
}

/** Under this key a visitor may find, together, what is left out of a field. */
export const leftOut = '';

/** What is known of all passages, where those that a field is built of are a few of them. */
export interface WholeField {
  readonly all: number;
  readonly lengthMean: number;
  /** How many of all hold a key. Other keys are left out of the field. */
  readonly counts: ReadonlyMap<string, number>;
}

interface FieldOptions extends Pick<Field, 'visit' | 'weight'> {
  readonly lengthInfluence: number;
  readonly whole: WholeField | null;
}

export function* buildField(
  documents: readonly (readonly DocumentPart[])[],
  { visit, weight, lengthInfluence, whole }: FieldOptions,
): Generator<undefined, Field> {
  const slots = new Map(whole ? [leftOut, ...whole.counts.keys()].map((key, slot) => [key, slot]) : []);
  const listLengths: number[] = Array.from({ length: slots.size }, () => 0);
  const lengths = new Float64Array(documents.length);
  const counted: Map<number, number>[] = [];
  for (const [document, parts] of documents.entries()) {
    if (document % STEP === 0) yield;
    const counts = new Map<number, number>();
    for (const { words, repeats } of parts) {
      visit(words, (key, each) => {
        lengths[document] = (lengths[document] ?? 0) + each * repeats;
        let slot = slots.get(key);
        if (slot === undefined) {
          if (whole) return;
          slot = slots.size;
          slots.set(key, slot);
        }
        const before = counts.get(slot);
        if (before === undefined) listLengths[slot] = (listLengths[slot] ?? 0) + 1;
        counts.set(slot, (before ?? 0) + each * repeats);
      });
    }
    counted.push(counts);
  }
  const starts = new Uint32Array(slots.size + 1);
  for (let slot = 0; slot < slots.size; slot += 1)
    starts[slot + 1] = (starts[slot] ?? 0) + (listLengths[slot] ?? 0);
  const postingsCount = starts[slots.size] ?? 0;
  const passages = new Uint32Array(postingsCount);
  const scores = new Float32Array(postingsCount);
  const next = starts.slice();
  const inAll = Uint32Array.from(whole ? [0, ...whole.counts.values()] : listLengths);
  const all = whole?.all ?? documents.length;
  const lengthMean =
    whole?.lengthMean ?? (lengths.reduce((sum, length) => sum + length, 0) / documents.length || 1);
  for (const [document, counts] of counted.entries()) {
    if (document % STEP === 0) yield;
    const relativeLength = (lengths[document] ?? 0) / lengthMean;
    const damping = dampingOf(relativeLength, lengthInfluence);
    for (const [slot, count] of counts) {
      const at = next[slot] ?? 0;
      next[slot] = at + 1;
      passages[at] = document;
      const rarity = inverseFrequency(inAll[slot] ?? 0, all);
      scores[at] = rarity * impactOf(count, damping);
    }
  }
  return { weight, visit, slots, starts, all, counts: inAll, passages, scores };
}

/** What a key that counts so much in a passage adds to its score, for each unit of its rarity: 0 to `IMPACT_MAX`. */
export function impactOf(count: number, damping: number): number {
  return (count * IMPACT_MAX) / (count + damping);
}

/** @param relativeLength the passage's length, where the mean of all is 1 */
export function dampingOf(relativeLength: number, lengthInfluence: number): number {
  return SATURATION * (1 - lengthInfluence + lengthInfluence * relativeLength);
}

/** BM25's weight of a key that stands in `count` of `all` passages. */
export function inverseFrequency(count: number, all: number): number {
  return Math.log(1 + (all - count + 0.5) / (count + 0.5));
}

/** The keys of a text, each once, with the most that one of its occurrences counts. */
export function keysOf(words: readonly string[], visit: KeyVisitor): Map<string, number> {
  const keys = new Map<string, number>();
  visit(words, (key, weight) => {
    keys.set(key, Math.max(weight, keys.get(key) ?? 0));
  });
  return keys;
}

export function addPostings(scores: Float64Array, field: Field, slot: number, weight: number): void {
  const end = field.starts[slot + 1] ?? 0;
  for (let at = field.starts[slot] ?? 0; at < end; at += 1) {
    const passage = field.passages[at] ?? 0;
    scores[passage] = (scores[passage] ?? 0) + weight * (field.scores[at] ?? 0);
  }
}

/** In how many of all passages a key stands. */
export function frequencyOf(field: Field, slot: number): number {
  return field.counts[slot] ?? 0;
}

/** BM25's weight of a key that none, or as many as its slot says, of the passages hold. */
export function rarityOf(field: Field, slot: number | undefined): number {
  return inverseFrequency(slot === undefined ? 0 : frequencyOf(field, slot), field.all);
}

export function holds(field: Field, slot: number | undefined, passage: number): boolean {
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
