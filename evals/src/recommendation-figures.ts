// How well scores put what users bought next above what they did not; what they had bought before counts on neither side.
import { rowOf, type SparseMatrix } from '../../server/src/learning/sparse.ts';

export type ScoreAll = (user: number, into: Float32Array) => void;

export interface RankingFigures {
  readonly precision: number;
  readonly recall: number;
  readonly auc: number;
  /**
   * Of items that nobody had bought before, over users with a history who bought some: against the others of them that anybody
   * bought then, and against all items that the user had not. Where only the ids of items are known the first is a toss (.5).
   */
  readonly coldAuc: number;
  readonly coldAmongAllAuc: number;
  /** How many users bought such items. */
  readonly coldCount: number;
}

const DEPTH = 10;

/** For each user with a history the items that they bought later and for the first time. */
export function purchasesToForetell(
  histories: SparseMatrix,
  users: readonly number[],
  items: readonly number[],
): Map<number, Set<number>> {
  const wanted = new Map<number, Set<number>>();
  users.forEach((user, at) => {
    const had = rowOf(histories, user).columns;
    const item = items[at] as number;
    if (had.length === 0 || had.includes(item)) return;
    wanted.set(user, (wanted.get(user) ?? new Set()).add(item));
  });
  return wanted;
}

/** Means over users. */
export function measureRanking(
  scoreAll: ScoreAll,
  histories: SparseMatrix,
  wanted: ReadonlyMap<number, ReadonlySet<number>>,
): RankingFigures {
  const itemCount = histories.columnCount;
  const known = new Set(histories.columns);
  const coldItems = new Set(
    [...wanted.values()].flatMap((items) => [...items]).filter((item) => !known.has(item)),
  );
  const scores = new Float32Array(itemCount);
  const sums = { precision: 0, recall: 0, auc: 0, coldAuc: 0, coldAmongAllAuc: 0, coldCount: 0 };
  for (const [user, items] of wanted) {
    scoreAll(user, scores);
    const had = new Set(rowOf(histories, user).columns);
    const candidates = Array.from(scores.keys()).filter((item) => !had.has(item));
    const scoreOf = (item: number) => scores[item] as number;
    const hits = candidates
      .sort((a, b) => scoreOf(b) - scoreOf(a) || a - b)
      .slice(0, DEPTH)
      .filter((item) => items.has(item)).length;
    sums.precision += hits / DEPTH;
    sums.recall += hits / items.size;
    const right = [...items].map(scoreOf);
    const wrong = candidates.filter((item) => !items.has(item)).map(scoreOf);
    sums.auc += auc(right, wrong);
    const rightCold = [...items].filter((item) => coldItems.has(item)).map(scoreOf);
    if (rightCold.length === 0) continue;
    sums.coldCount += 1;
    sums.coldAmongAllAuc += auc(rightCold, wrong);
    sums.coldAuc += auc(rightCold, [...coldItems].filter((item) => !items.has(item)).map(scoreOf));
  }
  return {
    precision: sums.precision / wanted.size,
    recall: sums.recall / wanted.size,
    auc: sums.auc / wanted.size,
    coldAuc: sums.coldAuc / sums.coldCount,
    coldAmongAllAuc: sums.coldAmongAllAuc / sums.coldCount,
    coldCount: sums.coldCount,
  };
}

/** How often a right one scores above a wrong one; equal counts half, and nothing to compare with is a toss. */
function auc(right: readonly number[], wrong: readonly number[]): number {
  if (wrong.length === 0) return 0.5;
  const sorted = Float32Array.from(wrong).sort();
  const below = (score: number, orEqual: boolean) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const value = sorted[middle] as number;
      if (value < score || (orEqual && value === score)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const wins = right.reduce((sum, score) => sum + (below(score, false) + below(score, true)) / 2, 0);
  return wins / (right.length * sorted.length);
}
