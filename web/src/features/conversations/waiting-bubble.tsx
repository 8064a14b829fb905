// What was written here and is not with the server yet: on its way, waiting for the network, or refused with its reason.
import type { CreateMessage } from '@parley/contract/messages';
import { Clock, CloudOff, StickyNote } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { errorInWords } from '../../lib/error-words.ts';
import { changeOutboxEntry, dropOutboxEntry } from '../../lib/offline/outbox.ts';
import { isChangeable, type OutboxEntry } from '../../lib/offline/outbox-queue.ts';
import { useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { BubbleFrame } from './bubble.tsx';
import { MessageText } from './message-text.tsx';
import { takeBackEntry, textOfEntry } from './sending.ts';
import { threadTexts } from './texts-thread.ts';

export function WaitingBubble({ entry }: { entry: OutboxEntry }) {
  const texts = useTexts(threadTexts);
  const { user } = useSession();
  const isOnline = useOnline();
  const { refusal, state } = entry;
  const isWaiting = state === 'waiting' && !isOnline;
  return (
    <article className="animate-rise pt-3" aria-busy={state === 'sending'}>
      <h3 className="sr-only">{texts.you}</h3>
      <BubbleFrame
        speaker="member"
        name={user.name}
        look={entry.kind === 'note' ? 'border border-warning/30 bg-warning-soft text-text' : undefined}
        foot={
          refusal === null ? (
            <span className="inline-flex items-center gap-1.5">
              {isWaiting ? (
                <CloudOff size={14} aria-hidden="true" />
              ) : (
                <Clock size={14} strokeWidth={2.25} aria-hidden="true" />
              )}
              <span className={isWaiting ? undefined : 'sr-only'}>
                {isWaiting ? texts.waitsOffline : texts.onItsWay}
              </span>
              {isWaiting && isChangeable(entry) && (
                <Button size="small" variant="bare" onClick={() => void takeBackEntry(entry)}>
                  {texts.editText}
                </Button>
              )}
            </span>
          ) : undefined
        }
      >
        {entry.kind === 'note' && (
          <StickyNote size={14} aria-hidden="true" className="mr-1 inline text-warning-text" />
        )}
        <MessageText text={textOfEntry(entry)} />
      </BubbleFrame>
      {refusal && (
        <div className="mt-1.5 mr-8 flex flex-col items-end gap-1.5 text-right text-meta" role="alert">
          <p>
            <span className="font-medium text-danger-text">{texts.refused} </span>
            {errorInWords(refusal.code, refusal.message)}
          </p>
          <p className="flex flex-wrap items-center justify-end gap-2">
            <code className="text-text-muted text-tiny">{refusal.code}</code>
            <Button size="small" variant="bare" onClick={() => void dropOutboxEntry(entry.id)}>
              {texts.drop}
            </Button>
            <Button size="small" onClick={() => void takeBackEntry(entry)}>
              {texts.editText}
            </Button>
            <Button size="small" onClick={() => void changeOutboxEntry(entry.id, withoutPast(entry.body))}>
              {texts.tryAgain}
            </Button>
          </p>
        </div>
      )}
    </article>
  );
}

/** A moment that has passed while it waited would only be refused again: then it leaves at once. */
function withoutPast(body: unknown): unknown {
  const message = body as Partial<CreateMessage>;
  if (message.sendAt === undefined || Date.parse(message.sendAt) > Date.now()) return body;
  const { sendAt: _passed, ...now } = message;
  return now;
}

function useOnline(): boolean {
  return useSyncExternalStore(
    (listener) => {
      window.addEventListener('online', listener);
      window.addEventListener('offline', listener);
      return () => {
        window.removeEventListener('online', listener);
        window.removeEventListener('offline', listener);
      };
    },
    () => navigator.onLine,
  );
}
