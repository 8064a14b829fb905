// Shadow runs: turns of before are answered anew with something changed, beside what was said then. Nothing is sent, and
// nothing changes until a member says so.
import {
  type ShadowChanges,
  type ShadowCounts,
  type ShadowEstimate,
  type ShadowRun,
  type ShadowRunInput,
  shadowChanges,
} from '@parley/contract/shadow-runs';
import { and, desc, eq, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { conflict, notFound } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { addCost, costOf, findModel } from '../inference/inference.ts';
import { goLive, refuseUntriable } from '../knowledge/knowledge.ts';
import { changeAssistant, readAssistant } from './settings.ts';
import { shadowAnswer, tellShadowRun } from './shadow-events.ts';
import { shadowRuns } from './tables.ts';

export const changesPlace = (id: string) => `shadow_runs.changes:${id}`;

type ShadowRow = typeof shadowRuns.$inferSelect;

/** Turns that said something to somebody, or left it to a person; the newest first. */
const tryable = `from runs where workspace_id = $1 and outcome in ('answered', 'drafted', 'handed_over')
  and last_read_message_id is not null order by started_at desc, id desc limit $2`;

/** Where nothing was counted yet: a prompt with its passages, and two SMS. */
const usualTokens = { input: 1500, output: 120 };

/** What it would cost, at most about; asks nobody. @throws ParleyError 404 for a model that is not here */
export async function estimateShadowRun(ctx: Context, input: ShadowRunInput): Promise<ShadowEstimate> {
  const { modelId } = { ...(await readAssistant(ctx)), ...input.changes };
  return ctx.transaction(async (tx) => {
    const [known] = await tx.sql<{ count: number; input: number | null; output: number | null }>(
      `select count(*)::int as count, avg(input_tokens) filter (where input_tokens > 0)::int as input,
         avg(output_tokens) filter (where output_tokens > 0)::int as output
       from (select input_tokens, output_tokens ${tryable}) as turns`,
      [tx.workspaceId, input.count],
    );
    const count = known?.count ?? 0;
    const inputTokens = count * (known?.input ?? usualTokens.input);
    const outputTokens = count * (known?.output ?? usualTokens.output);
    const model = modelId === null ? null : await findModel(tx, modelId);
    const costMicros = model ? costOf(model.price, inputTokens, outputTokens) : 0;
    return { count, inputTokens, outputTokens, costMicros };
  });
}

/**
 * @throws ParleyError 404 for a model or knowledge that is not here, 409 while one runs, where there is nothing to try, or where
 * the knowledge to be used is in use already or was not read
 */
export async function startShadowRun(ctx: Context, { changes, count }: ShadowRunInput): Promise<ShadowRun> {
  return ctx.transaction(async (tx) => {
    if (changes.modelId) await findModel(tx, changes.modelId);
    if (changes.knowledge) await refuseUntriable(tx, changes.knowledge);
    const id = newId();
    const turns = await tx.sql<{ id: string }>(`select id ${tryable}`, [tx.workspaceId, count]);
    if (turns.length === 0)
      throw conflict(
        'nothing_to_try',
        'The assistant has answered nobody yet: there is nothing to try again.',
      );
    const [row] = await tx.drizzle
      .insert(shadowRuns)
      .values({
        id,
        workspaceId: tx.workspaceId,
        changes: tx.seal(JSON.stringify(changes), changesPlace(id)),
        total: turns.length,
        startedAt: tx.clock.date(),
      })
      .onConflictDoNothing()
      .returning();
    if (!row) throw conflict('shadow_run_running', 'A shadow run is on its way already.');
    // Their ids in the order of the turns: the newest comes first.
    await tx.sql(
      `insert into shadow_answers (id, workspace_id, shadow_run_id, run_id)
       select unnest($1::uuid[]), $2, $3, unnest($4::uuid[])`,
      [turns.map(() => newId()), tx.workspaceId, id, turns.map((turn) => turn.id)],
    );
    tx.enqueue(shadowAnswer, { shadowRunId: id });
    await tellShadowRun(tx, id);
    return toShadowRun(tx, row);
  });
}

export async function listShadowRuns(ctx: Context, query: { limit: number; cursor?: string | undefined }) {
  const before = query.cursor ? decodeCursor(query.cursor, z.tuple([z.uuid()])) : null;
  return ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .select()
      .from(shadowRuns)
      .where(
        and(eq(shadowRuns.workspaceId, tx.workspaceId), before ? lt(shadowRuns.id, before[0]) : undefined),
      )
      .orderBy(desc(shadowRuns.id))
      .limit(query.limit + 1);
    const { items, nextCursor } = toPage(rows, query.limit, (row) => [row.id]);
    const told: ShadowRun[] = [];
    for (const row of items) told.push(await toShadowRun(tx, row));
    return { items: told, nextCursor };
  });
}

