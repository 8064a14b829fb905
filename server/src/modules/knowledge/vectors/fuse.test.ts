import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lettingOthersIn } from '../turns.ts';
import { fuse } from './fuse.ts';
import type { VectorBlock } from './load.ts';
import { findNearest } from './nearest.ts';
import { pad, productsWith } from './products.ts';
import { lengthOf, toBytes } from './similarity.ts';
import { decodeVectors, encodeVectors } from './stored-vectors.ts';

const numbers = fc.float({ min: Math.fround(-1), max: Math.fround(1), noNaN: true });
const vector = (length: number) =>
  fc
    .array(numbers, { minLength: length, maxLength: length })
    .map((values) => Float32Array.from(values))
    .filter((one) => one.some((value) => Math.abs(value) > 0.01));

const cosine = (one: Float32Array, other: Float32Array) => {
  const product = (a: Float32Array, b: Float32Array) =>
    a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
  return product(one, other) / Math.sqrt(product(one, one) * product(other, other));
};

it('eight bits a number leave a cosine as it is, to two hundredths', () => {
  fc.assert(
    fc.property(vector(32), vector(32), (one, other) => {
      const [a, b] = [toBytes(one), toBytes(other)];
      const [product = 0] = productsWith(a, b);
      const rounded = product / (lengthOf(a) * lengthOf(b));
      expect(Math.abs(rounded - cosine(one, other))).toBeLessThan(0.02);
    }),
  );
});

it('products are those that multiplying one number after the other gives', () => {
  const byte = fc.integer({ min: -127, max: 127 });
  const shape = fc.record({
    dimensions: fc.integer({ min: 1, max: 70 }),
    count: fc.integer({ min: 0, max: 5 }),
  });
  const some = shape.chain(({ dimensions, count }) => {
    const numbersOf = fc.array(byte, { minLength: dimensions, maxLength: dimensions });
    return fc.tuple(numbersOf, fc.array(numbersOf, { minLength: count, maxLength: count }));
  });
  fc.assert(
    fc.property(some, ([one, others]) => {
      const many = Int8Array.from(others.flatMap((other) => [...pad(Int8Array.from(other))]));
      const expected = others.map((other) =>
        other.reduce((sum, value, at) => sum + value * (one[at] ?? 0), 0),
      );
      expect([...productsWith(pad(Int8Array.from(one)), many)]).toEqual(expected);
    }),
  );
  const most = new Int8Array(8192).fill(-127);
  expect([...productsWith(most, most)]).toEqual([8192 * 127 * 127]);
});

it('what is stored comes back as it was', () => {
  const entry = fc.record({
    id: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 16, maxLength: 16 }),
    place: fc.nat({ max: 2 ** 32 - 1 }),
    vector: vector(8).map(toBytes),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
      expect(decodeVectors(encodeVectors(entries))).toEqual(entries);
    }),
  );
});

function block(vectors: readonly Float32Array[]): VectorBlock {
  const quantised = vectors.map(toBytes);
  return {
    documentId: 'd',
    dimensions: vectors[0]?.length ?? 0,
    passages: vectors.map((_, place) => ({ id: String(place), place })),
    numbers: Int8Array.from(quantised.flatMap((one) => [...pad(one)])),
    lengths: Float64Array.from(quantised, lengthOf),
  };
}

const nearest = (question: Float32Array, vectors: readonly Float32Array[]) =>
  lettingOthersIn(findNearest(pad(toBytes(question)), [block(vectors)], (_, at) => at));

/** Numbers that look like chance and are the same every time. */
function* noise(seed: number): Generator<number> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 31 - 1;
  }
}

it('the one that points where the question points stands out among many, and those that mean nothing do not', async () => {
  const source = noise(7);
  const random = () => Float32Array.from({ length: 64 }, () => source.next().value as number);
  const all = Array.from({ length: 500 }, random);
  const question = random();
  const [chance] = await nearest(question, all);
  expect(chance?.evidence ?? 0).toBeLessThan(0.5);
  const [found] = await nearest(question, [...all, question.map((value, at) => value + (all[0]?.[at] ?? 0))]);
  expect(found?.of).toBe(500);
  expect(found?.evidence).toBeGreaterThan(0.6);
});

it('vectors that are all the same tell nothing', async () => {
  const same = Float32Array.from([1, 2, 3, 4]);
  expect(
    await nearest(
      same,
      Array.from({ length: 20 }, () => same),
    ),
  ).toEqual([]);
});

const signals = {
  together: 0,
  unseen: 0,
  hasNames: 0,
  names: 0,
  margin: 0,
  asked: 0,
  covered: 0,
  hasHeading: 0,
  heading: 0,
};
const ranked = fc
  .array(
    fc.record({
      score: fc.double({ min: 0.01, max: 3.8, noNaN: true }),
      support: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    {
      maxLength: 12,
    },
  )
  .map((some) =>
    some
      .sort((left, right) => right.score - left.score)
      .map((one, at) => ({ ...one, passage: { heading: null, text: String(at) }, signals, coverage: 0 })),
  );

it('what no vector stands out for stays as it was', () => {
  fc.assert(
    fc.property(ranked, (some) => {
      expect(fuse(some, () => 0)).toEqual(some);
    }),
  );
});

it('where words are sure, what they are sure of is overtaken only by what they nearly say too', () => {
  fc.assert(
    fc.property(
      ranked,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 }),
      (some, evidence) => {
        const [first, ...others] = some;
        if (!first) return;
        const sure = [{ ...first, support: 0.99 }, ...others];
        const fused = fuse(sure, ({ text }) => evidence[Number(text)] ?? 0);
        expect(fused[0]?.score).toBeGreaterThanOrEqual(first.score);
        expect(fused.length).toBe(some.length);
        const winner = sure.find(({ passage }) => passage === fused[0]?.passage);
        expect(first.score - (winner?.score ?? 0)).toBeLessThan(0.25);
      },
    ),
  );
});

it('a vector alone never makes an answer as sure as the built-in model needs', () => {
  const unsure = [{ score: 0.1, support: 0, passage: { heading: null, text: '0' }, signals, coverage: 0 }];
  expect(fuse(unsure, () => 1)[0]?.support).toBeLessThan(0.6);
});
