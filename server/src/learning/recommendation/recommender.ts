// Learns what to recommend to whom: factors that rank (WARP or BPR), what is bought together, what is described alike and what is
// wanted these days, put together by weights that are learned from what users did last.

import { seededRandom } from '../random.ts';
import { noFeatures, type SparseMatrix } from '../sparse.ts';
import { between } from '../steps.ts';
import { defaultWeights, type LearnedWeights, learnWeights } from './blend.ts';
import { factorise, type Loss } from './factorise.ts';
import { continueFactors, type Factors, startFactors, sumUp } from './factors.ts';
import { historiesOf, type Interactions, lastDayOf, selectInteractions } from './interactions.ts';
import { type ItemDescription, itemFeatures, itemWords } from './item-features.ts';
import { boughtTogether, describedAlike } from './neighbours.ts';
import { measurePopularity } from './popularity.ts';
import type { Evidence } from './signals.ts';

export interface Recommender extends Evidence {
  readonly userCount: number;
  /** How much each signal counts, in the order of SIGNALS. */
  readonly weights: Float64Array;
  /** How often what users chose last scored above what they did not, learned without it; null: too little to tell. */
  readonly heldBackAuc: number | null;
}

export interface RecommenderTraining {
  readonly interactions: Interactions;
  /** One for each item. */
  readonly items: readonly ItemDescription[];
  /** The day for which is recommended; that of the last interaction unless given. */
  readonly today?: number;
  readonly seed: number;
  /** WARP unless given: it ranks better where there is enough to learn from. */
  readonly loss?: Loss;
}

const DIMENSIONS = 24;
const RATE = 0.05;
const EPOCHS = 5;
/** Over everything, once the weights were learned from what happened last. */
const LAST_EPOCHS = 1;
/** Over what is new, when a model goes on learning. */
const UPDATE_EPOCHS = 3;
const HALF_LIFE_DAYS = 60;
/** The last share of the interactions, which weights are learned from, and the fewest that are enough for it. */
const HELD_BACK_SHARE = 0.1;
const HELD_BACK_MIN = 50;

/** What is known of items by their descriptions alone. */
interface Described {
  readonly features: SparseMatrix;
  readonly alikeByFeatures: SparseMatrix;
  readonly words: SparseMatrix;
  readonly alikeByWords: SparseMatrix;
}

/** Yields the share that is done, from 0 to 1, every few milliseconds; may be dropped at any of them. */
export function* trainRecommender(training: RecommenderTraining): Generator<number, Recommender> {
  const { interactions, loss = 'warp' } = training;
  const random = seededRandom(training.seed);
  const today = training.today ?? lastDayOf(interactions);
  const described = yield* describe(training.items, 0, 0.1);
  const users = startFactors(noFeatures(interactions.userCount), DIMENSIONS, random);
  const items = startFactors(described.features, DIMENSIONS, random);
  const options = { loss, rate: RATE, halfLifeDays: HALF_LIFE_DAYS };

  const cut = cutOf(interactions);
  let learned: LearnedWeights = { weights: defaultWeights(), auc: null };
  if (cut !== null) {
    const before = selectInteractions(interactions, (at) => (interactions.days[at] as number) < cut);
    const histories = historiesOf(before);
    const learning = factorise(users, items, before, histories, cut, random, { ...options, epochs: EPOCHS });
    yield* between(0.1, 0.3, learning);
    const together = yield* between(0.3, 0.55, boughtTogether(histories));
    const evidence = measure(before, cut, described, together, users, items);
    const chosen = chosenAfter(interactions, cut, histories);
    learned = yield* between(0.55, 0.6, learnWeights(evidence, histories, chosen, random));
  }
  const histories = historiesOf(interactions);
  const epochs = cut === null ? EPOCHS : LAST_EPOCHS;
  const learning = factorise(users, items, interactions, histories, today, random, { ...options, epochs });
  yield* between(0.6, 0.7, learning);
  const together = yield* between(0.7, 1, boughtTogether(histories));
  const evidence = measure(interactions, today, described, together, users, items);
  const { weights, auc: heldBackAuc } = learned;
  return { ...evidence, userCount: interactions.userCount, weights, heldBackAuc };
}

export interface RecommenderUpdate extends RecommenderTraining {
  /** Users and items of `previous` keep their numbers in `interactions` and `items`; new ones come after them. */
  readonly previous: Recommender;
  /** From this day on, interactions are new. `interactions` holds the older ones too. */
  readonly since: number;
}

