// Trains a workspace's recommendations: begun by a member or by a schedule, worked on by a job that can be killed and begins anew,
// cancelled by a change of its row. The model that was in use stays so until another one is done.
import { setImmediate } from 'node:timers/promises';
import type { Recommender } from '@parley/contract/commerce';
import { and, desc, eq, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, SystemContext, TransactionContext } from '../../core/context.ts';
import { conflict, notFound } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { defineJob, type JobRun } from '../../core/queue.ts';
import type { Recommender as Model } from '../../learning/recommendation/recommender.ts';
import { recommenderChanged } from './events.ts';
import { keepModel, openModel } from './models.ts';
import { recommenders } from './tables.ts';
import { learnFrom, readTrainingSet } from './training-set.ts';

export const trainRecommendations = defineJob({
  name: 'commerce.train',
  doc: 'Learns what to recommend from products and interactions; the model in use stays so until it is done.',
  input: z.object({ recommenderId: z.uuid() }),
  effect: 'external',
  concurrency: 1,
  retries: 3,
  retryDelaySeconds: 2,
  timeoutSeconds: 1800,
});

export const trainWhereDue = defineJob({
  name: 'commerce.train_due',
  doc: 'Begins a training where enough was recorded since the last one, at most once an hour in each workspace.',
  input: z.object({}),
  effect: 'system',
});

type RecommenderRow = typeof recommenders.$inferSelect;

const STEP_MS = 20;
const PROGRESS_MS = 1_000;
const WAIT_MS = 3_600_000;
const NEW_INTERACTIONS_MIN = 100;
/** After so many updates everything is learned anew. */
const UPDATES_MAX = 24;
const SEED = 1;

/** Begins one; a job does it. @throws ParleyError 409 `training_running` */
export async function startTraining(ctx: Context, kind: 'full' | 'update'): Promise<Recommender> {
  return ctx.transaction(async (tx) => {
    const [last] = await tx.sql<{ version: number }>(
      'select max(version)::int as version from recommenders where workspace_id = $1',
      [tx.workspaceId],
    );
    const [row] = await tx.drizzle
      .insert(recommenders)
      .values({
        id: newId(),
        workspaceId: tx.workspaceId,
        version: (last?.version ?? 0) + 1,
        kind,
        state: 'running',
        startedAt: tx.clock.date(),
      })
      .onConflictDoNothing()
      .returning();
    if (!row) throw conflict('training_running', 'Recommendations are being trained already.');
    tell(tx, row);
    tx.enqueue(trainRecommendations, { recommenderId: row.id });
    return toRecommender(row);
  });
}

/** The job. */
export async function train(
  ctx: Context,
  { recommenderId }: { recommenderId: string },
  run: JobRun,
): Promise<void> {
  try {
    await trainHere(ctx, recommenderId, run.signal);
  } catch (error) {
    if (run.isLastAttempt) await ctx.transaction((tx) => endTraining(tx, recommenderId, 'failed'));
    throw error;
  }
}

async function trainHere(ctx: Context, id: string, signal: AbortSignal): Promise<void> {
  const row = await ctx.transaction((tx) => findRecommender(tx, id));
  if (row?.state !== 'running') return;
  const previous = row.kind === 'update' ? await openModel(ctx) : null;
  const set = await ctx.transaction((tx) => readTrainingSet(tx, previous?.roster ?? null));
  const work = learnFrom(set, previous?.model ?? null, SEED);
  let toldAt = performance.now();
  let restedAt = toldAt;
  let step = work.next();
  while (step.done !== true) {
    signal.throwIfAborted();
    if (performance.now() - restedAt > STEP_MS) {
      await setImmediate();
      restedAt = performance.now();
    }
    if (restedAt - toldAt > PROGRESS_MS) {
      const progress = Math.floor(step.value * 100);
      if (!(await ctx.transaction((tx) => noteProgress(tx, id, progress)))) return;
      toldAt = performance.now();
    }
    step = work.next();
  }
  const model: Model = step.value;
  await ctx.transaction(async (tx) => {
    const figures = {
      interactions: set.interactions.users.length,
      products: set.roster.products.length,
      people: set.roster.people.length,
      auc: model.heldBackAuc,
    };
    const kept = await keepModel(tx, id, model, set.roster, figures);
    if (kept) tell(tx, kept);
  });
}

/** False: it is over, cancelled for example. */
async function noteProgress(tx: TransactionContext, id: string, progress: number): Promise<boolean> {
  const [row] = await tx.drizzle
    .update(recommenders)
    .set({ progress })
    .where(and(eq(recommenders.id, id), eq(recommenders.state, 'running')))
    .returning();
  if (row) tell(tx, row);
  return row !== undefined;
}

/** What is over already is answered as it is. @throws ParleyError 404 */
export async function cancelTraining(ctx: Context, id: string): Promise<Recommender> {
  return ctx.transaction(async (tx) => {
    await endTraining(tx, id, 'canceled');
    const row = await findRecommender(tx, id);
    if (!row) throw notFound('training');
    return toRecommender(row);
  });
}

/** @throws ParleyError 404 */
export async function getTraining(ctx: Context, id: string): Promise<Recommender> {
  return ctx.transaction(async (tx) => {
    const row = await findRecommender(tx, id);
    if (!row) throw notFound('training');
    return toRecommender(row);
  });
}

/** Newest first. */
export async function listTrainings(ctx: Context, query: { limit: number; cursor?: string | undefined }) {
  const before = query.cursor ? decodeCursor(query.cursor, z.tuple([z.uuid()])) : null;
  return ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .select()
      .from(recommenders)
      .where(
        and(
          eq(recommenders.workspaceId, tx.workspaceId),
          before ? lt(recommenders.id, before[0]) : undefined,
        ),
      )
      .orderBy(desc(recommenders.id))
      .limit(query.limit + 1);
    const { items, nextCursor } = toPage(rows, query.limit, (row) => [row.id]);
    return { items: items.map(toRecommender), nextCursor };
  });
}

/** The `commerce.train_due` job. */
export async function startDueTrainings(ctx: SystemContext): Promise<void> {
  const due = await ctx.system((queries) =>
    queries.sql<{ workspace_id: string; updates: number; has_model: boolean }>(
      `select w.workspace_id, l.has_model, l.updates
       from workspaces w
       cross join lateral (
         select max(r.started_at) as started_at, coalesce(bool_or(r.in_use), false) as has_model,
           (count(*) filter (where r.version > coalesce(f.version, 0)))::int as updates
         from recommenders r
         left join lateral (
           select max(version) as version from recommenders where workspace_id = w.workspace_id and kind = 'full'
         ) f on true
         where r.workspace_id = w.workspace_id
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

async function endTraining(tx: TransactionContext, id: string, state: 'canceled' | 'failed'): Promise<void> {
  const [row] = await tx.drizzle
    .update(recommenders)
    .set({ state, finishedAt: tx.clock.date() })
    .where(and(eq(recommenders.id, id), eq(recommenders.state, 'running')))
    .returning();
  if (row) tell(tx, row);
}

async function findRecommender(tx: TransactionContext, id: string): Promise<RecommenderRow | null> {
  const [row] = await tx.drizzle.select().from(recommenders).where(eq(recommenders.id, id));
  return row ?? null;
}

function tell(tx: TransactionContext, { id, version, state, progress }: RecommenderRow): void {
  tx.append(recommenderChanged, { recommenderId: id, version, state, progress });
}

function toRecommender({ workspaceId: _, model: __, roster: ___, ...row }: RecommenderRow): Recommender {
  return {
    ...row,
    startedAt: row.startedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}
