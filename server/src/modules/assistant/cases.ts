// Cases: questions with their settled answers, and the way from a bad answer to a better one.
import type {
  AnswerCase,
  AnswerCaseInput,
  AnswerCaseQuery,
  AnswerFix,
  AnswerFixInput,
} from '@parley/contract/answer-cases';
import { and, desc, eq, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { conflict, notFound } from '../../core/errors.ts';
import { defineEvent } from '../../core/events.ts';
import { newId } from '../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import type { Sensitivity } from '../inference/inference.ts';
import { createPair, titlesOf } from '../knowledge/knowledge.ts';
import { detectLanguage } from '../understanding/understanding.ts';
import { answerCases } from './tables.ts';

export const answerCaseChanged = defineEvent({
  type: 'answer_case.changed',
  doc: 'A case of the assistant was added, changed or removed.',
  permission: 'assistant:read',
  payload: z.object({ caseId: z.uuid(), change: z.enum(['created', 'updated', 'deleted']) }),
});

export const contentPlace = (caseId: string) => `answer_cases.content:${caseId}`;
export const answerPlace = (caseId: string) => `answer_cases.answer:${caseId}`;
const content = z.object({ question: z.string(), mustContain: z.array(z.string()) });

/** A check asks all of them; more take longer than anybody waits. */
const casesMax = 1000;

export type CaseRow = typeof answerCases.$inferSelect;

export async function listCases(ctx: Context, query: AnswerCaseQuery) {
  const before = query.cursor ? decodeCursor(query.cursor, z.tuple([z.uuid()])) : null;
  return ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .select()
      .from(answerCases)
      .where(
        and(
          eq(answerCases.workspaceId, tx.workspaceId),
          query.passed ? eq(answerCases.passed, query.passed === 'true') : undefined,
          before ? lt(answerCases.id, before[0]) : undefined,
        ),
      )
      .orderBy(desc(answerCases.id))
      .limit(query.limit + 1);
    const { items, nextCursor } = toPage(rows, query.limit, (row) => [row.id]);
    return { items: await toCases(tx, items), nextCursor };
  });
}

/** @throws ParleyError 404 */
export async function getCase(ctx: Context, id: string): Promise<AnswerCase> {
  return ctx.transaction(async (tx) => toCase(tx, await findCase(tx, id)));
}

/** @throws ParleyError 404 for training data that is not here, 409 */
export async function createCase(ctx: Context, input: AnswerCaseInput): Promise<AnswerCase> {
  return ctx.transaction(async (tx) => toCase(tx, await insertCase(tx, newId(), input)));
}

/** What it was checked with is forgotten: it is another case now. @throws ParleyError 404 */
export async function changeCase(ctx: Context, id: string, input: AnswerCaseInput): Promise<AnswerCase> {
  return ctx.transaction(async (tx) => {
    await findCase(tx, id);
    await refuseUnknownData(tx, input);
    const [row] = await tx.drizzle
      .update(answerCases)
      .set({
        ...valuesOf(tx, id, input),
        passed: null,
        because: null,
        support: null,
        model: null,
        answer: null,
        checkedAt: null,
        updatedAt: tx.clock.date(),
      })
      .where(eq(answerCases.id, id))
      .returning();
    if (!row) throw notFound('case');
    tx.append(answerCaseChanged, { caseId: id, change: 'updated' });
    return toCase(tx, row);
  });
}

/** @throws ParleyError 404 */
export async function deleteCase(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await findCase(tx, id);
    await tx.drizzle.delete(answerCases).where(eq(answerCases.id, id));
    tx.append(answerCaseChanged, { caseId: id, change: 'deleted' });
  });
}

/**
 * Makes the better answer a pair of the knowledge, and a case that looks for it from then on.
 * @throws ParleyError `knowledge_full`, 404 for a run that is not here, 409
 */
