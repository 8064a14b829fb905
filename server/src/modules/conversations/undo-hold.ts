// Undoing a message that was held back for a moment. Who undoes it expects that nothing has happened: the conversation goes
// back to whom it was taken from, and to the archive if it came from there. Not where something has happened meanwhile: if
// the contact wrote, another message was made or the owner was changed, the member stays in charge of what they have seen.
import { z } from 'zod';
import type { TransactionContext } from '../../core/context.ts';
import { conversationChanged } from './events.ts';

const beforeHold = z.object({
  status: z.enum(['active', 'archived', 'flagged_for_review']),
  ownerKind: z.enum(['assistant', 'member', 'nobody']),
  ownerId: z.string().nullable(),
  activityIds: z.array(z.uuid()),
});

interface Held {
  conversation_id: string;
  before_hold: unknown;
  status: string;
  owner_kind: string;
  owner_id: string | null;
}

/** The message was canceled and its conversation is locked. Of a message that was not held back: nothing. */
export async function undoHold(tx: TransactionContext, messageId: string): Promise<void> {
  const [held] = await tx.sql<Held>(
    `select m.conversation_id, m.before_hold, c.status, c.owner_kind, c.owner_id
     from messages m join conversations c on c.id = m.conversation_id
     where m.id = $1 and m.before_hold is not null and c.owner_kind = 'member' and c.owner_id = m.sender_id
       and not exists (
         select 1 from messages o where o.conversation_id = m.conversation_id and o.id <> m.id
           and (o.created_at, o.id) > (m.created_at, m.id) and o.status <> 'canceled')
       and not exists (
         select 1 from activities a where a.conversation_id = m.conversation_id
           and (a.created_at, a.id) > (m.created_at, m.id)
           and a.kind in ('taken_over', 'handed_back', 'assigned', 'released', 'archived', 'reopened', 'flagged'))`,
    [messageId],
  );
  if (!held) return;
  const conversationId = held.conversation_id;
  const before = beforeHold.parse(held.before_hold);
  // A snoozed conversation is not archived, so who snoozed it meanwhile keeps it open.
  const rows = await tx.sql<{ status: string }>(
    `with taken_back as (delete from activities where id = any($5))
     update conversations set owner_kind = $2, owner_id = $3, updated_at = $6,
       status = case when snoozed_until is null then $4 else status end
     where id = $1 returning status`,
    [conversationId, before.ownerKind, before.ownerId, before.status, before.activityIds, tx.clock.date()],
  );
  const changed = [
    ...(rows[0]?.status === held.status ? [] : ['status']),
    ...(before.ownerKind === held.owner_kind && before.ownerId === held.owner_id ? [] : ['owner']),
  ];
  if (changed.length > 0) tx.append(conversationChanged, { conversationId, changed });
}
