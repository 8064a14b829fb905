// Writes to colleagues; `@` calls one of them.
import type { Conversation } from '@parley/contract/conversations';
import { useRef, useState } from 'react';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { mentionedIn, openMention, suggestMembers } from './mentions.ts';
import { useMembers } from './queries.ts';
import { sendNote } from './sending.ts';
import { composeTexts } from './texts-compose.ts';
import { useCaret } from './use-caret.ts';
import { type Suggestion, WriteArea } from './write-area.tsx';
import { useWritten, write } from './written.ts';

const noteLengthMax = 10_000;
const suggestedMax = 8;

interface NoteBoxProps {
  readonly conversation: Conversation;
  readonly onTyping: (isWriting: boolean) => void;
}

export function NoteBox({ conversation, onTyping }: NoteBoxProps) {
  const texts = useTexts(composeTexts);
  const { id } = conversation;
  const { note } = useWritten(id);
  const { items: members } = useMembers();
  const field = useRef<HTMLTextAreaElement>(null);
  const placeCaret = useCaret(field);
  const [caret, setCaret] = useState(note.length);
  const mention = openMention(note, caret);
  const found = mention && suggestMembers(members, mention.words);

  const choose = (name: string) => {
    if (!mention) return;
    const text = `${note.slice(0, mention.start)}@${name} ${note.slice(caret)}`;
    const at = mention.start + name.length + 2;
    placeCaret(at);
    write(id, { note: text });
    setCaret(at);
  };
  // A name that is written out and goes on as a sentence calls nobody else.
  const suggestions: Suggestion[] | undefined =
    found && (found.length > 0 || mention.words === '')
      ? found.slice(0, suggestedMax).map((member) => ({
          id: member.userId,
          label: member.name,
          detail: member.email,
          choose: () => choose(member.name),
        }))
      : undefined;
  const save = () => {
    const body = note.trim();
    if (body === '') return;
    write(id, { note: '' });
    onTyping(false);
    void sendNote(id, { body, mentions: mentionedIn(body, members) });
  };
  return (
    <WriteArea
      field={field}
      tone="note"
      label={texts.writeNote}
      value={note}
      maxLength={noteLengthMax}
      onChange={(value, at) => {
        write(id, { note: value });
        setCaret(at);
      }}
      onSubmit={save}
      onTyping={onTyping}
      suggestions={suggestions}
      suggestionsLabel={texts.members}
      noneText=""
    >
      <div className="flex justify-end px-1.5 pb-1.5">
        <Button variant="primary" disabled={note.trim() === ''} onClick={save}>
          {texts.saveNote}
        </Button>
      </div>
    </WriteArea>
  );
}
