// What the page of spending reads.
import type { Cap, Usage, UsageQuery } from '@parley/contract/budgets';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';

export const capsPath = '/api/v1/budget-caps';
export const capsKey = [...queryKeys.spending, 'caps'];

export const useCaps = () =>
  useQuery({
    queryKey: capsKey,
    queryFn: ({ signal }) => api.get<{ items: Cap[] }>(capsPath, { signal }),
    select: ({ items }) => items,
  });

/** @param from the first moment, which stays the same for a whole day. */
export const useUsage = (by: UsageQuery['by'], from: string) =>
  useQuery({
    queryKey: [...queryKeys.spending, 'usage', by, from],
    queryFn: ({ signal }) => api.get<Usage>('/api/v1/usage', { query: { by, from, limit: 500 }, signal }),
    placeholderData: keepPreviousData,
  });
