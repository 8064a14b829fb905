// A note that is written anew where it stands.
import type { Note, WriteNote } from '@parley/contract/inbox';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Textarea } from '../../ui/textarea.tsx';
import { replaceInTimeline } from './cache.ts';
import { mentionedIn } from './mentions.ts';
import { useMembers } from './queries.ts';
import { threadTexts } from './texts-thread.ts';

export function NoteForm({ note, onDone }: { note: Note; onDone: () => void }) {
  const texts = useTexts(threadTexts);
  const { cancel } = useTexts(sharedTexts);
  const client = useQueryClient();
  const { items } = useMembers();
  const [text, setText] = useState(note.body);
  const save = useMutation({
    mutationFn: () => {
      const body: WriteNote = { body: text.trim(), mentions: mentionedIn(text, items) };
      return api.put<Note>(`/api/v1/notes/${note.id}`, body);
    },
    onSuccess: (saved) => {
      replaceInTimeline(client, note.conversationId, { kind: 'note', at: saved.createdAt, note: saved });
      onDone();
    },
  });
  return (
    <form
      className="mt-2 flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') save.mutate();
      }}
    >
      <Textarea
        aria-label={texts.note}
        value={text}
        autoFocus
        maxLength={10_000}
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
      <div className="flex justify-end gap-2">
        <Button size="small" variant="bare" onClick={onDone}>
          {cancel}
        </Button>
        <Button type="submit" size="small" variant="primary" busy={save.isPending}>
          {texts.saveNote}
        </Button>
      </div>
    </form>
  );
}
