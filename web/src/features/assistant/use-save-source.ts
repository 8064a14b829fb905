// Gives the assistant something written or addressed, or changes it; the list shows it at once.
import type { TrainingData, TrainingDataChange, TrainingDataInput } from '@parley/contract/training-data';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { api, newIdempotencyKey } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { toast } from '../../ui/toast.tsx';
import { isKnownSource, patchSource, putNewSource, sourceKey, sourcesPath } from './knowledge-queries.ts';
import { sourceTexts } from './texts-source.ts';

export type SourceWish =
  | { readonly input: Extract<TrainingDataInput, object> }
  | { readonly id: string; readonly change: TrainingDataChange };

export function useSaveSource(onDone: () => void) {
  const texts = useTexts(sourceTexts);
  const client = useQueryClient();
  /** One key for every try of the same wish: an answer that was lost must not become a second source. */
  const wished = useRef({ wish: '', key: '' });
  return useMutation({
    mutationFn: (wish: SourceWish) => {
      if ('id' in wish) return api.put<TrainingData>(`${sourcesPath}/${wish.id}`, wish.change);
      const written = JSON.stringify(wish.input);
      if (wished.current.wish !== written) wished.current = { wish: written, key: newIdempotencyKey() };
      return api.post<TrainingData>(sourcesPath, wish.input, { idempotencyKey: wished.current.key });
    },
    onSuccess: (source, wish) => {
      const isKnown = !('id' in wish) && isKnownSource(client, source.id);
      const isWritten = source.kind === 'text' || source.kind === 'pair';
      putNewSource(client, source);
      patchSource(client, source.id, source);
      void client.invalidateQueries({ queryKey: sourceKey(source.id) });
      const written = source.live ? texts.saved : texts.keptBack;
      const text = isWritten ? written : 'id' in wish ? texts.settingsSaved : texts.addedToRead;
      toast(isKnown ? { text: texts.known } : { text, tone: 'success' });
      onDone();
    },
  });
}
