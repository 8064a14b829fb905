// What the pages of models read.
import type { ModelIncident, ModelPage, PresetDescription, PriceList } from '@parley/contract/models';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';

export const modelsKey = [...queryKeys.assistant, 'models'];
export const pricesKey = [...queryKeys.assistant, 'prices'];

/** Figures move without an event for each: who looks at them sees them move. */
const lookAgainMs = 15_000;

export const useModels = ({ live = false }: { live?: boolean } = {}) =>
  useQuery({
    queryKey: modelsKey,
    queryFn: ({ signal }) => api.get<ModelPage>('/api/v1/models', { query: { limit: 200 }, signal }),
    ...(live ? { refetchInterval: lookAgainMs } : {}),
  });

export const usePresets = (enabled: boolean) =>
  useQuery({
    queryKey: [...queryKeys.assistant, 'presets'],
    queryFn: ({ signal }) => api.get<{ items: PresetDescription[] }>('/api/v1/model-presets', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    enabled,
    select: ({ items }) => items as unknown as Presets,
  });

/** There is always one. */
export type Presets = readonly [PresetDescription, ...PresetDescription[]];

export const usePrices = () =>
  useQuery({
    queryKey: pricesKey,
    queryFn: ({ signal }) => api.get<PriceList>('/api/v1/model-prices', { signal }),
  });

export const useIncidents = () =>
  useQuery({
    queryKey: [...queryKeys.assistant, 'incidents'],
    queryFn: ({ signal }) =>
      api.get<{ items: ModelIncident[] }>('/api/v1/model-incidents', { query: { limit: 100 }, signal }),
    select: ({ items }) => items,
  });
