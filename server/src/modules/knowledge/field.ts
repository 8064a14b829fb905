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
  /** By posting: which passage, ascending, and what the key adds to its score. */
  readonly passages: Uint32Array;
  readonly scores: Float32Array;
}

/** Calls back for each key of a text and how much its occurrence counts. */
export type KeyVisitor = (words: readonly string[], found: (key: string, weight: number) => void) => void;

const SATURATION = 1.2;
// Passages that are looked at in one step of building.
const STEP = 32;

export interface DocumentPart {
  readonly words: readonly string[];
  readonly repeats: number;
}

export function* buildField(
  documents: readonly (readonly DocumentPart[])[],
  { visit, weight, lengthInfluence }: Pick<Field, 'visit' | 'weight'> & { readonly lengthInfluence: number },
): Generator<undefined, Field> {
  const slots = new Map<string, number>();
  const listLengths: number[] = [];
  const lengths = new Float64Array(documents.length);
  const counted: Map<number, number>[] = [];
  for (const [document, parts] of documents.entries()) {
    if (document % STEP === 0) yield;
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
    counted.push(counts);
  }
  const starts = new Uint32Array(slots.size + 1);
  for (let slot = 0; slot < slots.size; slot += 1)
    starts[slot + 1] = (starts[slot] ?? 0) + (listLengths[slot] ?? 0);
  const postingsCount = starts[slots.size] ?? 0;
  const passages = new Uint32Array(postingsCount);
  const scores = new Float32Array(postingsCount);
  const next = starts.slice();
  const lengthMean = lengths.reduce((sum, length) => sum + length, 0) / documents.length || 1;
  for (const [document, counts] of counted.entries()) {
    if (document % STEP === 0) yield;
    const relativeLength = (lengths[document] ?? 0) / lengthMean;
    const damping = SATURATION * (1 - lengthInfluence + lengthInfluence * relativeLength);
    for (const [slot, count] of counts) {
      const at = next[slot] ?? 0;
      next[slot] = at + 1;
      passages[at] = document;
      const rarity = inverseFrequency(listLengths[slot] ?? 0, documents.length);
      scores[at] = (rarity * count * (SATURATION + 1)) / (count + damping);
    }
  }
  return { weight, visit, slots, starts, passages, scores };
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

export function listLength(field: Field, slot: number): number {
  return (field.starts[slot + 1] ?? 0) - (field.starts[slot] ?? 0);
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
