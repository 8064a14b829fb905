// What the app knows of its server before anybody has signed in.
import type { Start } from '@parley/contract/tenancy';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { api } from './api.ts';
import { queryKeys } from './query.ts';

export const startOptions = queryOptions({
  queryKey: queryKeys.start,
  queryFn: ({ signal }) => api.get<Start>('/api/v1/start', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

export const useStart = (): Start | undefined => useQuery(startOptions).data;
