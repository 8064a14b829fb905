// What plain methods recommend, to be compared with: what most bought, and what those bought who bought the same.
import { transpose } from '../../server/src/learning/recommendation/interactions.ts';
import { rowOf, type SparseMatrix } from '../../server/src/learning/sparse.ts';
import type { ScoreAll } from './recommendation-figures.ts';

export function popularityScores(histories: SparseMatrix): ScoreAll {
  const counts = new Float32Array(histories.columnCount);
  for (const item of histories.columns) counts[item] = (counts[item] as number) + 1;
  return (_, into) => into.set(counts);
}

/** Cosine between the columns of two items, summed over what a user has. */
export function neighbourScores(histories: SparseMatrix): ScoreAll {
  const buyers = transpose(histories);
  const buyerCount = (item: number) => (buyers.starts[item + 1] as number) - (buyers.starts[item] as number);
  const rows = new Map<number, Float32Array>();
  const cosines = (item: number) => {
    const found = rows.get(item);
    if (found !== undefined) return found;
    const row = new Float32Array(histories.columnCount);
    for (const user of rowOf(buyers, item).columns)
      for (const other of rowOf(histories, user).columns) row[other] = (row[other] as number) + 1;
    const made = row.map((shared, other) =>
      shared === 0 || other === item ? 0 : shared / Math.sqrt(buyerCount(item) * buyerCount(other)),
    );
    rows.set(item, made);
    return made;
  };
  return (user, into) => {
    into.fill(0);
    for (const item of rowOf(histories, user).columns) {
      const row = cosines(item);
      for (let at = 0; at < into.length; at += 1) into[at] = (into[at] as number) + (row[at] as number);
    }
  };
}
