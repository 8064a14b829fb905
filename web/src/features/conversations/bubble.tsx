// One message: who speaks is seen before it is read, and below it how far it came.
import type { Message } from '@parley/contract/messages';
import { useQueryClient } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { memo, type ReactNode, Suspense } from 'react';
import { useFormat } from '../../lib/format.ts';
import { lazyPart } from '../../lib/lazy-part.tsx';
import { useCan, useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { MediaList } from './media.tsx';
import { MessageText } from './message-text.tsx';
import { MessageTicks } from './message-ticks.tsx';
import { useMembers } from './queries.ts';
import { callOff } from './sending.ts';
import { threadTexts } from './texts-thread.ts';
import { isHeld } from './thread-rows.ts';
import { hasFailed } from './ticks.tsx';
import { UndoSending } from './undo-sending.tsx';
import { WhyThisAnswer } from './why.tsx';

const FailureNote = lazyPart(async () => (await import('./failure-note.tsx')).FailureNote);
export const FixThisAnswer = lazyPart(async () => (await import('./fix-this-answer.tsx')).FixThisAnswer);

const MessageInsight = lazyPart(
  async () => (await import('../understanding/message-insight.tsx')).MessageInsight,
);

export type Speaker = Message['sender']['kind'];

/** The frame that every bubble has: its side, its colour, its corner, and whose it is. */
export function BubbleFrame({
  speaker,
  name,
  isLast = true,
  look,
  children,
  foot,
}: {
  speaker: Speaker;
  /** Of who speaks; null for a contact, whose side is enough. */
  name: string | null;
  isLast?: boolean;
  look?: string;
  children: ReactNode;
  foot?: ReactNode;
}) {
  const isIn = speaker === 'contact';
  return (
    <div className={clsx('flex items-end gap-2', isIn ? 'justify-start pr-12' : 'justify-end pl-12')}>
      <div
        className={clsx('flex min-w-0 max-w-[min(68ch,100%)] flex-col', isIn ? 'items-start' : 'items-end')}
      >
        <div
          className={clsx(
            'min-w-0 max-w-full rounded-bubble px-3 py-2 text-thread',
            isLast && (isIn ? 'rounded-bl-small' : 'rounded-br-small'),
            look ?? bubbleLooks[speaker],
          )}
        >
          {children}
        </div>
        {foot && (
          <div className="mt-1 flex max-w-full flex-wrap items-center gap-x-3 gap-y-1 px-1 text-meta text-text-muted">
            {foot}
          </div>
        )}
      </div>
      {!isIn && (
        <span className="w-6 shrink-0 self-end" style={{ marginBottom: foot ? 24 : 0 }}>
          {isLast && speaker !== 'system' && (
            <Avatar name={name} kind={speaker === 'assistant' ? 'assistant' : 'member'} size={24} />
          )}
        </span>
      )}
    </div>
  );
}

const bubbleLooks: Readonly<Record<Speaker, string>> = {
  contact: 'bg-surface-hover text-text',
  assistant: 'bg-accent-soft text-text',
  member: 'bg-accent text-on-accent selection:bg-on-accent/30',
  system: 'border border-line bg-surface text-text',
};

/** Whose words they are, by name. */
export function useSpeakerName(): (sender: Message['sender'], contactName: string) => string {
  const texts = useTexts(threadTexts);
  const { nameOf } = useMembers();
  const { user } = useSession();
  return (sender, contactName) => {
    if (sender.kind === 'contact') return contactName;
    if (sender.kind === 'assistant') return texts.assistant;
    if (sender.kind === 'system') return texts.system;
    return sender.id === user.id ? texts.you : (nameOf(sender.id) ?? texts.formerMember);
  };
}

interface BubbleProps {
  readonly message: Message;
  readonly contactName: string;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

export const Bubble = memo(function Bubble({ message, contactName, isFirst, isLast }: BubbleProps) {
  const texts = useTexts(threadTexts);
  const format = useFormat();
  const { nameOf } = useMembers();
  const speakerName = useSpeakerName();
  const { sender, status, body, failure } = message;
  const isScheduled = status === 'pending' && message.sendAt !== null && !isHeld(message);
  const failed = hasFailed(message);
  const isOut = message.direction === 'outbound';
  const name = sender.kind === 'member' ? nameOf(sender.id) : null;
  const faded = isScheduled || status === 'canceled';
  const look = faded ? 'border border-line-strong border-dashed bg-surface text-text' : undefined;

  return (
    <article className={clsx('group', isFirst ? 'pt-3' : 'pt-0.5')}>
      <h3 className="sr-only">
        {texts.saidBy(speakerName(sender, contactName), format.exact(message.createdAt))}
      </h3>
      <BubbleFrame
        speaker={sender.kind}
        name={name}
        isLast={isLast}
        look={look}
        foot={
          <Foot message={message} isLast={isLast} isScheduled={isScheduled} failed={failed} isOut={isOut} />
        }
      >
        <MediaList message={message} />
        {body !== '' && (
          <span className={clsx(message.media.length > 0 && 'mt-1.5 block')}>
            <MessageText text={body} />
          </span>
        )}
      </BubbleFrame>
      {failed && failure && (
        <Suspense>
          <FailureNote message={message} failure={failure} />
        </Suspense>
      )}
    </article>
  );
});

interface FootProps {
  readonly message: Message;
  readonly isLast: boolean;
  readonly isScheduled: boolean;
  readonly failed: boolean;
  readonly isOut: boolean;
}

/** Null where a group goes on below and nothing is to be said. */
function Foot({ message, isLast, isScheduled, failed, isOut }: FootProps) {
  const texts = useTexts(threadTexts);
  const format = useFormat();
  const { status, sendAt, runId, body } = message;
  const isWaiting = status === 'pending' && sendAt !== null;
  if (isScheduled && sendAt) return <Scheduled message={message} sendAt={sendAt} />;
  if (status === 'canceled') return <span>{texts.wasCanceled}</span>;
  if (!isLast && !failed && !isWaiting && !runId) return null;
  if (!isOut) {
    return (
      <>
        <time dateTime={message.createdAt} title={format.exact(message.createdAt)}>
          {format.time(message.createdAt)}
        </time>
        <Suspense fallback={null}>
          <MessageInsight messageId={message.id} body={body} />
        </Suspense>
      </>
    );
  }
  return (
    <>
      {runId && message.sender.kind === 'assistant' && (
        <>
          <WhyThisAnswer runId={runId} />
          <Suspense fallback={null}>
            <FixThisAnswer message={message} />
          </Suspense>
        </>
      )}
      {isWaiting && sendAt && <UndoSending message={message} sendAt={sendAt} />}
      <MessageTicks message={message} />
    </>
  );
}

function Scheduled({ message, sendAt }: { message: Message; sendAt: string }) {
  const texts = useTexts(threadTexts);
  const format = useFormat();
  const client = useQueryClient();
  const maySend = useCan('messages:send');
  return (
    <>
      <time dateTime={sendAt} title={format.exact(sendAt)}>
        {texts.goesOut(format.dayAndTime(sendAt))}
      </time>
      {maySend && (
        <Button size="small" onClick={() => void callOff(client, message)}>
          {texts.cancelSending}
        </Button>
      )}
    </>
  );
}
