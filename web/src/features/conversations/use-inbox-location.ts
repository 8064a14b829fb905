// Where the member is in the inbox, as the address says it: filters, words that are searched, which conversation is open.
import type { ViewFilters } from '@parley/contract/inbox';
import { useMemo } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { readFilters, writeFilters } from './filters.ts';

export interface InboxLocation {
  readonly filters: ViewFilters;
  /** Empty: the list is shown. */
  readonly words: string;
  readonly conversationId: string | null;
  /** The message that the thread opens at. */
  readonly messageId: string | null;
  /** The address of a conversation beside the same list. */
  linkTo(conversationId: string | null, messageId?: string | null): string;
  setFilters(filters: ViewFilters): void;
  setWords(words: string): void;
}

export function useInboxLocation(): InboxLocation {
  const { conversationId = null } = useParams();
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const query = search.toString();

  return useMemo(() => {
    const params = new URLSearchParams(query);
    const filters = readFilters(params);
    const words = params.get('q')?.trim() ?? '';
    const address = (
      id: string | null,
      change: { filters?: ViewFilters; words?: string; message?: string | null },
    ) => {
      const next = writeFilters(change.filters ?? filters);
      const nextWords = change.words ?? words;
      if (nextWords) next.set('q', nextWords);
      if (change.message) next.set('message', change.message);
      const path = id === null ? '/inbox' : `/inbox/${id}`;
      return next.size === 0 ? path : `${path}?${next}`;
    };
    return {
      filters,
      words,
      conversationId,
      messageId: params.get('message'),
      linkTo: (id, message = null) => address(id, { message }),
      setFilters: (next) => void navigate(address(conversationId, { filters: next, words: '' })),
      setWords: (next) => void navigate(address(conversationId, { words: next }), { replace: true }),
    };
  }, [query, conversationId, navigate]);
}
