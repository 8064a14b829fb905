// What the page of figures reads.
import type { ChannelStats, IntentStats, SentimentStats } from '@parley/contract/analytics';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ApiPath, api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';

export interface Asked {
  /** The first moment, which stays the same for a whole day. */
  readonly from: string;
  readonly channelId: string | undefined;
}

const useStats = <Stats>(path: ApiPath, { from, channelId }: Asked) =>
  useQuery({
    queryKey: [...queryKeys.analytics, path, from, channelId],
    queryFn: ({ signal }) => {
      const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
      return api.get<Stats>(path, { query: { from, timeZone, channelId }, signal });
    },
    placeholderData: keepPreviousData,
  });

export const useChannelStats = (asked: Asked) =>
  useStats<ChannelStats>('/api/v1/analytics/channel-stats', asked);
export const useSentimentStats = (asked: Asked) =>
  useStats<SentimentStats>('/api/v1/analytics/sentiment-stats', asked);
export const useIntentStats = (asked: Asked) =>
  useStats<IntentStats>('/api/v1/analytics/intent-stats', asked);
