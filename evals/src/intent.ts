// Measures how well a classifier of intents learns from examples: right answers, what is out of scope, and how true its
// probabilities are; training, size and speed (both in processor time) beside them.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Classification, classify } from '../../server/src/learning/intent-model.ts';
import {
  type IntentExample,
  type IntentTraining,
  type IntentTrainingOptions,
  trainIntentClassifier,
} from '../../server/src/learning/intent-training.ts';
import { auroc, calibrationError } from '../../server/src/learning/metrics.ts';
import { runToEnd } from '../../server/src/learning/steps.ts';
import { nlpJsAnswers } from './intent-peers.ts';
import {
  BARE,
  type EvalInput,
  percent,
  processorSeconds,
  type Row,
  readPublicRows,
  readRows,
} from './rows.ts';

const rowSchema = z.object({ text: z.string(), label: z.string() });
type Labelled = z.infer<typeof rowSchema>;

interface IntentSet {
  readonly set: string;
  /** The file that is learned from. */
  readonly train: string;
  /** What stands before the split's name: `en.` of `en.dev`. */
  readonly prefix?: string;
  /** English unless it is named. */
  readonly language?: 'es' | 'pt';
  /** What rows out of scope are labelled. */
  readonly strangers?: string;
  /** The share of such rows in the published test part, which the threshold is chosen for. */
  readonly outOfScopeShare?: number;
  /** Whether how sure the model may be is learned from the dev part, which no other choice of a model is. */
  readonly usesDev?: boolean;
  /** What a hashed tf-idf with a linear support vector machine reaches on the held-back part. */
  readonly right: number;
}

const CLINC_COMBINED = { value: 88.2, from: 'BERT with threshold' };
const BANKING_OOS = { value: 0.906, from: 'linear' };

const SETS: readonly IntentSet[] = [
  {
    set: 'intent_clinc150',
    train: 'train',
    strangers: 'oos',
    outOfScopeShare: 2 / 11,
    usesDev: true,
    right: 92.5,
  },
  { set: 'intent_banking77', train: 'train', right: 91.4 },
  { set: 'intent_banking77', train: 'train_10shot', right: 73.1 },
  {
    set: 'intent_banking77_oos',
    train: 'train',
    strangers: 'oos',
    outOfScopeShare: 27 / 77,
    right: Number.NaN,
  },
  { set: 'intent_hwu64', train: 'train', right: 88.3 },
  { set: 'intent_hwu64', train: 'train_10shot', right: 71.2 },
  { set: 'intent_mtod_es', train: 'train', language: 'es', right: 98.5 },
  { set: 'intent_mtod_en', train: 'train', right: 97.3 },
  { set: 'intent_tiny_chatbot', train: 'train', right: 99.1 },
  { set: 'intent_tiny_askubuntu', train: 'train', strangers: 'None', right: 92.7 },
  { set: 'intent_tiny_webapplications', train: 'train', strangers: 'None', right: 81.4 },
  { set: 'intent_homeassistant', train: 'en.train', prefix: 'en.', right: 99 },
  { set: 'intent_homeassistant', train: 'es.train', prefix: 'es.', language: 'es', right: 96.1 },
  { set: 'intent_homeassistant', train: 'pt.train', prefix: 'pt.', language: 'pt', right: 94.7 },
];

export async function run(input: EvalInput): Promise<Row[]> {
  const found = SETS.filter(({ set, prefix = '' }) =>
    existsSync(join(input.dataDirectory, set, `${prefix}${input.split}.jsonl`)),
  );
  const rows: Row[] = [];
  for (const one of found) rows.push(...(await measure(one, input)));
  return rows;
}

async function measure(
  one: IntentSet,
  { dataDirectory, split, seed, peers: withPeers }: EvalInput,
): Promise<Row[]> {
  const read = (file: string) => readPublicRows(dataDirectory, one.set, file, rowSchema);
  const rows = readRows(dataDirectory, one.set, `${one.prefix ?? ''}${split}`, rowSchema);
  const examplesOf = (labelled: readonly Labelled[]): IntentExample[] =>
    labelled.map(({ text, label }) => ({ text, label: isStranger(one, label) ? null : label }));
  const options: IntentTrainingOptions = {
    seed,
    outOfScopeShare: one.outOfScopeShare,
    heldOut: one.usesDev === true ? examplesOf(read('dev')) : undefined,
  };
  const labelled = read(one.train);
  const examples = examplesOf(labelled);
  const startedAt = processorSeconds();
  const training = runToEnd(trainIntentClassifier(examples, options));
  const trainSeconds = processorSeconds() - startedAt;
  const { answers, microsPerRow } = classifyAll(training, rows);
  const set = one.train === 'train' ? one.set : `${one.set}/${one.train.replace('.train', '')}`;
  const row = {
    ...BARE,
    task: 'intent',
    set,
    split,
    unit: '%',
    trainSeconds,
    bytes: training.bytes.length,
    microsPerRow,
  } as const;
  const known = rows.map(({ label }) => !isStranger(one, label));
  const rightOf = (given: readonly (string | null)[]) =>
    rows.map(({ label }, at) => label === given[at]).filter((_, at) => known[at] === true);
  const within = rightOf(answers.map(({ ranked }) => ranked[0]?.label ?? null));
  const share = (right: readonly boolean[]) => percent(right.filter(Boolean).length, right.length);
  const texts = rows.map(({ text }) => text);
  const peers: Row['peers'] = withPeers
    ? { 'nlp.js': share(rightOf(await nlpJsAnswers(one.language ?? 'en', labelled, texts))) }
    : {};
  const probabilities = answers.map(({ probability }) => probability).filter((_, at) => known[at] === true);
  const figures: Row[] = [
    {
      ...row,
      metric: 'right',
      value: share(within),
      peers,
      baseline: Number.isNaN(one.right) ? null : { value: one.right, from: 'linear' },
      count: within.length,
    },
    {
      ...row,
      metric: 'calibration',
      unit: 'error',
      value: calibrationError(probabilities, within),
      count: within.length,
    },
  ];
  if (within.length === rows.length) return figures;
  const whole = rows.filter(
    ({ label }, at) => (isStranger(one, label) ? null : label) === answers[at]?.label,
  );
  const strangers = answers.filter((_, at) => known[at] === false);
  const scores = answers.map(({ inScope }) => inScope);
  return [
    ...figures,
    {
      ...row,
      metric: 'right with out of scope',
      value: percent(whole.length, rows.length),
      baseline: one.set === 'intent_clinc150' ? CLINC_COMBINED : null,
      count: rows.length,
    },
    {
      ...row,
      metric: 'out of scope rejected',
      value: percent(strangers.filter(({ label }) => label === null).length, strangers.length),
      count: strangers.length,
    },
    {
      ...row,
      metric: 'out of scope',
      unit: 'AUROC',
      value: auroc(scores, known),
      baseline: one.set === 'intent_banking77_oos' ? BANKING_OOS : null,
      count: rows.length,
    },
  ];
}

function isStranger({ strangers }: IntentSet, label: string): boolean {
  return label === strangers;
}

/** The fastest of five passes, after one to warm up. */
function classifyAll({ model }: IntentTraining, rows: readonly Labelled[]) {
  const pass = (): Classification[] => rows.map(({ text }) => classify(model, text));
  pass();
  let seconds = Number.POSITIVE_INFINITY;
  let answers: Classification[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    const startedAt = processorSeconds();
    answers = pass();
    seconds = Math.min(seconds, processorSeconds() - startedAt);
  }
  return { answers, microsPerRow: (1e6 * seconds) / rows.length };
}
