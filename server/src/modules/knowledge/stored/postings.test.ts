import { expect, it } from 'vitest';
import { eachPosting, encodePostings, fromImpact, Scores, toImpact } from './postings.ts';

function decode(bytes: Uint8Array, base: number) {
  const found: [number, number][] = [];
  eachPosting(bytes, base, (number, impact) => found.push([number, impact]));
  return found;
}

it('a list of postings comes back as it was, whatever the distances', () => {
  const numbers = [7, 8, 135, 136, 20_000, 3_000_000, 2_147_483_647];
  const impacts = [1, 255, 17, 3, 200, 9, 128];
  for (const base of [0, 7]) {
    expect(decode(encodePostings({ numbers, impacts }, base), base)).toEqual(
      numbers.map((number, at) => [number, impacts[at]]),
    );
    expect(decode(encodePostings({ numbers, impacts: null }, base), base)).toEqual(
      numbers.map((number) => [number, 255]),
    );
  }
  expect(decode(encodePostings({ numbers: [], impacts: [] }, 5), 5)).toEqual([]);
});

it('neighbours take two bytes each', () => {
  const numbers = Array.from({ length: 1000 }, (_, at) => 5_000_000 + at * 3);
  expect(encodePostings({ numbers, impacts: numbers.map(() => 50) }, 5_000_000)).toHaveLength(2001);
});

it('an impact that was kept is at most a hundredth off', () => {
  for (let impact = 0.05; impact < 2.2; impact += 0.01)
    expect(Math.abs(fromImpact(toImpact(impact)) - impact)).toBeLessThan(0.01);
});

it('the best are the highest sums, and of equal ones the first', () => {
  const scores = new Scores();
  for (const [number, score] of [
    [40_000_000, 1],
    [3, 2],
    [40_000_000, 1.5],
    [9, 2],
    [4_000, 0.1],
  ] as const)
    scores.add(number, score);
  expect(scores.best(3)).toEqual([40_000_000, 3, 9]);
  expect(scores.best(10)).toEqual([40_000_000, 3, 9, 4_000]);
  expect(new Scores().best(5)).toEqual([]);
});

it('numbers that do not ascend are refused rather than written as something else', () => {
  for (const numbers of [[4], [7, 6], [7, 7]])
    expect(() => encodePostings({ numbers, impacts: null }, 5)).toThrow(RangeError);
});
