// A check: every case is put to the assistant as it is now. Begun by a member or from the command line, worked on by a job
// that can be killed and goes on where it was, cancelled by a change of its row.
import type { CaseCheck } from '@parley/contract/answer-cases';
import { workState } from '@parley/contract/common';
import { and, asc, desc, eq, isNull, lt, lte, or, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { conflict, notFound } from '../../core/errors.ts';
import { defineEvent } from '../../core/events.ts';
import { newId } from '../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { defineJob, type JobRun } from '../../core/queue.ts';
import { passagesOf } from '../knowledge/knowledge.ts';
import { answerPlace, type CaseRow, openCase } from './cases.ts';
import { type Composed, compose } from './compose.ts';
import { failureOf } from './judge-case.ts';
import { readAssistant } from './settings.ts';
import { answerCases, caseChecks } from './tables.ts';

export const caseCheckChanged = defineEvent({
  type: 'case_check.changed',
  doc: 'A check of the assistant’s cases came further, or to its end.',
  permission: 'assistant:read',
  payload: z.object({
    checkId: z.uuid(),
    state: workState,
    done: z.number(),
    total: z.number(),
    failed: z.number(),
  }),
});

export const checkCases = defineJob({
  name: 'assistant.check_cases',
  doc: 'Puts every case to the assistant as it is now; many of them in several runs.',
  input: z.object({ checkId: z.uuid() }),
  effect: 'external',
  concurrency: 2,
  retries: 4,
  retryDelaySeconds: 2,
  timeoutSeconds: 600,
});

/** A run of the job ends itself before its time is over, and leaves the rest to the next. */
const runMs = 300_000;
const caseMsMax = 50_000;

type CheckRow = typeof caseChecks.$inferSelect;

/** Begins one; a job does it. @throws ParleyError 409 while one runs */
export async function startCheck(ctx: Context): Promise<CaseCheck> {
  return ctx.transaction(async (tx) => {
    const row = await insertCheck(tx);
    tx.enqueue(checkCases, { checkId: row.id });
    return toCheck(row);
  });
}

/** Begins one and does it here. @throws ParleyError 409 while one runs */
export async function checkHere(
  ctx: Context,
  signal: AbortSignal,
  onProgress: (check: CaseCheck) => void,
): Promise<CaseCheck> {
  const { id } = await ctx.transaction(insertCheck);
  try {
    await goOn(ctx, id, signal, Number.POSITIVE_INFINITY, onProgress);
  } catch (error) {
    await ctx.transaction((tx) => endCheck(tx, id, signal.aborted ? 'canceled' : 'failed'));
    throw error;
  }
  return getCheck(ctx, id);
}

/** The job. */
export async function check(ctx: Context, { checkId }: { checkId: string }, run: JobRun): Promise<void> {
  try {
    await goOn(ctx, checkId, run.signal, performance.now() + runMs, () => undefined);
  } catch (error) {
    if (run.isLastAttempt) await ctx.transaction((tx) => endCheck(tx, checkId, 'failed'));
    throw error;
  }
}

async function goOn(
  ctx: Context,
  checkId: string,
  signal: AbortSignal,
  until: number,
  onProgress: (check: CaseCheck) => void,
): Promise<void> {
  const settings = await readAssistant(ctx);
  const knowledge = await passagesOf(ctx);
  for (;;) {
    const next = await ctx.transaction((tx) => nextCase(tx, checkId));
    if (!next) return;
    if (performance.now() > until) {
      await ctx.transaction(async (tx) => tx.enqueue(checkCases, { checkId }));
      return;
    }
    const { question, language, sensitivity } = next.expected;
    const composed = await compose(ctx, settings, knowledge, {
      history: [{ sender: 'contact', text: question }],
      question,
      language,
      sensitivity,
      purpose: 'check',
      signal: AbortSignal.any([signal, AbortSignal.timeout(caseMsMax)]),
    });
    const told = await ctx.transaction((tx) => record(tx, checkId, next, composed));
    if (told) onProgress(told);
  }
}

interface NextCase {
  readonly row: CaseRow;
  readonly checkStartedAt: Date;
  readonly expected: ReturnType<typeof openCase>;
}

/** The first that was not checked since the check began; null when it is over, which is then written down. */
async function nextCase(tx: TransactionContext, checkId: string): Promise<NextCase | null> {
  const found = await findCheck(tx, checkId);
  if (found?.state !== 'running') return null;
  const [row] = await tx.drizzle
    .select()
    .from(answerCases)
    .where(
      and(
        eq(answerCases.workspaceId, tx.workspaceId),
        lte(answerCases.createdAt, found.startedAt),
        notCheckedSince(found.startedAt),
      ),
    )
    .orderBy(asc(answerCases.id))
    .limit(1);
  if (row) return { row, checkStartedAt: found.startedAt, expected: openCase(tx, row) };
  await endCheck(tx, checkId, 'done');
  return null;
}

const notCheckedSince = (moment: Date) =>
  or(isNull(answerCases.checkedAt), lt(answerCases.checkedAt, moment));

/** Null: another worker was first, or the check is over. */
async function record(
  tx: TransactionContext,
  checkId: string,
  { row, checkStartedAt, expected }: NextCase,
  composed: Composed,
): Promise<CaseCheck | null> {
  const because = failureOf(expected, {
    text: composed.text,
    handOver: composed.handOver,
    model: composed.model,
    citedDataIds: composed.passages.flatMap(({ cited, textId }) => (cited ? [textId] : [])),
  });
  const recorded = await tx.drizzle
    .update(answerCases)
    .set({
      passed: because === null,
      because,
      support: composed.support,
      model: composed.model,
      answer: tx.seal(composed.text, answerPlace(row.id)),
      checkedAt: tx.clock.date(),
    })
    .where(and(eq(answerCases.id, row.id), notCheckedSince(checkStartedAt)))
    .returning({ id: answerCases.id });
  if (recorded.length === 0) return null;
  const [after] = await tx.drizzle
    .update(caseChecks)
    .set({
      done: sql`${caseChecks.done} + 1`,
      failed: sql`${caseChecks.failed} + ${because === null ? 0 : 1}`,
      costMicros: sql`${caseChecks.costMicros} + ${composed.costMicros}`,
    })
    .where(and(eq(caseChecks.id, checkId), eq(caseChecks.state, 'running')))
    .returning();
  if (!after) return null;
  tell(tx, after);
  return toCheck(after);
}

/** @throws ParleyError 404 */
export async function cancelCheck(ctx: Context, id: string): Promise<CaseCheck> {
  return ctx.transaction(async (tx) => {
    if (!(await findCheck(tx, id))) throw notFound('check');
    await endCheck(tx, id, 'canceled');
    const row = await findCheck(tx, id);
    if (!row) throw notFound('check');
    return toCheck(row);
  });
}

/** @throws ParleyError 404 */
export async function getCheck(ctx: Context, id: string): Promise<CaseCheck> {
  return ctx.transaction(async (tx) => {
    const row = await findCheck(tx, id);
    if (!row) throw notFound('check');
    return toCheck(row);
  });
}

export async function listChecks(ctx: Context, query: { limit: number; cursor?: string | undefined }) {
  const before = query.cursor ? decodeCursor(query.cursor, z.tuple([z.uuid()])) : null;
  return ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .select()
      .from(caseChecks)
      .where(
        and(eq(caseChecks.workspaceId, tx.workspaceId), before ? lt(caseChecks.id, before[0]) : undefined),
      )
      .orderBy(desc(caseChecks.id))
      .limit(query.limit + 1);
    const { items, nextCursor } = toPage(rows, query.limit, (row) => [row.id]);
    return { items: items.map(toCheck), nextCursor };
  });
}

