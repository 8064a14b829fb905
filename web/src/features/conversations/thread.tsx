// One conversation: its head, what was said, and the box to write in. Opening it reads it.
import type { Conversation } from '@parley/contract/conversations';
import { MessageCircleOff } from 'lucide-react';
import { Suspense, useEffect } from 'react';
import { Link } from 'react-router';
import { ApiError } from '../../lib/api.ts';
import { useFormat } from '../../lib/format.ts';
import { lazyPart } from '../../lib/lazy-part.tsx';
import { useLive } from '../../lib/live.ts';
import { usePageTitle } from '../../lib/page-title.ts';
import { useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { buttonLook } from '../../ui/button.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { useConversationActions } from './actions.ts';
import { Compose } from './compose.tsx';
import { LinkGuard } from './message-text.tsx';
import { nameOfContact } from './names.ts';
import { useConversation, useMembers } from './queries.ts';
import { actionTexts } from './texts-actions.ts';
import { threadTexts } from './texts-thread.ts';
import { ThreadHead } from './thread-head.tsx';
import { ThreadList } from './thread-list.tsx';
import type { InboxLocation } from './use-inbox-location.ts';

const WaitingConfirmations = lazyPart(async () => (await import('./confirmations.tsx')).WaitingConfirmations);

interface ThreadProps {
  readonly id: string;
  readonly location: InboxLocation;
  readonly detailsShown: boolean;
  readonly onToggleDetails: () => void;
}

export function Thread({ id, location, detailsShown, onToggleDetails }: ThreadProps) {
  const texts = useTexts(actionTexts);
  const { data: conversation, error, refetch } = useConversation(id);
  usePageTitle(conversation ? nameOfContact(conversation) : '');

  if (!conversation) {
    if (!error) return <SkeletonRows rows={3} avatar />;
    const isGone = error instanceof ApiError && (error.status === 404 || error.status === 400);
    return isGone ? (
      <EmptyState
        icon={MessageCircleOff}
        title={texts.threadGone}
        action={
          <Link to="/inbox" className={buttonLook()}>
            {texts.showInbox}
          </Link>
        }
      />
    ) : (
      <ErrorState error={error} title={texts.threadFailed} onRetry={() => void refetch()} />
    );
  }
  return (
    <section aria-labelledby="thread-title" className="flex h-full min-h-0 flex-col">
      <ThreadHead
        conversation={conversation}
        location={location}
        detailsShown={detailsShown}
        onToggleDetails={onToggleDetails}
      />
      <ThreadList key={id} conversation={conversation} messageId={location.messageId} />
      <Suspense>
        <WaitingConfirmations conversationId={id} />
      </Suspense>
      <WhoIsTyping conversation={conversation} />
      <Compose key={`compose ${id}`} conversation={conversation} />
      <ReadWhileLooking conversation={conversation} />
      <LinkGuard />
    </section>
  );
}

/** Marks as read what is looked at: not in a tab behind others, and no further than what was there. */
function ReadWhileLooking({ conversation }: { conversation: Conversation }) {
  const actions = useConversationActions();
  const { unread, lastInboundAt, id } = conversation;
  // biome-ignore lint/correctness/useExhaustiveDependencies: its id, and what is unread of it, are what counts
  useEffect(() => {
    if (!unread || lastInboundAt === null) return;
    const read = () => {
      if (document.visibilityState !== 'visible' || !document.hasFocus()) return;
      stop();
      void actions.setRead(conversation, true, lastInboundAt);
    };
    const stop = () => {
      document.removeEventListener('visibilitychange', read);
      window.removeEventListener('focus', read);
    };
    document.addEventListener('visibilitychange', read);
    window.addEventListener('focus', read);
    read();
    return stop;
  }, [id, unread, lastInboundAt]);
  return null;
}

const nobody: Readonly<Record<string, number>> = {};

/** Colleagues who are writing here now. */
function WhoIsTyping({ conversation }: { conversation: Conversation }) {
  const texts = useTexts(threadTexts);
  const format = useFormat();
  const { user } = useSession();
  const { nameOf } = useMembers();
  const typing = useLive((live) => live.typing[conversation.id] ?? nobody);
  const names = Object.keys(typing).flatMap((userId) =>
    userId === user.id ? [] : [nameOf(userId) ?? texts.formerMember],
  );
  return (
    <p aria-live="polite" className="px-6 text-meta text-text-muted empty:hidden phone:px-3">
      {names.length > 0 &&
        (names.length === 1
          ? texts.memberWriting(format.list(names))
          : texts.membersWriting(format.list(names)))}
    </p>
  );
}
