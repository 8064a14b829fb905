import { expect, test } from 'vitest';
import {
  type EmbeddingClassifier,
  embedRow,
  joinEmbeddings,
  scoreEmbedded,
  trainEmbedding,
} from './embedding.ts';
import { argmax, type Training } from './linear.ts';
import { seededRandom } from './random.ts';
import { matrixOf, rowOf } from './sparse.ts';
import { runToEnd } from './steps.ts';

const options = { epochs: 20, learningRate: 0.05, dropout: 0.3, gain: 1 };

/** Six classes of four columns each; a row has three of its class and one of any. */
function toyTraining(): Training {
  const random = seededRandom(3);
  const labels = Uint32Array.from({ length: 120 }, (_, row) => row % 6);
  const rows = Array.from(labels, (label) => {
    const own = [0, 1, 2, 3].filter((_, at) => at !== Math.floor(random() * 4)).map((at) => label * 4 + at);
    const columns = Uint32Array.from(new Set([...own, Math.floor(random() * 24)]));
    return { columns, values: new Float32Array(columns.length).fill(0.5) };
  });
  return { matrix: matrixOf(rows, 24), labels, classCount: 6, seed: 1 };
}

function scoresOf(model: EmbeddingClassifier, { matrix }: Training, row: number): Float64Array {
  const text = new Float64Array(model.dimensions);
  embedRow(model, rowOf(matrix, row), text);
  const scores = new Float64Array(model.classCount);
  scoreEmbedded(model, text, scores);
  return scores;
}

test('classes that columns tell apart are told apart', () => {
  const training = toyTraining();
  const model = runToEnd(trainEmbedding(training, { ...options, dimensions: 16 }));
  const predicted = Array.from(training.labels, (_, row) => argmax(scoresOf(model, training, row)));
  expect(predicted).toEqual([...training.labels]);
});

test('joined classifiers give the mean of what each gives, also where they differ in size', () => {
  const training = toyTraining();
  const members = [4, 7, 9].map((dimensions, at) =>
    runToEnd(trainEmbedding({ ...training, seed: at }, { ...options, dimensions })),
  );
  const joined = joinEmbeddings(members);
  expect(joined.dimensions).toBe(20);
  for (const row of [0, 1, 50]) {
    const each = members.map((member) => scoresOf(member, training, row));
    scoresOf(joined, training, row).forEach((score, k) => {
      expect(score).toBeCloseTo(each.reduce((sum, scores) => sum + (scores[k] ?? Number.NaN), 0) / 3, 5);
    });
  }
});
