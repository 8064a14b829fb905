import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BucketRows, bucketModelOf, scoreBuckets, scoreWeightedBuckets } from './bucket-model.ts';
import { argmax, scoreRow, trainSoftmax } from './linear.ts';
import { rowOf } from './sparse.ts';
import { runToEnd } from './steps.ts';

const bucketCount = 64;
const text = fc.array(fc.nat(bucketCount - 1), { minLength: 1, maxLength: 30 });

test('a row has each bucket once, with its value as often as it occurs', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 20 }), (texts) => {
      const rows = new BucketRows(bucketCount);
      for (const buckets of texts) rows.add(Uint32Array.from(buckets), buckets.length, 0.5);
      const matrix = rows.matrix();
      expect(matrix.rowCount).toBe(texts.length);
      texts.forEach((buckets, row) => {
        const { columns, values } = rowOf(matrix, row);
        expect([...columns]).toEqual([...new Set(buckets)].sort((a, b) => a - b));
        columns.forEach((column, at) => {
          expect(values[at]).toBe(0.5 * buckets.filter((bucket) => bucket === column).length);
        });
      });
    }),
  );
});

test('a small model scores as the large one does, but for what a byte leaves out', () => {
  const weight = fc.float({ min: -4, max: 4, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(weight, { minLength: bucketCount * 3, maxLength: bucketCount * 3 }),
      text,
      (numbers, buckets) => {
        const large = {
          classCount: 3,
          columnCount: bucketCount,
          weights: Float32Array.from(numbers),
          bias: Float32Array.of(0.5, -1, 0),
        };
        const rows = new BucketRows(bucketCount);
        rows.add(Uint32Array.from(buckets), buckets.length, 0.25);
        const expected = new Float64Array(3);
        scoreRow(large, rowOf(rows.matrix(), 0), expected);
        const small = bucketModelOf(large);
        const scores = new Float64Array(3);
        scoreBuckets(small, Uint32Array.from(buckets), buckets.length, 0.25, scores);
        const weighted = new Float64Array(3);
        const values = new Float32Array(buckets.length).fill(0.25);
        scoreWeightedBuckets(small, Uint32Array.from(buckets), values, buckets.length, weighted);
        const leftOut = buckets.length * 0.25 * (4 / 127) + 1e-4;
        for (let k = 0; k < 3; k += 1) {
          expect(Math.abs((scores[k] ?? 0) - (expected[k] ?? 0))).toBeLessThan(leftOut);
          expect(weighted[k]).toBeCloseTo(scores[k] ?? 0, 4);
        }
      },
    ),
  );
});

test('what was learned survives being made small', () => {
  const rows = new BucketRows(bucketCount);
  const labels: number[] = [];
  for (let row = 0; row < 90; row += 1) {
    const label = row % 3;
    rows.add(Uint32Array.of(label * 10 + (row % 4), 40 + (row % 20)), 2, 1 / Math.SQRT2);
    labels.push(label);
  }
  const training = { matrix: rows.matrix(), labels: Uint32Array.from(labels), classCount: 3, seed: 1 };
  const model = bucketModelOf(runToEnd(trainSoftmax(training, { learningRate: 0.2, penalty: 0, epochs: 5 })));
  const scores = new Float64Array(3);
  for (let label = 0; label < 3; label += 1) {
    scoreBuckets(model, Uint32Array.of(label * 10 + 1, 45), 2, 1 / Math.SQRT2, scores);
    expect(argmax(scores)).toBe(label);
  }
});
