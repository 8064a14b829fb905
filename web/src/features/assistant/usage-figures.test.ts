import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byAmount, everyDay, firstMoment, totalOf, type UsageItem } from './usage-figures.ts';

const item = (key: string, costMicros: number): UsageItem => ({
  key,
  name: null,
  calls: 1,
  costMicros,
  unpricedCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  segments: 0,
});

test('a picture of days has each of them once, to the last one, and loses nothing of what was spent', () => {
  const moment = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(moment, fc.integer({ min: 1, max: 90 }), fc.nat(89), (now, days, back) => {
      const from = firstMoment(days, now.getTime());
      const today = now.toISOString().slice(0, 10);
      const spentOn = new Date(now.getTime() - (back % days) * 86_400_000).toISOString().slice(0, 10);
      const shown = everyDay([item(spentOn, 7)], from, days);
      expect(shown).toHaveLength(days);
      expect(new Set(shown.map(({ key }) => key)).size).toBe(days);
      expect(shown.at(-1)?.key).toBe(today);
      expect(totalOf(shown, 'cost')).toBe(7);
    }),
  );
});

test('what most was spent on comes first, by what is asked for', () => {
  const many = { ...item('many calls', 1), calls: 9 };
  const dear = item('dear', 5);
  expect(byAmount([many, dear], 'cost')).toEqual([dear, many]);
  expect(byAmount([dear, many], 'calls')).toEqual([many, dear]);
});
