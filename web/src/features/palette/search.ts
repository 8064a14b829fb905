// Finds conversations by a contact's name or number, or by words that were said in them.
import type { SearchHit } from '@parley/contract/inbox';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';

const hitsMax = 8;
const lengthMin = 2;

export const searchOptions = (words: string) =>
  queryOptions({
    queryKey: [...queryKeys.search(words), 'palette'],
    queryFn: async ({ signal }) => {
      const page = await api.get<{ items: SearchHit[] }>('/api/v1/search', {
        query: { q: words, limit: hitsMax },
        signal,
      });
      return page.items;
    },
    enabled: words.length >= lengthMin,
    placeholderData: words.length >= lengthMin ? keepPreviousData : undefined,
    staleTime: 10_000,
    retry: false,
  });
