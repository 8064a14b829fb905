import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ModelFileError } from '../model-file.ts';
import { seededRandom } from '../random.ts';
import { rowOf, type SparseVector } from '../sparse.ts';
import { solve } from './cholesky.ts';
import { historiesOf, type Interactions } from './interactions.ts';
import type { ItemDescription } from './item-features.ts';
import { Scorer } from './recommend.ts';
import {
  type Recommender,
  type RecommenderTraining,
  trainRecommender,
  updateRecommender,
} from './recommender.ts';
import { readRecommender, writeRecommender } from './recommender-file.ts';

const tastes = ['garden', 'kitchen', 'office'];
const itemsPerTaste = 12;

/** Items of three kinds, named by their kind; item 0 is garden 0, item 1 kitchen 0, and so on. */
function makeItems(count = tastes.length * itemsPerTaste): ItemDescription[] {
  return Array.from({ length: count }, (_, at) => ({
    text: `${tastes[at % tastes.length]} thing, piece ${at}`,
    code: `${100 * (1 + (at % tastes.length))}${at}`,
    price: 5 + at,
  }));
}

/** User u likes the kind u modulo 3, and now and then buys something else. The last item is bought by nobody. */
function makeInteractions(seed: number, userCount = 90): Interactions {
  const random = seededRandom(seed);
  const itemCount = tastes.length * itemsPerTaste;
  const rows: { user: number; item: number; day: number }[] = [];
  for (let user = 0; user < userCount; user += 1)
    for (let bought = 0; bought < 8; bought += 1) {
      const kind = random() < 0.9 ? user % tastes.length : Math.floor(random() * tastes.length);
      const item = kind + tastes.length * Math.floor(random() * itemsPerTaste);
      if (item < itemCount - 1) rows.push({ user, item, day: Math.floor(random() * 60) });
    }
  return {
    userCount,
    itemCount,
    users: Uint32Array.from(rows, ({ user }) => user),
    items: Uint32Array.from(rows, ({ item }) => item),
    days: Float64Array.from(rows, ({ day }) => day),
    strengths: new Float32Array(rows.length).fill(1),
  };
}

function finish(work: Generator<number, Recommender>): Recommender {
  let last = 0;
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    expect(step.value).toBeGreaterThanOrEqual(last);
    expect(step.value).toBeLessThanOrEqual(1);
    last = step.value;
  }
}

function train(options: Partial<RecommenderTraining> = {}): Recommender {
  return finish(
    trainRecommender({ interactions: makeInteractions(7), items: makeItems(), seed: 1, ...options }),
  );
}

function historyOf(...items: number[]): SparseVector {
  return { columns: Uint32Array.from(items), values: new Float32Array(items.length).fill(1) };
}

const nobody = { history: historyOf(), user: null };
const everything = { limit: 10, allows: () => true };

test.each(['warp', 'bpr'] as const)(
  'who bought things of one kind is recommended things of that kind (%s)',
  (loss) => {
    const scorer = new Scorer(train({ loss }));
    tastes.forEach((_, kind) => {
      const had = [kind, kind + 3, kind + 6];
      const best = scorer.recommend(
        { history: historyOf(...had), user: kind },
        { limit: 5, allows: (item) => !had.includes(item) },
      );
      expect(best.filter(({ item }) => item % tastes.length === kind).length).toBeGreaterThanOrEqual(4);
    });
  },
);

test('someone whom the factors do not know is recommended by what they had to do with', () => {
  const best = new Scorer(train()).recommend(
    { history: historyOf(1, 4), user: null },
    { limit: 5, allows: (item) => item !== 1 && item !== 4 },
  );
  expect(best.every(({ item }) => item % tastes.length === 1)).toBe(true);
  expect(best.some(({ reason }) => reason.kind === 'bought_with' || reason.kind === 'alike')).toBe(true);
  for (const { reason } of best) if ('like' in reason) expect([1, 4]).toContain(reason.like);
});

