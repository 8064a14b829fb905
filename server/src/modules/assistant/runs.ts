// The record of each turn of the assistant, ended once: begun and resumed after a kill where it takes time, written down
// whole where it is one commit. At most one is active in a conversation.
import type { HandOverSummary, ModelReason, ReadPassage, Run, RunOutcome } from '@parley/contract/runs';
import { handOverSummary, type policy as policySchema, runOutcome } from '@parley/contract/runs';
import type { ToolStep } from '@parley/contract/tools';
import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, SystemContext, TransactionContext } from '../../core/context.ts';
import { notFound } from '../../core/errors.ts';
import { defineEvent } from '../../core/events.ts';
import { newId } from '../../core/identifiers.ts';
import { contactNames, readsConversations } from '../conversations/conversations.ts';
import { titlesOf } from '../knowledge/knowledge.ts';
import { openSteps, RunEndedError, sealSteps } from './run-steps.ts';
import { runs } from './tables.ts';

export const runFinished = defineEvent({
  type: 'run.finished',
  doc: 'A turn of the assistant came to its end.',
  permission: 'assistant:read',
  payload: z.object({
    runId: z.uuid(),
    conversationId: z.uuid(),
    outcome: runOutcome,
    model: z.string().nullable(),
    durationMs: z.number(),
  }),
});

type Policy = z.infer<typeof policySchema>;

/** What the turns before this one left. */
export interface EarlierTurns {
  /** The run that a job works on, or left when its process was killed. */
  readonly active: LeftRun | null;
  /** What the conversation's last turn read that came to an end of its own; null: there was none. */
  readonly previouslyRead: ReadonlySet<string> | null;
  /** How many turns since then were given up for a newer message, one after the other. */
  readonly supersededInRow: number;
  /** The contact has been told within a day that a person will reply. */
  readonly handedOverLately: boolean;
  /** What the runs of the last day that are at their end called, newest first: few of them. */
  readonly called: readonly Pick<LeftRun, 'id' | 'steps'>[];
}

export interface LeftRun {
  readonly id: string;
  readonly jobId: string;
  readonly take: number;
  /** Sealed. */
  readonly steps: Uint8Array | null;
}

interface EarlierRow {
  active_id: string | null;
  active_job_id: string | null;
  active_take: number | null;
  active_steps: Uint8Array | null;
  latest_read: string[] | null;
  superseded: number;
  handed_over: boolean;
  called: { id: string; steps: string }[] | null;
}

const readEarlier = {
  name: 'runs_earlier',
  text: `with latest as (
      select read_message_ids, started_at from runs
      where conversation_id = $1 and outcome not in ('superseded', 'held_back') and last_read_message_id is not null
      order by started_at desc, id desc limit 1
    )
    select active.id as active_id, active.job_id as active_job_id, active.take as active_take,
      active.steps as active_steps, latest.read_message_ids as latest_read,
      (select count(*)::int from runs where conversation_id = $1 and outcome = 'superseded'
        and started_at > coalesce(latest.started_at, '-infinity')) as superseded,
      exists (select 1 from runs where conversation_id = $1 and outcome = 'handed_over' and message_id is not null
        and started_at > $2::timestamptz - interval '1 day') as handed_over,
      (select jsonb_agg(jsonb_build_object('id', id, 'steps', encode(steps, 'base64'))) from (
        select id, steps from runs where conversation_id = $1 and steps is not null and status <> 'active'
          and started_at > $2::timestamptz - interval '1 day' order by started_at desc limit 5) ended) as called
    from (values (1)) as one
      left join latest on true
      left join runs active on active.conversation_id = $1 and active.status = 'active'`,
};

/** Call it with the conversation locked: nobody else begins or ends a run of it then. */
export async function readEarlierTurns(
  tx: TransactionContext,
  conversationId: string,
): Promise<EarlierTurns> {
  const [row] = await tx.sql<EarlierRow>(readEarlier, [conversationId, tx.clock.date()]);
  if (!row) throw new Error('a statement that always has a row had none');
  const { active_id: id, active_job_id: jobId, active_take: take, active_steps: steps } = row;
  return {
    active: id !== null && jobId !== null && take !== null ? { id, jobId, take, steps } : null,
    previouslyRead: row.latest_read ? new Set(row.latest_read) : null,
    supersededInRow: row.superseded,
    handedOverLately: row.handed_over,
    called: (row.called ?? []).map(({ id, steps }) => ({ id, steps: Buffer.from(steps, 'base64') })),
  };
}

