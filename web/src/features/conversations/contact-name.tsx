// The contact's name in the thread's head; written anew where it stands.
import type { Conversation } from '@parley/contract/conversations';
import { Check, PenLine } from 'lucide-react';
import { useRef, useState } from 'react';
import { formatPhone } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Input } from '../../ui/input.tsx';
import { useConversationActions } from './actions.ts';
import { hasName, nameOfContact } from './names.ts';
import { useChannels } from './queries.ts';
import { actionTexts } from './texts-actions.ts';

const nameLengthMax = 200;

export function ContactName({ conversation }: { conversation: Conversation }) {
  const texts = useTexts(actionTexts);
  const mayWrite = useCan('conversations:write');
  const actions = useConversationActions();
  const { find } = useChannels();
  const [isRenaming, setRenaming] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const { contact } = conversation;
  const channel = find(conversation.channelId);

  const done = () => {
    setRenaming(false);
    requestAnimationFrame(() => button.current?.focus());
  };
  if (isRenaming) {
    return (
      <form
        className="flex min-w-0 grow items-center gap-1"
        onSubmit={(event) => {
          event.preventDefault();
          const typed = new FormData(event.currentTarget).get('name');
          const name = typeof typed === 'string' ? typed.trim() : '';
          if (name !== (contact.name ?? '')) void actions.rename(conversation, name === '' ? null : name);
          done();
        }}
      >
        <Input
          name="name"
          aria-label={texts.renameLabel}
          defaultValue={contact.name ?? ''}
          placeholder={formatPhone(contact.address)}
          maxLength={nameLengthMax}
          autoComplete="off"
          autoFocus
          className="max-w-72"
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.stopPropagation();
            done();
          }}
        />
        <IconButton type="submit" label={texts.saveName} icon={Check} />
      </form>
    );
  }
  return (
    <div className="group/name min-w-0 grow">
      <div className="flex min-w-0 items-center gap-1">
        <h2
          id="thread-title"
          tabIndex={-1}
          className="truncate font-semibold text-title outline-none"
          data-figures
        >
          {nameOfContact(conversation)}
        </h2>
        {mayWrite && (
          <IconButton
            ref={button}
            label={texts.rename}
            icon={PenLine}
            size="small"
            className="opacity-0 transition-opacity focus-visible:opacity-100 group-hover/name:opacity-100 phone:hidden"
            onClick={() => setRenaming(true)}
          />
        )}
      </div>
      <p className="truncate text-meta text-text-muted" data-figures>
        {hasName(conversation) && formatPhone(contact.address)}
        {hasName(conversation) && channel && ' · '}
        {channel?.name}
      </p>
    </div>
  );
}
