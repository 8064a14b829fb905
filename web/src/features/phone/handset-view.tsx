// One drawn handset: its case, its status bar, and the messages app that is open on it.
import type { Handset, Phone, TextFromHandset } from '@parley/contract/phone';
import { BatteryFull, Signal, Wifi } from 'lucide-react';
import { useRef, useState } from 'react';
import { formatPhone, useFormat } from '../../lib/format.ts';
import { useNow } from '../../lib/now.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Skeleton } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { toast } from '../../ui/toast.tsx';
import { HandsetCompose } from './handset-compose.tsx';
import { HandsetThread } from './handset-thread.tsx';
import {
  useAssistantPolicy,
  useHandsetConversation,
  useHandsetThread,
  useTextFromHandset,
} from './queries.ts';
import { phoneTexts } from './texts.ts';
import { useWriting } from './use-writing.ts';

interface HandsetViewProps {
  handset: Handset;
  number: Phone['numbers'][number];
  pictures: Phone['pictures'];
  /** The shop, as it stands in the owner's contacts. */
  peer: string;
}

export function HandsetView({ handset, number, pictures, peer }: HandsetViewProps) {
  const texts = useTexts(phoneTexts);
  const format = useFormat();
  const nowMs = useNow();
  const canSend = useCan('messages:send');
  const [body, setBody] = useState('');
  const [isUsed, setUsed] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const thread = useHandsetThread(handset.number);
  const messages = (thread.data?.items ?? []).filter((message) => message.peer === number.address);
  const conversation = useHandsetConversation(handset.number, number.channelId, messages.length > 0);
  const isWriting = useWriting({ conversation, last: messages.at(-1), policy: useAssistantPolicy() });
  const send = useTextFromHandset(handset.number, (text) => {
    setBody((now) => (now === '' ? (text.body ?? '') : now));
    toast({ text: texts.notSent, tone: 'danger' });
  });

  const text = (said: Omit<TextFromHandset, 'to'>) => {
    send.mutate({ ...said, to: number.address });
    field.current?.focus({ preventScroll: true });
  };

  return (
    <section
      aria-label={handset.name}
      onFocus={() => setUsed(true)}
      onBlur={({ currentTarget, relatedTarget }) => setUsed(currentTarget.contains(relatedTarget))}
      className="handset mx-auto flex min-h-0 w-full max-w-80 grow flex-col rounded-[38px] bg-(--phone-case) p-2 shadow-float"
    >
      <div className="flex min-h-0 grow flex-col overflow-hidden rounded-[31px] bg-(--phone-screen)">
        <div
          aria-hidden="true"
          className="grid h-8 shrink-0 grid-cols-3 items-center bg-(--phone-bar) px-5 font-semibold text-tiny"
        >
          <time>{format.time(nowMs)}</time>
          <span className="mx-auto h-3.5 w-16 rounded-full bg-(--phone-case)" />
          <span className="flex justify-end gap-1">
            <Signal size={12} strokeWidth={2.5} />
            <Wifi size={12} strokeWidth={2.5} />
            <BatteryFull size={14} strokeWidth={2} />
          </span>
        </div>
        <header className="shrink-0 border-(--phone-line) border-b bg-(--phone-bar) px-4 pb-2 text-center">
          <h3 className="truncate font-semibold text-body">{peer}</h3>
          <p data-figures className="text-(--phone-muted) text-tiny">
            {formatPhone(number.address)}
          </p>
        </header>
        {thread.isPending ? (
          <div className="flex grow flex-col justify-end gap-2 p-3">
            <Skeleton className="h-8 w-3/5 self-end" />
            <Skeleton className="h-14 w-4/5" />
          </div>
        ) : thread.data ? (
          <HandsetThread
            messages={messages}
            owner={handset.name}
            peer={peer}
            isWriting={isWriting}
            isTold={isUsed}
          />
        ) : (
          <div className="grow overflow-y-auto">
            <ErrorState error={thread.error} title={texts.unreadable} onRetry={() => void thread.refetch()} />
          </div>
        )}
        <HandsetCompose
          handset={handset}
          pictures={pictures}
          body={body}
          onBodyChange={setBody}
          onSend={text}
          field={field}
          canSend={canSend}
        />
        <span
          aria-hidden="true"
          className="mx-auto mb-1.5 block h-1 w-24 shrink-0 rounded-full bg-(--phone-muted) opacity-50"
        />
      </div>
    </section>
  );
}
