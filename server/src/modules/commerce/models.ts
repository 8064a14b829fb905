// The versions of a workspace's model of recommendations, as they are kept.
import type { RecommendationModel } from '@parley/contract/commerce';
import { and, desc, eq, getTableColumns, lt, ne } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { conflict, notFound } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import type { Recommender } from '../../learning/recommendation/recommender.ts';
import { RECOMMENDER_FORMAT, writeRecommender } from '../../learning/recommendation/recommender-file.ts';
import { recommendationModelChanged } from './events.ts';
import { recommendationModels } from './tables.ts';
import type { Roster } from './training-set.ts';

// As the table was called when the first of them were sealed.
export const modelPlace = (id: string) => `recommenders.model:${id}`;
export const rosterPlace = (id: string) => `recommenders.roster:${id}`;

// Without the model and its roster, which are large.
const { model: _, roster: __, ...shown } = getTableColumns(recommendationModels);
type ModelRow = Omit<typeof recommendationModels.$inferSelect, 'model' | 'roster'>;

/** The bytes of so many versions before the one in use are kept. */
const VERSIONS_KEPT = 2;
/** Longer than all tries of a training together. */
export const GIVEN_UP_AFTER_MS = 3_600_000;

const isRunning = (id: string) =>
  and(eq(recommendationModels.id, id), eq(recommendationModels.state, 'running'));

function toModel(row: ModelRow): RecommendationModel {
  const { interactions, leftOut, products, people } = row;
  const hasData = interactions !== null && leftOut !== null && products !== null && people !== null;
  return {
    id: row.id,
    version: row.version,
    kind: row.kind,
    state: row.state,
    progress: row.progress,
    live: row.live,
    data: hasData ? { interactions, leftOut, products, people } : null,
    metrics: hasData ? { auc: row.auc } : null,
    errorCode: row.errorCode,
    bytes: row.bytes,
    startedAt: row.startedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}

function tell(tx: TransactionContext, { id, state, progress, live }: ModelRow): void {
  tx.append(recommendationModelChanged, { modelId: id, state, progress, live });
}

/** @throws ParleyError 404 */
export async function findModel(tx: TransactionContext, id: string): Promise<RecommendationModel> {
  const [row] = await tx.drizzle
    .select(shown)
    .from(recommendationModels)
    .where(eq(recommendationModels.id, id));
  if (!row) throw notFound('recommendation model');
  return toModel(row);
}

/** @throws ParleyError 404 */
export async function getModel(ctx: Context, id: string): Promise<RecommendationModel> {
  return ctx.transaction((tx) => findModel(tx, id));
}

/** Newest first. */
export async function listModels(ctx: Context, query: { limit: number; cursor?: string | undefined }) {
  const before = query.cursor ? decodeCursor(query.cursor, z.tuple([z.uuid()])) : null;
  return ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .select(shown)
      .from(recommendationModels)
      .where(
        and(
          eq(recommendationModels.workspaceId, tx.workspaceId),
          before ? lt(recommendationModels.id, before[0]) : undefined,
        ),
      )
      .orderBy(desc(recommendationModels.id))
      .limit(query.limit + 1);
    const { items, nextCursor } = toPage(rows, query.limit, (row) => [row.id]);
    return { items: items.map(toModel), nextCursor };
  });
}

/** Ends a training that was given up, and takes a model out of use whose format is not read any more. */
export async function settleModels(tx: TransactionContext): Promise<void> {
  const ofWorkspace = eq(recommendationModels.workspaceId, tx.workspaceId);
  // Of a process that was killed at its last try: nobody else would end it.
  const givenUp = await tx.drizzle
    .update(recommendationModels)
    .set({ state: 'failed', errorCode: 'training_failed', finishedAt: tx.clock.date() })
    .where(
      and(
        ofWorkspace,
        eq(recommendationModels.state, 'running'),
        lt(recommendationModels.startedAt, new Date(tx.clock.now() - GIVEN_UP_AFTER_MS)),
      ),
    )
    .returning(shown);
  // Those of a newer format are another process’s, which is there already.
  const unread = await tx.drizzle
    .update(recommendationModels)
    .set({ live: false })
    .where(
      and(
        ofWorkspace,
        eq(recommendationModels.live, true),
        lt(recommendationModels.format, RECOMMENDER_FORMAT),
      ),
    )
    .returning(shown);
  for (const { id, format } of unread)
    tx.log.warn(
      { model_id: id, format },
      'a model of recommendations is of a format that is not read any more',
    );
  for (const row of [...givenUp, ...unread]) tell(tx, row);
}

