// One conversation in the list: who, when, what was said last, who holds it, and what waits for a person.
import type { Conversation } from '@parley/contract/conversations';
import { clsx } from 'clsx';
import { Ban, CircleAlert, Flag, Frown, PenLine } from 'lucide-react';
import { memo } from 'react';
import { Link } from 'react-router';
import { useLive } from '../../lib/live.ts';
import { useTexts } from '../../lib/texts.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Time } from '../../ui/time.tsx';
import { HolderMark } from './holder.tsx';
import { hasName, nameOfContact } from './names.ts';
import { listTexts } from './texts-list.ts';
import { Ticks } from './ticks.tsx';

/** Every row is as high as the others, so that a list of any length knows where each stands. In px. */
export const rowHeight = 72;

interface ConversationRowProps {
  readonly conversation: Conversation;
  readonly to: string;
  readonly isOpen: boolean;
}

export const ConversationRow = memo(function ConversationRow({
  conversation,
  to,
  isOpen,
}: ConversationRowProps) {
  const texts = useTexts(listTexts);
  const { contact, lastMessage, unread, draftCount, status, mood } = conversation;
  const name = nameOfContact(conversation);
  const isWriting = useLive((live) => live.writing[conversation.id] !== undefined);
  const isFailed = lastMessage?.status === 'failed' || lastMessage?.status === 'undelivered';
  return (
    <Link
      to={to}
      data-row={conversation.id}
      aria-current={isOpen ? 'page' : undefined}
      className={clsx(
        'focus-inside relative flex h-full items-center gap-3 border-line border-b pr-4 pl-4 transition-colors duration-[120ms]',
        isOpen ? 'bg-surface-selected' : 'hover:bg-surface-hover',
      )}
    >
      {unread && (
        <span className="absolute top-1/2 left-1 size-2 -translate-y-1/2 rounded-full bg-accent">
          <span className="sr-only">{texts.rowUnread}</span>
        </span>
      )}
      <Avatar name={hasName(conversation) ? name : null} size={32} />
      <span className="min-w-0 grow">
        <span className="flex items-baseline gap-2">
          <span
            className={clsx('min-w-0 grow truncate', unread ? 'font-semibold' : 'font-medium')}
            data-figures
          >
            {name}
          </span>
          <Time
            at={conversation.lastMessageAt}
            className={clsx(
              'shrink-0 text-meta',
              unread ? 'font-medium text-accent-text' : 'text-text-muted',
            )}
          />
        </span>
        <span className="mt-0.5 flex h-5.5 items-center gap-1.5">
          <span
            className={clsx('flex min-w-0 grow items-center gap-1', unread ? 'text-text' : 'text-text-muted')}
          >
            {isWriting ? (
              <span className="truncate text-accent-text">{texts.writing}</span>
            ) : (
              <>
                {lastMessage?.direction === 'outbound' && !isFailed && lastMessage.status !== 'draft' && (
                  <Ticks status={lastMessage.status} />
                )}
                <span className="truncate">{snippetOf(lastMessage, texts)}</span>
              </>
            )}
          </span>
          {isFailed && (
            <Chip tone="danger" icon={CircleAlert}>
              {texts.failedRow}
            </Chip>
          )}
          {draftCount > 0 && (
            <Sign icon={PenLine} label={texts.draftWaits(draftCount)} className="text-info-text" />
          )}
          {status === 'flagged_for_review' && (
            <Sign icon={Flag} label={texts.flaggedRow} className="text-warning-text" />
          )}
          {mood === 'angry' && <Sign icon={Frown} label={texts.angry} className="text-danger-text" />}
          {contact.optedOut && <Sign icon={Ban} label={texts.optedOutRow} className="text-danger-text" />}
          <HolderMark owner={conversation.owner} />
        </span>
      </span>
    </Link>
  );
});

function snippetOf(
  lastMessage: Conversation['lastMessage'],
  texts: { noMessages: string; picture: string },
): string {
  if (!lastMessage) return texts.noMessages;
  return lastMessage.body.trim() === '' ? texts.picture : lastMessage.body.slice(0, 160);
}

function Sign({ icon: Icon, label, className }: { icon: typeof Flag; label: string; className: string }) {
  return (
    <span title={label} className={clsx('inline-flex shrink-0', className)}>
      <Icon size={16} aria-hidden="true" />
      <span className="sr-only">{label}</span>
    </span>
  );
}
