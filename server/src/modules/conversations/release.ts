// What becomes of a member's conversations when the member is gone: they become nobody's, for a colleague to take over.
import { z } from 'zod';
import type { TransactionContext } from '../../core/context.ts';
import { defineJob } from '../../core/queue.ts';
import { recordActivities } from './activities.ts';
import { conversationChanged } from './events.ts';

export const releaseConversations = defineJob({
  name: 'conversations.release',
  doc: 'Makes the conversations of a user who is no member any more nobody’s.',
  input: z.object({ userId: z.string() }),
  effect: 'database',
});

/** What one job does; the rest is the next one's. */
const batchMax = 200;

// Locked in the order of their ids, like everywhere where several are. A user who is a member again keeps theirs.
const release = {
  name: 'conversations_release',
  text: `update conversations c set owner_kind = 'nobody', owner_id = null, updated_at = $3
    from (
      select id from conversations
      where workspace_id = $1 and owner_kind = 'member' and owner_id = $2
        and not exists (select 1 from members where workspace_id = $1 and user_id = $2)
      order by id limit ${batchMax} for no key update
    ) o
    where c.id = o.id
    returning c.id`,
};

export async function releaseOwned(tx: TransactionContext, input: { userId: string }): Promise<void> {
  const rows = await tx.sql<{ id: string }>(release, [tx.workspaceId, input.userId, tx.clock.date()]);
  recordActivities(
    tx,
    rows.map(({ id }) => ({ conversationId: id, kind: 'released' as const })),
  );
  for (const { id } of rows) tx.append(conversationChanged, { conversationId: id, changed: ['owner'] });
  if (rows.length === batchMax) tx.enqueue(releaseConversations, input);
}
