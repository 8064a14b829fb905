// Which passages point where a question points: every one of them is looked at. Pure.
import type { VectorBlock } from './load.ts';
import { productsWith } from './products.ts';
import { backgroundOf, evidenceOf, lengthOf } from './similarity.ts';

export interface Nearest<Of> {
  readonly of: Of;
  /** How far it stands out among all, 0 to 1. */
  readonly evidence: number;
}

/** So many are judged; whatever comes after them stands out from nothing. */
const nearestMax = 200;
/** Numbers that are multiplied in one step, some milliseconds'. */
const stepNumbers = 8_000_000;

/**
 * Those that stand out, most first. In steps, for those who have others to let in between.
 * @param question quantised and padded, as the vectors of the blocks are
 * @param of what a passage of a block is to the caller; null: it is not searched
 */
export function* findNearest<Of>(
  question: Int8Array,
  blocks: Iterable<VectorBlock>,
  of: (block: VectorBlock, at: number) => Of | null,
): Generator<undefined, Nearest<Of>[]> {
  const { length: dimensions } = question;
  const length = lengthOf(question);
  const best: { readonly of: Of; readonly cosine: number }[] = [];
  let [count, sum, squares, done] = [0, 0, 0, 0];
  for (const block of blocks) {
    if (block.numbers.length !== dimensions * block.lengths.length) continue;
    const products = productsWith(question, block.numbers);
    for (let at = 0; at < block.lengths.length; at += 1) {
      const found = of(block, at);
      if (found === null) continue;
      const cosine = (products[at] ?? 0) / (length * (block.lengths[at] ?? 1));
      count += 1;
      sum += cosine;
      squares += cosine * cosine;
      keep(best, { of: found, cosine });
    }
    done += block.numbers.length;
    if (done < stepNumbers) continue;
    done = 0;
    yield;
  }
  const background = backgroundOf(count, sum, squares);
  return best
    .map(({ of: found, cosine }) => ({ of: found, evidence: evidenceOf(cosine, background) }))
    .filter(({ evidence }) => evidence > 0);
}

/** In their order, the highest first. */
function keep<Of extends { readonly cosine: number }>(best: Of[], one: Of): void {
  if (best.length === nearestMax && one.cosine <= (best.at(-1)?.cosine ?? 0)) return;
  let low = 0;
  let high = best.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((best[middle]?.cosine ?? 0) >= one.cosine) low = middle + 1;
    else high = middle;
  }
  best.splice(low, 0, one);
  if (best.length > nearestMax) best.pop();
}