async function insertCheck(tx: TransactionContext): Promise<CheckRow> {
  const [count] = await tx.sql<{ count: number }>(
    'select count(*)::int as count from answer_cases where workspace_id = $1',
    [tx.workspaceId],
  );
  const [row] = await tx.drizzle
    .insert(caseChecks)
    .values({
      id: newId(),
      workspaceId: tx.workspaceId,
      total: count?.count ?? 0,
      startedAt: tx.clock.date(),
    })
    .onConflictDoNothing()
    .returning();
  if (!row) throw conflict('check_running', 'The cases are being checked already.');
  tell(tx, row);
  return row;
}

async function endCheck(
  tx: TransactionContext,
  id: string,
  state: 'done' | 'canceled' | 'failed',
): Promise<void> {
  const [row] = await tx.drizzle
    .update(caseChecks)
    .set({ state, finishedAt: tx.clock.date() })
    .where(and(eq(caseChecks.id, id), eq(caseChecks.state, 'running')))
    .returning();
  if (row) tell(tx, row);
}

async function findCheck(tx: TransactionContext, id: string): Promise<CheckRow | null> {
  const [row] = await tx.drizzle.select().from(caseChecks).where(eq(caseChecks.id, id));
  return row ?? null;
}

function tell(tx: TransactionContext, { id, state, done, total, failed }: CheckRow): void {
  tx.append(caseCheckChanged, { checkId: id, state, done, total, failed });
}

function toCheck({ workspaceId: _, ...row }: CheckRow): CaseCheck {
  return {
    ...row,
    startedAt: row.startedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}
