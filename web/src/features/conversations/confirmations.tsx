// What the assistant wants to do here and a member has to confirm: a card at the end of the thread.
import type { Confirmation } from '@parley/contract/tools';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Check, ShieldQuestion, X } from 'lucide-react';
import { ApiError, api } from '../../lib/api.ts';
import { useFormat } from '../../lib/format.ts';
import { queryKeys } from '../../lib/query.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { MessageText } from './message-text.tsx';
import { askTexts } from './texts-asks.ts';
import { confirmationTexts } from './texts-confirmations.ts';

/** Those that wait now. @param conversationId absent: in the whole workspace */
export function useWaiting(conversationId?: string): readonly Confirmation[] {
  const { data } = useQuery({
    queryKey: conversationId ? queryKeys.confirmationsOf(conversationId) : queryKeys.allConfirmations,
    queryFn: ({ signal }) =>
      api.get<{ items: Confirmation[] }>('/api/v1/confirmations', {
        query: { state: 'waiting', ...(conversationId ? { conversationId } : {}) },
        signal,
      }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const now = Date.now();
  return (data?.items ?? []).filter(({ expiresAt }) => Date.parse(expiresAt) > now);
}

/** One of them, whatever became of it; undefined until it is known. */
export function useConfirmation(confirmationId: string): Confirmation | undefined {
  const { data } = useQuery({
    queryKey: queryKeys.confirmation(confirmationId),
    queryFn: ({ signal }) => api.get<Confirmation>(`/api/v1/confirmations/${confirmationId}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data;
}

export function WaitingConfirmations({ conversationId }: { conversationId: string }) {
  const waiting = useWaiting(conversationId);
  if (waiting.length === 0) return null;
  return (
    <div className="flex max-h-[40%] shrink-0 flex-col gap-2 overflow-y-auto px-6 pt-2 phone:px-3">
      {waiting.map((confirmation) => (
        <ConfirmationCard key={confirmation.id} confirmation={confirmation} />
      ))}
    </div>
  );
}

/** Anywhere that a call waits. */
export function ConfirmationCard({ confirmation }: { confirmation: Confirmation }) {
  const texts = useTexts(confirmationTexts);
  const asks: Readonly<Record<string, string>> = useTexts(askTexts);
  const askers = {
    contact: texts.askedByContact,
    member: texts.askedByMember,
    api_key: texts.askedByProgram,
  };
  const format = useFormat();
  const client = useQueryClient();
  const mayDecide = useCan(confirmation.permission);
  const { tool, input, askedBy, expiresAt } = confirmation;
  const decide = useMutation({
    mutationFn: (decision: 'confirmed' | 'refused') =>
      api.put<Confirmation>(`/api/v1/confirmations/${confirmation.id}/decision`, { decision }),
    onSuccess: ({ state }) =>
      toast({ text: state === 'refused' ? texts.refused : texts.confirmed, tone: 'success' }),
    onError: (error) =>
      // Somebody else was faster: what they said stands.
      error instanceof ApiError && error.code === 'already_decided'
        ? toast({ text: texts.alreadyDecided })
        : toastError(error),
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.confirmations }),
  });
  const { body, at, conversation: _, ...rest } = input;
  const facts = Object.entries(rest);
  return (
    <article
      aria-label={texts.waits}
      className="rounded-control border border-warning bg-surface-raised px-4 py-3"
    >
      <h3 className="flex items-start gap-2 font-medium">
        <ShieldQuestion size={18} aria-hidden="true" className="mt-px shrink-0 text-warning-text" />
        <span className="min-w-0 break-words">{asks[tool] ?? texts.asksOther(tool)}</span>
      </h3>
      <div className="mt-1.5 pl-6.5 phone:pl-0">
        {typeof body === 'string' && (
          <div className="border-line-strong border-l-2 pl-3">
            <MessageText text={body} />
          </div>
        )}
        {typeof at === 'string' && <p className="mt-1 text-meta">{texts.goesOut(format.dayAndTime(at))}</p>}
        {facts.length > 0 && (
          <dl className="mt-1 grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 text-meta">
            {facts.map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-text-muted">{name}</dt>
                <dd className="min-w-0 break-words">
                  {typeof value === 'string' ? value : JSON.stringify(value)}
                </dd>
              </div>
            ))}
          </dl>
        )}
        <p className="mt-1.5 text-meta text-text-muted">
          {askers[askedBy.kind]} · {texts.until(format.dayAndTime(expiresAt))}
        </p>
        {mayDecide && (
          <div className="mt-2 flex flex-wrap gap-2">
            <Button
              variant="primary"
              size="small"
              icon={Check}
              busy={decide.isPending && decide.variables === 'confirmed'}
              onClick={() => !decide.isPending && decide.mutate('confirmed')}
            >
              {texts.confirm}
            </Button>
            <Button
              size="small"
              icon={X}
              busy={decide.isPending && decide.variables === 'refused'}
              onClick={() => !decide.isPending && decide.mutate('refused')}
            >
              {texts.refuse}
            </Button>
          </div>
        )}
      </div>
    </article>
  );
}