test('who has no history is recommended what is wanted these days', () => {
  const interactions = makeInteractions(7);
  const today = 60;
  // A rush for item 5 on the last day.
  const rush = 200;
  const rushed: Interactions = {
    ...interactions,
    users: Uint32Array.from([...interactions.users, ...new Uint32Array(rush).map((_, at) => at % 90)]),
    items: Uint32Array.from([...interactions.items, ...new Uint32Array(rush).fill(5)]),
    days: Float64Array.from([...interactions.days, ...new Float64Array(rush).fill(today)]),
    strengths: new Float32Array(interactions.users.length + rush).fill(1),
  };
  const [best] = new Scorer(train({ interactions: rushed })).recommend(nobody, everything);
  expect(best).toMatchObject({ item: 5, reason: { kind: 'popular' } });
});

test('an item that nobody bought is recommended first to those who like what is described alike', () => {
  const scorer = new Scorer(train());
  const newest = tastes.length * itemsPerTaste - 1;
  const kind = newest % tastes.length;
  const scores = new Float32Array(newest + 1);
  const scoreFor = (taste: number) => {
    scorer.scoreAll({ history: historyOf(taste, taste + 3, taste + 6), user: taste }, scores);
    return scores[newest] as number;
  };
  expect(scoreFor(kind)).toBeGreaterThan(scoreFor((kind + 1) % tastes.length));
  expect(scoreFor(kind)).toBeGreaterThan(scoreFor((kind + 2) % tastes.length));
});

test('what is new is recommended with a reason: what it is like of one’s own, or that it is new', () => {
  const recommender = train();
  const newest = tastes.length * itemsPerTaste - 1;
  expect([...recommender.newItems]).toEqual([newest]);
  const kind = newest % tastes.length;
  const onlyNewest = { limit: 1, allows: (item: number) => item === newest };
  const scorer = new Scorer(recommender);
  const history = historyOf(kind, kind + 3, kind + 6);
  const [forFriend] = scorer.recommend({ history, user: kind }, onlyNewest);
  expect(forFriend).toMatchObject({ item: newest, reason: { kind: 'alike' } });
  if (forFriend && 'like' in forFriend.reason) expect([...history.columns]).toContain(forFriend.reason.like);
  const [forNobody] = scorer.recommend(nobody, onlyNewest);
  expect(forNobody?.reason).toEqual({ kind: 'new' });
});

test('rows of users are what they had to do with, each once and in order, with the largest strength', () => {
  const size = 7;
  const triple = fc.tuple(fc.nat(size - 1), fc.nat(size - 1), fc.integer({ min: 1, max: 5 }));
  fc.assert(
    fc.property(fc.array(triple, { maxLength: 40 }), (triples) => {
      const rows = historiesOf({
        userCount: size,
        itemCount: size,
        users: Uint32Array.from(triples, ([user]) => user),
        items: Uint32Array.from(triples, ([, item]) => item),
        days: new Float64Array(triples.length),
        strengths: Float32Array.from(triples, ([, , strength]) => strength),
      });
      for (let user = 0; user < size; user += 1) {
        const wanted = new Map<number, number>();
        for (const [of, item, strength] of triples)
          if (of === user) wanted.set(item, Math.max(wanted.get(item) ?? 0, strength));
        const { columns, values } = rowOf(rows, user);
        expect([...columns]).toEqual([...wanted.keys()].sort((a, b) => a - b));
        expect([...values]).toEqual([...columns].map((item) => wanted.get(item)));
      }
    }),
  );
});

test('the same seed gives the same model to the byte', () => {
  expect(writeRecommender(train({ seed: 3 }))).toEqual(writeRecommender(train({ seed: 3 })));
  expect(writeRecommender(train({ seed: 3 }))).not.toEqual(writeRecommender(train({ seed: 4 })));
});

test('what is not allowed is never recommended, and nothing twice', () => {
  const recommender = train();
  const scorer = new Scorer(recommender);
  const someItems = fc.uniqueArray(fc.nat(recommender.itemCount - 1));
  fc.assert(
    fc.property(someItems, someItems, fc.nat(40), (had, refused, limit) => {
      const allows = (item: number) => !refused.includes(item);
      const best = scorer.recommend({ history: historyOf(...had), user: null }, { limit, allows });
      const items = best.map(({ item }) => item);
      expect(items.every(allows)).toBe(true);
      expect(new Set(items).size).toBe(items.length);
      expect(items.length).toBe(Math.min(limit, recommender.itemCount - new Set(refused).size));
      const scores = best.map(({ score }) => score);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
    }),
  );
});

