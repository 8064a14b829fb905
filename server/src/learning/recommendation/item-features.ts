// What is known of an item before anyone has bought it: its words, the beginnings of its stock code, and its price.
import { matrixOf, normalise, type SparseMatrix, type SparseVector } from '../sparse.ts';
import { stem } from '../stem.ts';
import { tokenise } from '../tokenise.ts';

export interface ItemDescription {
  readonly text: string;
  /** A stock code; items whose codes begin alike are often of one family and of one season. Empty where there is none. */
  readonly code: string;
  /** In any currency that is the same for all items; null where it is unknown. */
  readonly price: number | null;
}

const WORDS_MAX = 60;
const PREFIX_LENGTH_MIN = 3;
const PREFIX_LENGTH_MAX = 12;
/** What counts beside a word's 1, chosen on parts of the data that were held back by time. */
const PREFIX_WEIGHT = 2;
const PRICE_WEIGHT = 0.5;
/** Prices of one bucket differ by less than half. */
const PRICE_BUCKET = 0.4;

/**
 * A row for each item, of length 1: features weighted by how rare they are (tf-idf). What only one item has tells nothing of
 * another and is left out.
 */
export function itemFeatures(items: readonly ItemDescription[]): SparseMatrix {
  return weighted(items.map((item) => new Map([...wordFeatures(item), ...otherFeatures(item)])));
}

/** The same of their words alone. */
export function itemWords(items: readonly ItemDescription[]): SparseMatrix {
  return weighted(items.map(wordFeatures));
}

function weighted(named: readonly ReadonlyMap<string, number>[]): SparseMatrix {
  const itemsWith = new Map<string, number>();
  for (const features of named)
    for (const name of features.keys()) itemsWith.set(name, (itemsWith.get(name) ?? 0) + 1);
  const columns = new Map<string, number>();
  for (const [name, count] of itemsWith) if (count > 1) columns.set(name, columns.size);
  const rows = named.map((features): SparseVector => {
    const row = [...features]
      .flatMap(([name, weight]) => {
        const column = columns.get(name);
        if (column === undefined) return [];
        return [{ column, value: weight * Math.log(named.length / (itemsWith.get(name) as number)) }];
      })
      .sort((a, b) => a.column - b.column);
    return {
      columns: Uint32Array.from(row, ({ column }) => column),
      values: normalise(Float32Array.from(row, ({ value }) => value)),
    };
  });
  return matrixOf(rows, columns.size);
}

/** The words of an item that make it like others, as they are written, each once. */
export function wordsOf(text: string): string[] {
  return [...new Set(tokenise(text).slice(0, WORDS_MAX))];
}

function wordFeatures({ text }: ItemDescription): Map<string, number> {
  return new Map(wordsOf(text).map((word) => [`word ${stem(word)}`, 1]));
}

function otherFeatures({ code, price }: ItemDescription): Map<string, number> {
  const features = new Map<string, number>();
  for (let length = PREFIX_LENGTH_MIN; length < Math.min(code.length, PREFIX_LENGTH_MAX + 1); length += 1)
    features.set(`code ${code.slice(0, length)}`, PREFIX_WEIGHT);
  if (price !== null && price > 0)
    features.set(`price ${Math.round(Math.log(price) / PRICE_BUCKET)}`, PRICE_WEIGHT);
  return features;
}
