// One chat: what was said, what is being written, and where to write.
import type { ChatFile, ChatMessage } from '@parley/contract/chat';
import { ArrowDown, ArrowLeft } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'react-router';
import { ApiError, newIdempotencyKey } from '../../lib/api.ts';
import { usePageTitle } from '../../lib/page-title.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { useTexts } from '../../lib/texts.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { toast } from '../../ui/toast.tsx';
import { LinkGuard } from '../conversations/message-text.tsx';
import { useWritten, write } from '../conversations/written.ts';
import { useSay, useStopAnswer } from './actions.ts';
import { Answer } from './answer.tsx';
import { Composer } from './composer.tsx';
import { isOpen, useChat } from './queries.ts';
import { Question } from './question.tsx';
import { chatTexts } from './texts.ts';
import { useChatFiles } from './use-chat-files.ts';
import { useStickToEnd } from './use-stick-to-end.ts';
import { Welcome } from './welcome.tsx';

interface ChatThreadProps {
  /** Null: it begins with what is said first. */
  readonly chatId: string | null;
  /** It has begun, and is still looked at. */
  readonly onBegun: (chatId: string) => void;
}

export function ChatThread({ chatId, onBegun }: ChatThreadProps) {
  const texts = useTexts(chatTexts);
  const { data: chat, error, refetch } = useChat(chatId);
  const field = useRef<HTMLTextAreaElement>(null);
  const writtenIn = `chat ${chatId ?? 'new'}`;
  const text = useWritten(writtenIn).reply;
  const uploads = useChatFiles();
  const say = useSay();
  const stop = useStopAnswer();
  const [editedId, setEditedId] = useState<string | null>(null);
  const messages = chat?.messages ?? [];
  const sent = say.isPending && say.variables.chatId === chatId ? say.variables : null;
  const { area, isAtEnd, toEnd } = useStickToEnd(chatId, [messages, sent]);
  const open = messages.find(isOpen);
  usePageTitle(chat?.title ?? texts.chat);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another chat begins without what was done in the one before
  useEffect(() => {
    setEditedId(null);
    if (matchMedia('(pointer: fine)').matches) field.current?.focus({ preventScroll: true });
  }, [chatId]);

  const send = (said: string, files: readonly ChatFile[]) => {
    const fileIds = files.map(({ id }) => id);
    const parentId = messages.at(-1)?.id ?? null;
    write(writtenIn, { reply: '' });
    toEnd();
    say
      .mutateAsync(
        { chatId, parentId, text: said, fileIds, key: newIdempotencyKey() },
        // Not called once the member looks at another chat: nobody is pulled back.
        { onSuccess: ({ id }) => chatId === null && onBegun(id) },
      )
      // Called wherever the member is: nothing that was written is lost.
      .catch((problem: unknown) => {
        write(writtenIn, { reply: said });
        uploads.putBack(files);
        const reason = problem instanceof ApiError ? problem.message : '';
        toast({ text: `${texts.notSent} ${reason}`.trim(), tone: 'danger', durationMs: 10_000 });
      });
  };
  const stopIt = () => open && stop.mutate(open);
  const editLast = () => setEditedId(messages.findLast(({ role }) => role === 'member')?.id ?? null);
  useShortcut('chat', 'escape', texts.stop, stopIt, open !== undefined);
  useShortcut('chat', 'e', texts.editLast, editLast, messages.length > 0 && !open);

  return (
    <section aria-label={chat?.title ?? texts.newChat} className="flex h-full min-h-0 flex-col">
      <div className="flex h-12 shrink-0 items-center gap-1 border-line border-b px-6 phone:h-13 phone:px-1">
        <Link
          to="/chat"
          aria-label={texts.backToList}
          className="hidden size-11 place-items-center rounded-control text-text-muted phone:grid"
        >
          <ArrowLeft size={20} aria-hidden="true" />
        </Link>
        <h1 className="min-w-0 truncate font-semibold">{chat?.title ?? texts.newChat}</h1>
      </div>
      <div className="relative min-h-0 grow">
        <div ref={area} className="h-full overflow-y-auto overscroll-contain">
          {chatId === null && !sent && (
            <Welcome
              onChoose={(suggestion) => {
                write(writtenIn, { reply: suggestion });
                field.current?.focus();
              }}
            />
          )}
          {chatId !== null && !chat && !error && <SkeletonRows />}
          {!chat && error && (
            <ErrorState error={error} title={texts.chatFailed} onRetry={() => void refetch()} />
          )}
          <div
            role="log"
            aria-label={texts.thread}
            aria-live="off"
            className="mx-auto w-full max-w-[48rem] px-6 pb-8 phone:px-3"
          >
            {messages.map((message, index) => (
              <Message
                key={message.id}
                message={message}
                isLast={index === messages.length - 1}
                editedId={editedId}
                onEdit={setEditedId}
              />
            ))}
            {sent && <Sent text={sent.text} />}
          </div>
        </div>
        {!isAtEnd && (
          <IconButton
            label={texts.toNewest}
            icon={ArrowDown}
            className="absolute bottom-2 left-1/2 -translate-x-1/2 rounded-full border border-line bg-surface-raised shadow-float"
            onClick={toEnd}
          />
        )}
      </div>
      <p role="status" className="sr-only">
        {open ? texts.isWriting : messages.at(-1)?.role === 'assistant' ? texts.hasWritten : ''}
      </p>
      <Composer
        field={field}
        text={text}
        onChange={(next) => write(writtenIn, { reply: next })}
        uploads={uploads}
        onStop={open ? stopIt : null}
        onSend={send}
        onEditLast={editLast}
        isHeld={say.isPending || (chatId !== null && !chat)}
      />
      <LinkGuard />
    </section>
  );
}

interface MessageProps {
  readonly message: ChatMessage;
  readonly isLast: boolean;
  readonly editedId: string | null;
  readonly onEdit: (messageId: string | null) => void;
}

function Message({ message, isLast, editedId, onEdit }: MessageProps) {
  // What is far away is not laid out: a long chat opens as fast as a short one.
  const look = isLast ? undefined : '[contain-intrinsic-size:auto_120px] [content-visibility:auto]';
  return (
    <div className={look}>
      {message.role === 'member' ? (
        <Question message={message} isEdited={editedId === message.id} onEdit={onEdit} />
      ) : (
        <Answer message={message} isLast={isLast} />
      )}
    </div>
  );
}

/** What is on its way. */
function Sent({ text }: { text: string }) {
  if (text === '') return null;
  return (
    <div className="flex justify-end pt-6 pl-12 opacity-70">
      <p className="min-w-0 max-w-full whitespace-pre-wrap break-words rounded-bubble bg-accent px-3.5 py-2 text-on-accent text-thread [overflow-wrap:anywhere]">
        {text}
      </p>
    </div>
  );
}
