// Brings what is heard live of chats into what is remembered of them. A piece of an answer stands at a place in it: one that
// leaves a gap (it overtook another, the page was loaded in the middle, or the connection came back) waits until what stands
// before it was heard or read.
import type { ChatDetail, ChatMessage } from '@parley/contract/chat';
import type { LiveFrame } from '@parley/contract/realtime';
import type { QueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { changeMessage, chatMessagesPath, isOpen, mergeMessage } from './queries.ts';

export type Piece = Extract<LiveFrame, { kind: 'chat_writing' }>;
type ChatFrame = Extract<LiveFrame, { kind: 'chat_writing' | 'chat_changed' }>;

/** What overtook another waits this long for it. */
const gapMs = 150;
/** The server writes an answer down twice a second: later it knows what stands before a gap. */
const readAgainMs = 600;

/** The message with the piece in it; null where something before the piece is not known. Pure. */
export function withPiece(message: ChatMessage, { take, offset, text }: Piece): ChatMessage | null {
  const isOver = !isOpen(message) && message.take >= take;
  if (take < message.take || isOver) return message;
  const before = take > message.take ? '' : message.text;
  if (offset > before.length) return null;
  // It is there already: it came late, or the message was read meanwhile.
  if (take === message.take && before.startsWith(text, offset)) return message;
  return { ...message, take, state: 'writing', text: before.slice(0, offset) + text };
}

export interface ChatUpdates {
  hear(frame: ChatFrame): void;
  /** The connection was away: anything may have been missed. */
  refresh(): void;
  stop(): void;
}

export function createChatUpdates(client: QueryClient): ChatUpdates {
  const waiting = new Map<string, readonly Piece[]>();
  const timers = new Map<string, ReturnType<typeof setTimeout>>();

  const find = (chatId: string, messageId: string) =>
    client.getQueryData<ChatDetail>(queryKeys.chat(chatId))?.messages.find(({ id }) => id === messageId);

  /** Puts in what fits; what is left waits for what stands before it. */
  const putIn = (chatId: string, messageId: string, afterMs: number) => {
    let message = find(chatId, messageId);
    const left: Piece[] = [];
    const pieces = waiting.get(messageId) ?? [];
    for (const piece of pieces.toSorted((one, other) => one.take - other.take || one.offset - other.offset)) {
      const next = message && withPiece(message, piece);
      if (next === null) left.push(piece);
      else message = next;
    }
    if (message && message !== find(chatId, messageId)) changeMessage(client, message, () => message);
    waiting.delete(messageId);
    if (left.length === 0) return;
    waiting.set(messageId, left);
    if (timers.has(messageId)) return;
    const timer = setTimeout(() => {
      timers.delete(messageId);
      if (waiting.has(messageId)) void read(chatId, messageId);
    }, afterMs);
    timers.set(messageId, timer);
  };

  const read = async (chatId: string, messageId: string) => {
    try {
      const after = await api.get<ChatMessage>(`${chatMessagesPath}/${messageId}`);
      changeMessage(client, after, (known) => mergeMessage(known, after));
    } catch {
      // It is asked for again while it is open, and whenever the connection comes back.
    }
    putIn(chatId, messageId, readAgainMs);
  };

  return {
    hear: (frame) => {
      const { chatId, messageId } = frame;
      if (frame.kind === 'chat_writing') {
        if (!find(frame.chatId, frame.messageId)) return;
        waiting.set(frame.messageId, [...(waiting.get(frame.messageId) ?? []), frame]);
        return putIn(frame.chatId, frame.messageId, gapMs);
      }
      if (frame.fileId !== null)
        void client.invalidateQueries({ queryKey: queryKeys.chatFile(frame.fileId) });
      if (chatId === null) return;
      if (messageId !== null && find(chatId, messageId)) return void read(chatId, messageId);
      void client.invalidateQueries({ queryKey: queryKeys.chat(chatId) });
      void client.invalidateQueries({ queryKey: queryKeys.chatLists });
    },
    refresh: () => void client.invalidateQueries({ queryKey: queryKeys.chats }),
    stop: () => {
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}
