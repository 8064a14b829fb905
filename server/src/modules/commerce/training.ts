// Trains a workspace's model of recommendations: begun by a member or by a schedule, worked on by a job that can be killed and
// begins anew, cancelled by a change of its row. The model that was in use stays so until another one is done.
import { setImmediate } from 'node:timers/promises';
import type { RecommendationModel } from '@parley/contract/commerce';
import { z } from 'zod';
import type { Context, SystemContext } from '../../core/context.ts';
import { defineJob, type JobRun } from '../../core/queue.ts';
import { openLiveModel } from './live.ts';
import { endModel, findModel, insertModel, keepModel, noteProgress } from './models.ts';
import { learnFrom, readTrainingSet } from './training-set.ts';

export const trainRecommendations = defineJob({
  name: 'commerce.train',
  doc: 'Learns what to recommend from products and interactions; the model in use stays so until it is done.',
  input: z.object({ modelId: z.uuid() }),
  effect: 'external',
  concurrency: 1,
  retries: 3,
  retryDelaySeconds: 2,
  timeoutSeconds: 600,
});

export const trainWhereDue = defineJob({
  name: 'commerce.train_due',
  doc: 'Begins a training where enough was recorded since the last one, at most once an hour in each workspace.',
  input: z.object({}),
  effect: 'system',
});

const STEP_MS = 20;
const PROGRESS_MS = 1_000;
const WAIT_MS = 3_600_000;
const NEW_INTERACTIONS_MIN = 100;
/** After so many updates everything is learned anew. */
const UPDATES_MAX = 24;
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

/** The job. */
export async function train(ctx: Context, { modelId }: { modelId: string }, run: JobRun): Promise<void> {
  try {
    await trainAndKeep(ctx, modelId, run.signal);
  } catch (error) {
    if (run.isLastAttempt)
      await ctx.transaction((tx) => endModel(tx, modelId, { state: 'failed', errorCode: 'training_failed' }));
    throw error;
  }
}

async function trainAndKeep(ctx: Context, id: string, signal: AbortSignal): Promise<void> {
  const { state, kind } = await ctx.transaction((tx) => findModel(tx, id));
  if (state !== 'running') return;
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

/** The `commerce.train_due` job. */
export async function startDueTrainings(ctx: SystemContext): Promise<void> {
  const due = await ctx.system((queries) =>
    queries.sql<{ workspace_id: string; updates: number; has_model: boolean }>(
      `select w.workspace_id, l.has_model, l.updates
       from workspaces w
       cross join lateral (
         select max(m.started_at) as started_at, coalesce(bool_or(m.live), false) as has_model,
           (count(*) filter (where m.version > coalesce(f.version, 0)))::int as updates
         from recommendation_models m
         left join lateral (
           select max(version) as version from recommendation_models
           where workspace_id = w.workspace_id and kind = 'full'
         ) f on true
         where m.workspace_id = w.workspace_id
       ) l
       where (l.started_at is null or l.started_at < $1)
         and (select count(*) from (
           select 1 from interactions i
           where i.workspace_id = w.workspace_id and i.recorded_at > coalesce(l.started_at, '-infinity') limit $2
         ) fresh) >= $2`,
      [new Date(ctx.clock.now() - WAIT_MS), NEW_INTERACTIONS_MIN],
    ),
  );
  for (const { workspace_id, updates, has_model } of due) {
    const kind = has_model && updates < UPDATES_MAX ? 'update' : 'full';
    await startTraining(ctx.workspace(workspace_id), kind).catch((error) => {
      if ((error as { code?: string }).code !== 'training_running') throw error;
    });
  }
}
