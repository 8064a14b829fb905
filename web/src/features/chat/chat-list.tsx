// A member's chats: found by words of their title, begun anew, renamed and deleted.
import type { Chat } from '@parley/contract/chat';
import { clsx } from 'clsx';
import { Ellipsis, MessageSquarePlus, Pencil, Search, Sparkle, Trash2, X } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button, buttonLook } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Input } from '../../ui/input.tsx';
import { Menu } from '../../ui/menu.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { useRemoveChat } from './actions.ts';
import { useChats } from './queries.ts';
import { RenameDialog } from './rename-dialog.tsx';
import { chatTexts } from './texts.ts';

export function ChatList({ chosenId }: { chosenId: string | null }) {
  const texts = useTexts(chatTexts);
  const [typed, setTyped] = useState('');
  const words = useDeferredValue(typed.trim());
  const [renamed, setRenamed] = useState<Chat | null>(null);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useChats(words);
  const chats = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <section aria-label={texts.chats} className="flex h-full min-h-0 flex-col">
      <div className="flex items-center gap-1 px-3 pt-3 pb-2">
        <search className="relative grow">
          <Input
            type="search"
            icon={Search}
            value={typed}
            aria-label={texts.searchLabel}
            placeholder={texts.searchLabel}
            autoComplete="off"
            maxLength={200}
            className="pr-8 [&::-webkit-search-cancel-button]:hidden"
            onChange={({ target }) => setTyped(target.value)}
            onKeyDown={({ key }) => key === 'Escape' && setTyped('')}
          />
          {typed !== '' && (
            <span className="absolute inset-y-0 right-0.5 grid place-items-center">
              <IconButton label={texts.clearSearch} icon={X} size="small" onClick={() => setTyped('')} />
            </span>
          )}
        </search>
      </div>
      <div className="px-3 pb-2">
        <Link to="/chat/new" className={clsx(buttonLook(), 'w-full')}>
          <MessageSquarePlus size={16} aria-hidden="true" />
          {texts.newChat}
        </Link>
      </div>
      <div className="min-h-0 grow overflow-y-auto overscroll-contain px-2 pb-4">
        {!data && !error && <SkeletonRows rows={5} />}
        {!data && error && (
          <ErrorState error={error} title={texts.listFailed} onRetry={() => void refetch()} />
        )}
        {data && chats.length === 0 && (
          <EmptyState
            icon={Sparkle}
            title={words === '' ? texts.noChats : texts.noneFound}
            text={words === '' ? texts.noChatsText : undefined}
          />
        )}
        <ul className="flex flex-col gap-0.5">
          {chats.map((chat) => (
            <ChatRow
              key={chat.id}
              chat={chat}
              isChosen={chat.id === chosenId}
              onRename={() => setRenamed(chat)}
            />
          ))}
        </ul>
        {hasNextPage && (
          <div className="grid place-items-center pt-2">
            <Button variant="bare" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              {texts.more}
            </Button>
          </div>
        )}
      </div>
      {renamed && <RenameDialog chat={renamed} onClose={() => setRenamed(null)} />}
    </section>
  );
}

interface ChatRowProps {
  readonly chat: Chat;
  readonly isChosen: boolean;
  readonly onRename: () => void;
}

function ChatRow({ chat, isChosen, onRename }: ChatRowProps) {
  const texts = useTexts(chatTexts);
  const format = useFormat();
  const navigate = useNavigate();
  const remove = useRemoveChat(({ id }) => void navigate(`/chat/${id}`));
  return (
    <li
      className={clsx(
        'group flex items-center rounded-control pr-1',
        isChosen ? 'bg-surface-selected' : 'hover:bg-surface-hover',
      )}
    >
      <Link
        to={`/chat/${chat.id}`}
        aria-current={isChosen ? 'page' : undefined}
        className="min-w-0 grow rounded-control px-2.5 py-2 focus-inside"
      >
        <span className="block truncate">{chat.title}</span>
        <time
          dateTime={chat.updatedAt}
          title={format.exact(chat.updatedAt)}
          className="text-meta text-text-muted"
        >
          {format.relative(chat.updatedAt)}
        </time>
      </Link>
      <Menu
        align="end"
        trigger={
          <IconButton
            label={texts.about(chat.title)}
            icon={Ellipsis}
            size="small"
            tooltipHidden
            className="opacity-0 focus-visible:opacity-100 group-focus-within:opacity-100 group-hover:opacity-100 aria-expanded:opacity-100 phone:opacity-100 [@media(pointer:coarse)]:opacity-100"
          />
        }
        items={[
          { label: texts.rename, icon: Pencil, onSelect: onRename },
          {
            label: texts.remove,
            icon: Trash2,
            tone: 'danger',
            onSelect: () => {
              if (isChosen) void navigate('/chat');
              remove.mutate(chat);
            },
          },
        ]}
      />
    </li>
  );
}
