import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  confidenceDropOf,
  correctedAtLeast,
  driftReasons,
  type Reading,
  readingFromSums,
  readingOf,
  stabilityOf,
} from './drift.ts';
import { seededRandom } from './random.ts';

const noneJudged = { lookedAt: 0, corrected: 0 };

/** Messages drawn from shares of labels; the last label stands for none of them. */
function drawn(shares: readonly number[], messages: number, random: () => number, sure = 0.8): Reading {
  const total = shares.reduce((sum, share) => sum + share, 0);
  return readingOf(
    Array.from({ length: messages }, () => {
      let left = random() * total;
      const at = shares.findIndex((share) => {
        left -= share;
        return left < 0;
      });
      return {
        label: at === shares.length - 1 ? null : `label_${at}`,
        confidence: Math.min(1, Math.max(0, sure + 0.3 * (random() - 0.5))),
      };
    }),
  );
}

const reading = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', null), fc.double({ min: 0, max: 1, noNaN: true })), {
    minLength: 1,
    maxLength: 200,
  })
  .map((said) => readingOf(said.map(([label, confidence]) => ({ label, confidence }))));

it('a reading is the same from its messages and from sums over them', () => {
  const said = [0.2, 0.4, 0.9].map((confidence) => ({ label: 'a', confidence }));
  const { counts, messages, confidence, confidenceVariance } = readingOf(said);
  expect([messages, counts.get('a')]).toEqual([3, 3]);
  expect(confidence).toBeCloseTo(0.5);
  expect(confidenceVariance).toBeCloseTo(0.26 / 3);
  expect(readingFromSums(new Map(), 0, 0)).toMatchObject({ messages: 0, confidence: 0 });
});

it('the stability index is never below 0, 0 for the same, and the same in both directions', () => {
  fc.assert(
    fc.property(reading, reading, (one, other) => {
      const { index, chance } = stabilityOf(one, other);
      expect(index).toBeGreaterThanOrEqual(-1e-12);
      expect(Number.isFinite(index + chance)).toBe(true);
      expect(stabilityOf(other, one).index).toBeCloseTo(index, 9);
      expect(stabilityOf(one, one).index).toBeCloseTo(0, 12);
    }),
  );
});

it('the further shares move, the larger is the index', () => {
  const random = seededRandom(1);
  const before = drawn([5, 5], 2000, random);
  const indices = [5, 6, 7, 8, 9].map(
    (share) => stabilityOf(before, drawn([share, 10 - share], 2000, random)).index,
  );
  expect(indices).toEqual(indices.toSorted((a, b) => a - b));
});

it('it is the index that its definition gives, but for the half message more', () => {
  const of = (a: number, b: number) =>
    readingFromSums(
      new Map([
        ['a', a],
        [null, b],
      ]),
      0,
      0,
    );
  const expected = (0.8 - 0.5) * Math.log(0.8 / 0.5) + (0.2 - 0.5) * Math.log(0.2 / 0.5);
  expect(stabilityOf(of(50_000, 50_000), of(80_000, 20_000)).index).toBeCloseTo(expected, 3);
});

it('what does not change is told as a drift less than once in a hundred times, however few the messages and many the labels', () => {
  const random = seededRandom(7);
  for (const labels of [3, 12, 26, 80]) {
    for (const messages of [100, 400, 2000]) {
      let alarms = 0;
      for (let turn = 0; turn < 100; turn += 1) {
        const shares = Array.from({ length: labels }, () => random() ** 3 + 0.01);
        const reference = drawn(shares, 2 * messages, random);
        const recent = drawn(shares, messages, random);
        if (driftReasons({ reference, recent, judged: noneJudged }).length > 0) alarms += 1;
      }
      expect(alarms, `${labels} labels, ${messages} messages`).toBeLessThanOrEqual(1);
    }
  }
});

it('twice as many messages that mean none of the intents are a drift, and so is a model that is less sure', () => {
  const random = seededRandom(3);
  const shares = [3, 3, 3, 3];
  const reference = drawn(shares, 1000, random);
  expect(driftReasons({ reference, recent: drawn([2, 2, 2, 9], 200, random), judged: noneJudged })).toEqual([
    'mix',
  ]);
  expect(driftReasons({ reference, recent: drawn(shares, 200, random, 0.65), judged: noneJudged })).toEqual([
    'confidence',
  ]);
  expect(confidenceDropOf(reference, reference).drop).toBe(0);
});

it('what is told stays until it has clearly fallen, and is over then', () => {
  const random = seededRandom(5);
  const reference = drawn([5, 5], 2000, random);
  // An index of about .15: between the limits.
  const between = { reference, recent: drawn([31, 69], 2000, random), judged: noneJudged };
  expect(stabilityOf(reference, between.recent).index).toBeGreaterThan(0.1);
  expect(driftReasons(between)).toEqual([]);
  expect(driftReasons(between, ['mix'])).toEqual(['mix']);
  expect(driftReasons({ ...between, recent: reference }, ['mix'])).toEqual([]);
  // Too few messages say nothing else.
  expect(driftReasons({ ...between, recent: null }, ['mix'])).toEqual(['mix']);
});

it('members disagree where they surely corrected more than one in ten, and agree again below one in twenty', () => {
  const of = (corrected: number, lookedAt: number, before: 'disagreement'[] = []) =>
    driftReasons({ reference: null, recent: null, judged: { lookedAt, corrected } }, before);
  // Two of three say nothing yet.
  expect(of(2, 12)).toEqual([]);
  expect(of(10, 40)).toEqual(['disagreement']);
  expect(of(4, 60)).toEqual([]);
  expect(of(4, 60, ['disagreement'])).toEqual(['disagreement']);
  expect(of(2, 60, ['disagreement'])).toEqual([]);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 500 }), (some, more) => {
      const judged = { corrected: some, lookedAt: some + more };
      const atLeast = correctedAtLeast(judged);
      expect(atLeast).toBeGreaterThanOrEqual(0);
      expect(atLeast).toBeLessThanOrEqual(some / Math.max(1, some + more));
    }),
  );
});
