// A conversation as its thread shows it: messages, notes and activities in one order, newest first.
import type { TimelineItem, TimelinePage } from '@parley/contract/inbox';
import type { Context } from '../../core/context.ts';
import { notFound } from '../../core/errors.ts';
import { toPage } from '../../core/pagination.ts';
import { readActivities } from './activities.ts';
import { readMessageRows, readPlace, toMessage } from './message-queries.ts';
import { readNoteRows, toNote } from './notes.ts';

interface Entry {
  readonly at: string;
  readonly id: string;
  /** Contents are opened only for what is on the page. */
  readonly open: () => TimelineItem;
}

/**
 * A page of the thread. Of each kind as many are read as the page has room for; what is deep down costs the same.
 * @throws ParleyError 400 for a cursor that is not ours; 404
 */
export async function readTimeline(
  ctx: Context,
  conversationId: string,
  query: { limit: number; cursor?: string | undefined },
): Promise<TimelinePage> {
  const window = { limit: query.limit + 1, before: readPlace(query.cursor) };
  return ctx.transaction(async (tx) => {
    const [known, messages, notes, activities] = await Promise.all([
      tx.sql('select 1 from conversations where id = $1', [conversationId]),
      readMessageRows(tx, conversationId, window),
      readNoteRows(tx, conversationId, window),
      readActivities(tx, conversationId, window),
    ]);
    if (known.length === 0) throw notFound('conversation');
    const entries: Entry[] = [
      ...messages.map((row) => {
        const at = new Date(row.created_at).toISOString();
        return {
          at,
          id: row.id,
          open: () => ({ kind: 'message' as const, at, message: toMessage(tx, row) }),
        };
      }),
      ...notes.map((row) => {
        const at = new Date(row.created_at).toISOString();
        return { at, id: row.id, open: () => ({ kind: 'note' as const, at, note: toNote(tx, row) }) };
      }),
      ...activities.map((activity) => {
        const at = activity.occurredAt;
        return { at, id: activity.id, open: () => ({ kind: 'activity' as const, at, activity }) };
      }),
    ];
    // ISO 8601 in UTC, and ids in hexadecimal, stand in the order of what they say.
    const key = ({ at, id }: Entry) => `${at} ${id}`;
    entries.sort((one, other) => (key(one) < key(other) ? 1 : -1));
    const { items, nextCursor } = toPage(entries, query.limit, ({ at, id }) => [at, id]);
    return { items: items.map(({ open }) => open()), nextCursor };
  });
}
