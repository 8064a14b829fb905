// What a workspace keeps of its looks through conversations of before: how far each is, and how it ended.
import { workState } from '@parley/contract/common';
import type { LookThrough } from '@parley/contract/knowledge-proposals';
import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { TransactionContext } from '../../../core/context.ts';
import { notFound } from '../../../core/errors.ts';
import { defineEvent } from '../../../core/events.ts';
import { lookThroughs } from '../tables.ts';

export const lookThroughChanged = defineEvent({
  type: 'look_through.changed',
  doc: 'A look through conversations of before came further, or to its end.',
  permission: 'assistant:read',
  payload: z.object({
    lookThroughId: z.uuid(),
    state: workState,
    done: z.number(),
    total: z.number(),
    found: z.number(),
  }),
});

export type LookThroughRow = typeof lookThroughs.$inferSelect;

/** @throws ParleyError 404 */
export async function findLookThrough(
  tx: TransactionContext,
  id: string,
  lock = false,
): Promise<LookThroughRow> {
  const query = tx.drizzle.select().from(lookThroughs).where(eq(lookThroughs.id, id));
  const [row] = await (lock ? query.for('update') : query);
  if (!row) throw notFound('look through');
  return row;
}

export async function endLookThrough(
  tx: TransactionContext,
  id: string,
  state: 'done' | 'canceled' | 'failed',
): Promise<void> {
  const [row] = await tx.drizzle
    .update(lookThroughs)
    .set({ state, finishedAt: tx.clock.date() })
    .where(and(eq(lookThroughs.id, id), eq(lookThroughs.state, 'running')))
    .returning();
  if (row) tellLookThrough(tx, row);
}

/** Whoever says no means what is under way too. */
export async function cancelRunning(tx: TransactionContext): Promise<void> {
  const rows = await tx.drizzle
    .select({ id: lookThroughs.id })
    .from(lookThroughs)
    .where(and(eq(lookThroughs.workspaceId, tx.workspaceId), eq(lookThroughs.state, 'running')));
  for (const { id } of rows) await endLookThrough(tx, id, 'canceled');
}

export function tellLookThrough(tx: TransactionContext, row: LookThroughRow): void {
  const { id: lookThroughId, state, done, total, found } = row;
  tx.append(lookThroughChanged, { lookThroughId, state, done, total, found });
}

export function toLookThrough(row: LookThroughRow): LookThrough {
  const { workspaceId: _, readAt: __, readId: ___, startedAt, finishedAt, ...rest } = row;
  return {
    ...rest,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
