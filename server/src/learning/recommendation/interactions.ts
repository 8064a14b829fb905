// Who did what with which item and when, as typed arrays, and as rows of users and of items.
import type { SparseMatrix } from '../sparse.ts';

/** One element each per interaction. Users and items are numbered from 0. */
export interface Interactions {
  readonly userCount: number;
  readonly itemCount: number;
  readonly users: Uint32Array;
  readonly items: Uint32Array;
  /** When, in days from any beginning that is the same for all of them. */
  readonly days: Float64Array;
  /** How much it says that the user wants the item, above 0 to 1: a purchase is 1. */
  readonly strengths: Float32Array;
}

export function selectInteractions(all: Interactions, kept: (at: number) => boolean): Interactions {
  const rows = Uint32Array.from(all.users.keys()).filter(kept);
  return {
    userCount: all.userCount,
    itemCount: all.itemCount,
    users: rows.map((at) => all.users[at] as number),
    items: rows.map((at) => all.items[at] as number),
    days: Float64Array.from(rows, (at) => all.days[at] as number),
    strengths: Float32Array.from(rows, (at) => all.strengths[at] as number),
  };
}

/** The last day on which anything happened; 0 when nothing did. */
export function lastDayOf({ days }: Interactions): number {
  return days.length === 0 ? 0 : days.reduce((last, day) => Math.max(last, day), -Infinity);
}

/** A row for each user: the items that they had to do with, each once, with the largest strength. */
export function historiesOf({ userCount, itemCount, users, items, strengths }: Interactions): SparseMatrix {
  return gather(userCount, itemCount, users, items, strengths);
}

/** Rows become columns. */
export function transpose({ rowCount, columnCount, starts, columns, values }: SparseMatrix): SparseMatrix {
  const rows = new Uint32Array(columns.length);
  for (let row = 0; row < rowCount; row += 1)
    rows.fill(row, starts[row] as number, starts[row + 1] as number);
  return gather(columnCount, rowCount, columns, rows, values);
}

function gather(
  rowCount: number,
  columnCount: number,
  rows: Uint32Array,
  columns: Uint32Array,
  values: Float32Array,
): SparseMatrix {
  // By columns, then by rows: each pass keeps the order of the one before among equals.
  const order = sortedBy(rows, rowCount, sortedBy(columns, columnCount, Uint32Array.from(rows.keys())));
  const starts = new Uint32Array(rowCount + 1);
  const keptColumns = new Uint32Array(order.length);
  const keptValues = new Float32Array(order.length);
  let size = 0;
  let previous = -1;
  for (const at of order) {
    const row = rows[at] as number;
    const column = columns[at] as number;
    if (row === previous && keptColumns[size - 1] === column) {
      keptValues[size - 1] = Math.max(keptValues[size - 1] as number, values[at] as number);
      continue;
    }
    keptColumns[size] = column;
    keptValues[size] = values[at] as number;
    size += 1;
    starts[row + 1] = (starts[row + 1] as number) + 1;
    previous = row;
  }
  for (let row = 0; row < rowCount; row += 1)
    starts[row + 1] = (starts[row + 1] as number) + (starts[row] as number);
  return {
    rowCount,
    columnCount,
    starts,
    columns: keptColumns.slice(0, size),
    values: keptValues.slice(0, size),
  };
}

/** Places in the order of their keys, which are below `keyCount`; of equal keys in the order that they came in. */
function sortedBy(keys: Uint32Array, keyCount: number, places: Uint32Array): Uint32Array {
  const next = new Uint32Array(keyCount + 1);
  for (const key of keys) next[key + 1] = (next[key + 1] as number) + 1;
  for (let key = 0; key < keyCount; key += 1)
    next[key + 1] = (next[key + 1] as number) + (next[key] as number);
  const sorted = new Uint32Array(places.length);
  for (const place of places) {
    const key = keys[place] as number;
    sorted[next[key] as number] = place;
    next[key] = (next[key] as number) + 1;
  }
  return sorted;
}
