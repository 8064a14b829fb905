// Trains a classifier of intents on the examples of one workspace, in steps: seconds for thousands of examples.

import { fitLogistic, fitTemperature, type Logistic } from './calibration.ts';
import { type EmbeddingClassifier, joinEmbeddings, trainEmbedding } from './embedding.ts';
import {
  columnCountOf,
  hashesOf,
  hashesOfName,
  learnIntentSpaces,
  type TextHashes,
  vectoriseText,
} from './intent-features.ts';
import { readIntentModel, writeIntentModel } from './intent-file.ts';
import { confidenceOf, type IntentModel, type ScoredText, scoreText, signalsOf } from './intent-model.ts';
import { type Training, trainSoftmax } from './linear.ts';
import { seededRandom, stratifiedFolds } from './random.ts';
import { matrixOf } from './sparse.ts';
import { between } from './steps.ts';

export interface IntentExample {
  readonly text: string;
  /** What the message is about; null for one that is about none of the intents. */
  readonly label: string | null;
}

export interface IntentTrainingOptions {
  readonly seed?: number;
  /** How many of all messages mean none of the intents, as far as is known: the more, the sooner one is taken for such. */
  readonly outOfScopeShare?: number;
  /**
   * Examples that are learned from only to know how sure the model may be. Without them, parts of the examples are left out in
   * turns, and intents with them, to see what it makes of what it does not know.
   */
  readonly heldOut?: readonly IntentExample[];
}

export interface IntentTraining {
  readonly model: IntentModel;
  /** The model as a file; `model` is what is read from it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Examples that were learned from, and those left out because they say nothing. */
  readonly used: number;
  readonly empty: number;
  /** Examples whose words another example has with another label: the model cannot be right about both. */
  readonly contradicting: number;
}

export const EXAMPLES_MAX = 50_000;
export const LABELS_MAX = 500;

export type IntentTrainingProblem = 'too_many_examples' | 'too_many_labels' | 'one_label';

/** Why a classifier cannot be trained on these examples. */
export class IntentTrainingError extends Error {
  readonly problem: IntentTrainingProblem;
  constructor(problem: IntentTrainingProblem, message: string) {
    super(message);
    this.name = 'IntentTrainingError';
    this.problem = problem;
  }
}

/**
 * Trains in steps of some tens of milliseconds: each yields the share that is done, 0 to 1, and who trains may stop after any.
 * @throws {IntentTrainingError} before the first step
 */
export function* trainIntentClassifier(
  examples: readonly IntentExample[],
  { seed = 1, outOfScopeShare = 0.1, heldOut }: IntentTrainingOptions = {},
): Generator<number, IntentTraining> {
  if (examples.length > EXAMPLES_MAX)
    throw new IntentTrainingError(
      'too_many_examples',
      `A classifier learns from ${EXAMPLES_MAX} examples at most; these are ${examples.length}.`,
    );
  const set = exampleSet(examples.map(readExample));
  if (set.names.length > LABELS_MAX)
    throw new IntentTrainingError(
      'too_many_labels',
      `A classifier knows ${LABELS_MAX} intents at most; these are ${set.names.length}.`,
    );
  if (set.names.length < 2)
    throw new IntentTrainingError(
      'one_label',
      'A classifier needs examples of at least two intents that have words in them.',
    );
  const rehearsals = heldOut === undefined ? rehearsalsOf(set, seed) : [];
  const observed: Observation[] = [];
  const trainings = rehearsals.length + 1;
  for (const [turn, { kept, left }] of rehearsals.entries()) {
    const parts = yield* between(turn / trainings, (turn + 1) / trainings, trainParts(kept, seed));
    observed.push(...observe(parts, left));
  }
  const parts = yield* between(rehearsals.length / trainings, 1, trainParts(set, seed));
  if (heldOut !== undefined) observed.push(...observe(parts, heldOut.map(readExample)));
  // A rehearsal in which all examples out of scope were left out had no class for them, and says nothing about one.
  const knowsStrangers = parts.linear.classCount > parts.labels.length;
  const alike = observed.filter(({ scored }) => (scored.lead !== null) === knowsStrangers);
  const bytes = writeIntentModel({ ...parts, ...calibrate(alike, outOfScopeShare) });
  return {
    model: readIntentModel(bytes),
    bytes,
    used: set.examples.length,
    empty: examples.length - set.examples.length,
    contradicting: contradictionsOf(set.examples),
  };
}

