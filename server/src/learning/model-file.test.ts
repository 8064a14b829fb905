import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { arrayOf, ModelFileError, readModelFile, writeModelFile } from './model-file.ts';
import { dequantise, quantise } from './quantise.ts';

const head = z.object({ labels: z.array(z.string()) });
const written = () =>
  writeModelFile({
    kind: 'toy/1',
    head: { labels: ['a', 'ç'] },
    arrays: {
      bias: Float32Array.of(0.5, -1),
      weights: Int8Array.of(1, -2, 127),
      hashes: Uint32Array.of(2 ** 32 - 1),
    },
  });

function problemOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof ModelFileError) return error.problem;
    throw error;
  }
  return 'none';
}

test('a model comes back as it was written', () => {
  const file = readModelFile(written(), 'toy/1', head);
  expect(file.head).toEqual({ labels: ['a', 'ç'] });
  expect(arrayOf(file, 'bias', 'f32', 2)).toEqual(Float32Array.of(0.5, -1));
  expect(arrayOf(file, 'weights', 'i8')).toEqual(Int8Array.of(1, -2, 127));
  expect(arrayOf(file, 'hashes', 'u32')).toEqual(Uint32Array.of(2 ** 32 - 1));
});

test('a model read from the middle of a buffer is the same', () => {
  const bytes = written();
  const larger = new Uint8Array(bytes.length + 3);
  larger.set(bytes, 3);
  expect(readModelFile(larger.subarray(3), 'toy/1', head).head).toEqual({ labels: ['a', 'ç'] });
});

test('a file with one changed byte, or cut off anywhere, is never loaded', () => {
  const bytes = written();
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ change;
      expect(problemOf(() => readModelFile(damaged, 'toy/1', head))).not.toBe('none');
      expect(problemOf(() => readModelFile(bytes.slice(0, at), 'toy/1', head))).not.toBe('none');
    }),
  );
});

test('each thing that can be wrong has its name', () => {
  const bytes = written();
  expect(problemOf(() => readModelFile(new Uint8Array(), 'toy/1', head))).toBe('not_a_model');
  expect(problemOf(() => readModelFile(bytes, 'other/1', head))).toBe('other_kind');
  expect(problemOf(() => readModelFile(bytes, 'toy/1', z.object({ size: z.number() })))).toBe('other_shape');
  const newer = bytes.slice();
  newer[8] = 2;
  expect(problemOf(() => readModelFile(newer, 'toy/1', head))).toBe('newer_format');
  const file = readModelFile(bytes, 'toy/1', head);
  expect(problemOf(() => arrayOf(file, 'bias', 'i8'))).toBe('other_shape');
  expect(problemOf(() => arrayOf(file, 'bias', 'f32', 3))).toBe('other_shape');
  expect(problemOf(() => arrayOf(file, 'toString', 'f32'))).toBe('other_shape');
});

test('a byte for each weight is at most half a step away from it', () => {
  const numbers = fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1 }), (rows) => {
      const values = Float32Array.from(rows.flat());
      const small = quantise(values, 4);
      dequantise(small).forEach((value, at) => {
        const step = small.scales[Math.floor(at / 4)] ?? 0;
        expect(Math.abs(value - (values[at] ?? 0))).toBeLessThanOrEqual(step * 0.501 + 1e-6);
      });
    }),
  );
});
