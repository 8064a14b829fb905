// What a member does with a conversation: shown at once, sent through the outbox, taken back with its reason when refused.
import type { ChangeConversation, Conversation } from '@parley/contract/conversations';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../../lib/api.ts';
import { formatIn } from '../../lib/format.ts';
import { dropOutboxEntry, sendThroughOutbox } from '../../lib/offline/outbox.ts';
import type { OutboxRequest } from '../../lib/offline/outbox-queue.ts';
import { queryKeys } from '../../lib/query.ts';
import { useSession } from '../../lib/session.ts';
import { currentLanguage, currentTexts } from '../../lib/texts.ts';
import { toast, toastError } from '../../ui/toast.tsx';
import { patchConversation, patchCounts, putConversation } from './cache.ts';
import { findConversation } from './queries.ts';
import { actionTexts } from './texts-actions.ts';
import { offerUndo } from './undo.ts';

type Patch = (before: Conversation) => Conversation;

/**
 * Shows a change, and sends it. Kept where there is no network; where the server says no, everything is as it was.
 * @returns whether it was done, or will be
 */
async function change(
  client: QueryClient,
  userId: string,
  conversation: Conversation,
  patch: Patch,
  request: Omit<OutboxRequest, 'kind' | 'conversationId'>,
): Promise<boolean> {
  const { id } = conversation;
  const before = patchConversation(client, id, patch, { userId });
  const outcome = await sendThroughOutbox({ ...request, kind: 'change', conversationId: id });
  if (outcome.kind === 'refused') {
    if (before) putConversation(client, before, { userId });
    await dropOutboxEntry(outcome.id);
    toast({ text: outcome.refusal.message, tone: 'danger', durationMs: 10_000 });
    return false;
  }
  if (outcome.kind === 'sent' && isConversation(outcome.answer))
    putConversation(client, outcome.answer, { userId });
  return true;
}

/** Some changes answer with what was changed besides, or with nothing. */
function isConversation(answer: unknown): answer is Conversation {
  return typeof answer === 'object' && answer !== null && 'channelId' in answer && 'contact' in answer;
}

export type ConversationActions = ReturnType<typeof createActions>;

function createActions(client: QueryClient, userId: string) {
  const texts = () => currentTexts(actionTexts);
  const put = (conversation: Conversation, patch: Patch, body: ChangeConversation) =>
    change(client, userId, conversation, patch, {
      method: 'PUT',
      path: `/api/v1/conversations/${conversation.id}`,
      body,
    });
  const own = (conversation: Conversation, owner: Conversation['owner']) =>
    put(conversation, (before) => ({ ...before, owner }), {
      owner: { kind: owner.kind, ...(owner.id === null ? {} : { id: owner.id }) },
    });
  const setStatus = (conversation: Conversation, status: Conversation['status']) =>
    put(
      conversation,
      (before) => ({
        ...before,
        status,
        flagReason: status === 'flagged_for_review' ? 'member' : null,
        ...(status === 'archived' ? { snoozedUntil: null, unread: false } : {}),
      }),
      { status },
    );
  const snooze = (conversation: Conversation, until: string) =>
    change(
      client,
      userId,
      conversation,
      (before) => ({
        ...before,
        snoozedUntil: until,
        status: before.status === 'archived' ? 'active' : before.status,
      }),
      { method: 'PUT', path: `/api/v1/conversations/${conversation.id}/snooze`, body: { until } },
    );
  const wake = (conversation: Conversation) =>
    change(client, userId, conversation, (before) => ({ ...before, snoozedUntil: null }), {
      method: 'DELETE',
      path: `/api/v1/conversations/${conversation.id}/snooze`,
    });

  /** What a member did is undone only while it stands: a new message, or a colleague, may have had the last word since. */
  const stands = ({ id }: Conversation, holds: (now: Conversation) => boolean) => {
    const now = findConversation(client, id);
    return !now || holds(now);
  };

  return {
    takeOver: (conversation: Conversation) => own(conversation, { kind: 'member', id: userId }),
    handBack: (conversation: Conversation) => own(conversation, { kind: 'assistant', id: null }),
    release: (conversation: Conversation) => own(conversation, { kind: 'nobody', id: null }),
    assign: (conversation: Conversation, memberId: string) =>
      own(conversation, { kind: 'member', id: memberId }),
    /** @param undone called when the member takes it back */
    archive: (conversation: Conversation, undone: () => void = () => undefined) => {
      offerUndo(texts().archived, () => {
        const { snoozedUntil } = conversation;
        if (stands(conversation, ({ status }) => status === 'archived'))
          void (snoozedUntil === null
            ? setStatus(conversation, conversation.status)
            : snooze(conversation, snoozedUntil));
        undone();
      });
      return setStatus(conversation, 'archived');
    },
    reopen: (conversation: Conversation) => setStatus(conversation, 'active'),
    flag: (conversation: Conversation) => setStatus(conversation, 'flagged_for_review'),
    snooze: (conversation: Conversation, until: Date) => {
      const { snoozedUntil } = conversation;
      offerUndo(texts().snoozed(formatIn(currentLanguage()).exact(until)), () => {
        if (stands(conversation, (now) => now.snoozedUntil === until.toISOString()))
          void (snoozedUntil === null ? wake(conversation) : snooze(conversation, snoozedUntil));
      });
      return snooze(conversation, until.toISOString());
    },
    wake,
    setPolicy: (conversation: Conversation, assistantPolicy: Conversation['assistantPolicy']) =>
      put(conversation, (before) => ({ ...before, assistantPolicy }), { assistantPolicy }),
    setPrivate: (conversation: Conversation, isPrivate: boolean) =>
      put(conversation, (before) => ({ ...before, private: isPrivate }), { private: isPrivate }),
    setLanguage: (conversation: Conversation, language: Conversation['language']) =>
      put(
        conversation,
        (before) => ({ ...before, language, languageConfidence: language === 'unknown' ? 0 : 1 }),
        { language },
      ),
    rename: (conversation: Conversation, name: string | null) =>
      change(
        client,
        userId,
        conversation,
        (before) => ({ ...before, contact: { ...before.contact, name } }),
        { method: 'PUT', path: `/api/v1/contacts/${conversation.contact.id}`, body: { name } },
      ).then((done) => {
        // The answer is the contact, not the conversation.
        void client.invalidateQueries({ queryKey: queryKeys.conversation(conversation.id) });
        return done;
      }),
    /** @param through what is read, when that is not all that there is. */
    setRead: async (conversation: Conversation, read: boolean, through?: string) => {
      patchConversation(client, conversation.id, (before) => ({ ...before, unread: !read }), {
        userId,
        keepsRead: true,
      });
      if (conversation.unread === read) patchCounts(client, { unread: read ? -1 : 1 });
      try {
        await api.put(`/api/v1/conversations/${conversation.id}/read`, {
          read,
          ...(through ? { through } : {}),
        });
      } catch (error) {
        // What was read stays so on the screen; the server is told with the next visit.
        if (!read) toastError(error);
      }
    },
  };
}

export function useConversationActions(): ConversationActions {
  const client = useQueryClient();
  const userId = useSession().user.id;
  return useMemo(() => createActions(client, userId), [client, userId]);
}
