// Marks messages that look like spam. It only says how probable that is; what becomes of the message is for others to say.

import { z } from 'zod';
import { applySigmoid, fitSigmoid, type Sigmoid } from './calibration.ts';
import { type FeatureSpace, featureSpaceOf, learnFeatureSpace, vectorise } from './feature-space.ts';
import { hashCharacterNgrams, hashText, hashWordNgrams } from './hashing.ts';
import { type LinearModel, scoreRow, trainSvm } from './linear.ts';
import { arrayOf, readModelFile, writeModelFile } from './model-file.ts';
import { dequantise, quantise } from './quantise.ts';
import { seededRandom, stratifiedFolds } from './random.ts';
import { matrixOf, selectRows } from './sparse.ts';
import { between } from './steps.ts';
import { TEXT_LENGTH_MAX, tokenise } from './tokenise.ts';

export interface SpamExample {
  readonly text: string;
  readonly isSpam: boolean;
}

export interface SpamModel {
  readonly space: FeatureSpace;
  /** Of two classes, spam the second. */
  readonly linear: LinearModel;
  readonly sigmoid: Sigmoid;
}

/** The probability that a message is spam, 0 to 1; 0 for a text that says nothing. */
export function spamProbability(model: SpamModel, text: string): number {
  const hashes = spamFeatures(text);
  const vector = vectorise(model.space, hashes);
  if (vector.columns.length === 0) return 0;
  return applySigmoid(model.sigmoid, marginOf(model.linear, vector));
}

/** Whether it is likelier than not. */
export const isSpam = (probability: number): boolean => probability >= 0.5;

const FEATURES_MAX = 40_000;
const FOLDS = 5;

/**
 * Trains on messages of both kinds, in steps that yield the share that is done. How sure it may be is learned on parts left out.
 * @throws {RangeError} before the first step where one kind has fewer than five messages
 */
export function* trainSpamModel(examples: readonly SpamExample[], seed = 1): Generator<number, SpamModel> {
  const labels = Uint32Array.from(examples, ({ isSpam }) => (isSpam ? 1 : 0));
  const spamCount = labels.reduce((sum, label) => sum + label, 0);
  if (Math.min(spamCount, labels.length - spamCount) < FOLDS)
    throw new RangeError('a spam model needs at least five messages of both kinds');
  const texts = examples.map(({ text }) => spamFeatures(text));
  const space = learnFeatureSpace(texts, { textsMin: 2, featuresMax: FEATURES_MAX });
  const matrix = matrixOf(
    texts.map((text) => vectorise(space, text)),
    space.hashes.length,
  );
  const folds = stratifiedFolds(labels, FOLDS, seededRandom(seed));
  const margins: number[] = [];
  const isSpam: boolean[] = [];
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const rows = [...labels.keys()];
    const kept = rows.filter((row) => folds[row] !== fold);
    const linear = yield* trainOn(kept, fold);
    for (const row of rows.filter((one) => folds[one] === fold)) {
      margins.push(marginOf(linear, vectorise(space, texts[row] ?? [])));
      isSpam.push(labels[row] === 1);
    }
  }
  const linear = yield* trainOn([...labels.keys()], FOLDS);
  return { space, linear, sigmoid: fitSigmoid(margins, isSpam) };

  function* trainOn(rows: readonly number[], turn: number): Generator<number, LinearModel> {
    const training = {
      matrix: selectRows(matrix, rows),
      labels: Uint32Array.from(rows, (row) => labels[row] as number),
      classCount: 2,
      seed,
    };
    const [from, to] = [turn / (FOLDS + 1), (turn + 1) / (FOLDS + 1)];
    return yield* between(from, to, trainSvm(training, { cost: 2, epochs: 10 }));
  }
}

function marginOf(linear: LinearModel, vector: ReturnType<typeof vectorise>): number {
  const scores = new Float64Array(2);
  scoreRow(linear, vector, scores);
  return ((scores[1] as number) - (scores[0] as number)) / 2;
}

/** Signs that are the same in every language, and words and their pieces. */
function spamFeatures(text: string): number[] {
  const words = tokenise(text, { keepsPunctuation: true });
  const signs = spamSigns(text.slice(0, TEXT_LENGTH_MAX));
  return [
    ...hashWordNgrams(words, 1, 2),
    ...hashCharacterNgrams(words, 2, 5),
    ...signs.map((sign) => hashText(sign, SIGN_SEED)),
  ];
}

