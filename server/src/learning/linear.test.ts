import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnOf, learnFeatureSpace, vectorise } from './feature-space.ts';
import { hashText } from './hashing.ts';
import { argmax, type LinearModel, scoreRow, type Training, trainSoftmax, trainSvm } from './linear.ts';
import { seededRandom, shuffle, stratifiedFolds } from './random.ts';
import { matrixOf, rowOf, selectRows } from './sparse.ts';
import { runToEnd } from './steps.ts';

/** Three classes, each with three words of its own among five that all of them use. */
function toyTraining(): Training {
  const random = seededRandom(5);
  const labels = Uint32Array.from({ length: 90 }, (_, row) => row % 3);
  const texts = Array.from(labels, (label) =>
    Array.from({ length: 6 }, (_, at) => {
      const choice = Math.floor(random() * (at < 3 ? 3 : 5));
      return hashText(at < 3 ? `own ${label} ${choice}` : `shared ${choice}`);
    }),
  );
  const space = learnFeatureSpace(texts);
  const rows = texts.map((text) => vectorise(space, text));
  return { matrix: matrixOf(rows, space.hashes.length), labels, classCount: 3, seed: 1 };
}

function predict(model: LinearModel, { matrix }: Training): number[] {
  const scores = new Float64Array(model.classCount);
  return Array.from({ length: matrix.rowCount }, (_, row) => {
    scoreRow(model, rowOf(matrix, row), scores);
    return argmax(scores);
  });
}

const trainers = {
  svm: (training: Training) => trainSvm(training, { cost: 1, epochs: 6 }),
  softmax: (training: Training) => trainSoftmax(training, { learningRate: 0.5, penalty: 1e-4, epochs: 6 }),
};

for (const [name, trainer] of Object.entries(trainers)) {
  test(`${name}: classes that words tell apart are told apart`, () => {
    const training = toyTraining();
    expect(predict(runToEnd(trainer(training)), training)).toEqual([...training.labels]);
  });

  test(`${name}: the same seed gives the same weights, to the last bit`, () => {
    const training = toyTraining();
    expect(runToEnd(trainer(training))).toEqual(runToEnd(trainer(training)));
  });

  test(`${name}: a row that counts for nothing teaches nothing`, () => {
    const training = toyTraining();
    // Every third row is given a wrong class, and no weight.
    const labels = training.labels.map((label, row) => (row % 9 < 3 ? (label + 1) % 3 : label));
    const importance = Float32Array.from(labels, (_, row) => (row % 9 < 3 ? 1e-6 : 1));
    const model = runToEnd(trainer({ ...training, labels, importance }));
    expect(predict(model, training)).toEqual([...training.labels]);
  });

  test(`${name}: one class only is learned as well`, () => {
    const training = { ...toyTraining(), labels: new Uint32Array(90), classCount: 1 };
    expect(new Set(predict(runToEnd(trainer(training)), training))).toEqual(new Set([0]));
  });

  test(`${name}: contradicting labels give finite weights`, () => {
    const { matrix } = toyTraining();
    const twice = selectRows(matrix, [0, 0]);
    const model = runToEnd(trainer({ matrix: twice, labels: Uint32Array.of(0, 1), classCount: 2, seed: 1 }));
    expect(model.weights.every(Number.isFinite)).toBe(true);
  });
}

test('a feature is found by its hash, and one that was not there is not', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 1 }), (hashes) => {
      const [missing = 0, ...known] = hashes;
      const space = learnFeatureSpace([known]);
      for (const hash of known) expect(space.hashes[columnOf(space, hash)]).toBe(hash);
      expect(columnOf(space, missing)).toBe(-1);
    }),
  );
});

test('rare features are left out, and of too many those of the fewest texts', () => {
  const texts = [[1, 2, 3], [1, 2], [1], [9]];
  expect([...learnFeatureSpace(texts, { textsMin: 2 }).hashes]).toEqual([1, 2]);
  expect([...learnFeatureSpace(texts, { featuresMax: 1 }).hashes]).toEqual([1]);
});

test('a vector has length 1 and each column once, or nothing where nothing is known', () => {
  const space = learnFeatureSpace([[5, 5, 7], [7]]);
  const vector = vectorise(space, [7, 5, 7, 99]);
  expect([...vector.columns]).toEqual([1, 0]);
  expect(vectorise(space, [7, 5, 7, 99])).toEqual(vector);
  expect(Math.hypot(...vector.values)).toBeCloseTo(1);
  expect(vectorise(space, [99]).columns).toHaveLength(0);
});

test('shuffling keeps every item, and folds hold every class', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.nat(3), { minLength: 1 }), (seed, labels) => {
      const random = seededRandom(seed);
      expect(shuffle([...labels], random).sort()).toEqual([...labels].sort());
      const folds = stratifiedFolds(labels, 3, random);
      for (const label of new Set(labels)) {
        const counts = [0, 1, 2].map(
          (fold) => labels.filter((other, row) => other === label && folds[row] === fold).length,
        );
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }
    }),
  );
});
