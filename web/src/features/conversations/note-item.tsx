// A note among members: tinted, so that nobody takes it for something the contact sees.
import type { Note } from '@parley/contract/inbox';
import { useQueryClient } from '@tanstack/react-query';
import { Ellipsis, StickyNote } from 'lucide-react';
import { memo, Suspense, useState } from 'react';
import { api } from '../../lib/api.ts';
import { useFormat } from '../../lib/format.ts';
import { lazyPart } from '../../lib/lazy-part.tsx';
import { useCan, useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { toastError } from '../../ui/toast.tsx';
import { addToTimeline, removeFromTimeline } from './cache.ts';
import { splitMentions } from './mentions.ts';
import { useMembers } from './queries.ts';
import { sendNote } from './sending.ts';
import { actionTexts } from './texts-actions.ts';
import { threadTexts } from './texts-thread.ts';
import { offerUndo } from './undo.ts';

const NoteForm = lazyPart(async () => (await import('./note-form.tsx')).NoteForm);

export const NoteItem = memo(function NoteItem({ note }: { note: Note }) {
  const texts = useTexts(threadTexts);
  const actions = useTexts(actionTexts);
  const format = useFormat();
  const client = useQueryClient();
  const { user } = useSession();
  const moderates = useCan('conversations:moderate');
  const mayWrite = useCan('conversations:write');
  const { nameOf } = useMembers();
  const [isEditing, setEditing] = useState(false);
  const isOwn = note.authorId === user.id;
  const title = isOwn ? texts.yourNote : texts.noteBy(nameOf(note.authorId) ?? texts.formerMember);

  const remove = async () => {
    const { id, conversationId, body, mentions } = note;
    removeFromTimeline(client, conversationId, id);
    try {
      await api.delete(`/api/v1/notes/${id}`);
      // In one's own name only: what another wrote cannot be written again for them.
      if (isOwn) offerUndo(texts.noteDeleted, () => void sendNote(conversationId, { body, mentions }));
    } catch (error) {
      addToTimeline(client, conversationId, { kind: 'note', at: note.createdAt, note });
      toastError(error);
    }
  };
  return (
    <article className="my-3 w-full rounded-control border border-warning/30 bg-warning-soft px-3 py-2 text-body">
      <header className="flex items-center gap-2 text-meta text-warning-text">
        <StickyNote size={14} aria-hidden="true" className="shrink-0" />
        <h3 className="min-w-0 truncate font-medium">{title}</h3>
        <time dateTime={note.createdAt} title={format.exact(note.createdAt)} className="shrink-0">
          {format.time(note.createdAt)}
        </time>
        {note.updatedAt !== note.createdAt && <span className="shrink-0">{texts.edited}</span>}
        <span className="ml-auto min-w-0 shrink-[9] truncate text-tiny">
          <span className="phone:hidden">{texts.onlyMembers}</span>
        </span>
        {mayWrite && (isOwn || moderates) && (
          <Menu
            align="end"
            trigger={
              <IconButton
                label={`${actions.more}: ${title}`}
                icon={Ellipsis}
                size="small"
                className="-my-1 -mr-1"
              />
            }
            items={[
              { label: texts.editNote, onSelect: () => setEditing(true) },
              { label: texts.deleteNote, tone: 'danger', onSelect: () => void remove() },
            ]}
          />
        )}
      </header>
      {isEditing ? (
        <Suspense fallback={<div className="h-24" />}>
          <NoteForm note={note} onDone={() => setEditing(false)} />
        </Suspense>
      ) : (
        <p dir="auto" className="mt-1 whitespace-pre-wrap break-words [overflow-wrap:anywhere]">
          <NoteText note={note} />
        </p>
      )}
    </article>
  );
});

/** The note's words, with the members that it calls marked. */
function NoteText({ note }: { note: Note }) {
  const { nameOf } = useMembers();
  const { user } = useSession();
  const names = note.mentions.flatMap((userId) => {
    const name = nameOf(userId);
    return name === null ? [] : [{ userId, name }];
  });
  return splitMentions(note.body, names).map((part, index) =>
    part.userId === null ? (
      part.text
    ) : (
      <strong
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text have no other name
        key={index}
        className={
          part.userId === user.id
            ? 'rounded-small bg-accent px-1 font-medium text-on-accent'
            : 'font-medium text-accent-text'
        }
      >
        {part.text}
      </strong>
    ),
  );
}
