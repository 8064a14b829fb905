// What is remembered of a member's chats, and how a new answer joins what is known of it.
import type { ChatDetail, ChatFile, ChatMessage, ChatPage } from '@parley/contract/chat';
import { keepPreviousData, type QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';

export const chatsPath = '/api/v1/chats';
export const chatMessagesPath = '/api/v1/chat-messages';
export const chatFilesPath = '/api/v1/chat-files';

/** Live frames may be lost: while an answer is open, it is asked for too. */
const openAgainMs = 4000;

export const isOpen = ({ state }: ChatMessage): boolean => state === 'waiting' || state === 'writing';

export function useChats(words: string) {
  return useInfiniteQuery({
    queryKey: queryKeys.chatList(words),
    queryFn: ({ pageParam, signal }) =>
      api.get<ChatPage>(chatsPath, { query: { query: words, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  });
}

/** @param id null: none is asked for */
export function useChat(id: string | null) {
  return useQuery({
    queryKey: queryKeys.chat(id ?? ''),
    queryFn: ({ signal }) => api.get<ChatDetail>(`${chatsPath}/${id}`, { signal }),
    enabled: id !== null,
    refetchInterval: ({ state: { data } }) => (data?.messages.some(isOpen) ? openAgainMs : false),
    structuralSharing: (before, after) => mergeChat(before as ChatDetail | undefined, after as ChatDetail),
  });
}

/** Until it is read. */
export function useChatFile(id: string | null) {
  return useQuery({
    queryKey: queryKeys.chatFile(id ?? ''),
    queryFn: ({ signal }) => api.get<ChatFile>(`${chatFilesPath}/${id}`, { signal }),
    enabled: id !== null,
    refetchInterval: ({ state: { data } }) => (data?.state === 'reading' ? openAgainMs : false),
  });
}

export function changeMessage(
  client: QueryClient,
  { id, chatId }: Pick<ChatMessage, 'id' | 'chatId'>,
  change: (message: ChatMessage) => ChatMessage,
): void {
  client.setQueryData<ChatDetail>(
    queryKeys.chat(chatId),
    (chat) =>
      chat && { ...chat, messages: chat.messages.map((known) => (known.id === id ? change(known) : known)) },
  );
}

/** What the server wrote down may be half a second older than what was heard already: no word is taken back for that. */
export function mergeChat(before: ChatDetail | undefined, after: ChatDetail): ChatDetail {
  if (!before) return after;
  const known = new Map(before.messages.map((message) => [message.id, message]));
  return {
    ...after,
    messages: after.messages.map((message) => mergeMessage(known.get(message.id), message)),
  };
}

export function mergeMessage(before: ChatMessage | undefined, after: ChatMessage): ChatMessage {
  if (!before) return after;
  const isOlder =
    isOpen(after) && (before.take > after.take || (before.take === after.take && !isOpen(before)));
  if (isOlder) return before;
  const isShorter =
    after.state === 'writing' && before.take === after.take && before.text.length > after.text.length;
  const merged = isShorter ? { ...after, text: before.text } : after;
  return JSON.stringify(merged) === JSON.stringify(before) ? before : merged;
}
