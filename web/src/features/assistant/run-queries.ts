// What the pages of runs read.
import type { Run } from '@parley/contract/runs';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { queryOf, type RunFilters } from './run-filters.ts';

const pageSize = 40;

export const useRuns = (filters: RunFilters) =>
  useInfiniteQuery({
    queryKey: [...queryKeys.runLists, filters],
    queryFn: ({ pageParam, signal }) =>
      api.get<{ items: Run[]; nextCursor: string | null }>('/api/v1/runs', {
        query: { ...queryOf(filters, Date.now()), limit: pageSize, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  });
