// Whether a workspace lets its assistant learn from conversations: off until a member says yes, and a no ends what runs.
import type { Learning, LearningInput } from '@parley/contract/knowledge-proposals';
import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../../core/context.ts';
import { defineEvent } from '../../../core/events.ts';
import { knowledgeLearning } from '../tables.ts';
import { cancelRunning } from './look-through-rows.ts';
import { firstId } from './places.ts';

export const learningChanged = defineEvent({
  type: 'learning.changed',
  doc: 'A member allowed the assistant to learn from conversations, or no longer.',
  permission: 'assistant:read',
  payload: z.object({ learnFromConversations: z.boolean() }),
  audit: { target: 'assistant', id: null },
});

export async function readLearning(ctx: Context): Promise<Learning> {
  return ctx.transaction(async (tx) => toLearning(await learningSince(tx)));
}

/** Twice is once: the yes of before stays. */
export async function changeLearning(
  ctx: Context,
  { learnFromConversations }: LearningInput,
): Promise<Learning> {
  return ctx.transaction(async (tx) => {
    const before = await learningSince(tx);
    if (learnFromConversations === (before !== null)) return toLearning(before);
    const now = tx.clock.date();
    if (learnFromConversations) {
      await tx.drizzle
        .insert(knowledgeLearning)
        .values({ workspaceId: tx.workspaceId, since: now, readAt: now, readId: firstId })
        .onConflictDoNothing();
    } else {
      await tx.drizzle.delete(knowledgeLearning).where(eq(knowledgeLearning.workspaceId, tx.workspaceId));
      await cancelRunning(tx);
    }
    tx.append(learningChanged, { learnFromConversations });
    return toLearning(await learningSince(tx));
  });
}

/**
 * Since when answers may be proposed; null while it is off.
 * @param lock keeps it from being switched off until the transaction ends; `update`: and others from going on with it
 */
export async function learningSince(tx: TransactionContext, lock?: 'share' | 'update'): Promise<Date | null> {
  const query = tx.drizzle
    .select({ since: knowledgeLearning.since })
    .from(knowledgeLearning)
    .where(eq(knowledgeLearning.workspaceId, tx.workspaceId));
  const [row] = await (lock ? query.for(lock) : query);
  return row?.since ?? null;
}

const toLearning = (since: Date | null): Learning => ({
  learnFromConversations: since !== null,
  since: since?.toISOString() ?? null,
});
