// What the inbox reads from the server, and under which keys it is remembered.
import type { Channel } from '@parley/contract/channels';
import type { Consent, Conversation, ConversationDetail } from '@parley/contract/conversations';
import type {
  InboxCounts,
  QuickReply,
  SearchHit,
  TimelinePage,
  View,
  ViewFilters,
} from '@parley/contract/inbox';
import type { MessageDetail } from '@parley/contract/messages';
import type { Run } from '@parley/contract/runs';
import type { Member } from '@parley/contract/tenancy';
import {
  infiniteQueryOptions,
  keepPreviousData,
  type QueryClient,
  queryOptions,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { readFilters } from './filters.ts';
import type { ConversationPage, ConversationPages } from './pages.ts';

const listPageSize = 50;
export const timelinePageSize = 50;
/** The socket tells of every change, so what was read stays true until it says otherwise. */
const untilTold = Number.POSITIVE_INFINITY;

const firstCursor: string | null = null;
const nextCursor = ({ nextCursor }: { nextCursor: string | null }) => nextCursor;

export const readListPage = (filters: ViewFilters, cursor: string | null, signal?: AbortSignal) =>
  api.get<ConversationPage>('/api/v1/conversations', {
    query: { ...filters, limit: listPageSize, cursor },
    ...(signal ? { signal } : {}),
  });

const listOptions = (filters: ViewFilters) =>
  infiniteQueryOptions({
    queryKey: queryKeys.conversationList(filters),
    queryFn: ({ pageParam, signal }) => readListPage(filters, pageParam, signal),
    initialPageParam: firstCursor,
    getNextPageParam: nextCursor,
    staleTime: untilTold,
  });

/** Before there is anybody to show it. */
export const askForList = (client: QueryClient, search: URLSearchParams): Promise<void> =>
  client.prefetchInfiniteQuery(listOptions(readFilters(search)));

export const useConversations = (filters: ViewFilters) => useInfiniteQuery(listOptions(filters));

export const useCounts = () =>
  useQuery({
    queryKey: queryKeys.inboxCounts,
    queryFn: ({ signal }) => api.get<InboxCounts>('/api/v1/conversations/counts', { signal }),
  });

/** Without the messages that come with it: the thread reads its own. */
export async function readConversation(id: string, signal?: AbortSignal): Promise<Conversation> {
  const {
    messages: _messages,
    messagesCursor: _cursor,
    ...conversation
  } = await api.get<ConversationDetail>(`/api/v1/conversations/${id}`, signal ? { signal } : {});
  return conversation;
}

/** A conversation as it is known already: by itself, or from any list. */
export function findConversation(client: QueryClient, id: string): Conversation | undefined {
  const known = client.getQueryData<Conversation>(queryKeys.conversation(id));
  if (known) return known;
  for (const [, list] of client.getQueriesData<ConversationPages>({
    queryKey: queryKeys.conversationLists,
  })) {
    for (const { items } of list?.pages ?? []) {
      const found = items.find((each) => each.id === id);
      if (found) return found;
    }
  }
  return undefined;
}

export function useConversation(id: string) {
  const client = useQueryClient();
  return useQuery({
    queryKey: queryKeys.conversation(id),
    queryFn: ({ signal }) => readConversation(id, signal),
    placeholderData: () => findConversation(client, id),
    staleTime: untilTold,
  });
}

export const readTimelinePage = (conversationId: string, cursor: string | null, signal?: AbortSignal) =>
  api.get<TimelinePage>(`/api/v1/conversations/${conversationId}/timeline`, {
    query: { limit: timelinePageSize, cursor },
    ...(signal ? { signal } : {}),
  });

export const useTimeline = (conversationId: string) =>
  useInfiniteQuery({
    queryKey: queryKeys.timeline(conversationId),
    queryFn: ({ pageParam, signal }) => readTimelinePage(conversationId, pageParam, signal),
    initialPageParam: firstCursor,
    getNextPageParam: nextCursor,
    staleTime: untilTold,
  });

export const messageOptions = (id: string) =>
  queryOptions({
    queryKey: queryKeys.message(id),
    queryFn: ({ signal }) => api.get<MessageDetail>(`/api/v1/messages/${id}`, { signal }),
    staleTime: 5000,
  });

export const useRun = (id: string, enabled: boolean) =>
  useQuery({
    queryKey: queryKeys.run(id),
    queryFn: ({ signal }) => api.get<Run>(`/api/v1/runs/${id}`, { signal }),
    enabled,
  });

export const useConsent = (conversationId: string) =>
  useQuery({
    queryKey: queryKeys.consent(conversationId),
    queryFn: ({ signal }) => api.get<Consent>(`/api/v1/conversations/${conversationId}/consent`, { signal }),
  });

export const useViews = () =>
  useQuery({
    queryKey: queryKeys.savedViews,
    queryFn: ({ signal }) => api.get<{ items: View[] }>('/api/v1/views', { signal }),
  });

export const useQuickReplies = () =>
  useQuery({
    queryKey: queryKeys.quickReplies,
    queryFn: ({ signal }) => api.get<{ items: QuickReply[] }>('/api/v1/quick-replies', { signal }),
    staleTime: 5 * 60_000,
  });

/** Who is who in the workspace; a member who has left is nobody that can be named. */
export function useMembers() {
  const { data } = useQuery({
    queryKey: [...queryKeys.members, 'names'],
    queryFn: ({ signal }) => api.get<{ items: Member[] }>('/api/v1/members', { signal }),
    staleTime: 5 * 60_000,
  });
  return useMemo(() => {
    const items = data?.items ?? [];
    const names = new Map(items.map(({ userId, name }) => [userId, name]));
    return {
      items,
      nameOf: (userId: string | null) => (userId === null ? null : (names.get(userId) ?? null)),
    };
  }, [data]);
}

export function useChannels() {
  const { data } = useQuery({
    queryKey: [...queryKeys.channels, 'names'],
    queryFn: ({ signal }) =>
      api.get<{ items: Channel[] }>('/api/v1/channels', { query: { limit: 200 }, signal }),
    staleTime: 5 * 60_000,
  });
  return useMemo(() => {
    const items = data?.items ?? [];
    const byId = new Map(items.map((channel) => [channel.id, channel]));
    return { items, isKnown: data !== undefined, find: (id: string) => byId.get(id) };
  }, [data]);
}

/** @param words empty: nothing is asked. */
export const useSearch = (words: string) =>
  useInfiniteQuery({
    queryKey: queryKeys.search(words),
    queryFn: ({ pageParam, signal }) =>
      api.get<{ items: SearchHit[]; nextCursor: string | null }>('/api/v1/search', {
        query: { q: words, limit: 30, cursor: pageParam },
        signal,
      }),
    initialPageParam: firstCursor,
    getNextPageParam: nextCursor,
    placeholderData: keepPreviousData,
    enabled: words !== '',
  });
