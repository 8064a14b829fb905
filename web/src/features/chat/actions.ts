// What a member does with chats: each is shown at once where it can be, and told where it failed.
import type { Chat, ChatDetail, ChatMessage, SayInChat, StartChat } from '@parley/contract/chat';
import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, newIdempotencyKey } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { currentTexts } from '../../lib/texts.ts';
import { toastError } from '../../ui/toast.tsx';
import { offerUndo } from '../conversations/undo.ts';
import { changeMessage, chatMessagesPath, chatsPath, mergeChat } from './queries.ts';
import { chatTexts } from './texts.ts';

/** Shows a chat as the server answered it. */
function show(client: QueryClient, chat: ChatDetail): void {
  client.setQueryData<ChatDetail>(queryKeys.chat(chat.id), (before) => mergeChat(before, chat));
  void client.invalidateQueries({ queryKey: queryKeys.chatLists });
}

export interface Said extends StartChat {
  /** Null: it begins a chat. */
  readonly chatId: string | null;
  readonly parentId: string | null;
  /** Made once for one wish, kept for every try of it. */
  readonly key: string;
}

export function useSay() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ chatId, parentId, text, fileIds, key }: Said) => {
      const options = { idempotencyKey: key };
      if (chatId === null) return api.post<ChatDetail>(chatsPath, { text, fileIds }, options);
      const said: SayInChat = { parentId, text, fileIds };
      return api.post<ChatDetail>(`${chatsPath}/${chatId}/messages`, said, options);
    },
    onSuccess: (chat) => show(client, chat),
  });
}

/** Has another answer to a question written. */
export function useAnswerAgain() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (questionId: string) =>
      api.post<ChatDetail>(`${chatMessagesPath}/${questionId}/answers`, undefined, {
        idempotencyKey: newIdempotencyKey(),
      }),
    onSuccess: (chat) => show(client, chat),
    onError: toastError,
  });
}

export function useChooseBranch() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (messageId: string) => api.put<ChatDetail>(`${chatMessagesPath}/${messageId}/choice`),
    onSuccess: (chat) => show(client, chat),
    onError: toastError,
  });
}

export function useStopAnswer() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: ChatMessage) => api.put<ChatMessage>(`${chatMessagesPath}/${id}/stop`),
    onMutate: (message) => changeMessage(client, message, (known) => ({ ...known, state: 'stopped' })),
    onError: (error, { chatId }) => {
      toastError(error);
      void client.invalidateQueries({ queryKey: queryKeys.chat(chatId) });
    },
  });
}

export function useRenameChat() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, title }: { id: string; title: string }) =>
      api.patch<Chat>(`${chatsPath}/${id}`, { title }),
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.chats }),
    onError: toastError,
  });
}

/** Removes a chat, with a way back for a moment. @param onBack where it was brought back */
export function useRemoveChat(onBack: (chat: Chat) => void) {
  const client = useQueryClient();
  const drop = () => client.invalidateQueries({ queryKey: queryKeys.chatLists });
  const restore = async (chat: Chat) => {
    try {
      await api.delete<Chat>(`${chatsPath}/${chat.id}/removal`);
      await drop();
      onBack(chat);
    } catch (error) {
      toastError(error);
    }
  };
  return useMutation({
    mutationFn: ({ id }: Chat) => api.put<null>(`${chatsPath}/${id}/removal`),
    onSuccess: async (_, chat) => {
      offerUndo(currentTexts(chatTexts).removed(chat.title), () => void restore(chat));
      client.removeQueries({ queryKey: queryKeys.chat(chat.id) });
      await drop();
    },
    onError: toastError,
  });
}
