// What was understood of messages, as the thread shows it: those on the screen are asked for together.
import type { Insight, InsightCorrection } from '@parley/contract/insights';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useWorkspace } from '../../lib/workspace.ts';
import { toastError } from '../../ui/toast.tsx';

type Waiting = {
  readonly resolve: (insight: Insight | null) => void;
  readonly reject: (error: unknown) => void;
};

let waiting = new Map<string, Waiting[]>();
const togetherMs = 20;
/** Of the 200 that the server takes. */
const togetherMax = 100;

/** Null: it was not understood, or not yet. */
function readInsight(messageId: string): Promise<Insight | null> {
  return new Promise((resolve, reject) => {
    if (waiting.size === 0) setTimeout(askForAll, togetherMs);
    waiting.set(messageId, [...(waiting.get(messageId) ?? []), { resolve, reject }]);
    if (waiting.size === togetherMax) askForAll();
  });
}

function askForAll(): void {
  const asked = waiting;
  waiting = new Map();
  if (asked.size === 0) return;
  api.get<{ items: Insight[] }>('/api/v1/insights', { query: { messageIds: [...asked.keys()].join() } }).then(
    ({ items }) => {
      const found = new Map(items.map((insight) => [insight.messageId, insight]));
      for (const [id, each] of asked) for (const { resolve } of each) resolve(found.get(id) ?? null);
    },
    (error: unknown) => {
      for (const each of asked.values()) for (const { reject } of each) reject(error);
    },
  );
}

export const useInsight = (messageId: string) =>
  useQuery({
    queryKey: queryKeys.insight(messageId),
    queryFn: () => readInsight(messageId),
    // The socket tells when it is another one.
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Says what a message is instead; null takes back all that was said of it. The screen shows it at once. */
export function useCorrectInsight(messageId: string) {
  const client = useQueryClient();
  const key = queryKeys.insight(messageId);
  return useMutation({
    mutationFn: (correction: InsightCorrection | null) =>
      correction
        ? api.put<Insight>(`/api/v1/messages/${messageId}/correction`, correction)
        : api.delete<Insight>(`/api/v1/messages/${messageId}/correction`),
    onSuccess: (insight) => client.setQueryData(key, insight),
    onError: toastError,
  });
}

/** In which contacts' dates are meant; undefined while nobody has said. */
export function useWorkspaceZone(): string | undefined {
  const { data } = useWorkspace();
  return data && (data.timeZone ?? data.installationTimeZone);
}