interface ReadExample {
  readonly text: TextHashes;
  readonly label: string | null;
}

interface ExampleSet {
  /** The distinct labels, in the order in which they first stand there. */
  readonly names: readonly string[];
  readonly examples: readonly ReadExample[];
}

function readExample({ text, label }: IntentExample): ReadExample {
  return { text: hashesOf(text), label };
}

function exampleSet(examples: readonly ReadExample[]): ExampleSet {
  const spoken = examples.filter(({ text }) => text.words.length > 0);
  const names = new Set(spoken.map(({ label }) => label));
  names.delete(null);
  return { names: [...names] as string[], examples: spoken };
}

function contradictionsOf(examples: readonly ReadExample[]): number {
  const labelsOf = new Map<string, Set<string | null>>();
  const keys = examples.map(({ text }) => text.words.join(' '));
  keys.forEach((key, at) => {
    const labels = labelsOf.get(key) ?? new Set();
    labelsOf.set(key, labels.add(examples[at]?.label ?? null));
  });
  return keys.filter((key) => (labelsOf.get(key)?.size ?? 0) > 1).length;
}

type Parts = Pick<IntentModel, 'labels' | 'spaces' | 'linear' | 'embedding'>;

const DIMENSIONS = 64;
/** What a model may weigh as a file, less its smaller parts. A column takes a byte for each class and dimension, and its hash, weight and scales. */
const BYTES_MAX = 4_900_000;
const BYTES_PER_COLUMN = 16;
const MANY_EXAMPLES = 3_000;
/** Embeddings that are joined where the file has room for them without fewer columns. */
const MEMBERS_MAX = 3;
/**
 * Chosen over many splits of train and dev parts together. Few examples need more passes, and gain more from the embedding, which is
 * nearly linear then.
 */
const RECIPES = {
  few: {
    linear: { learningRate: 0.5, penalty: 0, epochs: 10, damping: 1e-2 },
    embedding: { dimensions: DIMENSIONS, epochs: 20, learningRate: 0.05, dropout: 0.5, gain: 0.8 },
    linearShare: 0.3,
  },
  many: {
    linear: { learningRate: 0.5, penalty: 0, epochs: 8, damping: 1e-3 },
    embedding: { dimensions: DIMENSIONS, epochs: 10, learningRate: 0.05, dropout: 0.65, gain: 3 },
    linearShare: 0.5,
  },
};

function* trainParts({ names, examples }: ExampleSet, seed: number): Generator<number, Parts> {
  const classOf = new Map<string | null, number>(names.map((name, at) => [name, at]));
  if (examples.some(({ label }) => label === null)) classOf.set(null, names.length);
  const classCount = classOf.size;
  // What an intent is called is one more example of how it is said.
  const named = names.map((name) => ({ text: hashesOfName(name), label: name }));
  const taught = [...examples, ...named.filter(({ text }) => text.words.length > 0)];
  const texts = taught.map(({ text }) => text);
  const bytesPerColumn = (members: number) => classCount + members * DIMENSIONS + BYTES_PER_COLUMN;
  const spaces = learnIntentSpaces(texts, Math.floor(BYTES_MAX / bytesPerColumn(1)));
  const columnCount = columnCountOf(spaces);
  let memberCount = 1;
  while (memberCount < MEMBERS_MAX && columnCount * bytesPerColumn(memberCount + 1) <= BYTES_MAX)
    memberCount += 1;
  const training: Training = {
    matrix: matrixOf(
      texts.map((text) => vectoriseText(spaces, text)),
      columnCount,
    ),
    labels: Uint32Array.from(taught, ({ label }) => classOf.get(label) as number),
    classCount,
    seed,
  };
  const recipe = examples.length > MANY_EXAMPLES ? RECIPES.many : RECIPES.few;
  const turns = memberCount + 1;
  const linear = yield* between(0, 1 / turns, trainSoftmax(training, recipe.linear));
  const members: EmbeddingClassifier[] = [];
  for (let turn = 1; turn < turns; turn += 1) {
    const steps = trainEmbedding({ ...training, seed: seed + turn }, recipe.embedding);
    members.push(yield* between(turn / turns, (turn + 1) / turns, steps));
  }
  const embedding = joinEmbeddings(members);
  scale([linear.weights, linear.bias], recipe.linearShare);
  scale([embedding.weights, embedding.bias], 1 - recipe.linearShare);
  return { labels: names, spaces, linear, embedding };
}

