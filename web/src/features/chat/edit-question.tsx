// Says something again in other words, in its own place.
import { type ChatMessage, chatTextLengthMax } from '@parley/contract/chat';
import { useEffect, useRef, useState } from 'react';
import { newIdempotencyKey } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Textarea } from '../../ui/textarea.tsx';
import { toastError } from '../../ui/toast.tsx';
import { useEnterSends } from '../conversations/write-area.tsx';
import { useSay } from './actions.ts';
import { chatTexts } from './texts.ts';

export function EditQuestion({ message, onClose }: { message: ChatMessage; onClose: () => void }) {
  const texts = useTexts(chatTexts);
  const enterSends = useEnterSends();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(message.text);
  const [key] = useState(newIdempotencyKey);
  const say = useSay();
  useEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(message.text.length, message.text.length);
  }, [message.text]);
  const isSomething = text.trim() !== '' || message.files.length > 0;
  const send = () => {
    if (!isSomething || say.isPending) return;
    const { chatId, parentId, files } = message;
    const fileIds = files.map(({ id }) => id);
    say.mutate(
      { chatId, parentId, text: text.trim(), fileIds, key },
      { onSuccess: onClose, onError: toastError },
    );
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') {
      event.stopPropagation();
      onClose();
    }
    const isAsked = event.ctrlKey || event.metaKey;
    if (event.key === 'Enter' && (isAsked || (enterSends && !event.shiftKey))) {
      event.preventDefault();
      send();
    }
  };
  return (
    <div className="rounded-panel border border-line-strong bg-surface-raised p-2 focus-within:border-accent">
      <Textarea
        ref={field}
        bare
        aria-label={texts.editLabel}
        value={text}
        rowsMin={2}
        rowsMax={14}
        maxLength={chatTextLengthMax}
        className="text-thread"
        onChange={({ target }) => setText(target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="flex flex-wrap items-center justify-end gap-2 pt-1">
        <p className="mr-auto px-2 text-meta text-text-muted">{texts.editHint}</p>
        <Button onClick={onClose}>{texts.cancel}</Button>
        <Button variant="primary" busy={say.isPending} disabled={!isSomething} onClick={send}>
          {texts.send}
        </Button>
      </div>
    </div>
  );
}