const SIGN_SEED = 2;
const SHORTENERS = /\b(?:bit\.ly|tinyurl\.com|t\.co|goo\.gl|is\.gd|cutt\.ly|ow\.ly)\//i;

function spamSigns(text: string): string[] {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const capitals = text.match(/\p{Lu}/gu)?.length ?? 0;
  const digits = text.match(/\p{Nd}/gu)?.length ?? 0;
  const signs = [
    `length ${Math.min(8, Math.floor(text.length / 25))}`,
    `digits ${Math.min(8, Math.floor(digits / 3))}`,
    `capitals ${letters < 10 ? 'few letters' : Math.floor((5 * capitals) / letters)}`,
  ];
  const has = (sign: string, pattern: RegExp) => {
    if (pattern.test(text)) signs.push(sign);
  };
  has(
    'link',
    /https?:\/\/|\bwww\.|\b[a-z0-9-]{2,}\.(?:com|net|org|info|biz|co|tv|ly|me|io|br|es|mx|pt|uk)\b/i,
  );
  has('shortened link', SHORTENERS);
  has('money', /[£€$¥]\s?\d|\d\s?[£€$¥]|\bR\$|\b\d+\s?(?:p|gbp|usd|eur|euros?|reais|pesos|d[oó]lares)\b/i);
  has('long number', /(?<!\d)\d(?:[ -]?\d){9,14}(?!\d)/);
  has('premium number', /(?<!\d)(?:0?90\d|087\d|09\d{2}|80[67])[ -]?\d{3}[ -]?\d{3,5}(?!\d)/);
  has('short code', /(?<![\d£€$.,])\d{5,6}(?![\d.,]\d)/);
  has('keyword to send', /\b(?:text|txt|reply|send|env[ií]a|responde|manda|envie)\b[^.]{0,25}\b[A-Z]{2,}\b/u);
  has('shouted words', /(?:\p{Lu}{3,}\W+){2,}\p{Lu}{3,}/u);
  has('many exclamations', /!.*!.*!|!!/s);
  has('terms', /\bT&Cs?\b|\bterms\b|\b(?:18|16)\+|\bp\/?min\b|\bppm\b/i);
  return signs;
}

const KIND = 'spam/1';
const headSchema = z.object({ slope: z.number(), offset: z.number() });

export function writeSpamModel({ space, linear, sigmoid }: SpamModel): Uint8Array<ArrayBuffer> {
  // One weight a column says as much as two that mirror each other.
  const difference = Float32Array.from(
    space.hashes,
    (_, column) => (linear.weights[2 * column + 1] as number) - (linear.weights[2 * column] as number),
  );
  const weights = quantise(difference, Math.max(1, difference.length));
  return writeModelFile({
    kind: KIND,
    head: sigmoid,
    arrays: {
      hashes: space.hashes,
      idf: space.idf,
      weights: weights.values,
      scale: weights.scales,
      bias: Float32Array.of((linear.bias[1] as number) - (linear.bias[0] as number)),
    },
  });
}

/** @throws {ModelFileError} for a file that is damaged, of another kind, or whose parts do not fit one another */
export function readSpamModel(bytes: Uint8Array): SpamModel {
  const file = readModelFile(bytes, KIND, headSchema);
  const hashes = arrayOf(file, 'hashes', 'u32');
  const columnCount = hashes.length;
  const values = arrayOf(file, 'weights', 'i8', columnCount);
  const difference = dequantise({
    rowCount: 1,
    columnCount,
    values,
    scales: arrayOf(file, 'scale', 'f32', 1),
  });
  const weights = new Float32Array(2 * columnCount);
  difference.forEach((weight, column) => {
    weights[2 * column + 1] = weight;
  });
  const bias = Float32Array.of(0, arrayOf(file, 'bias', 'f32', 1)[0] as number);
  return {
    space: featureSpaceOf(hashes, arrayOf(file, 'idf', 'f32', columnCount)),
    linear: { classCount: 2, columnCount, weights, bias },
    sigmoid: file.head,
  };
}
