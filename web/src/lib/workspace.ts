// The workspace's own settings: its name, and where its people are.
import type { Workspace } from '@parley/contract/tenancy';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { api } from './api.ts';
import { queryKeys } from './query.ts';

export const workspaceOptions = queryOptions({
  queryKey: queryKeys.workspace,
  queryFn: ({ signal }) => api.get<Workspace>('/api/v1/workspace', { signal }),
});

export const useWorkspace = () => useQuery(workspaceOptions);
