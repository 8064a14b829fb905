// The record of each turn of the assistant: begun, resumed after a kill, ended once; at most one is active in a
// conversation.
import type { ModelReason, ReadPassage, Run, RunOutcome, RunQuery } from '@parley/contract/runs';
import { type policy as policySchema, runOutcome } from '@parley/contract/runs';
import { and, desc, eq, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, SystemContext, TransactionContext } from '../../core/context.ts';
import { notFound } from '../../core/errors.ts';
import { defineEvent } from '../../core/events.ts';
import { newId } from '../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { runs } from './tables.ts';

export const runFinished = defineEvent({
  type: 'run.finished',
  doc: 'A turn of the assistant came to its end.',
  payload: z.object({
    runId: z.uuid(),
    conversationId: z.uuid(),
    outcome: runOutcome,
    model: z.string().nullable(),
    durationMs: z.number(),
  }),
});

type Policy = z.infer<typeof policySchema>;

export interface RunStart {
  readonly conversationId: string;
  readonly jobId: string;
  readonly policy: Policy;
  readonly readMessageIds: readonly string[];
  readonly lastReadMessageId: string;
  /** Messages that may want an answer; when the last turn read all of them, no run begins. */
  readonly candidateIds: readonly string[];
}

export interface BegunRun {
  readonly id: string;
  /** What the conversation's last turn read that came to an end of its own; null: this is the first. */
  readonly previouslyRead: ReadonlySet<string> | null;
  /** How many turns before this one were given up for a newer message, one after the other. */
  readonly supersededInRow: number;
  /** The contact has been told within a day that a person will reply. */
  readonly handedOverLately: boolean;
}

interface BeginRow {
  inserted_id: string | null;
  active_id: string | null;
  active_job_id: string | null;
  latest_read: string[] | null;
  superseded: number;
  handed_over: boolean;
}

const begin = {
  name: 'run_begin',
  text: `with active as (
      select id, job_id from runs where conversation_id = $3 and status = 'active'
    ), latest as (
      select read_message_ids, started_at from runs
      where conversation_id = $3 and outcome not in ('superseded', 'held_back') and last_read_message_id is not null
      order by started_at desc, id desc limit 1
    ), inserted as (
      insert into runs (id, workspace_id, conversation_id, job_id, status, policy, read_message_ids,
        last_read_message_id, started_at)
      select $1::uuid, $2::uuid, $3::uuid, $4::text, 'active', $5::text, $6::jsonb, $7::uuid, $8::timestamptz
      where not exists (select 1 from active) and not exists (select 1 from latest where read_message_ids @> $9::jsonb)
      returning id
    )
    select (select id from inserted) as inserted_id, (select id from active) as active_id,
      (select job_id from active) as active_job_id, (select read_message_ids from latest) as latest_read,
      (select count(*)::int from runs where conversation_id = $3 and outcome = 'superseded'
        and started_at > coalesce((select started_at from latest), '-infinity')) as superseded,
      exists (select 1 from runs where conversation_id = $3 and outcome = 'handed_over' and message_id is not null
        and started_at > $8::timestamptz - interval '1 day') as handed_over`,
};

/**
 * Begins a run, or takes up the one that the same job left when its process was killed. Call it with the conversation
 * locked. Null when there is nothing to do: another job's run is active, and looks again when it ends, or every candidate
 * has been dealt with.
 */
export async function beginRun(tx: TransactionContext, start: RunStart): Promise<BegunRun | null> {
  const [row] = await tx.sql<BeginRow>(begin, [
    newId(),
    tx.workspaceId,
    start.conversationId,
    start.jobId,
    start.policy,
    JSON.stringify(start.readMessageIds),
    start.lastReadMessageId,
    tx.clock.date(),
    JSON.stringify(start.candidateIds),
  ]);
  const id = row?.inserted_id ?? (row?.active_job_id === start.jobId ? row.active_id : null);
  if (!row || !id) return null;
  return {
    id,
    previouslyRead: row.latest_read ? new Set(row.latest_read) : null,
    supersededInRow: row.superseded,
    handedOverLately: row.handed_over,
  };
}

export interface RunEnd {
  readonly runId: string;
  readonly conversationId: string;
  readonly outcome: RunOutcome;
  readonly policy: Policy;
  readonly readMessageIds: readonly string[];
  readonly lastReadMessageId: string;
  readonly readPassages: readonly ReadPassage[];
  readonly model: string | null;
  readonly reasons: readonly ModelReason[];
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costMicros: number;
  /** Of the whole turn, the wait for a burst left out. */
  readonly durationMs: number;
  readonly messageId: string | null;
  readonly errorCode: string | null;
}

/** Somebody else ended this run: what this transaction did is not to be. */
export class RunEndedError extends Error {
  override readonly name = 'RunEndedError';
}

