// Deletes what is older than the workspace's rules: by the clock at night, or when somebody asks. In bounded batches, each
// counted by the transaction that deletes; whoever goes on after a kill begins at the front and finds nothing there.
import type { RetentionResult, RetentionRun } from '@parley/contract/privacy';
import { and, desc, eq, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, SystemContext, TransactionContext } from '../../core/context.ts';
import { unlessGone } from '../../core/crypto.ts';
import { conflict, databaseErrorCode, notFound, uniqueViolation } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { defineJob, type JobRun } from '../../core/queue.ts';
import { storagePort } from '../../core/storage.ts';
import { declaredTables } from './declared.ts';
import { retentionRan } from './events.ts';
import { type Held, heldNow } from './holds.ts';
import { type Rule, removeOrphans, stepsOf, type Taken } from './old-rows.ts';
import { readRetention, rulesOf } from './retention.ts';
import { retentionRuns } from './tables.ts';

export const retain = defineJob({
  name: 'privacy.retain',
  doc: 'Deletes what is older than a workspace’s rules, in batches, and writes down what went.',
  input: z.object({ runId: z.uuid() }),
  effect: 'external',
  oneWaitingPerKey: true,
  retries: 5,
  timeoutSeconds: 3600,
  concurrency: 2,
  workersMax: 1,
});

export const retainDue = defineJob({
  name: 'privacy.retain_due',
  doc: 'Begins to delete what is too old where it is three o’clock at night, and goes on where a process was lost.',
  input: z.object({}),
  effect: 'system',
});

const nightHour = 3;
/** Less than a day, so that a change of clocks skips no night. */
const pauseMs = 20 * 3_600_000;
const lostAfterMs = 10 * 60_000;
/** Small enough to hold no lock for long, in a table that others work on. */
const batchMax = 500;

type Row = typeof retentionRuns.$inferSelect;

/** Begins a run by the present rules. @throws ParleyError 409 `retention_running` */
export async function startRetention(ctx: Context, begunBy: Row['begunBy']): Promise<RetentionRun> {
  try {
    return await ctx.transaction(async (tx) => {
      const rules = rulesOf(await readRetention(tx), tx.clock.now());
      const now = tx.clock.date();
      const results = rules.map(
        ({ kind, days, before }): RetentionResult => ({
          kind,
          days,
          before: before.toISOString(),
          rows: 0,
          files: 0,
          oldest: null,
          newest: null,
          state: 'waiting',
        }),
      );
      const id = newId();
      const [row] = await tx.drizzle
        .insert(retentionRuns)
        .values({
          id,
          workspaceId: tx.workspaceId,
          state: 'running',
          begunBy,
          actorKind: tx.actor.kind,
          actorId: tx.actor.id,
          results,
          startedAt: now,
          workedAt: now,
        })
        .returning();
      tx.enqueue(retain, { runId: id }, { key: id });
      return toRun(row as Row);
    });
  } catch (error) {
    if (databaseErrorCode(error) !== uniqueViolation) throw error;
    throw conflict(
      'retention_running',
      'What is too old is being deleted just now. Wait until that is done.',
    );
  }
}

/** The same, or the run that is not at its end: also one whose process is gone, where no server would go on with it. */
export async function beginRetention(
  ctx: Context,
  begunBy: Row['begunBy'],
): Promise<{ run: RetentionRun; isNew: boolean }> {
  const running = await ctx.transaction((tx) =>
    tx.drizzle
      .select()
      .from(retentionRuns)
      .where(and(eq(retentionRuns.workspaceId, tx.workspaceId), eq(retentionRuns.state, 'running'))),
  );
  return running[0]
    ? { run: toRun(running[0]), isNew: false }
    : { run: await startRetention(ctx, begunBy), isNew: true };
}

/** The job. @throws when its signal aborts: it is taken up again */
export async function runRetention(
  ctx: Context,
  { runId }: { runId: string },
  job: Pick<JobRun, 'signal' | 'isLastAttempt'>,
  limit = batchMax,
): Promise<void> {
  const { tables } = ctx.use(declaredTables);
  const run = await ctx.transaction((tx) => findRun(tx, runId)).catch(() => null);
  if (run?.state !== 'running') return;
  try {
    for (const { kind } of run.results) {
      for (const step of stepsOf(tables, kind)) {
        let taken: Taken | null;
        do {
          job.signal.throwIfAborted();
          taken = await ctx.transaction((tx) =>
            takeBatch(tx, runId, kind, (...given) => step.take(...given, limit)),
          );
          for (const file of taken?.files ?? []) await ctx.use(storagePort).delete(file);
        } while (taken?.more);
      }
      await ctx.transaction((tx) =>
        note(tx, runId, kind, (result) => ({ ...result, state: settled(result) })),
      );
    }
    await removeOrphans((work) => ctx.transaction(work), ctx.use(storagePort), ctx.workspaceId, tables);
    await ctx.transaction((tx) => finish(tx, runId, null));
  } catch (error) {
    if (job.isLastAttempt && !job.signal.aborted) {
      await ctx.transaction((tx) => finish(tx, runId, databaseErrorCode(error) ?? 'failed'));
    }
    throw error;
  }
}

const settled = ({ state }: RetentionResult) => (state === 'waiting' ? 'done' : state);