export interface OpenRun {
  readonly id: string;
  readonly conversationId: string;
  readonly jobId: string;
  readonly policy: Policy;
  readonly readMessageIds: readonly string[];
  readonly lastReadMessageId: string;
  readonly startedAt: Date;
  /** It is stored as active: `beginRun` was called for it, in this process or in one that was killed. */
  readonly isBegun: boolean;
  /** How often it was taken up before. */
  readonly take: number;
}

/**
 * The run of a turn: a new one, or the one that the same job left when its process was killed. Null when there is nothing
 * to do: another job's run is active, and looks again when it ends, or every candidate has been dealt with. Pure.
 * @param candidateIds messages that may want an answer.
 */
export function openRun(
  { active, previouslyRead }: EarlierTurns,
  candidateIds: readonly string[],
  run: Omit<OpenRun, 'id' | 'isBegun' | 'take'>,
): OpenRun | null {
  if (active)
    return active.jobId === run.jobId
      ? { ...run, id: active.id, isBegun: true, take: active.take + 1 }
      : null;
  if (previouslyRead && candidateIds.every((id) => previouslyRead.has(id))) return null;
  return { ...run, id: newId(), isBegun: false, take: 0 };
}

const begin = {
  name: 'run_begin',
  text: `insert into runs (id, workspace_id, conversation_id, job_id, status, policy, read_message_ids,
      last_read_message_id, started_at)
    values ($1, $2, $3, $4, 'active', $5, $6::jsonb, $7, $8)`,
};

/** Stores a run as active, for a turn that goes on after the commit; one that was left is this take's from then on. */
export function beginRun(tx: TransactionContext, run: OpenRun): OpenRun {
  if (run.isBegun) {
    tx.last(takeUp, [run.id, run.take]);
    return run;
  }
  tx.last(begin, [
    run.id,
    tx.workspaceId,
    run.conversationId,
    run.jobId,
    run.policy,
    JSON.stringify(run.readMessageIds),
    run.lastReadMessageId,
    run.startedAt,
  ]);
  return { ...run, isBegun: true };
}

const takeUp = { name: 'run_take_up', text: 'update runs set take = $2 where id = $1' };

export interface RunEnd {
  readonly outcome: RunOutcome;
  readonly policy: Policy;
  readonly readPassages: readonly ReadPassage[];
  readonly model: string | null;
  readonly reasons: readonly ModelReason[];
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Null: a model without a price was asked. */
  readonly costMicros: number | null;
  readonly support: number | null;
  readonly handOver: HandOverSummary | null;
  /** Of the whole turn, the wait for a burst left out. */
  readonly durationMs: number;
  readonly messageId: string | null;
  readonly errorCode: string | null;
  readonly steps: readonly ToolStep[];
}

export const handOverPlace = (runId: string) => `runs.hand_over:${runId}`;

// By `finished_at` and not by `status`: the index of active runs looks tempting, and is full of those that were.
const end = {
  name: 'run_end',
  text: `update runs set status = 'finished', outcome = $2, policy = $3, read_message_ids = $4::jsonb,
      last_read_message_id = $5, read_passages = $6::jsonb, model = $7, reasons = $8::jsonb, input_tokens = $9,
      output_tokens = $10, cost_micros = $11, duration_ms = $12, message_id = $13, error_code = $14, finished_at = $15,
      support = $16, hand_over = $17, steps = $18
    where id = $1 and finished_at is null and take <= $19 returning id`,
};

const insertEnded = {
  name: 'run_insert_ended',
  text: `insert into runs (id, status, outcome, policy, read_message_ids, last_read_message_id, read_passages, model, reasons,
      input_tokens, output_tokens, cost_micros, duration_ms, message_id, error_code, finished_at, support, hand_over,
      steps, workspace_id, conversation_id, job_id, started_at)
    values ($1, 'finished', $2, $3, $4::jsonb, $5, $6::jsonb, $7, $8::jsonb, $9, $10, $11, $12, $13, $14, $15, $16, $17,
      $18, $19, $20, $21, $22)`,
};

/**
 * Ends a run in the transaction that makes its message, with the conversation locked.
 * @throws RunEndedError, which undoes that message
 */
