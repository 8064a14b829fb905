// Trains a model of intents: a job that can be killed and begins again, and that ends soon when nobody wants it any more.

import { createHash } from 'node:crypto';
import type { IntentModel, IntentModelMetrics } from '@parley/contract/intent-models';
import { z } from 'zod';
import type { Context } from '../../../core/context.ts';
import { defineJob, type JobRun } from '../../../core/queue.ts';
import { classify, type IntentModel as LearnedModel } from '../../../learning/intent-model.ts';
import {
  type IntentExample,
  type IntentTraining,
  IntentTrainingError,
  type IntentTrainingProblem,
  trainIntentClassifier,
} from '../../../learning/intent-training.ts';
import { accuracy, calibrationError, classMetrics, macroF1 } from '../../../learning/metrics.ts';
import { seededRandom, stratifiedFolds } from '../../../learning/random.ts';
import { between } from '../../../learning/steps.ts';
import { collectExamples } from './examples.ts';
import {
  endIntentModel,
  findIntentModel,
  insertIntentModel,
  keepIntentModel,
  tellIntentModel,
  toIntentModel,
} from './rows.ts';

export const trainIntents = defineJob({
  name: 'understanding.train_intents',
  doc: 'Trains a model of intents on the workspace’s examples, and measures it on a part of them that it did not see.',
  input: z.object({ modelId: z.uuid() }),
  effect: 'external',
  concurrency: 1,
  retries: 3,
  retryDelaySeconds: 2,
  timeoutSeconds: 600,
});

/** Begins it; a job does it. @throws ParleyError 409 `training_running` */
export async function startTraining(ctx: Context): Promise<IntentModel> {
  return ctx.transaction(async (tx) => {
    const modelId = await insertIntentModel(tx, 'trained');
    const row = await findIntentModel(tx, modelId);
    tx.enqueue(trainIntents, { modelId });
    tellIntentModel(tx, row);
    return toIntentModel(row);
  });
}

/** @throws ParleyError 404 */
export async function cancelTraining(ctx: Context, modelId: string): Promise<IntentModel> {
  return ctx.transaction(async (tx) => {
    await findIntentModel(tx, modelId);
    await endIntentModel(tx, modelId, { state: 'canceled', errorCode: null });
    return toIntentModel(await findIntentModel(tx, modelId));
  });
}

const errorCodes: Readonly<Record<IntentTrainingProblem, string>> = {
  one_label: 'one_intent',
  too_many_examples: 'too_many_examples',
  too_many_labels: 'too_many_intents',
};

/** The job. The model that reads messages stays the one that it was. */
export async function train(ctx: Context, { modelId }: { modelId: string }, run: JobRun): Promise<void> {
  const fail = (errorCode: string) =>
    ctx.transaction((tx) => endIntentModel(tx, modelId, { state: 'failed', errorCode }));
  try {
    await trainAndKeep(ctx, modelId, run.signal);
  } catch (error) {
    if (error instanceof IntentTrainingError) return fail(errorCodes[error.problem]);
    if (run.isLastAttempt) await fail('training_failed');
    throw error;
  }
}

async function trainAndKeep(ctx: Context, modelId: string, signal: AbortSignal): Promise<void> {
  const { version, state } = await ctx.transaction((tx) => findIntentModel(tx, modelId));
  if (state !== 'running') return;
  const { examples, data } = await ctx.transaction(collectExamples);
  const { learned, measured } = splitOff(examples, version);
  const began = performance.now();
  // Two trainings follow one another, each half of the work.
  const steps = between(0, 0.5, trainIntentClassifier(examples, { seed: version }));
  const training = await followed(ctx, modelId, steps, signal);
  if (!training) return;
  const trainSeconds = (performance.now() - began) / 1000;
  // Too few to keep any back: it is used unmeasured.
  const rehearsal =
    measured.length === 0
      ? null
      : await followed(
          ctx,
          modelId,
          between(0.5, 1, trainIntentClassifier(learned, { seed: version })),
          signal,
        );
  if (measured.length > 0 && !rehearsal) return;
  const metrics = rehearsal && { ...measure(rehearsal.model, measured), trainSeconds };
  await ctx.transaction((tx) =>
    keepIntentModel(tx, modelId, {
      file: training.bytes,
      checksum: createHash('sha256').update(training.bytes).digest('hex'),
      data: { ...data, empty: training.empty, contradicting: training.contradicting },
      metrics,
    }),
  );
}

const tellEveryMs = 500;

/** Null: it was cancelled. @throws when the signal aborts */
async function followed(
  ctx: Context,
  modelId: string,
  steps: Generator<number, IntentTraining>,
  signal: AbortSignal,
): Promise<IntentTraining | null> {
  let told = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    signal.throwIfAborted();
    // A step takes some tens of milliseconds: long enough for whoever else lives in the process.
    await new Promise((resolve) => setImmediate(resolve));
    if (performance.now() - told < tellEveryMs) continue;
    told = performance.now();
    if (!(await tellProgress(ctx, modelId, step.value))) return null;
  }
}

async function tellProgress(ctx: Context, modelId: string, progress: number): Promise<boolean> {
  return ctx.transaction(async (tx) => {
    const rows = await tx.sql(
      `update intent_models set progress = $2 where id = $1 and state = 'running' returning id`,
      [modelId, progress],
    );
    if (rows.length > 0) tellIntentModel(tx, await findIntentModel(tx, modelId));
    return rows.length > 0;
  });
}

const folds = 5;
/** Of fewer examples, a fifth says nothing. */
const measuredMin = 50;

/** A fifth of each intent's examples is kept back, the same for the same version. */
function splitOff(examples: readonly IntentExample[], seed: number) {
  if (examples.length < measuredMin) return { learned: examples, measured: [] };
  const names = [...new Set(examples.map(({ label }) => label))];
  const fold = stratifiedFolds(
    examples.map(({ label }) => names.indexOf(label)),
    folds,
    seededRandom(seed),
  );
  return {
    learned: examples.filter((_, at) => fold[at] !== 0),
    measured: examples.filter((_, at) => fold[at] === 0),
  };
}

/** On examples that the model did not see; those about none of the intents do not count. */
function measure(
  model: LearnedModel,
  examples: readonly IntentExample[],
): Omit<IntentModelMetrics, 'trainSeconds'> {
  const known = examples.filter(({ label }) => label !== null);
  const names = [...new Set(known.map(({ label }) => label as string))].sort();
  const began = performance.now();
  const likeliest = known.map(({ text }) => classify(model, text).ranked[0]);
  const elapsedMs = performance.now() - began;
  // One more for what the examples do not name.
  const predicted = likeliest.map((ranked) => {
    const at = ranked ? names.indexOf(ranked.label) : -1;
    return at === -1 ? names.length : at;
  });
  const actual = known.map(({ label }) => names.indexOf(label as string));
  const right = predicted.map((label, at) => label === actual[at]);
  return {
    measured: known.length,
    accuracy: accuracy(predicted, actual),
    macroF1: macroF1(predicted, actual, names.length + 1),
    calibrationError: calibrationError(
      likeliest.map((ranked) => ranked?.probability ?? 0),
      right,
    ),
    microsPerMessage: (1000 * elapsedMs) / known.length,
    perIntent: classMetrics(predicted, actual, names.length + 1)
      .slice(0, names.length)
      .map(({ precision, recall, support }, at) => ({
        intent: names[at] as string,
        examples: support,
        precision,
        recall,
      })),
  };
}
