// Gives a chat another name.
import { type Chat, chatTitleLengthMax } from '@parley/contract/chat';
import { type FormEvent, useId, useState } from 'react';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { useRenameChat } from './actions.ts';
import { chatTexts } from './texts.ts';

export function RenameDialog({ chat, onClose }: { chat: Chat; onClose: () => void }) {
  const texts = useTexts(chatTexts);
  const { cancel } = useTexts(sharedTexts);
  const id = useId();
  const [title, setTitle] = useState(chat.title);
  const rename = useRenameChat();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (title.trim() !== '') rename.mutate({ id: chat.id, title: title.trim() }, { onSuccess: onClose });
  };
  return (
    <Dialog
      open
      size="small"
      title={texts.renameTitle}
      onOpenChange={(isOpen) => !isOpen && onClose()}
      footer={
        <>
          <Button onClick={onClose}>{cancel}</Button>
          <Button
            type="submit"
            form={id}
            variant="primary"
            busy={rename.isPending}
            disabled={title.trim() === ''}
          >
            {texts.save}
          </Button>
        </>
      }
    >
      <form id={id} onSubmit={submit}>
        <Field label={texts.name}>
          <Input
            value={title}
            maxLength={chatTitleLengthMax}
            onChange={({ target }) => setTitle(target.value)}
          />
        </Field>
      </form>
    </Dialog>
  );
}
