// Reads the audit.
import type { AuditPage } from '@parley/contract/audit';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useCan } from '../../lib/session.ts';
import { type AuditNarrowing, queryOf } from './audit-filters.ts';

const firstCursor: string | null = null;
const pageLength = 50;

export function useAudit(narrowing: AuditNarrowing) {
  return useInfiniteQuery({
    queryKey: [...queryKeys.audit, narrowing],
    queryFn: ({ pageParam, signal }) =>
      api.get<AuditPage>('/api/v1/audit', {
        query: { ...queryOf(narrowing, Date.now()), limit: pageLength, cursor: pageParam },
        signal,
      }),
    initialPageParam: firstCursor,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    enabled: useCan('audit:read'),
    placeholderData: keepPreviousData,
    // What is new in it is not told: that it was read would be.
    staleTime: 0,
  });
}

export function useAuditActions() {
  return useQuery({
    queryKey: [...queryKeys.audit, 'actions'],
    queryFn: ({ signal }) => api.get<{ items: string[] }>('/api/v1/audit/actions', { signal }),
    enabled: useCan('audit:read'),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