const end = {
  name: 'run_end',
  text: `update runs set status = 'finished', outcome = $2, policy = $3, read_message_ids = $4::jsonb,
      last_read_message_id = $5, read_passages = $6::jsonb, model = $7, reasons = $8::jsonb, input_tokens = $9,
      output_tokens = $10, cost_micros = $11, duration_ms = $12, message_id = $13, error_code = $14, finished_at = $15
    where id = $1 and status = 'active' returning id`,
};

/** Ends a run in the transaction that makes its message. @throws RunEndedError, which undoes that message */
export async function endRun(tx: TransactionContext, run: RunEnd): Promise<void> {
  const rows = await tx.sql(end, [
    run.runId,
    run.outcome,
    run.policy,
    JSON.stringify(run.readMessageIds),
    run.lastReadMessageId,
    JSON.stringify(run.readPassages),
    run.model,
    JSON.stringify(run.reasons),
    run.inputTokens,
    run.outputTokens,
    run.costMicros,
    run.durationMs,
    run.messageId,
    run.errorCode,
    tx.clock.date(),
  ]);
  if (rows.length === 0) throw new RunEndedError('the run had come to its end');
  const { runId, conversationId, outcome, model, durationMs } = run;
  tx.append(runFinished, { runId, conversationId, outcome, model, durationMs });
}

/** Ends the active run of a job without an answer. Returns whether there was one. */
export async function abandonRun(
  tx: TransactionContext,
  { conversationId, jobId, ...end }: AbandonedRun,
): Promise<boolean> {
  const now = tx.clock.date();
  const [row] = await tx.sql<{ id: string; started_at: Date | string }>(
    `update runs set status = $3, outcome = $4, error_code = $5, finished_at = $6
     where conversation_id = $1 and job_id = $2 and status = 'active' returning id, started_at`,
    [
      conversationId,
      jobId,
      end.outcome === 'failed' ? 'failed' : 'finished',
      end.outcome,
      end.errorCode,
      now,
    ],
  );
  if (!row) return false;
  const durationMs = Math.max(0, now.getTime() - new Date(row.started_at).getTime());
  tx.append(runFinished, { runId: row.id, conversationId, outcome: end.outcome, model: null, durationMs });
  return true;
}

/** Writes down a turn that failed before it read anything. */
export async function recordFailedRun(
  tx: TransactionContext,
  failed: {
    readonly conversationId: string;
    readonly jobId: string;
    readonly policy: Policy;
    readonly errorCode: string;
  },
): Promise<void> {
  const runId = newId();
  const { conversationId, jobId, policy, errorCode } = failed;
  const now = tx.clock.date();
  await tx.drizzle.insert(runs).values({
    id: runId,
    workspaceId: tx.workspaceId,
    conversationId,
    jobId,
    status: 'failed',
    outcome: 'failed',
    policy,
    errorCode,
    durationMs: 0,
    startedAt: now,
    finishedAt: now,
  });
  tx.append(runFinished, { runId, conversationId, outcome: 'failed', model: null, durationMs: 0 });
}

interface AbandonedRun {
  readonly conversationId: string;
  readonly jobId: string;
  readonly outcome: 'failed' | 'held_back';
  readonly errorCode: string | null;
}

export interface LostRun {
  readonly workspaceId: string;
  readonly conversationId: string;
  readonly jobId: string;
}

/** Active runs that began before a moment: their job has given up, or its process is gone for good. */
export async function lostRuns(ctx: SystemContext, before: Date): Promise<LostRun[]> {
  return ctx.system((queries) =>
    queries.sql<LostRun>(
      `select workspace_id as "workspaceId", conversation_id as "conversationId", job_id as "jobId" from runs
       where status = 'active' and started_at < $1 order by started_at limit 500`,
      [before],
    ),
  );
}

export async function listRuns(ctx: Context, input: RunQuery) {
  const before = input.cursor ? decodeCursor(input.cursor, z.tuple([z.uuid()])) : null;
  const rows = await ctx.transaction((tx) =>
    tx.drizzle
      .select()
      .from(runs)
      .where(
        and(
          input.conversationId ? eq(runs.conversationId, input.conversationId) : undefined,
          before ? lt(runs.id, before[0]) : undefined,
        ),
      )
      .orderBy(desc(runs.id))
      .limit(input.limit + 1),
  );
  const { items, nextCursor } = toPage(rows, input.limit, (row) => [row.id]);
  return { items: items.map(toRun), nextCursor };
}

/** @throws ParleyError 404 */
export async function getRun(ctx: Context, runId: string): Promise<Run> {
  const [row] = await ctx.transaction((tx) => tx.drizzle.select().from(runs).where(eq(runs.id, runId)));
  if (!row) throw notFound('run');
  return toRun(row);
}

function toRun({ workspaceId: _, jobId: __, lastReadMessageId: ___, ...row }: typeof runs.$inferSelect): Run {
  return {
    ...row,
    startedAt: row.startedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}
