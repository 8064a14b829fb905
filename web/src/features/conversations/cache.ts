// Writes what is known of conversations and threads into every place that shows it.
import type { Conversation } from '@parley/contract/conversations';
import type { InboxCounts, TimelineItem, ViewFilters } from '@parley/contract/inbox';
import type { Message } from '@parley/contract/messages';
import type { QueryClient } from '@tanstack/react-query';
import { queryKeys } from '../../lib/query.ts';
import { fits } from './filters.ts';
import {
  addNewest,
  type ConversationPages,
  findItem,
  mergeNewest,
  placeConversation,
  removeItem,
  replaceItem,
  type TimelinePages,
} from './pages.ts';
import { findConversation, readTimelinePage } from './queries.ts';

export interface PutOptions {
  readonly userId: string;
  /** A list of unread ones keeps what was read in it, so that nothing moves under the reader's hand. */
  readonly keepsRead?: boolean;
}

/** Shows a conversation as it is now, in its thread's head and in every list: it moves, comes in and leaves as it must. */
export function putConversation(
  client: QueryClient,
  conversation: Conversation,
  { userId, keepsRead = false }: PutOptions,
): void {
  client.setQueryData(queryKeys.conversation(conversation.id), conversation);
  const lists = client.getQueriesData<ConversationPages>({ queryKey: queryKeys.conversationLists });
  for (const [key, pages] of lists) {
    if (!pages) continue;
    const filters = key[2] as ViewFilters;
    const belongs = fits(conversation, filters, userId);
    const isOnlyRead =
      keepsRead && belongs === false && fits(conversation, { ...filters, unread: undefined }, userId);
    const placed = placeConversation(pages, conversation, isOnlyRead ? null : belongs);
    if (placed !== pages) client.setQueryData(key, placed);
  }
}

/** Changes what is known of a conversation, if anything is. Returns how it was before. */
export function patchConversation(
  client: QueryClient,
  id: string,
  change: (before: Conversation) => Conversation,
  options: PutOptions,
): Conversation | undefined {
  const before = findConversation(client, id);
  if (before) putConversation(client, change(before), options);
  return before;
}

/** Every conversation that is known and of which this holds. */
export function knownConversations(
  client: QueryClient,
  holds: (each: Conversation) => boolean,
): Conversation[] {
  const lists = client.getQueriesData<ConversationPages>({ queryKey: queryKeys.conversationLists });
  const all = lists.flatMap(([, list]) => list?.pages.flatMap(({ items }) => items) ?? []);
  const open = client.getQueriesData<Conversation>({ queryKey: ['conversations', 'one'] });
  const found = new Map([...all, ...open.flatMap(([, one]) => one ?? [])].map((each) => [each.id, each]));
  return [...found.values()].filter(holds);
}

export function patchCounts(client: QueryClient, change: Partial<Record<keyof InboxCounts, number>>): void {
  client.setQueryData<InboxCounts>(queryKeys.inboxCounts, (counts) => {
    if (!counts) return counts;
    const entries = Object.entries(counts) as [keyof InboxCounts, number][];
    return Object.fromEntries(
      entries.map(([name, count]) => [name, Math.max(0, count + (change[name] ?? 0))]),
    ) as InboxCounts;
  });
}

const updateTimeline = (
  client: QueryClient,
  conversationId: string,
  change: (known: TimelinePages) => TimelinePages,
) =>
  client.setQueryData<TimelinePages>(queryKeys.timeline(conversationId), (known) => known && change(known));

export const findInTimeline = (
  client: QueryClient,
  conversationId: string,
  key: string,
): TimelineItem | undefined =>
  findItem(client.getQueryData<TimelinePages>(queryKeys.timeline(conversationId)), key);

/** Shows a message as it is now, or as new. */
export function putMessage(client: QueryClient, message: Message): void {
  updateTimeline(client, message.conversationId, (known) =>
    addNewest(known, { kind: 'message', at: message.createdAt, message }),
  );
  void client.invalidateQueries({ queryKey: queryKeys.message(message.id) });
}

/** Shows an item as it is now, if it is loaded. */
export const replaceInTimeline = (client: QueryClient, conversationId: string, item: TimelineItem): void =>
  void updateTimeline(client, conversationId, (known) => replaceItem(known, item));

export const addToTimeline = (client: QueryClient, conversationId: string, item: TimelineItem): void =>
  void updateTimeline(client, conversationId, (known) => addNewest(known, item));

export const removeFromTimeline = (client: QueryClient, conversationId: string, key: string): void =>
  void updateTimeline(client, conversationId, (known) => removeItem(known, key));

/** Reads the newest page of a thread and joins it to what is known. Nothing is read of a thread that nobody opened. */
export async function refreshTimeline(client: QueryClient, conversationId: string): Promise<void> {
  if (!client.getQueryData(queryKeys.timeline(conversationId))) return;
  const newest = await readTimelinePage(conversationId, null);
  updateTimeline(client, conversationId, (known) => mergeNewest(known, newest));
}
