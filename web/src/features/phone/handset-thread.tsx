// What a handset shows of its texts with one number: bubbles, what became of each, and dots while somebody writes.
import type { HandsetMessage } from '@parley/contract/phone';
import { clsx } from 'clsx';
import { Check, CircleAlert, Clock, Paperclip } from 'lucide-react';
import { useLayoutEffect, useRef } from 'react';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { phoneTexts } from './texts.ts';

interface HandsetThreadProps {
  messages: readonly HandsetMessage[];
  owner: string;
  /** Who is at the other end, as the handset's owner has it in their contacts. */
  peer: string;
  isWriting: boolean;
  /** Whether a screen reader says what arrives: who is at the inbox hears of it there. */
  isTold: boolean;
}

/** A pause after which the handset tells the time again. */
const pauseMs = 20 * 60_000;

export function HandsetThread({ messages, owner, peer, isWriting, isTold }: HandsetThreadProps) {
  const texts = useTexts(phoneTexts);
  const format = useFormat();
  const pane = useRef<HTMLDivElement>(null);
  const newest = messages.at(-1)?.id;

  // biome-ignore lint/correctness/useExhaustiveDependencies: these are what makes it longer at its end
  useLayoutEffect(() => {
    if (pane.current) pane.current.scrollTop = pane.current.scrollHeight;
  }, [newest, messages.length, isWriting, owner]);

  return (
    <div
      ref={pane}
      role="log"
      aria-live={isTold ? 'polite' : 'off'}
      aria-label={texts.thread(owner)}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="focus-inside flex min-h-0 grow flex-col gap-1 overflow-y-auto px-3 py-3"
    >
      {messages.length === 0 && (
        <p className="m-auto max-w-52 text-center text-(--phone-muted) text-meta">{texts.empty(owner)}</p>
      )}
      {messages.map((message, index) => {
        const before = messages[index - 1];
        const isLater = !before || Date.parse(message.at) - Date.parse(before.at) > pauseMs;
        return (
          <div key={message.id} className="contents">
            {isLater && (
              <time
                dateTime={message.at}
                className="mx-auto mt-2 mb-1 font-medium text-(--phone-muted) text-tiny first:mt-0"
              >
                {format.day(message.at)} {format.time(message.at)}
              </time>
            )}
            <Bubble
              message={message}
              owner={owner}
              peer={peer}
              isLast={message.id === newest}
              isNew={index === messages.length - 1}
            />
          </div>
        );
      })}
      {isWriting && (
        <p className="flex animate-fade-in self-start rounded-bubble bg-(--phone-other) px-3 py-2.5">
          <span className="sr-only">{texts.writing(peer)}</span>
          <span aria-hidden="true" className="flex gap-1">
            {[0, 150, 300].map((delayMs) => (
              <span
                key={delayMs}
                style={{ animationDelay: `${delayMs}ms` }}
                className="writing-dot size-1.5 rounded-full bg-(--phone-muted) opacity-60"
              />
            ))}
          </span>
        </p>
      )}
    </div>
  );
}

interface BubbleProps {
  message: HandsetMessage;
  owner: string;
  peer: string;
  isLast: boolean;
  isNew: boolean;
}

function Bubble({ message, owner, peer, isLast, isNew }: BubbleProps) {
  const texts = useTexts(phoneTexts);
  const isOwn = message.direction === 'sent';
  const name = isOwn ? owner : peer;
  if (!isOwn && (message.status === 'failed' || message.status === 'undelivered')) {
    return (
      <p className="mx-auto my-1 flex items-center gap-1.5 text-(--phone-muted) text-tiny">
        <CircleAlert size={12} aria-hidden="true" />
        {texts.notDelivered}
      </p>
    );
  }
  // On its way: the handset has nothing of it yet.
  if (!isOwn && (message.status === 'queued' || message.status === 'sending')) return null;
  return (
    <>
      <div
        className={clsx(
          'flex max-w-[82%] flex-col gap-1',
          isNew && 'animate-rise',
          isOwn ? 'items-end self-end' : 'items-start self-start',
        )}
      >
        {message.media.map(({ url, contentType }) =>
          contentType.startsWith('image/') ? (
            <img
              key={url}
              src={url}
              alt={texts.pictureOf(name)}
              className="max-h-44 w-44 rounded-bubble bg-(--phone-other) object-cover"
            />
          ) : (
            <span
              key={url}
              className="flex items-center gap-1.5 rounded-bubble bg-(--phone-other) px-3 py-1.5 text-meta"
            >
              <Paperclip size={14} aria-hidden="true" />
              {texts.attachment}
            </span>
          ),
        )}
        {message.body !== '' && (
          <p
            className={clsx(
              'whitespace-pre-wrap rounded-bubble px-3 py-1.5 text-body [overflow-wrap:anywhere]',
              isOwn ? 'bg-(--phone-own) text-(--phone-own-text)' : 'bg-(--phone-other)',
            )}
          >
            <span className="sr-only">{texts.said(name)}</span>
            {message.body}
          </p>
        )}
      </div>
      {isOwn && <Fate status={message.status} isLast={isLast} />}
    </>
  );
}

/** What became of a text: of the last one always, of another one only when it went wrong. */
function Fate({ status, isLast }: { status: HandsetMessage['status']; isLast: boolean }) {
  const texts = useTexts(phoneTexts);
  if (status === 'refused' || status === 'lost') {
    return (
      <p className="flex items-center gap-1 self-end text-(--phone-alarm) text-tiny">
        <CircleAlert size={12} aria-hidden="true" />
        {status === 'refused' ? texts.refused : texts.lost}
      </p>
    );
  }
  if (!isLast) return null;
  const Icon = status === 'sending' ? Clock : Check;
  return (
    <p className="flex items-center gap-1 self-end text-(--phone-muted) text-tiny">
      <Icon size={12} aria-hidden="true" />
      {status === 'sending' ? texts.sending : texts.accepted}
    </p>
  );
}
