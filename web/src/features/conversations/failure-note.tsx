// Why a message was not sent or delivered, and the way on.
import type { Failure, Message } from '@parley/contract/messages';
import { useQueryClient } from '@tanstack/react-query';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { useFailureWords } from './failure-words.ts';
import { sendAgain } from './sending.ts';
import { statusTexts } from './texts-status.ts';
import { threadTexts } from './texts-thread.ts';

export function FailureNote({ message, failure }: { message: Message; failure: Failure }) {
  const words = useFailureWords(failure);
  const texts = useTexts(threadTexts);
  const status = useTexts(statusTexts);
  const client = useQueryClient();
  const maySend = useCan('messages:send');
  return (
    <div className="mt-1.5 mr-8 ml-auto flex max-w-[min(52ch,100%)] flex-col items-end gap-1.5 text-right text-meta">
      <p>
        <span className="font-medium text-danger-text">{status[message.status]}. </span>
        {words.message} <span className="text-text-muted">{words.action}</span>
      </p>
      <p className="flex flex-wrap items-center justify-end gap-2">
        <code className="text-text-muted text-tiny">{failure.code}</code>
        {maySend && (
          <Button size="small" onClick={() => void sendAgain(client, message)}>
            {texts.sendAgain}
          </Button>
        )}
      </p>
    </div>
  );
}
