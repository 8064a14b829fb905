// Asks a recommender: the best items for someone, and for each the one thing that speaks for it most.
import type { SparseMatrix, SparseVector } from '../sparse.ts';
import type { Recommender } from './recommender.ts';
import {
  type PersonalSignals,
  readPersonalSignals,
  roomForSignals,
  SIGNALS,
  type Signal,
  type Someone,
} from './signals.ts';

/** Why an item is recommended; `like` is an item of the person's own history. */
export type Reason =
  | { readonly kind: 'bought_with'; readonly like: number }
  | { readonly kind: 'alike'; readonly like: number }
  | { readonly kind: 'taste' }
  | { readonly kind: 'popular' }
  | { readonly kind: 'new' };

export interface Recommendation {
  readonly item: number;
  /** Orders the items of one answer; no probability. */
  readonly score: number;
  readonly reason: Reason;
}

export interface Asking {
  readonly limit: number;
  /** Whether an item may be recommended: in stock, not bought, of that price. */
  readonly allows: (item: number) => boolean;
}

type Weights = Readonly<Record<Signal, number>>;

function weightsOf(weights: Float64Array): Weights {
  return Object.fromEntries(
    SIGNALS.map(({ name }, at) => [name, weights[at] as number]),
  ) as unknown as Weights;
}

/** Scores all items for one after the other; keeps what is the same for everyone. */
export class Scorer {
  readonly #recommender: Recommender;
  readonly #weights: Weights;
  readonly #signals: PersonalSignals;
  readonly #common: Float32Array;

  constructor(recommender: Recommender) {
    this.#recommender = recommender;
    this.#signals = roomForSignals(recommender);
    this.#weights = weightsOf(recommender.weights);
    const { trend, popularity, isNew, expected, launch } = recommender.popularity;
    const weights = this.#weights;
    this.#common = trend.map(
      (value, item) =>
        weights.trend * value +
        weights.popularity * (popularity[item] as number) +
        weights.isNew * (isNew[item] as number) +
        weights.expected * (expected[item] as number) +
        weights.launch * (launch[item] as number),
    );
  }

  /** Fills `into`, an element for each item. Who has no history gets what is wanted these days. */
  scoreAll(someone: Someone, into: Float32Array): void {
    into.set(this.#common);
    if (someone.history.columns.length === 0) return;
    readPersonalSignals(this.#recommender, someone, this.#signals);
    const { together, alikeByWords, taste, likeTogether, words } = this.#signals;
    const weights = this.#weights;
    for (let item = 0; item < into.length; item += 1)
      into[item] =
        (into[item] as number) +
        weights.together * (together[item] as number) +
        weights.alikeByWords * (alikeByWords[item] as number) +
        weights.taste * (taste[item] as number);
    for (const item of this.#recommender.newItems)
      into[item] =
        (into[item] as number) +
        weights.likeTogether * (likeTogether[item] as number) +
        weights.words * (words[item] as number);
  }

  /** The best that are allowed, best first; of two with one score the one with the lower number. */
  recommend(someone: Someone, { limit, allows }: Asking): Recommendation[] {
    const scores = new Float32Array(this.#recommender.itemCount);
    this.scoreAll(someone, scores);
    return Array.from(scores.keys())
      .filter(allows)
      .sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
      .slice(0, limit)
      .map((item) => ({ item, score: scores[item] as number, reason: this.#reason(someone, item) }));
  }

  /** Of what speaks for an item the largest part; the signals are those of the last scoring. */
  #reason({ history }: Someone, item: number): Reason {
    const { popularity, together, alikeByWords } = this.#recommender;
    const weights = this.#weights;
    const isNew = popularity.isNew[item] === 1;
    const general: Reason = isNew ? { kind: 'new' } : { kind: 'popular' };
    if (history.columns.length === 0) return general;
    const boughtWith = strongest(history, together, item);
    const like = strongest(history, alikeByWords, item);
    const signals = this.#signals;
    const of = (signal: 'together' | 'alikeByWords' | 'taste' | 'likeTogether' | 'words') =>
      weights[signal] * (signals[signal][item] as number);
    const reasons: readonly { readonly weight: number; readonly reason: Reason | null }[] = [
      {
        weight: of('together'),
        reason: boughtWith === null ? null : { kind: 'bought_with', like: boughtWith },
      },
      // What is new is judged by its description alone.
      {
        weight: isNew ? of('likeTogether') + of('words') : of('alikeByWords'),
        reason: like === null ? null : { kind: 'alike', like },
      },
      { weight: of('taste'), reason: { kind: 'taste' } },
    ];
    return reasons.reduce<{ weight: number; reason: Reason }>(
      (best, { weight, reason }) => (reason !== null && weight > best.weight ? { weight, reason } : best),
      { weight: GENERAL_WEIGHT, reason: general },
    ).reason;
  }
}

/** What speaks for someone in particular is named only where it counts at least so much. */
const GENERAL_WEIGHT = 0.25;

/** The item of a history that says most for another one; null where none does. */
function strongest({ columns, values }: SparseVector, near: SparseMatrix, item: number): number | null {
  let best: number | null = null;
  let most = 0;
  columns.forEach((had, at) => {
    for (let of = near.starts[had] as number; of < (near.starts[had + 1] as number); of += 1) {
      if (near.columns[of] !== item) continue;
      const said = (values[at] as number) * (near.values[of] as number);
      if (said > most) [best, most] = [had, said];
    }
  });
  return best;
}
