// What the phone reads and does: its handsets, the thread of each, the carrier's faults. A live frame reads threads anew.
import type { Assistant } from '@parley/contract/assistant';
import type { Conversation } from '@parley/contract/conversations';
import type {
  HandsetMessage,
  HandsetThread,
  Phone,
  PhoneFaults,
  TextFromHandset,
} from '@parley/contract/phone';
import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError, type ApiPath, api } from '../../lib/api.ts';
import { useLive } from '../../lib/live.ts';
import { queryKeys } from '../../lib/query.ts';

const handsetPath = (number: string): ApiPath =>
  `/api/v1/phone/handsets/${encodeURIComponent(number)}/messages`;

/** Null where there is no phone: everywhere but in the demo. */
export const phoneOptions = queryOptions({
  queryKey: ['phone-setup'],
  queryFn: ({ signal }) =>
    api.get<Phone>('/api/v1/phone', { signal }).catch((error: unknown) => {
      if (error instanceof ApiError && (error.status === 404 || error.status === 403)) return null;
      throw error;
    }),
  staleTime: Number.POSITIVE_INFINITY,
});

const askEveryMs = 3000;
const threadKey = (handset: string) => [...queryKeys.phone, 'thread', handset];

const threadOptions = (handset: string) =>
  queryOptions({
    queryKey: threadKey(handset),
    queryFn: ({ signal }) => api.get<HandsetThread>(handsetPath(handset), { signal }),
  });

/** The phone, and the thread that it opens with. */
export async function askForHandset(client: QueryClient): Promise<void> {
  const phone = await client.fetchQuery(phoneOptions);
  const [first] = phone?.handsets ?? [];
  if (first) await client.prefetchQuery(threadOptions(first.number));
}

export function useHandsetThread(handset: string) {
  const isLive = useLive(({ connection }) => connection === 'live');
  return useQuery({
    ...threadOptions(handset),
    // While nobody can tell.
    refetchInterval: isLive ? false : askEveryMs,
  });
}

/** The text is in the thread at once; `onError` gets what was written, so that nothing is lost. */
export function useTextFromHandset(
  handset: string,
  onError: (text: TextFromHandset, error: unknown) => void,
) {
  const client = useQueryClient();
  const key = threadKey(handset);
  const change = (next: (items: HandsetMessage[]) => HandsetMessage[]) =>
    client.setQueryData<HandsetThread>(key, (thread) => ({ items: next(thread?.items ?? []) }));
  return useMutation({
    mutationFn: (text: TextFromHandset) => api.post<HandsetMessage>(handsetPath(handset), text),
    onMutate: async (text) => {
      await client.cancelQueries({ queryKey: key });
      const id = `writing-${Date.now()}-${Math.random()}`;
      change((items) => [
        ...items,
        {
          id,
          peer: text.to,
          direction: 'sent',
          body: text.body ?? '',
          media: [],
          status: 'sending',
          at: new Date().toISOString(),
        },
      ]);
      return { id };
    },
    onSuccess: (message, _text, { id }) => {
      change((items) => {
        const others = items.filter((item) => item.id !== id && item.id !== message.id);
        return [...others, message].toSorted((one, other) => (one.at < other.at ? -1 : 1));
      });
      // What was answered meanwhile was told while this text was still on its way.
      void client.invalidateQueries({ queryKey: key });
    },
    onError: (error, text, begun) => {
      if (begun) change((items) => items.filter((item) => item.id !== begun.id));
      onError(text, error);
    },
  });
}

const faultsKey = ['phone-faults'];

export const useFaults = () =>
  useQuery({
    queryKey: faultsKey,
    queryFn: ({ signal }) => api.get<PhoneFaults>('/api/v1/phone/faults', { signal }),
  });

export function useChangeFaults(onError: (error: unknown) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (faults: PhoneFaults) => api.put<PhoneFaults>('/api/v1/phone/faults', faults),
    onMutate: async (faults) => {
      await client.cancelQueries({ queryKey: faultsKey });
      const before = client.getQueryData<PhoneFaults>(faultsKey);
      client.setQueryData(faultsKey, faults);
      return { before };
    },
    onError: (error, _faults, begun) => {
      client.setQueryData(faultsKey, begun?.before);
      onError(error);
    },
    onSuccess: (faults) => client.setQueryData(faultsKey, faults),
  });
}

/** The conversation that Parley has with a handset; undefined before the first text was read. */
export function useHandsetConversation(handset: string, channelId: string | undefined, isOpen: boolean) {
  return useQuery({
    queryKey: [...queryKeys.phone, 'conversation', handset, channelId],
    queryFn: async ({ signal }) => {
      const page = await api.get<{ items: Conversation[] }>('/api/v1/conversations', {
        query: { channelId, limit: 100 },
        signal,
      });
      return page.items.find(({ contact }) => contact.address === handset) ?? null;
    },
    enabled: isOpen && channelId !== undefined,
  }).data;
}

export const useAssistantPolicy = () =>
  useQuery({
    queryKey: queryKeys.assistant,
    queryFn: ({ signal }) => api.get<Assistant>('/api/v1/assistant', { signal }),
  }).data?.policy;