async function takeBatch(
  tx: TransactionContext,
  runId: string,
  kind: RetentionResult['kind'],
  take: (tx: TransactionContext, rule: Rule, held: Held) => Promise<Taken>,
): Promise<Taken | null> {
  const held = await heldNow(tx);
  const run = await findRun(tx, runId, true);
  const result = run.results.find((one) => one.kind === kind);
  if (run.state !== 'running' || !result) return null;
  if (held.everything) {
    await note(tx, runId, kind, (before) => ({ ...before, state: 'held' }));
    return null;
  }
  // A rule that was loosened since spares what is left.
  const days = (await readRetention(tx))[kind];
  if (days === null || days > result.days) return null;
  const rule: Rule = { kind, days: result.days, before: new Date(result.before) };
  const taken = await take(tx, rule, held);
  if (taken.rows > 0) {
    await note(tx, runId, kind, (before) => ({
      ...before,
      rows: before.rows + taken.rows,
      files: before.files + taken.files.length,
      oldest: earliest(before.oldest, taken.oldest),
      newest: latest(before.newest, taken.newest),
    }));
  }
  return taken;
}

const earliest = (one: string | null, other: Date | null) =>
  other === null || (one !== null && one < other.toISOString()) ? one : other.toISOString();
const latest = (one: string | null, other: Date | null) =>
  other === null || (one !== null && one > other.toISOString()) ? one : other.toISOString();

async function note(
  tx: TransactionContext,
  runId: string,
  kind: RetentionResult['kind'],
  change: (result: RetentionResult) => RetentionResult,
): Promise<void> {
  const run = await findRun(tx, runId, true);
  await tx.drizzle
    .update(retentionRuns)
    .set({
      results: run.results.map((result) => (result.kind === kind ? change(result) : result)),
      workedAt: tx.clock.date(),
    })
    .where(eq(retentionRuns.id, runId));
}

async function finish(tx: TransactionContext, runId: string, errorCode: string | null): Promise<void> {
  const run = await findRun(tx, runId, true);
  if (run.state !== 'running') return;
  const state = errorCode === null ? 'done' : 'failed';
  const results = run.results.map((result) =>
    errorCode !== null && result.state === 'waiting' ? { ...result, state: 'failed' as const } : result,
  );
  const now = tx.clock.date();
  await tx.drizzle
    .update(retentionRuns)
    .set({ state, results, errorCode, workedAt: now, finishedAt: now })
    .where(eq(retentionRuns.id, runId));
  const sum = (of: 'rows' | 'files') => results.reduce((total, result) => total + result[of], 0);
  tx.append(retentionRan, { runId, state, rows: sum('rows'), files: sum('files') });
}

/** @throws ParleyError 404 */
async function findRun(tx: TransactionContext, runId: string, locked = false): Promise<Row> {
  const query = tx.drizzle.select().from(retentionRuns).where(eq(retentionRuns.id, runId));
  const [row] = await (locked ? query.for('update') : query);
  if (!row) throw notFound('retention run');
  return row;
}

export const readRetentionRun = async (ctx: Context, runId: string): Promise<RetentionRun> =>
  toRun(await ctx.transaction((tx) => findRun(tx, runId)));

/** Newest first. */
export async function listRetentionRuns(ctx: Context, input: { limit: number; cursor?: string }) {
  const before = input.cursor ? decodeCursor(input.cursor, z.tuple([z.uuid()])) : null;
  const rows = await ctx.transaction((tx) =>
    tx.drizzle
      .select()
      .from(retentionRuns)
      .where(
        and(
          eq(retentionRuns.workspaceId, tx.workspaceId),
          before ? lt(retentionRuns.id, before[0]) : undefined,
        ),
      )
      .orderBy(desc(retentionRuns.id))
      .limit(input.limit + 1),
  );
  const { items, nextCursor } = toPage(rows, input.limit, (row) => [row.id]);
  return { items: items.map(toRun), nextCursor };
}

function toRun(row: Row): RetentionRun {
  return {
    id: row.id,
    state: row.state,
    begunBy: row.begunBy,
    actor: { kind: row.actorKind, id: row.actorId },
    results: row.results,
    errorCode: row.errorCode,
    startedAt: row.startedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}

/** The schedule, every hour. */
export async function startDueRetention(ctx: SystemContext): Promise<void> {
  const now = ctx.clock.date();
  const lost = await ctx.system((queries) =>
    queries.sql<{ id: string; workspace_id: string }>(
      "select id, workspace_id from retention_runs where state = 'running' and worked_at < $1",
      [new Date(now.getTime() - lostAfterMs)],
    ),
  );
  for (const { id, workspace_id } of lost)
    await ctx.transactionIn(workspace_id, async (tx) => tx.enqueue(retain, { runId: id }, { key: id }));
  const due = await ctx.system((queries) =>
    queries.sql<{ workspace_id: string }>(
      `select w.workspace_id from workspaces w
       where exists (select 1 from retention_rules r where r.workspace_id = w.workspace_id)
         and extract(hour from $1::timestamptz at time zone coalesce(w.time_zone, $2)) = ${nightHour}
         and not exists (select 1 from retention_runs p where p.workspace_id = w.workspace_id
           and (p.state = 'running' or (p.begun_by = 'schedule' and p.started_at > $3)))`,
      [now, ctx.config.PARLEY_TIME_ZONE, new Date(now.getTime() - pauseMs)],
    ),
  );
  for (const { workspace_id } of due)
    await unlessGone(startRetention(ctx.workspace(workspace_id), 'schedule'));
}
