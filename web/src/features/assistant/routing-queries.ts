// How the workspace's questions are routed, as the page reads and changes it.
import type { RoutingReceipt, RoutingSettings } from '@parley/contract/routing';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { toastError } from '../../ui/toast.tsx';

const routingKey = [...queryKeys.assistant, 'routing'];

export const useRouting = () =>
  useQuery({
    queryKey: routingKey,
    queryFn: ({ signal }) => api.get<RoutingSettings>('/api/v1/routing', { signal }),
  });

/** Writes the settings as a whole, with what changed; the screen shows them at once and takes back what failed. */
export function useChangeRouting(): (change: Partial<RoutingSettings>) => void {
  const client = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: (settings: RoutingSettings) => api.put<RoutingSettings>('/api/v1/routing', settings),
    // One after the other: each holds all that was changed before it.
    scope: { id: 'routing' },
    onError: toastError,
    onSettled: () => client.invalidateQueries({ queryKey: routingKey }),
  });
  return (change) => {
    const before = client.getQueryData<RoutingSettings>(routingKey);
    if (!before) return;
    const after = { ...before, ...change };
    client.setQueryData(routingKey, after);
    mutate(after);
  };
}

export const useReceipts = () =>
  useInfiniteQuery({
    queryKey: [...queryKeys.runLists, 'receipts'],
    queryFn: ({ pageParam, signal }) =>
      api.get<{ items: RoutingReceipt[]; nextCursor: string | null }>('/api/v1/routing/receipts', {
        query: { limit: 20, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
