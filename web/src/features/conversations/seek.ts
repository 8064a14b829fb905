// Goes back in a thread to a message that was found by searching, however long ago it was said.
import type { TimelinePage } from '@parley/contract/inbox';
import type { QueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { findInTimeline } from './cache.ts';
import type { TimelinePages } from './pages.ts';

/** The most that the server gives at once. */
const pageSize = 200;

/** Reads on until the item is loaded. Returns whether it is there. */
export async function seekInTimeline(
  client: QueryClient,
  conversationId: string,
  key: string,
  signal: AbortSignal,
): Promise<boolean> {
  const queryKey = queryKeys.timeline(conversationId);
  const found: { pages: TimelinePage[]; params: (string | null)[] } = { pages: [], params: [] };
  if (findInTimeline(client, conversationId, key)) return true;
  let cursor = client.getQueryData<TimelinePages>(queryKey)?.pages.at(-1)?.nextCursor ?? null;
  try {
    while (cursor !== null && !signal.aborted) {
      const page: TimelinePage = await api.get(`/api/v1/conversations/${conversationId}/timeline`, {
        query: { limit: pageSize, cursor },
        signal,
      });
      found.pages.push(page);
      found.params.push(cursor);
      cursor = page.nextCursor;
      if (page.items.some((item) => (item.kind === 'activity' ? false : keyIs(item, key)))) break;
    }
  } catch {
    // Given up, or away: what was read so far is shown.
  }
  const first = found.params[0];
  client.setQueryData<TimelinePages>(queryKey, (known) => {
    // Somebody scrolled meanwhile: their pages stand.
    if (!known || known.pages.at(-1)?.nextCursor !== first) return known;
    return {
      pages: [...known.pages, ...found.pages],
      pageParams: [...known.pageParams, ...found.params],
    };
  });
  return findInTimeline(client, conversationId, key) !== undefined;
}

const keyIs = (item: Exclude<TimelinePage['items'][number], { kind: 'activity' }>, key: string): boolean =>
  (item.kind === 'message' ? item.message.id : item.note.id) === key;
