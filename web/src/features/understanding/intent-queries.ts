// The intents that a workspace knows, their examples, and the versions of the model that tells them apart.
import type { IntentDrift } from '@parley/contract/intent-drift';
import type { IntentModel, LiveIntentModel } from '@parley/contract/intent-models';
import type { Intent, IntentExample } from '@parley/contract/intents';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, newIdempotencyKey } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { saveBlob } from '../../lib/save-file.ts';
import { toastError } from '../../ui/toast.tsx';

const intentsPath = '/api/v1/intents';
const examplesPath = '/api/v1/intent-examples';
const modelsPath = '/api/v1/intent-models';
const listKey = [...queryKeys.intents, 'list'];
const modelsKey = [...queryKeys.intents, 'models'];
const examplesKey = (name: string) => [...queryKeys.intents, 'examples', name];

export const useIntents = () =>
  useQuery({
    queryKey: listKey,
    queryFn: ({ signal }) => api.get<{ items: Intent[] }>(intentsPath, { signal }),
    select: ({ items }) => items,
  });

/** Makes one, or switches it; the screen shows it at once. */
export function useSetIntent() {
  const client = useQueryClient();
  return useMutation<Intent, Error, Pick<Intent, 'name' | 'enabled'>>({
    mutationFn: ({ name, enabled }) => api.put<Intent>(`${intentsPath}/${name}`, { enabled }),
    onMutate: ({ name, enabled }) =>
      client.setQueryData<{ items: Intent[] }>(
        listKey,
        (before) =>
          before && { items: before.items.map((each) => (each.name === name ? { ...each, enabled } : each)) },
      ),
    onError: toastError,
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.intents }),
  });
}

export function useDeleteIntent() {
  const client = useQueryClient();
  return async (name: string) => {
    await api.delete(`${intentsPath}/${name}`);
    await client.invalidateQueries({ queryKey: queryKeys.intents });
  };
}

export const useExamples = (name: string) =>
  useInfiniteQuery({
    queryKey: examplesKey(name),
    queryFn: ({ signal, pageParam }) =>
      api.get<{ items: IntentExample[]; nextCursor: string | null }>(examplesPath, {
        query: { intent: name, limit: 100, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });

export function useAddExamples(name: string, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (texts: readonly string[]) =>
      api.post(examplesPath, { intent: name, texts }, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: queryKeys.intents });
      onDone();
    },
  });
}

export function useDeleteExample() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.delete(`${examplesPath}/${id}`),
    onError: toastError,
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.intents }),
  });
}

/** The newest first. */
export const useIntentModels = () =>
  useQuery({
    queryKey: modelsKey,
    queryFn: ({ signal }) => api.get<{ items: IntentModel[] }>(modelsPath, { query: { limit: 20 }, signal }),
    select: ({ items }) => items,
  });

/** Whether messages of late are still like those that the model was made for. */
export const useIntentDrift = () =>
  useQuery({
    queryKey: [...queryKeys.intents, 'drift'],
    queryFn: ({ signal }) => api.get<IntentDrift>('/api/v1/intent-drift', { signal }),
  });

/** What changes the versions: they are read again, whatever came of it. */
function useModelChange<Input, Result>(change: (input: Input) => Promise<Result>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onError: toastError,
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.intents }),
  });
}

export const useTrain = () =>
  useModelChange(() => api.post<IntentModel>(modelsPath, undefined, { idempotencyKey: newIdempotencyKey() }));
export const useCancelTraining = () =>
  useModelChange((id: string) => api.put<IntentModel>(`${modelsPath}/${id}/cancellation`, {}));
export const usePromote = () =>
  useModelChange((modelId: string | null) => api.put<LiveIntentModel>(`${modelsPath}/live`, { modelId }));

export const useDownloadModel = () =>
  useMutation({
    mutationFn: async ({ id, version }: Pick<IntentModel, 'id' | 'version'>) =>
      saveBlob(`intents-${version}.parley`, await api.file(`${modelsPath}/${id}/file`)),
    onError: toastError,
  });