function scale(arrays: readonly Float32Array[], factor: number): void {
  for (const array of arrays)
    for (let at = 0; at < array.length; at += 1) array[at] = (array[at] as number) * factor;
}

interface Rehearsal {
  readonly kept: ExampleSet;
  readonly left: readonly ReadExample[];
}

const FOLDS = 5;
/** Of more examples, one fold says enough. */
const ALL_FOLDS_MAX = 1_500;
const REHEARSED_MIN = 20;
/** Fewer true examples out of scope say too little: intents are left out as well then. */
const OUT_OF_SCOPE_MIN = 20;

/**
 * Parts of the examples to be left out in turns. Without enough examples out of scope, every fifth intent is left out whole, and
 * stands for what nobody thought of.
 */
function rehearsalsOf({ names, examples }: ExampleSet, seed: number): Rehearsal[] {
  if (examples.length < REHEARSED_MIN) return [];
  const index = new Map<string | null, number>(names.map((name, at) => [name, at]));
  const labels = examples.map(({ label }) => index.get(label) ?? names.length);
  const folds = stratifiedFolds(labels, FOLDS, seededRandom(seed));
  const strangers = labels.filter((label) => label === names.length).length;
  const leavesIntents = strangers < OUT_OF_SCOPE_MIN && names.length > 2;
  const turns = examples.length > ALL_FOLDS_MAX ? 1 : FOLDS;
  return Array.from({ length: turns }, (_, turn) => {
    const isStranger = (at: number) => leavesIntents && (labels[at] as number) % FOLDS === turn;
    const kept = exampleSet(examples.filter((_example, at) => folds[at] !== turn && !isStranger(at)));
    const left = examples.filter((_example, at) => folds[at] === turn || isStranger(at));
    return { kept, left };
  }).filter(({ kept }) => kept.names.length > 1);
}

interface Observation {
  readonly scored: ScoredText;
  /** Which of the model's labels is right; -1 for none of them. */
  readonly truth: number;
}

function observe(parts: Parts, examples: readonly ReadExample[]): Observation[] {
  return examples.flatMap(({ text, label }) => {
    const scored = scoreText(parts, text);
    return scored === null ? [] : [{ scored, truth: label === null ? -1 : parts.labels.indexOf(label) }];
  });
}

/** Fewer observations than this teach nothing about how sure the model may be. */
const OBSERVED_MIN = 10;

function calibrate(
  observed: readonly Observation[],
  outOfScopeShare: number,
): Pick<IntentModel, 'factor' | 'scope'> {
  const inScope = observed.filter(({ truth }) => truth >= 0);
  const strangers = observed.length - inScope.length;
  const factor =
    inScope.length < OBSERVED_MIN
      ? 1
      : fitTemperature(
          inScope.map(({ scored }) => scored.totals),
          inScope.map(({ truth }) => truth),
        );
  if (inScope.length < OBSERVED_MIN || strangers < OBSERVED_MIN)
    return { factor, scope: { weights: [], offset: Math.log((1 - outOfScopeShare) / outOfScopeShare) } };
  const scope: Logistic = fitLogistic(
    observed.map(({ scored }) => signalsOf(scored, confidenceOf(scored, factor))),
    observed.map(({ truth }) => truth >= 0),
    {
      importance: observed.map(({ truth }) =>
        truth >= 0
          ? ((1 - outOfScopeShare) * observed.length) / inScope.length
          : (outOfScopeShare * observed.length) / strangers,
      ),
    },
  );
  return { factor, scope };
}
