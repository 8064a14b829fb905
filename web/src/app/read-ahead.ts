// Reads the last conversations before somebody opens them, one at a time and only while nothing else happens: so they open at
// once, and without a network.
import type { Conversation } from '@parley/contract/conversations';
import type { QueryClient } from '@tanstack/react-query';
import type { ConversationPages } from '../features/conversations/pages.ts';
import { readTimelinePage } from '../features/conversations/queries.ts';
import { useLive } from '../lib/live.ts';
import { keptAtMs } from '../lib/offline/kept-answers.ts';
import { queryKeys } from '../lib/query.ts';

const conversationsMax = 50;
const firstAfterMs = 4000;
const againAfterMs = 5 * 60_000;
/** A pause between two readings: whatever the member does comes first. */
const pauseMs = 300;

/** While the connection stands. @returns stops */
export function readAhead(client: QueryClient): () => void {
  if (isThrifty()) return () => undefined;
  let reading: AbortController | null = null;
  const follow = ({ connection }: { readonly connection: string }) => {
    const isLive = connection === 'live';
    if (isLive === (reading !== null)) return;
    reading?.abort();
    reading = isLive ? new AbortController() : null;
    if (reading) void readAgainAndAgain(client, reading.signal);
  };
  follow(useLive.getState());
  const stopFollowing = useLive.subscribe(follow);
  return () => {
    stopFollowing();
    reading?.abort();
  };
}

async function readAgainAndAgain(client: QueryClient, signal: AbortSignal): Promise<void> {
  await pause(firstAfterMs, signal);
  while (!signal.aborted) {
    for (const conversation of lastConversations(client)) {
      if (signal.aborted) return;
      if (document.visibilityState === 'hidden' || !(await isWorthReading(client, conversation))) continue;
      await readOne(client, conversation.id).catch(() => undefined);
      await pause(pauseMs, signal);
    }
    await pause(againAfterMs, signal);
  }
}

function lastConversations(client: QueryClient): Conversation[] {
  const lists = client.getQueriesData<ConversationPages>({ queryKey: queryKeys.conversationLists });
  const all = lists.flatMap(([, list]) => list?.pages.flatMap(({ items }) => items) ?? []);
  const byId = new Map(all.map((conversation) => [conversation.id, conversation]));
  return [...byId.values()]
    .sort((one, other) => (one.lastMessageAt < other.lastMessageAt ? 1 : -1))
    .slice(0, conversationsMax);
}

async function isWorthReading(client: QueryClient, conversation: Conversation): Promise<boolean> {
  // The list has it as it is; the thread's head asks for it by itself.
  const key = queryKeys.conversation(conversation.id);
  if (!client.getQueryData(key)) client.setQueryData(key, conversation);
  const state = client.getQueryState(queryKeys.timeline(conversation.id));
  if (state?.data !== undefined) return state.isInvalidated && state.fetchStatus === 'idle';
  const keptMs = await keptAtMs(queryKeys.timeline(conversation.id));
  return (
    keptMs === null ||
    keptMs < Math.max(Date.parse(conversation.updatedAt), Date.parse(conversation.lastMessageAt))
  );
}

const readOne = (client: QueryClient, conversationId: string): Promise<void> =>
  client.prefetchInfiniteQuery({
    queryKey: queryKeys.timeline(conversationId),
    queryFn: ({ pageParam, signal }) => readTimelinePage(conversationId, pageParam, signal),
    initialPageParam: null as string | null,
  });

/** Whether the member asked the browser to save data. */
function isThrifty(): boolean {
  const { connection } = navigator as Navigator & { connection?: { saveData?: boolean } };
  return connection?.saveData === true;
}

function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, durationMs);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
