// Everything that the assistant was given to know, as the page reads it and remembers it.
import type { TrainingData, TrainingDataDetail } from '@parley/contract/training-data';
import { type QueryClient, useQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';

export const sourcesPath = '/api/v1/training-data';
/** What is proposed for it, and whether that is allowed. */
export const proposalsKey = [...queryKeys.knowledge, 'proposals'];
export const sourceListKey = [...queryKeys.knowledge, 'list'];
export const sourceKey = (id: string) => [...queryKeys.knowledge, 'one', id];

const pageSize = 200;

/** All of them (the server keeps 2,000 at most): titles are sealed at rest, so that only the page can search them. */
async function readAll(signal: AbortSignal): Promise<TrainingData[]> {
  const all: TrainingData[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: TrainingData[]; nextCursor: string | null } = await api.get(sourcesPath, {
      query: { limit: pageSize, cursor },
      signal,
    });
    all.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return all;
}

export const useSources = () =>
  useQuery({ queryKey: sourceListKey, queryFn: ({ signal }) => readAll(signal) });

export const useSource = (id: string, enabled = true) =>
  useQuery({
    queryKey: sourceKey(id),
    queryFn: ({ signal }) => api.get<TrainingDataDetail>(`${sourcesPath}/${id}`, { signal }),
    enabled,
  });

export const isKnownSource = (client: QueryClient, id: string): boolean =>
  (client.getQueryData<TrainingData[]>(sourceListKey) ?? []).some((source) => source.id === id);

/** Shows a new one at once. What was heard of it already is newer than the answer that made it. */
export function putNewSource(client: QueryClient, source: TrainingData): void {
  client.setQueryData<TrainingData[]>(sourceListKey, (sources) =>
    sources && !sources.some(({ id }) => id === source.id) ? [source, ...sources] : sources,
  );
}

export function patchSource(client: QueryClient, id: string, change: Partial<TrainingData>): void {
  client.setQueryData<TrainingData[]>(sourceListKey, (sources) =>
    sources?.map((source) => (source.id === id ? { ...source, ...change } : source)),
  );
  client.setQueryData<TrainingDataDetail>(sourceKey(id), (source) => source && { ...source, ...change });
}

export function dropSource(client: QueryClient, id: string): void {
  client.setQueryData<TrainingData[]>(sourceListKey, (sources) =>
    sources?.filter((source) => source.id !== id),
  );
}
