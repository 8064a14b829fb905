// What the assistant's page reads, and how it is changed.
import type { Assistant, AssistantInput } from '@parley/contract/assistant';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { toastError } from '../../ui/toast.tsx';

const settingsKey = [...queryKeys.assistant, 'settings'];

export const useAssistant = () =>
  useQuery({
    queryKey: settingsKey,
    queryFn: ({ signal }) => api.get<Assistant>('/api/v1/assistant', { signal }),
  });

/** Writes the settings as a whole, with what changed; the screen shows them at once and takes back what failed. */
export function useChangeAssistant() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ before, change }: { before: Assistant; change: Partial<AssistantInput> }) => {
      const { updatedAt: _updatedAt, ...settings } = before;
      return api.put<Assistant>('/api/v1/assistant', { ...settings, ...change });
    },
    onMutate: ({ before, change }) => client.setQueryData(settingsKey, { ...before, ...change }),
    onSuccess: (assistant) => client.setQueryData(settingsKey, assistant),
    onError: (error, { before }) => {
      client.setQueryData(settingsKey, before);
      toastError(error);
    },
  });
}
