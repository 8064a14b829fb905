// Chats with the assistant: the list and the one that is looked at, beside each other where there is room.
import { clsx } from 'clsx';
import { useState } from 'react';
import { useLocation, useNavigate, useParams } from 'react-router';
import { useShortcut } from '../../lib/shortcuts.ts';
import { useTexts } from '../../lib/texts.ts';
import { ChatList } from './chat-list.tsx';
import { ChatThread } from './chat-thread.tsx';
import { chatTexts } from './texts.ts';

/** What stands in the address where a chat is to begin. */
const newChat = 'new';

export function ChatPage() {
  const texts = useTexts(chatTexts);
  const navigate = useNavigate();
  const { key } = useLocation();
  const { chatId } = useParams();
  const id = chatId === undefined || chatId === newChat ? null : chatId;
  // Every chat has a thread of its own, and so every new one; one that was begun keeps the thread that it was begun in.
  const [begunIn, setBegunIn] = useState<Readonly<Record<string, string>>>({});
  const thread = id === null ? key : (begunIn[id] ?? id);
  const showBegun = (begunId: string) => {
    setBegunIn((before) => ({ ...before, [begunId]: thread }));
    void navigate(`/chat/${begunId}`, { replace: true });
  };
  useShortcut('chat', 'n', texts.newChat, () => void navigate(`/chat/${newChat}`));
  return (
    <div className="flex h-full bg-surface">
      <div
        className={clsx(
          'w-72 shrink-0 border-line border-r min-[1025px]:w-80 phone:w-full phone:border-0',
          chatId !== undefined && 'phone:hidden',
        )}
      >
        <ChatList chosenId={id} />
      </div>
      <div className={clsx('min-w-0 grow', chatId === undefined && 'phone:hidden')}>
        <ChatThread key={thread} chatId={id} onBegun={showBegun} />
      </div>
    </div>
  );
}
