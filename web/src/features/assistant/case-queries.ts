// What the pages of cases read, and how cases are changed and checked.
import type {
  AnswerCase,
  AnswerCaseInput,
  AnswerFix,
  AnswerFixInput,
  CaseCheck,
} from '@parley/contract/answer-cases';
import type { RunQuestion } from '@parley/contract/runs';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { api, newIdempotencyKey } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { toastError } from '../../ui/toast.tsx';

interface CasePage {
  readonly items: AnswerCase[];
  readonly nextCursor: string | null;
}

const path = '/api/v1/assistant/cases';
const checksPath = '/api/v1/assistant/checks';

export const useCases = () =>
  useInfiniteQuery({
    queryKey: [...queryKeys.cases, 'list'],
    queryFn: ({ signal, pageParam }) =>
      api.get<CasePage>(path, { query: { limit: 100, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });

/** The newest; null where the cases were never checked. */
export const useLastCheck = () =>
  useQuery({
    queryKey: [...queryKeys.cases, 'check'],
    queryFn: async ({ signal }) => {
      const { items } = await api.get<{ items: CaseCheck[] }>(checksPath, { query: { limit: 1 }, signal });
      return items[0] ?? null;
    },
  });

export function useStartCheck() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.post<CaseCheck>(checksPath, {}, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: (check) => client.setQueryData([...queryKeys.cases, 'check'], check),
    onError: toastError,
  });
}

export function useCancelCheck() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.put<CaseCheck>(`${checksPath}/${id}/cancellation`, {}),
    onSuccess: (check) => client.setQueryData([...queryKeys.cases, 'check'], check),
    onError: toastError,
  });
}

export function useSaveCase(id: string | null, onDone: () => void) {
  const client = useQueryClient();
  const key = useRef(newIdempotencyKey());
  return useMutation({
    mutationFn: (input: AnswerCaseInput) =>
      id === null
        ? api.post<AnswerCase>(path, input, { idempotencyKey: key.current })
        : api.put<AnswerCase>(`${path}/${id}`, input),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: queryKeys.cases });
      onDone();
    },
  });
}

export function useDeleteCase() {
  const client = useQueryClient();
  return async (id: string) => {
    await api.delete(`${path}/${id}`);
    await client.invalidateQueries({ queryKey: queryKeys.cases });
  };
}

/** What a turn was asked; null for one that is not a turn. */
export const useRunQuestion = (runId: string | null) =>
  useQuery({
    queryKey: [...queryKeys.run(runId ?? ''), 'question'],
    queryFn: ({ signal }) => api.get<RunQuestion>(`/api/v1/runs/${runId}/question`, { signal }),
    enabled: runId !== null,
  });

export function useFixAnswer(onDone: () => void) {
  const client = useQueryClient();
  const key = useRef(newIdempotencyKey());
  return useMutation({
    mutationFn: (input: AnswerFixInput) =>
      api.post<AnswerFix>('/api/v1/assistant/fixes', input, { idempotencyKey: key.current }),
    onSuccess: async () => {
      onDone();
      await client.invalidateQueries({ queryKey: queryKeys.cases });
    },
  });
}
