// Where a member writes to the assistant: grows, takes files by choosing, pasting and dropping, and becomes the way to stop
// while the assistant writes.
import { type ChatFile, chatTextLengthMax } from '@parley/contract/chat';
import { ArrowUp, Paperclip, Square } from 'lucide-react';
import { type RefObject, useRef } from 'react';
import { useTexts } from '../../lib/texts.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { toast } from '../../ui/toast.tsx';
import { useFileDrop } from '../assistant/use-file-drop.ts';
import { WriteArea } from '../conversations/write-area.tsx';
import { ComposerFiles } from './composer-files.tsx';
import { chatTexts } from './texts.ts';
import type { ChatUploads } from './use-chat-files.ts';

interface ComposerProps {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly uploads: ChatUploads;
  /** Null: nothing is being written. */
  readonly onStop: (() => void) | null;
  readonly onSend: (text: string, files: readonly ChatFile[]) => void;
  /** The key that takes back what was said last, where nothing is written yet. */
  readonly onEditLast: () => void;
  /** Nothing is sent: something is on its way already, or what it would follow is not known yet. */
  readonly isHeld: boolean;
}

const nothing = () => undefined;

export function Composer(props: ComposerProps) {
  const { field, text, onChange, uploads, onStop, onSend, onEditLast, isHeld } = props;
  const texts = useTexts(chatTexts);
  const chooser = useRef<HTMLInputElement>(null);
  const isOver = useFileDrop(({ files, hadFolders }) => {
    if (hadFolders) toast({ text: texts.noFolders, tone: 'danger' });
    uploads.add(files);
  }, true);
  const maySend =
    (text.trim() !== '' || uploads.items.length > 0) && !uploads.isBusy && !isHeld && onStop === null;
  const send = () => {
    if (maySend) onSend(text.trim(), uploads.take());
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowUp' && text === '' && event.target === field.current) {
      event.preventDefault();
      onEditLast();
    }
    if (event.key === 'Escape' && onStop) onStop();
  };
  return (
    <section
      aria-label={texts.compose}
      className="mx-auto w-full max-w-[48rem] px-6 pt-1 pb-4 phone:px-2 phone:pb-2 phone:pad-safe-bottom"
      onKeyDown={onKeyDown}
      onPaste={(event) => {
        const { files } = event.clipboardData;
        if (files.length === 0) return;
        event.preventDefault();
        uploads.add([...files]);
      }}
    >
      <WriteArea
        field={field}
        label={isOver ? texts.dropHere : texts.write}
        value={text}
        maxLength={chatTextLengthMax}
        onChange={onChange}
        onSubmit={send}
        onTyping={nothing}
        suggestions={undefined}
        suggestionsLabel=""
        noneText=""
      >
        <ComposerFiles uploads={uploads} />
        <div className="flex items-center justify-between gap-2 px-1.5 pb-1.5">
          <input
            ref={chooser}
            type="file"
            multiple
            hidden
            aria-label={texts.attach}
            onChange={({ currentTarget }) => {
              uploads.add([...(currentTarget.files ?? [])]);
              // The same file may be chosen again after it was removed.
              currentTarget.value = '';
            }}
          />
          <IconButton label={texts.attach} icon={Paperclip} onClick={() => chooser.current?.click()} />
          {onStop ? (
            <IconButton
              label={texts.stop}
              icon={Square}
              tone="accent"
              tooltipHidden
              className="[&_svg]:scale-75 [&_svg]:fill-current"
              onClick={onStop}
            />
          ) : (
            <IconButton
              label={texts.send}
              icon={ArrowUp}
              tone="accent"
              // It becomes the way to stop under the pointer.
              tooltipHidden
              disabled={!maySend}
              onClick={send}
            />
          )}
        </div>
      </WriteArea>
    </section>
  );
}
