// Making, changing and removing quick replies: what the list shows afterwards, and what a refusal is called.
import type { QuickReply, WriteQuickReply } from '@parley/contract/inbox';
import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { ApiError, api, NetworkError, newIdempotencyKey } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { currentTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { toast } from '../../ui/toast.tsx';
import { quickReplyTexts } from './texts-quick-replies.ts';
import { offerUndo } from './undo.ts';

type List = { items: QuickReply[] };

/** In the member's language, by the code of the refusal. */
export function explainRefusal(error: unknown): string {
  const texts = currentTexts(quickReplyTexts);
  const shared = currentTexts(sharedTexts);
  if (error instanceof NetworkError) return shared.noNetwork;
  if (!(error instanceof ApiError)) return shared.somethingWrong;
  const byCode: Readonly<Record<string, string>> = {
    shortcut_taken: texts.shortcutTaken,
    too_many_quick_replies: texts.tooMany,
    'sms.not_found': texts.gone,
    forbidden: texts.mayNotWrite,
  };
  return byCode[error.code] ?? error.message;
}

/** @param quickReply the one that is changed; without one another is made */
export function useSaveQuickReply(quickReply: QuickReply | undefined) {
  const queries = useQueryClient();
  // Of one wish: who presses again because nobody answered makes no second one. Other words are another wish.
  const wish = useRef({ words: '', key: '' });
  return useMutation({
    mutationFn: (input: WriteQuickReply) => {
      if (quickReply) return api.put<QuickReply>(`/api/v1/quick-replies/${quickReply.id}`, input);
      const words = JSON.stringify(input);
      if (wish.current.words !== words) wish.current = { words, key: newIdempotencyKey() };
      return api.post<QuickReply>('/api/v1/quick-replies', input, { idempotencyKey: wish.current.key });
    },
    onSuccess: (saved) => {
      putInto(queries, saved);
      return queries.invalidateQueries({ queryKey: queryKeys.quickReplies });
    },
  });
}

/** Takes one away at once, and offers it back. */
export function useRemoveQuickReply(): (quickReply: QuickReply) => Promise<void> {
  const queries = useQueryClient();
  return async (quickReply) => {
    const { id, shortcut, body } = quickReply;
    const texts = currentTexts(quickReplyTexts);
    // An answer that is under way would bring it back for a moment.
    await queries.cancelQueries({ queryKey: queryKeys.quickReplies });
    queries.setQueryData<List>(
      queryKeys.quickReplies,
      (list) => list && { items: list.items.filter((item) => item.id !== id) },
    );
    try {
      await api.delete(`/api/v1/quick-replies/${id}`);
    } catch (error) {
      // Removed by a colleague meanwhile: it is what was wanted.
      if (!(error instanceof ApiError && error.status === 404)) {
        putInto(queries, quickReply);
        toast({ text: explainRefusal(error), tone: 'danger' });
        return;
      }
    }
    offerUndo(texts.removed(shortcut), () => void restore(queries, { shortcut, body }));
  };
}

async function restore(queries: QueryClient, input: WriteQuickReply): Promise<void> {
  try {
    const options = { idempotencyKey: newIdempotencyKey() };
    putInto(queries, await api.post<QuickReply>('/api/v1/quick-replies', input, options));
  } catch (error) {
    toast({ text: explainRefusal(error), tone: 'danger' });
  }
}

/** Where the server would put it. */
function putInto(queries: QueryClient, quickReply: QuickReply): void {
  queries.setQueryData<List>(
    queryKeys.quickReplies,
    (list) =>
      list && {
        items: [...list.items.filter(({ id }) => id !== quickReply.id), quickReply].sort((one, other) =>
          one.shortcut.toLowerCase() < other.shortcut.toLowerCase() ? -1 : 1,
        ),
      },
  );
}
