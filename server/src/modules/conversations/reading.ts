// What each member has read of a conversation, and where they want it to be unread again.
import type { Context, TransactionContext } from '../../core/context.ts';
import { notFound, ParleyError } from '../../core/errors.ts';
import { conversationRead } from './events.ts';
import { askingMember, isReadBy, readerNumber } from './filters.ts';

interface Marked {
  found: boolean;
  number: number | null;
  changed: boolean;
}

// A mention that is made while the conversation is read stays unread: it was not there to be seen.
const setRead = {
  name: 'conversation_read',
  text: `with marked as (
      update conversations c set read_by = set_bit(
        c.read_by || repeat('0', d.number + 1 - length(c.read_by))::bit varying, d.number, 1)
      from readers d
      where c.id = $1 and d.workspace_id = $2 and d.user_id = $3 and not ${isReadBy('d.number')}
        and c.last_inbound_at is not null and ($4::timestamptz is null or c.last_inbound_at <= $4)
      returning 1
    ), seen as (
      update note_mentions set read_at = $5
      where workspace_id = $2 and user_id = $3 and conversation_id = $1 and read_at is null
        and ($4::timestamptz is null or created_at <= $4)
      returning 1
    )
    select exists (select 1 from conversations where id = $1) as found, ${readerNumber('$2', '$3')} as number,
      exists (select 1 from marked) or exists (select 1 from seen) as changed`,
};

/** Whoever acts has read a conversation up to a moment, or all of it. Programs read nothing. @throws ParleyError 404 */
export async function markRead(
  tx: TransactionContext,
  conversationId: string,
  through: Date | null = null,
): Promise<void> {
  const userId = askingMember(tx);
  if (userId === null) return;
  const values = [conversationId, tx.workspaceId, userId, through, tx.clock.date()];
  let [row] = await tx.sql<Marked>(setRead, values);
  if (row?.found && row.number === null) {
    await giveNumber(tx, userId);
    [row] = await tx.sql<Marked>(setRead, values);
  }
  if (!row?.found) throw notFound('conversation');
  if (row.changed) tx.append(conversationRead, { conversationId, userId, read: true });
}

/** Gives a member the next number, at their first reading. Who takes it at the same moment is waited for. */
async function giveNumber(tx: TransactionContext, userId: string): Promise<void> {
  for (let taken: unknown[] = []; taken.length === 0; ) {
    await tx.sql(
      `insert into readers (workspace_id, user_id, number)
       select $1, $2, coalesce(max(number) + 1, 0) from readers where workspace_id = $1
       on conflict do nothing`,
      [tx.workspaceId, userId],
    );
    taken = await tx.sql('select 1 from readers where workspace_id = $1 and user_id = $2', [
      tx.workspaceId,
      userId,
    ]);
  }
}

/** @throws ParleyError 404 */
async function markUnread(tx: TransactionContext, conversationId: string, userId: string): Promise<void> {
  const [row] = await tx.sql<Pick<Marked, 'found' | 'changed'>>(
    `with marked as (
       update conversations c set read_by = set_bit(c.read_by, d.number, 0) from readers d
       where c.id = $1 and d.workspace_id = $2 and d.user_id = $3 and ${isReadBy('d.number')}
       returning 1
     )
     select exists (select 1 from conversations where id = $1) as found, exists (select 1 from marked) as changed`,
    [conversationId, tx.workspaceId, userId],
  );
  if (!row?.found) throw notFound('conversation');
  if (row.changed) tx.append(conversationRead, { conversationId, userId, read: false });
}

/**
 * A member has read a conversation, or wants it unread again.
 * @throws ParleyError 403 for programs; 404
 */
export async function setReadMark(
  ctx: Context,
  conversationId: string,
  mark: { read: boolean; through?: string | undefined },
): Promise<void> {
  await ctx.transaction(async (tx) => {
    const userId = askingMember(tx);
    if (userId === null) {
      throw new ParleyError({ status: 403, code: 'forbidden', message: 'Only members read.' });
    }
    if (mark.read) await markRead(tx, conversationId, mark.through ? new Date(mark.through) : null);
    else await markUnread(tx, conversationId, userId);
  });
}