/**
 * A recommender that knows new interactions, users and items as well. Factors go on from where they were, a new item begins where
 * those are that are described alike, weights stay, and what is bought together is learned anew for the items that anything
 * happened to. Yields as `trainRecommender` does.
 */
export function* updateRecommender(update: RecommenderUpdate): Generator<number, Recommender> {
  const { previous, interactions, since, loss = 'warp' } = update;
  const random = seededRandom(update.seed);
  const today = update.today ?? lastDayOf(interactions);
  const described = yield* describe(update.items, 0, 0.4);
  const { dimensions, users: userVectors, items: itemVectors, itemBiases } = previous.taste;
  const users = continueFactors(userVectors, null, dimensions, interactions.userCount, null, random);
  const items = continueFactors(
    itemVectors,
    itemBiases,
    dimensions,
    interactions.itemCount,
    described.alikeByFeatures,
    random,
  );
  const recent = selectInteractions(interactions, (at) => (interactions.days[at] as number) >= since);
  const histories = historiesOf(interactions);
  const options = { loss, rate: RATE, halfLifeDays: HALF_LIFE_DAYS, epochs: UPDATE_EPOCHS };
  yield* between(0.4, 0.6, factorise(users, items, recent, histories, today, random, options));
  const before = { together: previous.together, changed: new Set(recent.items) };
  const together = yield* between(0.6, 1, boughtTogether(histories, before));
  const evidence = measure(interactions, today, described, together, users, items);
  const { weights, heldBackAuc } = previous;
  return { ...evidence, userCount: interactions.userCount, weights, heldBackAuc };
}

function* describe(
  items: readonly ItemDescription[],
  from: number,
  to: number,
): Generator<number, Described> {
  const features = itemFeatures(items);
  const middle = (from + to) / 2;
  const alikeByFeatures = yield* between(from, middle, describedAlike(features));
  const words = itemWords(items);
  const alikeByWords = yield* between(middle, to, describedAlike(words));
  return { features, alikeByFeatures, words, alikeByWords };
}

function measure(
  interactions: Interactions,
  today: number,
  { features, alikeByFeatures, words, alikeByWords }: Described,
  together: SparseMatrix,
  users: Factors,
  items: Factors,
): Evidence {
  const ofItems = sumUp(items);
  const popularity = measurePopularity(interactions, today, alikeByFeatures, features);
  return {
    itemCount: interactions.itemCount,
    together,
    alikeByWords,
    taste: {
      dimensions: items.dimensions,
      users: sumUp(users).vectors,
      items: ofItems.vectors,
      itemBiases: ofItems.biases,
    },
    words: { of: words, shares: sharesOf(words, interactions) },
    popularity,
    newItems: Uint32Array.from(popularity.isNew.keys()).filter((item) => popularity.isNew[item] === 1),
  };
}

/** How much of each word one interaction has on the average. */
function sharesOf(
  { columnCount, starts, columns, values }: SparseMatrix,
  { items }: Interactions,
): Float32Array {
  const shares = new Float32Array(columnCount);
  for (const item of items)
    for (let at = starts[item] as number; at < (starts[item + 1] as number); at += 1)
      shares[columns[at] as number] =
        (shares[columns[at] as number] as number) + (values[at] as number) / items.length;
  return shares;
}

/** The day from which on interactions are held back; null where there are too few, or none before it. */
function cutOf({ days }: Interactions): number | null {
  const sorted = days.slice().sort();
  const cut = sorted[Math.floor(sorted.length * (1 - HELD_BACK_SHARE))];
  if (cut === undefined || cut === sorted[0] || sorted.length * HELD_BACK_SHARE < HELD_BACK_MIN) return null;
  return cut;
}

/** What users with a history came to from the day on. */
function chosenAfter(
  { users, items, days }: Interactions,
  cut: number,
  { starts, columns }: SparseMatrix,
): Map<number, number[]> {
  const chosen = new Map<number, number[]>();
  users.forEach((user, at) => {
    if ((days[at] as number) < cut) return;
    const had = columns.subarray(starts[user], starts[user + 1]);
    const item = items[at] as number;
    if (had.length > 0 && !had.includes(item)) chosen.set(user, [...(chosen.get(user) ?? []), item]);
  });
  return chosen;
}
