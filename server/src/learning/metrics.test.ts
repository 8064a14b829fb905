import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyLogistic, applySigmoid, fitLogistic, fitSigmoid, fitTemperature } from './calibration.ts';
import { softmaxInPlace } from './linear.ts';
import { accuracy, auroc, calibrationError, classMetrics, macroF1, macroRecall } from './metrics.ts';
import { seededRandom } from './random.ts';

test('accuracy, recall and F1 are what they are by hand', () => {
  const actual = [0, 0, 0, 1];
  const predicted = [0, 0, 1, 1];
  expect(accuracy(predicted, actual)).toBe(0.75);
  expect(classMetrics(predicted, actual, 2)[1]).toEqual({ precision: 0.5, recall: 1, f1: 2 / 3, support: 1 });
  expect(macroF1(predicted, actual, 3)).toBeCloseTo((0.8 + 2 / 3) / 2);
  expect(macroRecall(predicted, actual, 3)).toBeCloseTo((2 / 3 + 1) / 2);
});

test('the area under the curve is the share of pairs in the right order, ties half', () => {
  const row = fc.record({ score: fc.nat(5), positive: fc.boolean() });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
      const positives = rows.filter(({ positive }) => positive);
      const negatives = rows.filter(({ positive }) => !positive);
      let won = 0;
      for (const a of positives)
        for (const b of negatives) won += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0;
      const area = auroc(
        rows.map(({ score }) => score),
        rows.map(({ positive }) => positive),
      );
      if (positives.length === 0 || negatives.length === 0) expect(area).toBeNaN();
      else expect(area).toBeCloseTo(won / (positives.length * negatives.length));
    }),
  );
});

test('probabilities that come true have no calibration error, and certain ones that do not have all of it', () => {
  expect(calibrationError([0.5, 0.5], [true, false])).toBe(0);
  expect(calibrationError([1, 1], [false, false])).toBe(1);
});

test('a temperature makes overconfident scores as sure as they are right', () => {
  const random = seededRandom(3);
  const truth = Array.from({ length: 2000 }, () => [2 * random(), 2 * random(), 2 * random()]);
  const labels = truth.map((row) => {
    const probabilities = Float64Array.from(row);
    softmaxInPlace(probabilities);
    const drawn = random();
    return drawn < (probabilities[0] ?? 0)
      ? 0
      : drawn < (probabilities[0] ?? 0) + (probabilities[1] ?? 0)
        ? 1
        : 2;
  });
  const factor = fitTemperature(
    truth.map((row) => Float64Array.from(row, (score) => score * 8)),
    labels,
  );
  expect(factor).toBeGreaterThan(0.1);
  expect(factor).toBeLessThan(0.16);
  expect(fitTemperature([], [])).toBe(1);
});

test('a sigmoid says how often a score comes true, and stays finite where the classes are apart', () => {
  const random = seededRandom(4);
  const scores = Array.from({ length: 3000 }, () => 4 * random() - 2);
  const positive = scores.map((score) => random() < 1 / (1 + Math.exp(-(3 * score - 1))));
  const sigmoid = fitSigmoid(scores, positive);
  expect(applySigmoid(sigmoid, 0)).toBeCloseTo(1 / (1 + Math.exp(1)), 1);
  expect(sigmoid.slope).toBeGreaterThan(2.5);
  expect(sigmoid.slope).toBeLessThan(3.5);
  const apart = fitSigmoid([-1, -1, 1, 1], [false, false, true, true]);
  expect(applySigmoid(apart, 1)).toBeGreaterThan(0.6);
  expect(applySigmoid(apart, 1)).toBeLessThan(1);
});

test('a logistic regression gives weight to what matters and none to noise', () => {
  const random = seededRandom(5);
  const inputs = Array.from({ length: 3000 }, () => [random(), random() * 100]);
  const model = fitLogistic(
    inputs,
    inputs.map(([first = 0]) => random() < 1 / (1 + Math.exp(-(6 * first - 3)))),
  );
  expect(model.weights[0]).toBeGreaterThan(5);
  expect(Math.abs(model.weights[1] ?? 1)).toBeLessThan(0.01);
  expect(applyLogistic(model, [0.5, 50])).toBeCloseTo(0.5, 1);
});
