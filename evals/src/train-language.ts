// Makes the language model that ships.

import { BucketRows, bucketModelOf } from '../../server/src/learning/bucket-model.ts';
import { type LinearModel, trainSoftmax } from '../../server/src/learning/linear.ts';
import { runToEnd } from '../../server/src/learning/steps.ts';
import { LANGUAGES, writeLanguageModel } from '../../server/src/modules/understanding/language.ts';
import { readLanguageFeatures } from '../../server/src/modules/understanding/language-features.ts';
import { languageExamples } from './language-examples.ts';

const BUCKET_COUNT = 150_000;
const CLASSES = [...LANGUAGES, 'other'] as const;

export function trainLanguage(dataDirectory: string, seed: number): Uint8Array {
  const examples = languageExamples(dataDirectory, seed);
  const rows = new BucketRows(BUCKET_COUNT);
  for (const { text } of examples) {
    const { buckets, count } = readLanguageFeatures(text, BUCKET_COUNT);
    rows.add(buckets, count, count === 0 ? 0 : 1 / Math.sqrt(count));
  }
  const model = runToEnd(
    trainSoftmax(
      {
        matrix: rows.matrix(),
        labels: Uint32Array.from(examples, ({ language }) => CLASSES.indexOf(language)),
        importance: Float32Array.from(examples, ({ importance }) => importance),
        classCount: CLASSES.length,
        seed,
      },
      { learningRate: 0.2, penalty: 0, epochs: 4 },
    ),
  );
  return writeLanguageModel(bucketModelOf(againstLast(model)));
}

/** Softmax knows differences only: the last class can be 0 for every feature, and then need not be kept. */
function againstLast({ weights, bias, columnCount, classCount }: LinearModel): LinearModel {
  const kept = classCount - 1;
  const smaller = new Float32Array(columnCount * kept);
  for (let column = 0; column < columnCount; column += 1) {
    const last = weights[column * classCount + kept] as number;
    for (let k = 0; k < kept; k += 1)
      smaller[column * kept + k] = (weights[column * classCount + k] as number) - last;
  }
  return {
    weights: smaller,
    bias: Float32Array.from({ length: kept }, (_, k) => (bias[k] as number) - (bias[kept] as number)),
    columnCount,
    classCount: kept,
  };
}
