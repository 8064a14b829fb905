// What the page asks of the server. Where something is under way it is asked again every two seconds.
import type {
  DataExport,
  Erasure,
  LegalHold,
  Retention,
  RetentionRun,
  WorkspaceErasure,
} from '@parley/contract/privacy';
import { useQuery } from '@tanstack/react-query';
import { type ApiPath, api } from '../../lib/api.ts';

export const privacyKey = ['privacy'] as const;
const everyMs = 2000;

interface Listed {
  readonly state?: string;
}

function useList<Item extends Listed>(name: string) {
  return useQuery({
    queryKey: [...privacyKey, name],
    queryFn: ({ signal }) =>
      api.get<{ items: Item[] }>(`/api/v1/privacy/${name}` as ApiPath, { query: { limit: 20 }, signal }),
    refetchInterval: ({ state }) =>
      state.data?.items.some((item) => item.state === 'running') ? everyMs : false,
  });
}

export const useRetention = () =>
  useQuery({
    queryKey: [...privacyKey, 'retention'],
    queryFn: ({ signal }) => api.get<Retention>('/api/v1/privacy/retention', { signal }),
  });
export const useWorkspaceErasure = () =>
  useQuery({
    queryKey: [...privacyKey, 'workspace-erasure'],
    queryFn: ({ signal }) => api.get<WorkspaceErasure>('/api/v1/workspace/erasure', { signal }),
  });
export const useRetentionRuns = () => useList<RetentionRun>('retention-runs');
export const useErasures = () => useList<Erasure>('erasures');
export const useExports = () => useList<DataExport>('exports');
export const useHolds = () => useList<LegalHold & Listed>('legal-holds');