export async function fixAnswer(ctx: Context, input: AnswerFixInput): Promise<AnswerFix> {
  const { question, answer, mustContain, runId } = input;
  const language = input.language ?? (await detectLanguage(question)).language;
  const [trainingDataId, caseId] = [newId(), newId()];
  await createPair(ctx, trainingDataId, { question, answer }, async (tx) => {
    const sensitivity = runId === null ? 'normal' : await sensitivityOfRun(tx, runId);
    const about = { question, language, sensitivity, trainingDataId, mustContain };
    await insertCase(tx, caseId, { ...about, expects: 'answer' });
  });
  return { trainingDataId, caseId };
}

async function sensitivityOfRun(tx: TransactionContext, runId: string): Promise<Sensitivity> {
  const [row] = await tx.sql<{ private: boolean }>(
    `select c.private or k.ai_consent = 'refused' as private from runs r
       join conversations c on c.id = r.conversation_id join contacts k on k.id = c.contact_id where r.id = $1`,
    [runId],
  );
  if (!row) throw notFound('run');
  return row.private ? 'private' : 'normal';
}

async function insertCase(tx: TransactionContext, id: string, input: AnswerCaseInput): Promise<CaseRow> {
  await refuseUnknownData(tx, input);
  const [count] = await tx.sql<{ count: number }>(
    'select count(*)::int as count from answer_cases where workspace_id = $1',
    [tx.workspaceId],
  );
  if ((count?.count ?? 0) >= casesMax)
    throw conflict('too_many_cases', `A workspace may have ${casesMax} cases. Remove some.`);
  const now = tx.clock.date();
  const [row] = await tx.drizzle
    .insert(answerCases)
    .values({
      id,
      workspaceId: tx.workspaceId,
      ...valuesOf(tx, id, input),
      createdAt: now,
      updatedAt: now,
    })
    .returning();
  if (!row) throw new Error('an inserted row was not returned');
  tx.append(answerCaseChanged, { caseId: id, change: 'created' });
  return row;
}

function valuesOf(tx: TransactionContext, id: string, input: AnswerCaseInput) {
  const { question, mustContain, ...values } = input;
  return { ...values, content: tx.seal(JSON.stringify({ question, mustContain }), contentPlace(id)) };
}

/** The foreign key alone would take another workspace's. */
async function refuseUnknownData(tx: TransactionContext, { trainingDataId }: AnswerCaseInput): Promise<void> {
  if (trainingDataId === null) return;
  if (!(await titlesOf(tx, [trainingDataId])).has(trainingDataId)) throw notFound('training data');
}

async function findCase(tx: TransactionContext, id: string): Promise<CaseRow> {
  const [row] = await tx.drizzle.select().from(answerCases).where(eq(answerCases.id, id));
  if (!row) throw notFound('case');
  return row;
}

async function toCase(tx: TransactionContext, row: CaseRow): Promise<AnswerCase> {
  const [only] = await toCases(tx, [row]);
  if (!only) throw new Error('a row was not told of');
  return only;
}

async function toCases(tx: TransactionContext, rows: readonly CaseRow[]): Promise<AnswerCase[]> {
  const titles = await titlesOf(
    tx,
    rows.flatMap(({ trainingDataId }) => trainingDataId ?? []),
  );
  return rows.map((row) => ({
    id: row.id,
    ...openCase(tx, row),
    trainingDataTitle: titles.get(row.trainingDataId ?? '') ?? '',
    result:
      row.checkedAt === null
        ? null
        : {
            passed: row.passed ?? false,
            because: row.because,
            answer: row.answer ? tx.openText(row.answer, answerPlace(row.id)) : '',
            support: row.support,
            model: row.model,
            checkedAt: row.checkedAt.toISOString(),
          },
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }));
}

/** What a case asks and expects. @throws CryptoError */
export function openCase(
  tx: TransactionContext,
  row: CaseRow,
): AnswerCaseInput & { readonly sensitivity: Sensitivity } {
  const { language, expects, trainingDataId, sensitivity } = row;
  const opened = content.parse(JSON.parse(tx.openText(row.content, contentPlace(row.id))));
  return { ...opened, language, expects, trainingDataId, sensitivity };
}
