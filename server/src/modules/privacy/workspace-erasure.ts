// The erasure of a whole workspace, as its owners see it: set with its name, begun after seven days, canceled until then.
import type { ErasureObstacle, WorkspaceErasure } from '@parley/contract/privacy';
import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { conflict, notFound, ParleyError } from '../../core/errors.ts';
import { defineJob } from '../../core/queue.ts';
import { rentedNumbers } from '../channels/channels.ts';
import { workspaceErasureCanceled, workspaceErasureSet } from './events.ts';
import { heldNow, isHeld } from './holds.ts';
import { privacyHost } from './host.ts';
import { workspaceErasures } from './tables.ts';

const waitMs = 7 * 86_400_000;

export const tellOwners = defineJob({
  name: 'privacy.tell_owners',
  doc: 'Mails the owners that their workspace is going to be erased, or is not after all.',
  input: z.object({ about: z.enum(['set', 'canceled']), beginsAt: z.iso.datetime() }),
  effect: 'external',
});

export const runTellOwners = (ctx: Context, input: z.infer<typeof tellOwners.input>): Promise<void> =>
  ctx.use(privacyHost).tellOwners(ctx.workspaceId, input.about, new Date(input.beginsAt));

/** What keeps a workspace from being erased. No legal hold is set until the transaction ends. */
export async function obstacleOf(
  tx: Pick<TransactionContext, 'sql' | 'workspaceId'>,
): Promise<{ obstacle: ErasureObstacle | null; numbers: string[] }> {
  const held = await heldNow(tx);
  const numbers = await rentedNumbers(tx, tx.workspaceId);
  const isHeldAtAll = held.everything || held.contactIds.length > 0;
  return { obstacle: isHeldAtAll ? 'legal_hold' : numbers.length > 0 ? 'numbers_rented' : null, numbers };
}

export function refusal(obstacle: ErasureObstacle, numbers: readonly string[]): ParleyError {
  return obstacle === 'legal_hold'
    ? isHeld()
    : conflict('numbers_rented', `Release the numbers that are rented first: ${numbers.join(', ')}.`);
}

const one = (tx: TransactionContext) =>
  tx.drizzle.select().from(workspaceErasures).where(eq(workspaceErasures.workspaceId, tx.workspaceId));

export const readWorkspaceErasure = (ctx: Context): Promise<WorkspaceErasure> => ctx.transaction(read);

async function read(tx: TransactionContext): Promise<WorkspaceErasure> {
  const [row] = await one(tx);
  return {
    set: row?.setByKind
      ? {
          by: { kind: row.setByKind, id: row.setBy },
          at: row.setAt.toISOString(),
          beginsAt: row.beginsAt.toISOString(),
        }
      : null,
    ...(await obstacleOf(tx)),
  };
}

/**
 * What is set already stays as it is.
 * @param delayMs null: at once, for the operator
 * @throws ParleyError 400 `wrong_name`; 409 `legal_hold`, `numbers_rented`
 */
export async function setWorkspaceErasure(
  ctx: Context,
  name: string,
  delayMs: number | null = waitMs,
): Promise<WorkspaceErasure> {
  return ctx.transaction(async (tx) => {
    const [workspace] = await tx.sql<{ name: string }>(
      'select name from workspaces where workspace_id = $1',
      [tx.workspaceId],
    );
    if (workspace?.name !== name) {
      throw new ParleyError({
        status: 400,
        code: 'wrong_name',
        message: 'This is not the name of the workspace.',
      });
    }
    const { obstacle, numbers } = await obstacleOf(tx);
    if (obstacle) throw refusal(obstacle, numbers);
    const now = tx.clock.date();
    const beginsAt = new Date(now.getTime() + (delayMs ?? 0));
    const [row] = await tx.drizzle
      .insert(workspaceErasures)
      .values({
        workspaceId: tx.workspaceId,
        state: 'waiting',
        setAt: now,
        setByKind: tx.actor.kind,
        setBy: tx.actor.id,
        beginsAt,
      })
      .onConflictDoNothing()
      .returning();
    if (row) {
      tx.append(workspaceErasureSet, { beginsAt: beginsAt.toISOString() });
      if (delayMs !== null) tx.enqueue(tellOwners, { about: 'set', beginsAt: beginsAt.toISOString() });
    } else if (delayMs === null) {
      await tx.drizzle
        .update(workspaceErasures)
        .set({ beginsAt })
        .where(eq(workspaceErasures.workspaceId, tx.workspaceId));
    }
    return read(tx);
  });
}

/** @throws ParleyError 404 where none is set; 409 `erasure_begun` */
export async function cancelWorkspaceErasure(ctx: Context): Promise<void> {
  await ctx.transaction(async (tx) => {
    const [row] = await one(tx).for('update');
    if (!row) throw notFound('erasure');
    if (row.state !== 'waiting') throw conflict('erasure_begun', 'The workspace is being erased already.');
    await tx.drizzle.delete(workspaceErasures).where(eq(workspaceErasures.workspaceId, tx.workspaceId));
    tx.append(workspaceErasureCanceled, {});
    tx.enqueue(tellOwners, { about: 'canceled', beginsAt: row.beginsAt.toISOString() });
  });
}
