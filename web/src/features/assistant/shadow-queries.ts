// What the pages of shadow runs read, and how one is begun, cancelled and used.
import type {
  ShadowAnswer,
  ShadowEstimate,
  ShadowRun,
  ShadowRunInput,
  ShadowVerdict,
} from '@parley/contract/shadow-runs';
import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { api, newIdempotencyKey } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { toastError } from '../../ui/toast.tsx';

const path = '/api/v1/assistant/shadow-runs';
const listKey = [...queryKeys.shadowRuns, 'list'];
const oneKey = (id: string) => [...queryKeys.shadowRuns, 'one', id];

export const useShadowRuns = () =>
  useQuery({
    queryKey: listKey,
    queryFn: async ({ signal }) =>
      (await api.get<{ items: ShadowRun[] }>(path, { query: { limit: 20 }, signal })).items,
  });

export const useShadowRun = (id: string) =>
  useQuery({
    queryKey: oneKey(id),
    queryFn: ({ signal }) => api.get<ShadowRun>(`${path}/${id}`, { signal }),
  });

export const useShadowAnswers = (id: string, verdict: ShadowVerdict | null) =>
  useInfiniteQuery({
    queryKey: [...oneKey(id), 'answers', verdict],
    queryFn: ({ signal, pageParam }) =>
      api.get<{ items: ShadowAnswer[]; nextCursor: string | null }>(`${path}/${id}/answers`, {
        query: { limit: 50, verdict, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });

/** Null while what is written cannot be tried. */
export const useShadowEstimate = (input: ShadowRunInput | null) =>
  useQuery({
    queryKey: [...queryKeys.shadowRuns, 'estimate', input?.count, input?.changes.modelId],
    queryFn: ({ signal }) =>
      api.post<ShadowEstimate>('/api/v1/assistant/shadow-estimates', input, { signal }),
    enabled: input !== null,
    placeholderData: keepPreviousData,
  });

export function useStartShadowRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: ShadowRunInput) =>
      api.post<ShadowRun>(path, input, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: () => client.invalidateQueries({ queryKey: listKey }),
    onError: toastError,
  });
}

export function useCancelShadowRun(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.put<ShadowRun>(`${path}/${id}/cancellation`, {}),
    onSuccess: (run) => {
      client.setQueryData(oneKey(id), run);
      return client.invalidateQueries({ queryKey: listKey });
    },
    onError: toastError,
  });
}

export function useUseShadowRun(id: string) {
  const client = useQueryClient();
  return async () => {
    client.setQueryData(oneKey(id), await api.put<ShadowRun>(`${path}/${id}/use`, {}));
    await Promise.all([
      client.invalidateQueries({ queryKey: queryKeys.assistant }),
      client.invalidateQueries({ queryKey: queryKeys.knowledge }),
    ]);
  };
}
