// Which training data the assistant answers from: what is live, unless it is tried how it would answer with more or with less.
import type { KnowledgeChange } from '@parley/contract/shadow-runs';
import { inArray, sql } from 'drizzle-orm';
import type { TransactionContext } from '../../core/context.ts';
import { conflict, notFound } from '../../core/errors.ts';
import { tell } from './events.ts';
import { trainingData } from './tables.ts';
import type { DataRow } from './view.ts';

export const noChange: KnowledgeChange = { with: [], without: [] };

/** The condition on `training_data` for what is answered from. @param first the number of its first of two parameters */
export const isUsed = (first: number): string =>
  `(training_data.id = any($${first}::uuid[]) or (training_data.live and training_data.id <> all($${first + 1}::uuid[])))`;

export const isUsedWith = (change: KnowledgeChange) =>
  sql`(${trainingData.id} = any(${sql.param(change.with)}::uuid[])
    or (${trainingData.live} and ${trainingData.id} <> all(${sql.param(change.without)}::uuid[])))`;

/**
 * Sees that a change of knowledge can be tried: what comes is held back and was read, what goes is in use.
 * @throws ParleyError 404, 409
 */
export async function refuseUntriable(tx: TransactionContext, change: KnowledgeChange): Promise<void> {
  const rows = await findAll(tx, [...change.with, ...change.without]);
  const known = new Map(rows.map((row) => [row.id, row]));
  for (const id of [...change.with, ...change.without]) if (!known.has(id)) throw notFound('training data');
  if (change.with.some((id) => known.get(id)?.live) || change.without.some((id) => !known.get(id)?.live)) {
    throw conflict(
      'knowledge_changed',
      'Some of this knowledge came into use, or is held back, since it was chosen. Choose again.',
    );
  }
  if (change.with.some((id) => !isRead(known.get(id))))
    throw conflict('knowledge_not_read', 'Some of this knowledge was not read yet. Wait until it is.');
}

const isRead = (row: DataRow | undefined): boolean => row?.state === 'ready' || row?.state === 'stale';

/** Whether all that a change would bring is still there. What it would take away may be gone. */
export async function isThere(tx: TransactionContext, change: KnowledgeChange): Promise<boolean> {
  return (await findAll(tx, change.with)).length === new Set(change.with).size;
}

/** Brings into use and holds back as a change says, all of it or nothing. @throws ParleyError 409 where some of it is gone */
export async function goLive(tx: TransactionContext, change: KnowledgeChange): Promise<void> {
  if (!(await isThere(tx, change)))
    throw conflict(
      'knowledge_gone',
      'Some of the knowledge that this was tried with was deleted. Try it anew.',
    );
  await setLive(tx, change.with, true);
  await setLive(tx, change.without, false);
}

async function setLive(tx: TransactionContext, ids: readonly string[], live: boolean): Promise<void> {
  if (ids.length === 0) return;
  const rows = await tx.drizzle
    .update(trainingData)
    .set({ live, updatedAt: tx.clock.date() })
    .where(inArray(trainingData.id, [...ids]))
    .returning();
  for (const row of rows) tell(tx, row, 'updated', true);
}

/** Locked in the order of their ids, so that two who change several do not wait for each other. */
async function findAll(tx: TransactionContext, ids: readonly string[]): Promise<DataRow[]> {
  if (ids.length === 0) return [];
  return tx.drizzle
    .select()
    .from(trainingData)
    .where(inArray(trainingData.id, [...ids]))
    .orderBy(trainingData.id)
    .for('update');
}
