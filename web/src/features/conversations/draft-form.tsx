// A draft of the assistant that a member changes before it goes out.
import type { Message } from '@parley/contract/messages';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Textarea } from '../../ui/textarea.tsx';
import { putMessage } from './cache.ts';
import { SegmentMeter } from './segment-meter.tsx';
import { threadTexts } from './texts-thread.ts';

const bodyLengthMax = 1600;

export function DraftForm({ message, onDone }: { message: Message; onDone: () => void }) {
  const texts = useTexts(threadTexts);
  const { cancel } = useTexts(sharedTexts);
  const client = useQueryClient();
  const [text, setText] = useState(message.body);
  const isEmpty = text.trim() === '';
  const save = useMutation({
    mutationFn: () => api.patch<Message>(`/api/v1/messages/${message.id}`, { body: text }),
    onSuccess: (saved) => {
      putMessage(client, saved);
      onDone();
    },
  });
  return (
    <form
      className="flex w-[min(60ch,70vw)] flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isEmpty) save.mutate();
      }}
    >
      <Textarea
        aria-label={texts.draftText}
        value={text}
        maxLength={bodyLengthMax}
        rowsMin={2}
        autoFocus
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onDone();
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
            event.currentTarget.form?.requestSubmit();
        }}
      />
      {save.error && (
        <p role="alert" className="text-danger-text text-meta">
          {save.error.message}
        </p>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <SegmentMeter text={text} onReplace={setText} />
        <Button size="small" variant="bare" className="ml-auto" onClick={onDone}>
          {cancel}
        </Button>
        <Button type="submit" size="small" variant="primary" busy={save.isPending} disabled={isEmpty}>
          {texts.saveDraft}
        </Button>
      </div>
    </form>
  );
}
