// Trains a model of intents: a job that can be killed and goes on, and that ends soon when nobody wants it any more.

import type { IntentModel } from '@parley/contract/intent-models';
import { z } from 'zod';
import type { Context } from '../../../core/context.ts';
import { defineJob, type JobRun } from '../../../core/queue.ts';
import { IntentTrainingError, type IntentTrainingProblem } from '../../../learning/intent-training.ts';
import { storedReading } from '../intent-drift/readings.ts';
import { collectExamples, collectPeriod } from './examples.ts';
import type { LearningTask } from './learner.ts';
import { LearningTooLongError, learnInProcess } from './learning.ts';
import {
  endIntentModel,
  findIntentModel,
  finishIntentModel,
  type IntentModelRow,
  insertIntentModel,
  keepLearned,
  learnedShare,
  tellIntentModel,
  toIntentModel,
} from './rows.ts';

export const trainIntents = defineJob({
  name: 'understanding.train_intents',
  doc: 'Trains a model of intents on the workspace’s examples, or measures one that was trained on a part that it did not see.',
  input: z.object({ modelId: z.uuid() }),
  effect: 'external',
  concurrency: 1,
  // Each takes a processor.
  workersMax: 2,
  retries: 3,
  retryDelaySeconds: 2,
  timeoutSeconds: 600,
});

/** Of learning, and again of measuring: within the job’s time. */
const learningMs = 540_000;

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

/** The job. The model that reads messages stays the one that it was. @param run.learningMs how long learning may take */
export async function train(
  ctx: Context,
  { modelId }: { modelId: string },
  run: Pick<JobRun, 'signal' | 'isLastAttempt'> & { readonly learningMs?: number },
): Promise<void> {
  const fail = (errorCode: string) =>
    ctx.transaction((tx) => endIntentModel(tx, modelId, { state: 'failed', errorCode }));
  try {
    const row = await ctx.transaction((tx) => findIntentModel(tx, modelId));
    if (row.state !== 'running') return;
    // The job is asked for anew between both, so that each has its time; killed, it goes on with the second where the first is done.
    await (row.checksum === null ? learnAndKeep : measureAndFinish)(ctx, row, run);
  } catch (error) {
    if (error instanceof UnwantedError) return;
    if (error instanceof IntentTrainingError) return fail(errorCodes[error.problem]);
    if (error instanceof LearningTooLongError) return fail('took_too_long');
    if (run.isLastAttempt) await fail('training_failed');
    throw error;
  }
}

type Run = Parameters<typeof train>[2];

async function learnAndKeep(ctx: Context, row: IntentModelRow, run: Run): Promise<void> {
  const { id, version: seed } = row;
  const until = new Date(row.started_at);
  const { examples, counts } = await collectExamples(ctx, until);
  const period = await collectPeriod(ctx, until);
  const task = { kind: 'model', examples, seed, period: period?.texts ?? [] } as const;
  const { file, checksum, reading, ...more } = await learn(ctx, id, task, run);
  await ctx.transaction(async (tx) => {
    const reference = period && storedReading(reading, period);
    const data = { ...counts, ...more };
    if (await keepLearned(tx, id, { file, checksum, data, reference })) {
      tx.enqueue(trainIntents, { modelId: id });
      tellIntentModel(tx, await findIntentModel(tx, id));
    }
  });
}

async function measureAndFinish(ctx: Context, row: IntentModelRow, run: Run): Promise<void> {
  const { id, version: seed } = row;
  const { examples } = await collectExamples(ctx, new Date(row.started_at));
  const { metrics } = await learn(ctx, id, { kind: 'metrics', examples, seed }, run);
  await ctx.transaction((tx) => finishIntentModel(tx, id, metrics));
}

/** It was cancelled. */
class UnwantedError extends Error {}

/** @throws what learnInProcess throws; UnwantedError */
async function learn<Task extends LearningTask>(ctx: Context, id: string, task: Task, run: Run) {
  const unwanted = new AbortController();
  const part = task.kind === 'model' ? 0 : learnedShare;
  let telling = Promise.resolve();
  const learned = await learnInProcess(task, {
    timeoutMs: run.learningMs ?? learningMs,
    signal: AbortSignal.any([run.signal, unwanted.signal]),
    onProgress: (share) => {
      telling = telling
        .then(() => tellProgress(ctx, id, part + (1 - learnedShare) * share))
        .then(
          (isWanted) => {
            if (!isWanted) unwanted.abort(new UnwantedError());
          },
          // Nothing comes of it but that nobody sees how far it is.
          (error: unknown) =>
            ctx.log.warn({ err: error, model_id: id }, 'the progress of a training was not told'),
        );
    },
  });
  await telling;
  return learned;
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