export async function endRun(tx: TransactionContext, run: OpenRun, ended: RunEnd): Promise<void> {
  const values = [
    run.id,
    ended.outcome,
    ended.policy,
    JSON.stringify(run.readMessageIds),
    run.lastReadMessageId,
    // Without titles: they are content, and go when what they name is deleted.
    JSON.stringify(ended.readPassages.map(({ title: _, ...passage }) => passage)),
    ended.model,
    JSON.stringify(ended.reasons),
    ended.inputTokens,
    ended.outputTokens,
    ended.costMicros,
    ended.durationMs,
    ended.messageId,
    ended.errorCode,
    tx.clock.date(),
    ended.support,
    ended.handOver && tx.seal(JSON.stringify(ended.handOver), handOverPlace(run.id)),
    ended.steps.length === 0 ? null : sealSteps(tx, run.id, ended.steps),
  ];
  if (run.isBegun) {
    const rows = await tx.sql(end, [...values, run.take]);
    if (rows.length === 0) throw new RunEndedError('the run is not this one’s to end');
  } else {
    tx.last(insertEnded, [...values, tx.workspaceId, run.conversationId, run.jobId, run.startedAt]);
  }
  const { outcome, model, durationMs } = ended;
  tx.append(runFinished, {
    runId: run.id,
    conversationId: run.conversationId,
    outcome,
    model,
    durationMs,
  });
}

/** Ends a run that was left without an answer, with the conversation locked. */
export async function abandonRun(
  tx: TransactionContext,
  { conversationId, runId, outcome, ...end }: AbandonedRun,
): Promise<void> {
  const now = tx.clock.date();
  const [row] = await tx.sql<{ started_at: Date | string }>(
    `update runs set status = $2, outcome = $3, error_code = $4, finished_at = $5, hand_over = $6, steps = $7
     where id = $1 returning started_at`,
    [
      runId,
      outcome === 'failed' ? 'failed' : 'finished',
      outcome,
      end.errorCode,
      now,
      end.handOver && tx.seal(JSON.stringify(end.handOver), handOverPlace(runId)),
      end.steps.length === 0 ? null : sealSteps(tx, runId, end.steps),
    ],
  );
  if (!row) throw new Error('a run that was just read is not there');
  const durationMs = Math.max(0, now.getTime() - new Date(row.started_at).getTime());
  tx.append(runFinished, { runId, conversationId, outcome, model: null, durationMs });
}

/** Writes down a turn that failed and left no run: before it began one, or with the one commit that it was. */
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

interface AbandonedRun extends Pick<RunEnd, 'handOver' | 'steps' | 'errorCode'> {
  readonly conversationId: string;
  readonly runId: string;
  readonly outcome: 'failed' | 'held_back';
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

/** @throws ParleyError 404 */
export async function getRun(ctx: Context, runId: string): Promise<Run> {
  return ctx.transaction(async (tx) => {
    const [run] = await toRuns(tx, await tx.drizzle.select().from(runs).where(eq(runs.id, runId)));
    if (!run) throw notFound('run');
    return run;
  });
}

/**
 * What was read is named as it is called now; what is not there any more has no name, unless an older run kept it. Who may not
 * read conversations sees what the assistant did, not for whom, nor what was said.
 */
export async function toRuns(
  tx: TransactionContext,
  rows: readonly (typeof runs.$inferSelect)[],
): Promise<Run[]> {
  const titles = await titlesOf(
    tx,
    rows.flatMap(({ readPassages }) => readPassages.map(({ textId }) => textId)),
  );
  const conversationIds = rows.map(({ conversationId }) => conversationId);
  const contacts = await contactNames(tx, 'conversation', conversationIds);
  const readsWords = readsConversations(tx.actor);
  return rows.map(({ workspaceId: _, jobId: __, lastReadMessageId: ___, take: ____, ...row }) => ({
    ...row,
    contact: contacts.get(row.conversationId) ?? '',
    readPassages: row.readPassages.map((passage) => ({
      ...passage,
      title: titles.get(passage.textId) ?? passage.title ?? '',
    })),
    handOver: row.handOver && openHandOver(tx, row.id, row.handOver, readsWords),
    steps: readsWords ? openSteps(tx, row) : [],
    startedAt: row.startedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  }));
}

function openHandOver(tx: TransactionContext, runId: string, sealed: Uint8Array, readsWords: boolean) {
  const summary = handOverSummary.parse(JSON.parse(tx.openText(sealed, handOverPlace(runId))));
  return readsWords ? summary : { ...summary, asked: [], heldBack: null };
}