test('a model comes back from its file as it was; a damaged one is refused', () => {
  const recommender = train();
  const bytes = writeRecommender(recommender);
  expect(readRecommender(bytes)).toEqual(recommender);
  expect(readRecommender(Buffer.concat([Buffer.alloc(3), bytes]).subarray(3))).toEqual(recommender);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] as number) ^ change;
      expect(() => readRecommender(damaged)).toThrow(ModelFileError);
      expect(() => readRecommender(bytes.subarray(0, at))).toThrow(ModelFileError);
    }),
    { numRuns: 30 },
  );
});

test('an update knows what is new, and forgets nothing', () => {
  const before = makeInteractions(7);
  const previous = train();
  const itemCount = before.itemCount + 1;
  const items = [...makeItems(), { text: 'garden thing, the newest', code: '100999', price: 9 }];
  // Three new users buy the newest item, together with two things for the garden.
  const users = [90, 90, 90, 91, 91, 91, 92, 92, 92];
  const bought = [0, 3, itemCount - 1, 3, 6, itemCount - 1, 0, 6, itemCount - 1];
  const interactions: Interactions = {
    userCount: 93,
    itemCount,
    users: Uint32Array.from([...before.users, ...users]),
    items: Uint32Array.from([...before.items, ...bought]),
    days: Float64Array.from([...before.days, ...users.map(() => 61)]),
    strengths: new Float32Array(before.users.length + users.length).fill(1),
  };
  const updated = finish(updateRecommender({ previous, interactions, items, since: 61, seed: 1 }));
  expect(updated).toMatchObject({ userCount: 93, itemCount, weights: previous.weights });
  const scorer = new Scorer(updated);
  const gardener = { history: historyOf(0, 3, 6), user: 0 };
  const rankOfNewest = (someone: typeof gardener) =>
    scorer
      .recommend(someone, { limit: itemCount, allows: (item) => !someone.history.columns.includes(item) })
      .findIndex(({ item }) => item === itemCount - 1);
  const cook = { history: historyOf(1, 4, 7), user: 1 };
  expect(rankOfNewest(gardener)).toBeLessThan(itemsPerTaste);
  expect(rankOfNewest(gardener)).toBeLessThan(rankOfNewest(cook));
  const forCook = scorer.recommend(cook, { limit: 5, allows: (item) => ![1, 4, 7].includes(item) });
  expect(forCook.filter(({ item }) => item % tastes.length === 1).length).toBeGreaterThanOrEqual(3);
});

test('nothing to learn from, one item and one user all give a model with finite scores', () => {
  for (const [userCount, itemCount, rows] of [
    [0, 0, 0],
    [0, 3, 0],
    [1, 1, 1],
    [1, 2, 1],
  ] as const) {
    const interactions: Interactions = {
      userCount,
      itemCount,
      users: new Uint32Array(rows),
      items: new Uint32Array(rows),
      days: new Float64Array(rows),
      strengths: new Float32Array(rows).fill(1),
    };
    const recommender = train({ interactions, items: makeItems(itemCount) });
    const best = new Scorer(recommender).recommend({ ...nobody, user: userCount > 0 ? 0 : null }, everything);
    expect(best.length).toBe(itemCount);
    expect(best.every(({ score }) => Number.isFinite(score))).toBe(true);
  }
});

test('what solves a system of equations is its solution', () => {
  const size = 6;
  const numbers = (length: number) =>
    fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: length, maxLength: length });
  fc.assert(
    fc.property(numbers(size * size), numbers(size), (root, wanted) => {
      const entry = (row: number, column: number) =>
        Array.from({ length: size }).reduce<number>(
          (sum, _, k) => sum + (root[row * size + k] as number) * (root[column * size + k] as number),
          row === column ? 1 : 0,
        );
      const matrix = Float64Array.from({ length: size * size }, (_, at) =>
        entry(Math.floor(at / size), at % size),
      );
      const right = Float64Array.from({ length: size }, (_, row) =>
        wanted.reduce((sum, value, column) => sum + value * (matrix[row * size + column] as number), 0),
      );
      solve(matrix, right).forEach((value, at) => {
        expect(value).toBeCloseTo(wanted[at] as number, 5);
      });
    }),
  );
});
