// How much each signal counts, learned from what users did after the signals were measured: the weights under which what they
// chose is likeliest among what they could have chosen (a conditional logit, by Newton's method).
import { shuffle } from '../random.ts';
import { rowOf, type SparseMatrix } from '../sparse.ts';
import { solve } from './cholesky.ts';
import { type Evidence, readPersonalSignals, roomForSignals, SIGNALS, type Signal } from './signals.ts';

const USERS_MAX = 500;
const CHOICES_PER_USER_MAX = 10;
const OTHERS_PER_USER = 800;
const STEPS = 8;
const SIZE = SIGNALS.length;

export interface LearnedWeights {
  readonly weights: Float64Array;
  /** How often what was chosen scores above what was not, under them; null when nothing was chosen. */
  readonly auc: number | null;
}

/** What holds before there is anything to learn from. */
export function defaultWeights(): Float64Array {
  return Float64Array.from(SIGNALS, ({ weight }) => weight);
}

/** One user's choices: signals of the candidates row by row, those that were chosen first. */
interface Choices {
  readonly rows: Float32Array;
  readonly candidateCount: number;
  readonly chosenCount: number;
}

/**
 * `chosen` has the items that each user came to after `evidence` was measured and `histories` were read, none of which they had.
 * Yields the share that is done.
 */
export function* learnWeights(
  evidence: Evidence,
  histories: SparseMatrix,
  chosen: ReadonlyMap<number, readonly number[]>,
  random: () => number,
): Generator<number, LearnedWeights> {
  const users = shuffle([...chosen.keys()], random).slice(0, USERS_MAX);
  // What is new and nobody came to was not for sale yet.
  const chosenByAny = new Set([...chosen.values()].flat());
  const wasThere = (item: number) => evidence.popularity.isNew[item] === 0 || chosenByAny.has(item);
  const everyone: Choices[] = [];
  const room = roomForSignals(evidence);
  const all: Readonly<Record<Signal, Float32Array>> = { ...room, ...evidence.popularity };
  const signals = SIGNALS.map(({ name }) => all[name]);
  for (const user of users) {
    const history = rowOf(histories, user);
    readPersonalSignals(evidence, { history, user }, room);
    const known = new Set(history.columns);
    const wanted = new Set(chosen.get(user));
    const picked = shuffle([...wanted], random).slice(0, CHOICES_PER_USER_MAX);
    const others = Array.from({ length: OTHERS_PER_USER }, () =>
      Math.floor(random() * evidence.itemCount),
    ).filter((item) => !known.has(item) && !wanted.has(item) && wasThere(item));
    const candidates = [...picked, ...others];
    const rows = new Float32Array(candidates.length * SIZE);
    candidates.forEach((item, at) => {
      signals.forEach((signal, k) => {
        rows[at * SIZE + k] = signal[item] as number;
      });
    });
    if (others.length > 0)
      everyone.push({ rows, candidateCount: candidates.length, chosenCount: picked.length });
    yield (0.5 * everyone.length) / users.length;
  }
  const weights = defaultWeights();
  for (let step = 0; step < STEPS; step += 1) {
    newtonStep(everyone, weights);
    yield 0.5 + (0.5 * step) / STEPS;
  }
  return { weights, auc: aucOf(everyone, weights) };
}

function newtonStep(all: readonly Choices[], weights: Float64Array): void {
  const gradient = new Float64Array(SIZE);
  const hessian = new Float64Array(SIZE * SIZE);
  SIGNALS.forEach(({ weight, prior }, k) => {
    gradient[k] = -prior * ((weights[k] as number) - weight);
    hessian[k * SIZE + k] = prior;
  });
  for (const choices of all) addChoices(choices, weights, gradient, hessian);
  const step = solve(hessian, gradient);
  for (let k = 0; k < SIZE; k += 1) weights[k] = (weights[k] as number) + (step[k] as number);
}

/** The mean over users. */
function aucOf(all: readonly Choices[], weights: Float64Array): number | null {
  if (all.length === 0) return null;
  let sum = 0;
  for (const { rows, candidateCount, chosenCount } of all) {
    const scores = scoresOf(rows, candidateCount, weights);
    let wins = 0;
    for (let chosen = 0; chosen < chosenCount; chosen += 1)
      for (let other = chosenCount; other < candidateCount; other += 1) {
        const lead = (scores[chosen] as number) - (scores[other] as number);
        wins += lead > 0 ? 1 : lead === 0 ? 0.5 : 0;
      }
    sum += wins / (chosenCount * (candidateCount - chosenCount));
  }
  return sum / all.length;
}

function scoresOf(rows: Float32Array, count: number, weights: Float64Array): Float64Array {
  const scores = new Float64Array(count);
  for (let row = 0; row < count; row += 1)
    for (let k = 0; k < SIZE; k += 1)
      scores[row] = (scores[row] as number) + (weights[k] as number) * (rows[row * SIZE + k] as number);
  return scores;
}

function addChoices(
  { rows, candidateCount, chosenCount }: Choices,
  weights: Float64Array,
  gradient: Float64Array,
  hessian: Float64Array,
): void {
  const scores = scoresOf(rows, candidateCount, weights);
  const highest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
  let total = 0;
  const mean = new Float64Array(SIZE);
  const products = new Float64Array(SIZE * SIZE);
  for (let row = 0; row < candidateCount; row += 1) {
    const mass = Math.exp((scores[row] as number) - highest);
    total += mass;
    for (let k = 0; k < SIZE; k += 1) {
      const weighted = mass * (rows[row * SIZE + k] as number);
      mean[k] = (mean[k] as number) + weighted;
      for (let l = 0; l <= k; l += 1)
        products[k * SIZE + l] =
          (products[k * SIZE + l] as number) + weighted * (rows[row * SIZE + l] as number);
    }
  }
  for (let k = 0; k < SIZE; k += 1) {
    for (let row = 0; row < chosenCount; row += 1)
      gradient[k] = (gradient[k] as number) + (rows[row * SIZE + k] as number) - (mean[k] as number) / total;
    for (let l = 0; l <= k; l += 1) {
      const covariance =
        (products[k * SIZE + l] as number) / total -
        ((mean[k] as number) / total) * ((mean[l] as number) / total);
      hessian[k * SIZE + l] = (hessian[k * SIZE + l] as number) + chosenCount * covariance;
      if (l < k) hessian[l * SIZE + k] = hessian[k * SIZE + l] as number;
    }
  }
}