/** The next version. @throws ParleyError 409 `training_running` */
export async function insertModel(
  tx: TransactionContext,
  kind: RecommendationModel['kind'],
): Promise<RecommendationModel> {
  const ofWorkspace = eq(recommendationModels.workspaceId, tx.workspaceId);
  await settleModels(tx);
  const [last] = await tx.drizzle
    .select({ version: recommendationModels.version })
    .from(recommendationModels)
    .where(ofWorkspace)
    .orderBy(desc(recommendationModels.version))
    .limit(1);
  const [row] = await tx.drizzle
    .insert(recommendationModels)
    .values({
      id: newId(),
      workspaceId: tx.workspaceId,
      version: (last?.version ?? 0) + 1,
      kind,
      state: 'running',
      startedAt: tx.clock.date(),
    })
    .onConflictDoNothing()
    .returning(shown);
  if (!row) throw conflict('training_running', 'A model is being trained already.');
  tell(tx, row);
  return toModel(row);
}

/** From 0 to 1. False: it is over, cancelled for example. */
export async function noteProgress(tx: TransactionContext, id: string, progress: number): Promise<boolean> {
  const [row] = await tx.drizzle
    .update(recommendationModels)
    .set({ progress })
    .where(isRunning(id))
    .returning(shown);
  if (row) tell(tx, row);
  return row !== undefined;
}

/** Does nothing where it has ended already. */
export async function endModel(
  tx: TransactionContext,
  id: string,
  end: { state: 'canceled' | 'failed'; errorCode: string | null },
): Promise<void> {
  const [row] = await tx.drizzle
    .update(recommendationModels)
    .set({ ...end, finishedAt: tx.clock.date() })
    .where(isRunning(id))
    .returning(shown);
  if (row) tell(tx, row);
}

/** Puts a model into use in place of the one before. Does nothing where its training is over already. */
export async function keepModel(
  tx: TransactionContext,
  id: string,
  made: { model: Recommender; roster: Roster; interactions: number; leftOut: number },
): Promise<void> {
  const [running] = await tx.drizzle
    .select({ version: recommendationModels.version })
    .from(recommendationModels)
    .where(isRunning(id))
    .for('update');
  if (!running) return;
  const ofWorkspace = eq(recommendationModels.workspaceId, tx.workspaceId);
  await tx.drizzle
    .update(recommendationModels)
    .set({ live: false })
    .where(and(ofWorkspace, ne(recommendationModels.id, id), eq(recommendationModels.live, true)));
  await tx.drizzle
    .update(recommendationModels)
    .set({ model: null, roster: null })
    .where(and(ofWorkspace, lt(recommendationModels.version, running.version - VERSIONS_KEPT)));
  const bytes = writeRecommender(made.model);
  const [row] = await tx.drizzle
    .update(recommendationModels)
    .set({
      state: 'done',
      progress: 1,
      live: true,
      interactions: made.interactions,
      leftOut: made.leftOut,
      products: made.roster.products.length,
      people: made.roster.people.length,
      auc: made.model.heldBackAuc,
      bytes: bytes.length,
      format: RECOMMENDER_FORMAT,
      model: tx.seal(bytes, modelPlace(id)),
      roster: tx.seal(JSON.stringify(made.roster), rosterPlace(id)),
      finishedAt: tx.clock.date(),
    })
    .where(eq(recommendationModels.id, id))
    .returning(shown);
  if (row) tell(tx, row);
}
