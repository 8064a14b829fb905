// Makes the sentiment model that ships: one linear classifier for each language, in one file.

import { type BucketModel, bucketModelOf } from '../../server/src/learning/bucket-model.ts';
import { fitTemperature } from '../../server/src/learning/calibration.ts';
import { trainSvm } from '../../server/src/learning/linear.ts';
import { matrixOf, type SparseVector } from '../../server/src/learning/sparse.ts';
import { runToEnd } from '../../server/src/learning/steps.ts';
import type { Language } from '../../server/src/modules/understanding/language.ts';
import {
  type LanguageSentiment,
  SENTIMENTS,
  scoreSentiment,
  writeSentimentModel,
} from '../../server/src/modules/understanding/sentiment.ts';
import {
  LEXICON_COLUMNS,
  readSentimentFeatures,
  type SentimentLexicon,
  tokeniseSentiment,
} from '../../server/src/modules/understanding/sentiment-features.ts';
import {
  type SentimentRow,
  sentimentDevRows,
  sentimentExamples,
  sentimentLexicon,
} from './sentiment-examples.ts';

interface SentimentTraining {
  readonly language: Language;
  readonly bucketCount: number;
  readonly lexicon: SentimentLexicon;
  readonly seed: number;
}

const CLASS_COUNT = SENTIMENTS.length;
const EPOCHS = 10;
const COST = 0.15;
/** There are fifteen times as many texts in English. */
const BUCKET_COUNTS = { en: 155_000, es: 50_000, pt: 50_000 };
/** How many rows that do not exist are added to each count. */
const SMOOTHING = 0.5;
const RATIO_MAX = 3;
const RATIO_MIN = 0.2;

export function trainSentiment(dataDirectory: string, seed: number): Uint8Array {
  const train = (language: Language): LanguageSentiment => {
    const lexicon = sentimentLexicon(language);
    const bucketCount = BUCKET_COUNTS[language];
    const rows = sentimentExamples(dataDirectory, language);
    const model = trainSentimentOf(rows, { language, bucketCount, lexicon, seed });
    const devRows = sentimentDevRows(dataDirectory, language);
    const scores = devRows.map(({ text }) => {
      const margins = new Float64Array(CLASS_COUNT);
      scoreSentiment({ model, lexicon }, tokeniseSentiment(text, language), margins);
      return margins;
    });
    const labels = devRows.map(({ label }) => SENTIMENTS.indexOf(label));
    return { model, lexicon, factor: fitTemperature(scores, labels) };
  };
  return writeSentimentModel({ en: train('en'), es: train('es'), pt: train('pt') });
}

/**
 * A support vector machine for each sentiment against the others, over features weighed by how unevenly they are spread over the
 * sentiments (NBSVM, Wang and Manning 2012), each sentiment counting as much as the others. The factors go into the weights.
 */
function trainSentimentOf(rows: readonly SentimentRow[], training: SentimentTraining): BucketModel {
  const { language, bucketCount, lexicon, seed } = training;
  const columnCount = bucketCount + LEXICON_COLUMNS;
  const labels = Uint32Array.from(rows, ({ label }) => SENTIMENTS.indexOf(label));
  const vectors = rows.map(({ text }) => vectorOf(text));
  const ratios = spreadRatios(vectors, labels, bucketCount);
  for (const { columns, values } of vectors)
    for (let at = 0; at < columns.length; at += 1)
      values[at] = (values[at] as number) * (ratios[columns[at] as number] as number);
  const counts = new Uint32Array(CLASS_COUNT);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  const importance = Float32Array.from(
    labels,
    (label) => rows.length / CLASS_COUNT / (counts[label] as number),
  );
  const model = runToEnd(
    trainSvm(
      { matrix: matrixOf(vectors, columnCount), labels, classCount: CLASS_COUNT, importance, seed },
      { cost: COST, epochs: EPOCHS },
    ),
  );
  const weights = model.weights.map(
    (weight, at) => weight * (ratios[Math.floor(at / CLASS_COUNT)] as number),
  );
  return bucketModelOf({ ...model, weights });

  function vectorOf(text: string): SparseVector {
    const { buckets, values, count } = readSentimentFeatures(
      tokeniseSentiment(text, language),
      bucketCount,
      lexicon,
    );
    const sums = new Map<number, number>();
    for (let at = 0; at < count; at += 1) {
      const bucket = buckets[at] as number;
      sums.set(bucket, (sums.get(bucket) ?? 0) + (values[at] as number));
    }
    const columns = Uint32Array.from(sums.keys()).sort();
    return { columns, values: Float32Array.from(columns, (column) => sums.get(column) ?? 0) };
  }
}

/** How unevenly each feature is spread, as a factor; 1 for what the word list says. */
function spreadRatios(
  vectors: readonly SparseVector[],
  labels: Uint32Array,
  bucketCount: number,
): Float32Array {
  const columnCount = bucketCount + LEXICON_COLUMNS;
  const counts = new Float32Array(columnCount * CLASS_COUNT).fill(SMOOTHING);
  const totals = new Float64Array(CLASS_COUNT);
  vectors.forEach(({ columns }, row) => {
    const label = labels[row] as number;
    totals[label] = (totals[label] as number) + 1;
    for (const column of columns)
      counts[column * CLASS_COUNT + label] = (counts[column * CLASS_COUNT + label] as number) + 1;
  });
  return Float32Array.from({ length: columnCount }, (_, column) => {
    if (column >= bucketCount) return 1;
    const shares = Array.from(totals, (total, k) => (counts[column * CLASS_COUNT + k] as number) / total);
    const sum = shares.reduce((all, share) => all + share, 0);
    const largest = Math.max(...shares.map((share) => Math.abs(Math.log((2 * share) / (sum - share)))));
    return Math.min(RATIO_MAX, largest) + RATIO_MIN;
  });
}