/** @throws ParleyError 404 */
export async function getShadowRun(ctx: Context, id: string): Promise<ShadowRun> {
  return ctx.transaction(async (tx) => toShadowRun(tx, await findShadowRun(tx, id)));
}

/** What was tried stays to be looked at. @throws ParleyError 404 */
export async function cancelShadowRun(ctx: Context, id: string): Promise<ShadowRun> {
  return ctx.transaction(async (tx) => {
    await findShadowRun(tx, id);
    await endShadowRun(tx, id, 'canceled');
    return toShadowRun(tx, await findShadowRun(tx, id));
  });
}

/**
 * Makes what was tried the assistant's own, all of it in one transaction.
 * @throws ParleyError 404, 409 while it runs or where knowledge that it was tried with is gone
 */
export async function useShadowRun(ctx: Context, id: string): Promise<ShadowRun> {
  return ctx.transaction(async (tx) => {
    const tried = await findShadowRun(tx, id);
    if (tried.state === 'running') throw conflict('shadow_run_running', 'It is still on its way.');
    const changes = openChanges(tx, tried);
    if (changes.knowledge) await goLive(tx, changes.knowledge);
    const { updatedAt: _, ...settings } = await readAssistant(tx);
    await changeAssistant(tx, { ...settings, ...onlyGiven(changes) });
    const [row] = await tx.drizzle
      .update(shadowRuns)
      .set({ usedAt: tx.clock.date() })
      .where(eq(shadowRuns.id, id))
      .returning();
    if (!row) throw notFound('shadow run');
    await tellShadowRun(tx, id);
    return toShadowRun(tx, row);
  });
}

export async function endShadowRun(
  tx: TransactionContext,
  id: string,
  state: 'done' | 'canceled' | 'failed',
): Promise<void> {
  const rows = await tx.drizzle
    .update(shadowRuns)
    .set({ state, finishedAt: tx.clock.date() })
    .where(and(eq(shadowRuns.id, id), eq(shadowRuns.state, 'running')))
    .returning({ id: shadowRuns.id });
  if (rows.length > 0) await tellShadowRun(tx, id);
}

/** Of the assistant's settings: what a change leaves out stays as it is. */
export function onlyGiven({ persona, modelId, supportNeeded }: ShadowChanges) {
  return {
    ...(persona === undefined ? {} : { persona }),
    ...(modelId === undefined ? {} : { modelId }),
    ...(supportNeeded === undefined ? {} : { supportNeeded }),
  };
}

export function openChanges(tx: TransactionContext, row: ShadowRow): ShadowChanges {
  return shadowChanges.parse(JSON.parse(tx.openText(row.changes, changesPlace(row.id))));
}

/** @throws ParleyError 404 */
export async function findShadowRun(tx: TransactionContext, id: string): Promise<ShadowRow> {
  const [row] = await tx.drizzle.select().from(shadowRuns).where(eq(shadowRuns.id, id));
  if (!row) throw notFound('shadow run');
  return row;
}

async function toShadowRun(tx: TransactionContext, row: ShadowRow): Promise<ShadowRun> {
  const { workspaceId: _, startedAt, finishedAt, usedAt, ...rest } = row;
  const tried = await tx.sql<{ verdict: keyof ShadowCounts; count: number; cost: string | number | null }>(
    `select verdict, count(*)::int as count, case when bool_and(cost_micros is not null) then sum(cost_micros) end as cost
     from shadow_answers
     where shadow_run_id = $1 and verdict is not null group by verdict`,
    [row.id],
  );
  const none = { same: 0, differs: 0, now_hands_over: 0, now_answers: 0, failed: 0 };
  const counts = Object.assign(none, Object.fromEntries(tried.map(({ verdict, count }) => [verdict, count])));
  return {
    ...rest,
    changes: openChanges(tx, row),
    done: tried.reduce((sum, { count }) => sum + count, 0),
    counts,
    costMicros: tried.reduce<number | null>(
      (sum, { cost }) => addCost(sum, cost === null ? null : Number(cost)),
      0,
    ),
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    usedAt: usedAt?.toISOString() ?? null,
  };
}
