// What is remembered of the server's answers (TanStack Query), and under which keys: features add theirs to the list here, so
// that whoever changes something finds what shows it.
import { QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError, NetworkError } from './api.ts';

/** A key begins with the noun, then says which of them: dropping `['conversations']` drops every list and every one. */
export const queryKeys = {
  start: ['start'],
  me: ['me'],
  keepSession: ['keep-session'],
  preferences: ['preferences'],
  workspace: ['workspace'],
  members: ['members'],
  keptMails: ['kept-mails'],
  ownAccount: ['own-account'],
  phoneNumbers: ['phone-numbers'],
  secondFactor: ['second-factor'],
  apiKeys: ['api-keys'],
  roles: ['roles'],
  permissions: ['permissions'],
  invitations: ['invitations'],
  audit: ['audit'],
  securityAlerts: ['security-alerts'],
  channels: ['channels'],
  assistant: ['assistant'],
  knowledge: ['knowledge'],
  spending: ['spending'],
  runs: ['runs'],
  runLists: ['runs', 'list'],
  cases: ['cases'],
  shadowRuns: ['shadow-runs'],
  inboxCounts: ['inbox-counts'],
  savedViews: ['saved-views'],
  quickReplies: ['quick-replies'],
  conversationLists: ['conversations', 'list'],
  conversationList: (filter: object) => ['conversations', 'list', filter],
  conversation: (id: string) => ['conversations', 'one', id],
  timeline: (conversationId: string) => ['conversations', 'timeline', conversationId],
  consent: (conversationId: string) => ['conversations', 'consent', conversationId],
  search: (words: string) => ['search', words],
  contact: (id: string) => ['contacts', 'one', id],
  message: (id: string) => ['messages', 'one', id],
  intents: ['intents'],
  analytics: ['analytics'],
  insights: ['insights'],
  insight: (messageId: string) => ['insights', 'one', messageId],
  medium: (id: string) => ['media', 'one', id],
  run: (id: string) => ['runs', 'one', id],
  confirmations: ['confirmations'],
  allConfirmations: ['confirmations', 'all'],
  confirmationsOf: (conversationId: string) => ['confirmations', 'of', conversationId],
  confirmation: (confirmationId: string) => ['confirmations', 'one', confirmationId],
  phone: ['phone'],
  chats: ['chats'],
  chatLists: ['chats', 'list'],
  chatList: (words: string) => ['chats', 'list', words],
  chat: (id: string) => ['chats', 'one', id],
  chatFile: (id: string) => ['chat-files', 'one', id],
} as const;

/** What is worth another try by itself: nobody answered, or the server could not. A refusal stays one. */
export function isPassing(error: unknown): boolean {
  return error instanceof NetworkError || (error instanceof ApiError && error.status >= 500);
}

export function createQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        // The workspace wants one since a moment ago: who is signed in has to be asked anew.
        if (error instanceof ApiError && error.code === 'second_factor_required')
          void client.invalidateQueries({ queryKey: queryKeys.me });
      },
    }),
    defaultOptions: {
      queries: {
        // The realtime socket tells of changes; asking again is for what it cannot know.
        staleTime: 60_000,
        gcTime: 15 * 60_000,
        refetchOnWindowFocus: false,
        networkMode: 'offlineFirst',
        retry: (failureCount, error) => failureCount < 2 && isPassing(error),
        retryDelay: (attempt) => Math.random() * Math.min(8000, 500 * 2 ** attempt),
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
  return client;
}
