// The workspace's own settings: its name, and where its people are.
import type { Workspace } from '@parley/contract/tenancy';
import { useQuery } from '@tanstack/react-query';
import { api } from './api.ts';
import { queryKeys } from './query.ts';

export const useWorkspace = () =>
  useQuery({
    queryKey: queryKeys.workspace,
    queryFn: ({ signal }) => api.get<Workspace>('/api/v1/workspace', { signal }),
  });
