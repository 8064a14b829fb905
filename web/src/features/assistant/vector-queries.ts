// How far the vectors of knowledge are, as the pages read it.
import type { KnowledgeVectors } from '@parley/contract/knowledge-vectors';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';

/** Beside the routing: whatever changes a model or a setting changes this. */
export const vectorsKey = [...queryKeys.assistant, 'vectors'];

export const useVectors = () =>
  useQuery({
    queryKey: vectorsKey,
    queryFn: ({ signal }) => api.get<KnowledgeVectors>('/api/v1/knowledge-vectors', { signal }),
  });
