// Reads what somebody should look at: with the first page, so without the audit itself.
import type { SecurityAlert } from '@parley/contract/audit';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useCan } from '../../lib/session.ts';

export function useSecurityAlerts() {
  return useQuery({
    queryKey: queryKeys.securityAlerts,
    queryFn: ({ signal }) => api.get<{ items: SecurityAlert[] }>('/api/v1/security-alerts', { signal }),
    enabled: useCan('audit:read'),
  });
}
