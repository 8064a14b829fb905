// What events of one kind change in what is shown; apart from the rest, so that the first route does not load it.
import type { Conversation } from '@parley/contract/conversations';
import type { Message, MessageStatus } from '@parley/contract/messages';
import type { QueryClient } from '@tanstack/react-query';
import { queryKeys } from '../../lib/query.ts';
import { findInTimeline, patchConversation, replaceInTimeline } from './cache.ts';
import { type ConversationPages, placeConversation } from './pages.ts';

/** Ticks move at once, in the thread and in the list. */
export function showStatus(
  client: QueryClient,
  change: { conversationId: string; messageId: string; status: MessageStatus; userId: string },
): void {
  const { conversationId, messageId, status, userId } = change;
  const known = findInTimeline(client, conversationId, messageId);
  if (known?.kind === 'message') {
    const message: Message = { ...known.message, status };
    replaceInTimeline(client, conversationId, { ...known, message });
  }
  patchConversation(
    client,
    conversationId,
    (before): Conversation =>
      before.lastMessage?.id === messageId
        ? { ...before, lastMessage: { ...before.lastMessage, status } }
        : before,
    { userId, keepsRead: true },
  );
}

/** The conversations in whose loaded threads a message stands. */
export function threadsWith(client: QueryClient, messageId: string | null): string[] {
  if (messageId === null) return [];
  return client
    .getQueryCache()
    .findAll({ queryKey: ['conversations', 'timeline'] })
    .map(({ queryKey }) => String(queryKey[2]))
    .filter((id) => findInTimeline(client, id, messageId) !== undefined);
}

/** Takes one that is gone for ever out of every list; where it is open, the server is asked, and says so. */
export function forgetConversation(client: QueryClient, conversation: Conversation): void {
  for (const [key, pages] of client.getQueriesData<ConversationPages>({
    queryKey: queryKeys.conversationLists,
  })) {
    if (pages) client.setQueryData(key, placeConversation(pages, conversation, false));
  }
  void client.resetQueries({ queryKey: queryKeys.conversation(conversation.id) });
  void client.resetQueries({ queryKey: queryKeys.timeline(conversation.id) });
}
