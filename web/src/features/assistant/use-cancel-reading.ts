// Ends the reading of a source that waits or runs.
import type { TrainingData } from '@parley/contract/training-data';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { toast, toastError } from '../../ui/toast.tsx';
import { patchSource, sourceKey, sourcesPath } from './knowledge-queries.ts';
import { isBeingRead } from './knowledge-state.tsx';
import { knowledgeTexts } from './texts-knowledge.ts';

export function useCancelReading({ id, title }: Pick<TrainingData, 'id' | 'title'>) {
  const texts = useTexts(knowledgeTexts);
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.post<TrainingData>(`${sourcesPath}/${id}/cancel`, {}),
    onSuccess: (after) => {
      patchSource(client, id, after);
      void client.invalidateQueries({ queryKey: sourceKey(id) });
      // It may have come to its end a moment sooner, or somebody else has it read anew.
      if (!isBeingRead(after)) toast({ text: texts.readingEnded(title) });
    },
    onError: toastError,
  });
}
