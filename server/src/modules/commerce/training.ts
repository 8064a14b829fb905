// Trains a workspace's model of recommendations: begun by a member or by a schedule, worked on by a job that can be killed and
// begins anew, cancelled by a change of its row. The model that was in use stays so until another one is done.
import { setImmediate } from 'node:timers/promises';
import type { RecommendationModel } from '@parley/contract/commerce';
import { z } from 'zod';
import type { Context } from '../../core/context.ts';
import { defineJob, type JobRun } from '../../core/queue.ts';
import { openLiveModel } from './live.ts';
import { endModel, findModel, insertModel, keepModel, noteProgress } from './models.ts';
import { hashPlainOutsideIdsOf } from './outside-ids.ts';
import { learnFrom, readTrainingSet } from './training-set.ts';

export const trainRecommendations = defineJob({
  name: 'commerce.train',
  doc: 'Learns what to recommend from products and interactions; the model in use stays so until it is done.',
  // Until 0.2: jobs that were waiting while migration 0034 renamed the table say which model it is by its name of before.
  input: z.union([
    z.object({ modelId: z.uuid() }),
    z.object({ recommenderId: z.uuid() }).transform(({ recommenderId }) => ({ modelId: recommenderId })),
  ]),
  effect: 'external',
  concurrency: 1,
  retries: 3,
  retryDelaySeconds: 2,
  timeoutSeconds: 600,
});

const STEP_MS = 20;
const PROGRESS_MS = 1_000;
/** Within the job’s time. */
const TRAINING_MS = 540_000;
const SEED = 1;

/** Begins one; a job does it. @throws ParleyError 409 `training_running` */
export async function startTraining(
  ctx: Context,
  kind: RecommendationModel['kind'],
): Promise<RecommendationModel> {
  return ctx.transaction(async (tx) => {
    const model = await insertModel(tx, kind);
    tx.enqueue(trainRecommendations, { modelId: model.id });
    return model;
  });
}

/** What is over already is answered as it is. @throws ParleyError 404 */
export async function cancelTraining(ctx: Context, id: string): Promise<RecommendationModel> {
  return ctx.transaction(async (tx) => {
    await endModel(tx, id, { state: 'canceled', errorCode: null });
    return findModel(tx, id);
  });
}

/** The job. @param run.tooLate when it has taken too long: it then fails, and is not tried again */
export async function train(
  ctx: Context,
  { modelId }: { modelId: string },
  run: Pick<JobRun, 'signal' | 'isLastAttempt'> & { readonly tooLate?: AbortSignal },
): Promise<void> {
  const tooLate = run.tooLate ?? AbortSignal.timeout(TRAINING_MS);
  const fail = (errorCode: string) =>
    ctx.transaction((tx) => endModel(tx, modelId, { state: 'failed', errorCode }));
  try {
    await trainAndKeep(ctx, modelId, AbortSignal.any([run.signal, tooLate]));
  } catch (error) {
    if (tooLate.aborted && error === tooLate.reason) return fail('took_too_long');
    if (run.isLastAttempt) await fail('training_failed');
    throw error;
  }
}

async function trainAndKeep(ctx: Context, id: string, signal: AbortSignal): Promise<void> {
  const { state, kind } = await ctx.transaction((tx) => findModel(tx, id));
  if (state !== 'running') return;
  // Whoever is left out now is not new to a later training any more.
  await hashPlainOutsideIdsOf(ctx, signal);
  const previous = kind === 'update' ? await openLiveModel(ctx) : null;
  const set = await readTrainingSet(ctx, previous?.roster ?? null, { signal });
  const steps = learnFrom(set, previous?.model ?? null, SEED);
  let toldAt = performance.now();
  let restedAt = toldAt;
  let step = steps.next();
  while (step.done !== true) {
    signal.throwIfAborted();
    if (performance.now() - restedAt > STEP_MS) {
      await setImmediate();
      restedAt = performance.now();
    }
    if (restedAt - toldAt > PROGRESS_MS) {
      const progress = step.value;
      if (!(await ctx.transaction((tx) => noteProgress(tx, id, progress)))) return;
      toldAt = performance.now();
    }
    step = steps.next();
  }
  const { roster, interactions, leftOut } = set;
  const made = { model: step.value, roster, interactions: interactions.users.length, leftOut };
  await ctx.transaction((tx) => keepModel(tx, id, made));
}
