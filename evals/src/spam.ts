// Measures how well spam is told from what people write to one another.

import { z } from 'zod';
import { calibrationError, classMetrics } from '../../server/src/learning/metrics.ts';
import {
  isSpam,
  readSpamModel,
  spamProbability,
  trainSpamModel,
  writeSpamModel,
} from '../../server/src/learning/spam.ts';
import { runToEnd } from '../../server/src/learning/steps.ts';
import {
  BARE,
  type EvalInput,
  percent,
  processorSeconds,
  type Row,
  readPublicRows,
  readRows,
} from './rows.ts';

const SET = 'sms_spam';
const labelled = z
  .object({ text: z.string(), label: z.string() })
  .transform(({ text, label }) => ({ text, label, isSpam: label === 'spam' }));

// The head of the table stands among the rows of the train part, as a row.
const isRow = ({ label }: { label: string }) => label === 'spam' || label === 'ham';

/** The bytes of the model that ships. */
export function trainSpam(dataDirectory: string, seed: number): Uint8Array {
  const examples = readPublicRows(dataDirectory, SET, 'train', labelled).filter(isRow);
  return writeSpamModel(runToEnd(trainSpamModel(examples, seed)));
}

export async function run({ dataDirectory, split, seed }: EvalInput): Promise<Row[]> {
  const rows = readRows(dataDirectory, SET, split, labelled).filter(isRow);
  const startedAt = processorSeconds();
  const bytes = trainSpam(dataDirectory, seed);
  const trainSeconds = processorSeconds() - startedAt;
  const model = readSpamModel(bytes);
  const pass = () => rows.map(({ text }) => spamProbability(model, text));
  pass();
  const passedFrom = processorSeconds();
  const probabilities = pass();
  const microsPerRow = (1e6 * (processorSeconds() - passedFrom)) / rows.length;
  const row = {
    ...BARE,
    task: 'spam',
    set: SET,
    split,
    unit: '%',
    trainSeconds,
    bytes: bytes.length,
    microsPerRow,
    count: rows.length,
  } as const;
  const said = probabilities.map((probability) => (isSpam(probability) ? 1 : 0));
  const actual = rows.map((each) => (each.isSpam ? 1 : 0));
  const isRight = rows.map((_, at) => said[at] === actual[at]);
  const spam = classMetrics(said, actual, 2)[1];
  const linear = (value: number) => ({ value, from: 'linear' });
  return [
    { ...row, metric: 'F1', value: 100 * (spam?.f1 ?? Number.NaN), baseline: linear(97.4) },
    {
      ...row,
      metric: 'right',
      value: percent(isRight.filter(Boolean).length, rows.length),
      baseline: linear(99),
    },
    {
      ...row,
      metric: 'ham marked',
      value: 100 * (1 - (classMetrics(said, actual, 2)[0]?.recall ?? Number.NaN)),
    },
    {
      ...row,
      metric: 'calibration',
      unit: 'error',
      value: calibrationError(
        probabilities.map((probability) => Math.max(probability, 1 - probability)),
        isRight,
      ),
    },
  ];
}
