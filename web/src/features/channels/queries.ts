// What the channels' pages read.
import type { Channel, ChannelHealth } from '@parley/contract/channels';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';

/** Health has figures that no event tells of: calls that wait, the breaker, whether the provider answers. */
const healthMs = 10_000;

export const useChannelList = () =>
  useQuery({
    queryKey: [...queryKeys.channels, 'list'],
    queryFn: ({ signal }) =>
      api.get<{ items: Channel[] }>('/api/v1/channels', { query: { limit: 200 }, signal }),
  });

export const useChannel = (id: string) =>
  useQuery({
    queryKey: [...queryKeys.channels, 'one', id],
    queryFn: ({ signal }) => api.get<Channel>(`/api/v1/channels/${id}`, { signal }),
  });

export const useChannelHealth = (id: string) =>
  useQuery({
    queryKey: [...queryKeys.channels, 'health', id],
    queryFn: ({ signal }) => api.get<ChannelHealth>(`/api/v1/channels/${id}/health`, { signal }),
    refetchInterval: healthMs,
    staleTime: 0,
  });
