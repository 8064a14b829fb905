// Looks every minute for messages whose job vanished, and gives it to them again. Nothing should ever need it.
import { z } from 'zod';
import type { SystemContext } from '../../core/context.ts';
import { defineJob } from '../../core/queue.ts';
import { enqueueLookup, sendMessage } from './attempts.ts';

export const sweepMessages = defineJob({
  name: 'conversations.sweep',
  doc: 'Gives messages that wait for no reason, and calls without an end, their job again.',
  input: z.object({}),
  effect: 'system',
});

/** Longer than any job waits or runs by itself. */
const overdueMs = 90_000;
const sweptMax = 500;

interface Overdue {
  workspace_id: string;
  message_id: string;
  number: number;
  state: 'calling' | 'unknown' | null;
}

/** Returns how many jobs it made. */
export async function sweep(ctx: SystemContext): Promise<number> {
  const overdueAt = new Date(ctx.clock.now() - overdueMs);
  const overdue = await ctx.system(async (queries) => [
    // Who stands behind another one is woken by that one.
    ...(await queries.sql<Overdue>(
      `select * from (
         select distinct on (conversation_id) workspace_id, id as message_id, attempt as number, null as state,
           claimed_at, greatest(due_at, not_before, slot_at) as start_at
         from messages where status = 'pending' and due_at <= $1
         order by conversation_id, due_at, id
       ) first where claimed_at is null and start_at <= $1 limit $2`,
      [overdueAt, sweptMax],
    )),
    ...(await queries.sql<Overdue>(
      `select workspace_id, message_id, number, state from message_attempts
       where (state = 'calling' and started_at <= $1) or (state = 'unknown' and next_lookup_at <= $1) limit $2`,
      [overdueAt, sweptMax],
    )),
  ]);
  for (const [workspaceId, rows] of Map.groupBy(overdue, (row) => row.workspace_id)) {
    await ctx.transactionIn(workspaceId, async (tx) => {
      for (const { message_id: messageId, number, state } of rows) {
        if (state === 'unknown') enqueueLookup(tx, { messageId, number }, tx.clock.date());
        else tx.enqueue(sendMessage, { messageId });
      }
    });
  }
  if (overdue.length > 0)
    ctx.log.warn({ count: overdue.length }, 'messages got the job again that they had lost');
  return overdue.length;
}
