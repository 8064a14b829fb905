// Sends what a member wrote: shown at once as waiting, kept on this device until the server has it, and taken back while
// nothing has left.
import type { Note, WriteNote } from '@parley/contract/inbox';
import type { CreateMessage, Message } from '@parley/contract/messages';
import type { QueryClient } from '@tanstack/react-query';
import { ApiError, api, newIdempotencyKey } from '../../lib/api.ts';
import { dropOutboxEntry, onOutboxSent, sendThroughOutbox } from '../../lib/offline/outbox.ts';
import type { OutboxEntry, Outcome } from '../../lib/offline/outbox-queue.ts';
import { currentTexts } from '../../lib/texts.ts';
import { toast, toastError } from '../../ui/toast.tsx';
import { addToTimeline, putMessage, refreshTimeline, removeFromTimeline } from './cache.ts';
import { threadTexts } from './texts-thread.ts';
import { isHeld } from './thread-rows.ts';
import { takeBack } from './written.ts';

/** So long a message can be undone before it leaves. */
export const holdSeconds = 5;

export interface Reply {
  readonly conversationId: string;
  readonly body: string;
  /** Later than now; otherwise it leaves after the moment in which it can be undone. */
  readonly sendAt?: Date;
  readonly mediaIds?: readonly string[];
}

export function sendReply({ conversationId, body, sendAt, mediaIds }: Reply): Promise<Outcome<Message>> {
  const message: CreateMessage = {
    conversationId,
    body,
    ...(sendAt ? { sendAt: sendAt.toISOString() } : { holdSeconds }),
    ...(mediaIds && mediaIds.length > 0 ? { mediaIds: [...mediaIds] } : {}),
  };
  return sendThroughOutbox<Message>({
    kind: 'message',
    method: 'POST',
    path: '/api/v1/messages',
    body: message,
    conversationId,
  });
}

export const sendNote = (conversationId: string, note: WriteNote): Promise<Outcome<Note>> =>
  sendThroughOutbox<Note>({
    kind: 'note',
    method: 'POST',
    path: `/api/v1/conversations/${conversationId}/notes`,
    body: note,
    conversationId,
  });

/** Shows what went out of the outbox as what the server made of it. @returns stops */
export function showSent(client: QueryClient): () => void {
  return onOutboxSent((entry, answer) => {
    if (entry.conversationId === null || typeof answer !== 'object' || answer === null) return;
    if (entry.kind === 'message' && 'direction' in answer) putMessage(client, answer as Message);
    if (entry.kind === 'note' && 'authorId' in answer) {
      const note = answer as Note;
      addToTimeline(client, entry.conversationId, { kind: 'note', at: note.createdAt, note });
    }
  });
}

/** The words of an entry of the outbox. */
export function textOfEntry({ body }: OutboxEntry): string {
  return typeof body === 'object' && body !== null && 'body' in body && typeof body.body === 'string'
    ? body.body
    : '';
}

/** Puts an entry's words back into the box. */
export async function takeBackEntry(entry: OutboxEntry): Promise<void> {
  if (!entry.conversationId || !(await dropOutboxEntry(entry.id))) {
    toast({ text: currentTexts(threadTexts).tooLate });
    return;
  }
  takeBack(entry.conversationId, textOfEntry(entry), entry.kind === 'note' ? 'note' : 'reply');
}

/** Calls off what has not left: undoes what is held, cancels what is scheduled, discards a draft. Its words are kept. */
export async function callOff(client: QueryClient, message: Message): Promise<void> {
  const texts = currentTexts(threadTexts);
  const { id, conversationId, body, status } = message;
  try {
    await api.delete(`/api/v1/messages/${id}`);
    if (status === 'draft' || isHeld(message)) removeFromTimeline(client, conversationId, id);
    takeBack(conversationId, body, 'reply');
    toast({
      text:
        status === 'draft' ? texts.draftDiscarded : isHeld(message) ? texts.undone : texts.sendingCanceled,
    });
  } catch (error) {
    if (error instanceof ApiError && error.code === 'already_sent') toast({ text: texts.tooLate });
    else toastError(error);
  }
}

/** A draft leaves as it was read here; one that a colleague changed meanwhile is shown anew. */
export async function approve(client: QueryClient, message: Message): Promise<void> {
  putMessage(client, { ...message, status: 'pending' });
  try {
    const { body } = message;
    putMessage(client, await api.put<Message>(`/api/v1/messages/${message.id}/approval`, { body }));
  } catch (error) {
    putMessage(client, message);
    toastError(error);
    if (error instanceof ApiError && error.code === 'draft_changed')
      await refreshTimeline(client, message.conversationId);
  }
}

/** Another attempt of what failed; pressed twice, it is one. */
export async function sendAgain(client: QueryClient, message: Message): Promise<void> {
  putMessage(client, { ...message, status: 'pending', failure: null });
  try {
    const path = `/api/v1/messages/${message.id}/attempts` as const;
    putMessage(client, await api.post<Message>(path, undefined, { idempotencyKey: newIdempotencyKey() }));
    toast({ text: currentTexts(threadTexts).sendingAgain });
  } catch (error) {
    putMessage(client, message);
    toastError(error);
  }
}
