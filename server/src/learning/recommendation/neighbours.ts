// Which items go with which: bought by the same users, or described alike. Each item keeps its nearest ones.

import { matrixOf, rowOf, type SparseMatrix, type SparseVector } from '../sparse.ts';
import { solve } from './cholesky.ts';
import { transpose } from './interactions.ts';

/** Cosine of the users of two items, drawn towards 0 where few users have both: so many users would have to be added. */
const SHRINKAGE = 0.5;
const TOGETHER_MAX = 32;
const RIDGE = 200;
const ALIKE_MAX = 100;
/** A feature that more items than this share have tells too little of which are alike for the time that it takes. */
const COMMON_SHARE = 0.1;
const COMMON_MIN = 100;

/**
 * For each item what having it says of others: of its nearest ones (by the shrunk cosine of their users, of whom each counts less
 * the more they have) the weights that foretell them best together, by ridge regression among them. A sparse form of EASE (Steck
 * 2019) whose work grows with the number of items and not with its cube. With `previous`,
 * only what is said of the items in `changed` is learned anew. Yields the share that is done.
 */
export function* boughtTogether(
  histories: SparseMatrix,
  previous?: { readonly together: SparseMatrix; readonly changed: ReadonlySet<number> },
): Generator<number, SparseMatrix> {
  const buyers = transpose(histories);
  const before = previous === undefined ? undefined : transpose(previous.together);
  const itemCount = buyers.rowCount;
  const quietness = Float64Array.from(
    { length: histories.rowCount },
    (_, user) => 1 / Math.max(1, (histories.starts[user + 1] as number) - (histories.starts[user] as number)),
  );
  const squares = Float64Array.from({ length: itemCount }, (_, item) => {
    let sum = 0;
    for (let at = buyers.starts[item] as number; at < (buyers.starts[item + 1] as number); at += 1)
      sum += (buyers.values[at] as number) ** 2 * (quietness[buyers.columns[at] as number] as number);
    return sum;
  });
  const shared = new Float64Array(itemCount);
  const marks = new Float32Array(histories.rowCount);
  const rows: SparseVector[] = [];
  for (let item = 0; item < itemCount; item += 1) {
    if (before !== undefined && item < before.rowCount && previous?.changed.has(item) === false) {
      rows.push(rowOf(before, item));
      continue;
    }
    const touched: number[] = [];
    for (let at = buyers.starts[item] as number; at < (buyers.starts[item + 1] as number); at += 1) {
      const user = buyers.columns[at] as number;
      const strength = (buyers.values[at] as number) * (quietness[user] as number);
      const to = histories.starts[user + 1] as number;
      for (let of = histories.starts[user] as number; of < to; of += 1) {
        const other = histories.columns[of] as number;
        if (shared[other] === 0) touched.push(other);
        shared[other] = (shared[other] as number) + strength * (histories.values[of] as number);
      }
    }
    const { columns } = nearest(item, touched, TOGETHER_MAX, (other) => {
      const both = Math.sqrt((squares[item] as number) * (squares[other] as number));
      return (shared[other] as number) / (both + SHRINKAGE);
    });
    rows.push({ columns, values: foretell(item, columns, buyers, marks) });
    for (const other of touched) shared[other] = 0;
    if (item % 20 === 19) yield item / itemCount;
  }
  return transpose(matrixOf(rows, itemCount));
}

/** The weights of `others` in the sum that comes nearest to who has `item`. `marks` is room for a number for each user, all 0. */
function foretell(
  item: number,
  others: Uint32Array,
  buyers: SparseMatrix,
  marks: Float32Array,
): Float32Array {
  const size = others.length;
  const matrix = new Float64Array(size * size);
  const right = new Float64Array(size);
  const products = (row: number, upTo: number, into: Float64Array, offset: number) => {
    for (let at = 0; at <= upTo; at += 1) {
      const other = others[at] as number;
      let sum = 0;
      const to = buyers.starts[other + 1] as number;
      for (let of = buyers.starts[other] as number; of < to; of += 1)
        sum += (marks[buyers.columns[of] as number] as number) * (buyers.values[of] as number);
      into[offset + at] = sum;
    }
    mark(buyers, row, marks, false);
  };
  for (let at = 0; at < size; at += 1) {
    mark(buyers, others[at] as number, marks, true);
    products(others[at] as number, at, matrix, at * size);
    matrix[at * size + at] = (matrix[at * size + at] as number) + RIDGE;
  }
  mark(buyers, item, marks, true);
  products(item, size - 1, right, 0);
  return Float32Array.from(solve(matrix, right));
}

function mark(
  { starts, columns, values }: SparseMatrix,
  row: number,
  marks: Float32Array,
  on: boolean,
): void {
  for (let at = starts[row] as number; at < (starts[row + 1] as number); at += 1)
    marks[columns[at] as number] = on ? (values[at] as number) : 0;
}

/**
 * For each item those with the most alike features, by their cosine: `features` has a row of length 1 for each item. Yields the share
 * that is done.
 */
export function* describedAlike(features: SparseMatrix): Generator<number, SparseMatrix> {
  const { rowCount, starts, columns, values } = features;
  const holders: { items: number[]; values: number[] }[] = Array.from(
    { length: features.columnCount },
    () => ({ items: [], values: [] }),
  );
  for (let item = 0; item < rowCount; item += 1) {
    for (let at = starts[item] as number; at < (starts[item + 1] as number); at += 1) {
      const holder = holders[columns[at] as number] as (typeof holders)[number];
      holder.items.push(item);
      holder.values.push(values[at] as number);
    }
  }
  const heldMax = Math.max(COMMON_MIN, COMMON_SHARE * rowCount);
  const cosines = new Float32Array(rowCount);
  const rows: SparseVector[] = [];
  for (let item = 0; item < rowCount; item += 1) {
    const touched: number[] = [];
    for (let at = starts[item] as number; at < (starts[item + 1] as number); at += 1) {
      const holder = holders[columns[at] as number] as (typeof holders)[number];
      if (holder.items.length > heldMax) continue;
      const value = values[at] as number;
      for (let of = 0; of < holder.items.length; of += 1) {
        const other = holder.items[of] as number;
        if (cosines[other] === 0) touched.push(other);
        cosines[other] = (cosines[other] as number) + value * (holder.values[of] as number);
      }
    }
    rows.push(nearest(item, touched, ALIKE_MAX, (other) => cosines[other] as number));
    for (const other of touched) cosines[other] = 0;
    if (item % 200 === 199) yield item / rowCount;
  }
  return matrixOf(rows, rowCount);
}

/** Those with the largest nearness; where some are as near as the last, the first of them. */
function nearest(
  item: number,
  touched: readonly number[],
  count: number,
  nearnessOf: (other: number) => number,
): SparseVector {
  const others = Uint32Array.from(touched)
    .filter((other) => other !== item)
    .sort();
  const nearness = Float32Array.from(others, nearnessOf);
  const least = nearness.length > count ? (nearness.slice().sort()[nearness.length - count] as number) : 0;
  let ties = count - nearness.reduce((above, value) => above + (value > least ? 1 : 0), 0);
  const isKept = (at: number) => {
    if (nearness[at] === least) ties -= 1;
    return (nearness[at] as number) > least || (nearness[at] === least && ties >= 0);
  };
  const kept = Uint32Array.from(others.keys()).filter(isKept);
  return {
    columns: kept.map((at) => others[at] as number),
    values: Float32Array.from(kept, (at) => nearness[at] as number),
  };
}
