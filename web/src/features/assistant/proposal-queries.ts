// What the page of proposals reads, and how they are decided on; the switch, and looks through the past.
import type {
  KnowledgeProposal,
  Learning,
  LookThrough,
  ProposalDecision,
} from '@parley/contract/knowledge-proposals';
import {
  type InfiniteData,
  type QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { ApiError, api, newIdempotencyKey } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { toast, toastError } from '../../ui/toast.tsx';
import { proposalsKey, sourcesPath } from './knowledge-queries.ts';
import { proposalTexts } from './texts-proposals.ts';

interface ProposalPage {
  readonly items: KnowledgeProposal[];
  readonly nextCursor: string | null;
}

const learningKey = [...proposalsKey, 'learning'];
const lookKey = [...proposalsKey, 'look'];
const listKey = [...proposalsKey, 'list'];
const lookPath = `${sourcesPath}/look-throughs` as const;
const decisionPath = (id: string) => `${sourcesPath}/proposals/${id}/decision` as const;

export const useLearning = () =>
  useQuery({
    queryKey: learningKey,
    queryFn: ({ signal }) => api.get<Learning>(`${sourcesPath}/learning`, { signal }),
  });

export function useChangeLearning() {
  const client = useQueryClient();
  const texts = useTexts(proposalTexts);
  return useMutation({
    mutationFn: (learnFromConversations: boolean) =>
      api.put<Learning>(`${sourcesPath}/learning`, { learnFromConversations }),
    onSuccess: async (learning) => {
      client.setQueryData(learningKey, learning);
      toast({ text: learning.learnFromConversations ? texts.allowed : texts.stopped, tone: 'success' });
      // What was under way ends with a no.
      await client.invalidateQueries({ queryKey: lookKey });
    },
    onError: toastError,
  });
}

export const useProposals = (enabled = true) =>
  useInfiniteQuery({
    queryKey: listKey,
    queryFn: ({ signal, pageParam }) =>
      api.get<ProposalPage>(`${sourcesPath}/proposals`, {
        query: { limit: 50, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    enabled,
  });

/** Takes it out of the list; the way back is offered for a moment. */
export function useDecide(onDecided: (id: string) => void) {
  const client = useQueryClient();
  const texts = useTexts(proposalTexts);
  const undo = async (id: string) => {
    try {
      await api.delete<KnowledgeProposal>(decisionPath(id));
    } catch (error) {
      toastError(error);
    }
    await client.invalidateQueries({ queryKey: listKey });
  };
  return useMutation({
    mutationFn: ({ id, decision }: { id: string; decision: ProposalDecision }) =>
      api.put<KnowledgeProposal>(decisionPath(id), decision),
    onSuccess: ({ id, state }) => {
      dropProposal(client, id);
      onDecided(id);
      toast({
        text: state === 'accepted' ? texts.accepted : texts.dismissed,
        tone: 'success',
        onAction: () => void undo(id),
      });
    },
    onError: (error) => {
      if (!(error instanceof ApiError) || error.code !== 'proposal_decided') return toastError(error);
      toast({ text: texts.decided });
      return client.invalidateQueries({ queryKey: listKey });
    },
  });
}

function dropProposal(client: QueryClient, id: string): void {
  client.setQueryData<InfiniteData<ProposalPage>>(listKey, (data) =>
    data
      ? {
          ...data,
          pages: data.pages.map((page) => ({ ...page, items: page.items.filter((item) => item.id !== id) })),
        }
      : data,
  );
}

/** The newest; null where the past was never looked through. */
export const useLastLook = () =>
  useQuery({
    queryKey: lookKey,
    queryFn: async ({ signal }) => {
      const { items } = await api.get<{ items: LookThrough[] }>(lookPath, { query: { limit: 1 }, signal });
      return items[0] ?? null;
    },
  });

export function useStartLook() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (days: number) =>
      api.post<LookThrough>(lookPath, { days }, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: (look) => client.setQueryData(lookKey, look),
    onError: toastError,
  });
}

export function useCancelLook() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.put<LookThrough>(`${lookPath}/${id}/cancellation`, {}),
    onSuccess: (look) => client.setQueryData(lookKey, look),
    onError: toastError,
  });
}
