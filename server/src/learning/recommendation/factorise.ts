// Matrix factorisation that ranks: what a user had to do with is to score above what they had not. BPR (Rendle et al. 2009) takes
// any other item; WARP (Weston et al. 2011) looks for one that scores too high, and counts an error more the sooner it finds it.
import { shuffledIndices } from '../random.ts';
import type { SparseMatrix } from '../sparse.ts';
import { type Factors, type Learner, learn, refresh, startLearner } from './factors.ts';
import type { Interactions } from './interactions.ts';

export type Loss = 'bpr' | 'warp';

export interface FactoriseOptions {
  readonly loss: Loss;
  readonly epochs: number;
  readonly rate: number;
  /** An interaction is learned from half as often after so many days. */
  readonly halfLifeDays: number;
}

const TRIALS_MAX = 20;
const MARGIN = 1;
const STEP_ROWS = 2_000;
const REFRESHES_PER_EPOCH = 8;

/**
 * Improves vectors in place. `histories` has a row for each user, with everything that is no counter-example; `interactions` are
 * learned from. Yields the share that is done, every few milliseconds.
 */
export function* factorise(
  users: Factors,
  items: Factors,
  interactions: Interactions,
  histories: SparseMatrix,
  today: number,
  random: () => number,
  { loss, epochs, rate, halfLifeDays }: FactoriseOptions,
): Generator<number, void> {
  const userSide = startLearner(users);
  const itemSide = startLearner(items);
  const count = interactions.users.length;
  const { itemCount } = interactions;
  if (itemCount < 2) return;
  const { dimensions } = users;
  const scratch = {
    user: new Float32Array(dimensions),
    item: new Float32Array(dimensions),
    other: new Float32Array(dimensions),
  };
  const chances = interactions.strengths.map(
    (strength, at) =>
      strength * 0.5 ** (Math.max(0, today - (interactions.days[at] as number)) / halfLifeDays),
  );
  const refreshRows = Math.max(1, Math.ceil(count / REFRESHES_PER_EPOCH));
  let done = 0;
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for (const at of shuffledIndices(count, random)) {
      done += 1;
      if (done % STEP_ROWS === 0) yield done / (count * epochs);
      if (done % refreshRows === 0) {
        refresh(userSide);
        refresh(itemSide);
      }
      if (random() >= (chances[at] as number)) continue;
      const user = interactions.users[at] as number;
      const item = interactions.items[at] as number;
      const score = scoreOf(userSide, itemSide, user, item);
      let other = -1;
      let weight = 0;
      const trials = loss === 'bpr' ? 1 : TRIALS_MAX;
      for (let trial = 1; trial <= trials; trial += 1) {
        const candidate = Math.floor(random() * itemCount);
        if (isIn(histories, user, candidate)) continue;
        const margin = score - scoreOf(userSide, itemSide, user, candidate);
        if (loss === 'bpr') {
          other = candidate;
          weight = 1 / (1 + Math.exp(margin));
        } else if (margin < MARGIN) {
          other = candidate;
          weight = Math.log(Math.max(1, Math.floor((itemCount - 1) / trial)));
          break;
        }
      }
      if (other === -1 || weight === 0) continue;
      improve(userSide, itemSide, user, item, other, Math.min(weight, WEIGHT_MAX), rate, scratch);
    }
  }
  refresh(userSide);
  refresh(itemSide);
}

const WEIGHT_MAX = 10;

function improve(
  users: Learner,
  items: Learner,
  user: number,
  item: number,
  other: number,
  weight: number,
  rate: number,
  scratch: Record<'user' | 'item' | 'other', Float32Array>,
): void {
  const { dimensions } = users.factors;
  const ofUser = user * dimensions;
  const ofItem = item * dimensions;
  const ofOther = other * dimensions;
  for (let k = 0; k < dimensions; k += 1) {
    const taste = weight * (users.sums[ofUser + k] as number);
    scratch.user[k] = weight * ((items.sums[ofOther + k] as number) - (items.sums[ofItem + k] as number));
    scratch.item[k] = -taste;
    scratch.other[k] = taste;
  }
  learn(users, user, scratch.user, 0, rate);
  learn(items, item, scratch.item, -weight, rate);
  learn(items, other, scratch.other, weight, rate);
}

function scoreOf(users: Learner, items: Learner, user: number, item: number): number {
  const { dimensions } = users.factors;
  let score = items.biases[item] as number;
  const a = user * dimensions;
  const b = item * dimensions;
  for (let k = 0; k < dimensions; k += 1)
    score += (users.sums[a + k] as number) * (items.sums[b + k] as number);
  return score;
}

/** Whether a row has a column, by halving. */
function isIn({ starts, columns }: SparseMatrix, row: number, column: number): boolean {
  let low = starts[row] as number;
  let high = (starts[row + 1] as number) - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = columns[middle] as number;
    if (found === column) return true;
    if (found < column) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}
