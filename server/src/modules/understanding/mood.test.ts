import fc from 'fast-check';
import { expect, test } from 'vitest';
import { angerAfter, CALM, moodAfter } from './mood.ts';

const score = fc.double({ min: -1, max: 1, noNaN: true });
const scores = fc.array(fc.option(score), { maxLength: 60 });

function follow(series: readonly (number | null)[]) {
  const steps = [];
  let anger = CALM;
  for (const one of series) {
    const next = angerAfter(anger, one);
    steps.push(next);
    anger = next;
  }
  return steps;
}

test('a mood stays between the worst and the best, and moves towards what was said', () => {
  fc.assert(
    fc.property(fc.option(score), score, (mood, said) => {
      const after = moodAfter(mood, said) ?? Number.NaN;
      const before = mood ?? 0;
      expect(after).toBeGreaterThanOrEqual(Math.min(before, said) - 1e-9);
      expect(after).toBeLessThanOrEqual(Math.max(before, said) + 1e-9);
    }),
  );
});

test('what says nothing of the mood changes nothing', () => {
  fc.assert(
    fc.property(scores, (series) => {
      const spoken = series.filter((one) => one !== null);
      const last = (steps: ReturnType<typeof follow>) => ({ ...CALM, ...steps.at(-1), hasEscalated: null });
      expect(last(follow(series))).toEqual(last(follow(spoken)));
      expect(follow(series).filter(({ hasEscalated }) => hasEscalated)).toHaveLength(
        follow(spoken).filter(({ hasEscalated }) => hasEscalated).length,
      );
    }),
  );
});

test('an escalation is said once, and again only after the contact has calmed down', () => {
  fc.assert(
    fc.property(scores, (series) => {
      let wasAngry = false;
      for (const { isAngry, hasEscalated, mood } of follow(series)) {
        expect(hasEscalated).toBe(isAngry && !wasAngry);
        if (hasEscalated) expect(mood).toBeLessThan(-0.4);
        if (wasAngry && !isAngry) expect(mood).toBeGreaterThan(-0.1);
        wasAngry = isAngry;
      }
    }),
  );
  const events = (series: number[]) => follow(series).map(({ hasEscalated }) => hasEscalated);
  expect(events([-0.9, -0.9, -0.9, -0.9])).toEqual([false, true, false, false]);
  expect(events([-0.9, -0.9, 0, -0.9])).toEqual([false, true, false, false]);
  expect(events([-0.9, -0.9, 0.9, 0.9, -0.9, -0.9, -0.9]).filter(Boolean)).toHaveLength(2);
});

test('one bad word makes nobody angry, and who is pleased never is', () => {
  fc.assert(
    fc.property(fc.double({ min: -1, max: 0, noNaN: true }), (first) => {
      expect(follow([first])[0]?.isAngry).toBe(false);
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (series) => {
      expect(follow(series).some(({ isAngry }) => isAngry)).toBe(false);
    }),
  );
});
