// Snoozing: a conversation leaves the open ones until a moment, or until the contact writes (receive-texts.ts).
import type { Conversation } from '@parley/contract/conversations';
import { z } from 'zod';
import { type Context, systemActor, type TransactionContext } from '../../core/context.ts';
import { validationError } from '../../core/errors.ts';
import { defineJob } from '../../core/queue.ts';
import { applyChange } from './change.ts';
import { readConversation } from './queries.ts';

export const wakeConversation = defineJob({
  name: 'conversations.wake',
  doc: 'Brings a snoozed conversation back at the moment that a member chose.',
  /** `until`: the moment that was chosen. Another one since then has a job of its own. */
  input: z.object({ conversationId: z.uuid(), until: z.iso.datetime() }),
  effect: 'database',
});

const snoozeMsMax = 366 * 86_400_000;

/** Snoozes a conversation, or moves the moment. One in the archive comes back from it. @throws ParleyError 400, 404 */
export async function snoozeConversation(
  ctx: Context,
  conversationId: string,
  until: string,
): Promise<Conversation> {
  return ctx.transaction(async (tx) => {
    const snoozedUntil = new Date(until);
    const aheadMs = snoozedUntil.getTime() - tx.clock.now();
    if (aheadMs <= 0 || aheadMs > snoozeMsMax) {
      throw validationError('A conversation is snoozed until a moment in the future, at most a year ahead.', [
        { path: 'body.until', message: 'is not within the next year' },
      ]);
    }
    await applyChange(tx, conversationId, (before) => ({
      snoozedUntil,
      ...(before.status === 'archived' ? { status: 'active' as const } : {}),
    }));
    tx.enqueue(
      wakeConversation,
      { conversationId, until: snoozedUntil.toISOString() },
      { startAfter: snoozedUntil },
    );
    return readConversation(tx, conversationId);
  });
}

/** A member brings it back at once. Twice is once. @throws ParleyError 404 */
export async function endSnooze(ctx: Context, conversationId: string): Promise<void> {
  await ctx.transaction((tx) => applyChange(tx, conversationId, () => ({ snoozedUntil: null })));
}

/** The job (`conversations.wake`). It looks at no clock: the queue's and ours need not agree. */
export async function wake(
  tx: TransactionContext,
  { conversationId, until }: z.infer<typeof wakeConversation.input>,
): Promise<void> {
  const known = await tx.sql('select 1 from conversations where id = $1', [conversationId]);
  if (known.length === 0) return;
  await applyChange(
    tx,
    conversationId,
    ({ snoozedUntil }) => (snoozedUntil?.toISOString() === until ? { snoozedUntil: null } : {}),
    systemActor,
  );
}
