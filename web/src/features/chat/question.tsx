// What the member said, with the files that they showed; edited, it becomes another branch.
import type { ChatFile, ChatMessage } from '@parley/contract/chat';
import { FileText, Pencil } from 'lucide-react';
import { memo } from 'react';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { MessageText } from '../conversations/message-text.tsx';
import { BranchSwitcher } from './branch-switcher.tsx';
import { EditQuestion } from './edit-question.tsx';
import { chatFilesPath } from './queries.ts';
import { chatTexts } from './texts.ts';

interface QuestionProps {
  readonly message: ChatMessage;
  readonly isEdited: boolean;
  readonly onEdit: (messageId: string | null) => void;
}

export const Question = memo(function Question({ message, isEdited, onEdit }: QuestionProps) {
  const texts = useTexts(chatTexts);
  const format = useFormat();
  const { id, text, files, createdAt } = message;
  return (
    <article className="group pt-6" data-message={id}>
      <h2 className="sr-only">{texts.saidBy(texts.you, format.exact(createdAt))}</h2>
      {isEdited ? (
        <EditQuestion message={message} onClose={() => onEdit(null)} />
      ) : (
        <div className="flex flex-col items-end pl-12">
          {files.length > 0 && (
            <ul aria-label={texts.attachments} className="mb-1.5 flex flex-wrap justify-end gap-2">
              {files.map((file) => (
                <li key={file.id}>
                  <ShownFile file={file} />
                </li>
              ))}
            </ul>
          )}
          {text !== '' && (
            <div className="min-w-0 max-w-full rounded-bubble bg-accent px-3.5 py-2 text-on-accent text-thread selection:bg-on-accent/30">
              <MessageText text={text} />
            </div>
          )}
          <div className="mt-0.5 flex min-h-7 items-center text-meta text-text-muted">
            <BranchSwitcher message={message} />
            <IconButton
              label={texts.edit}
              icon={Pencil}
              size="small"
              className="opacity-0 transition-opacity focus-visible:opacity-100 group-focus-within:opacity-100 group-hover:opacity-100 phone:opacity-100 [@media(pointer:coarse)]:opacity-100"
              onClick={() => onEdit(id)}
            />
          </div>
        </div>
      )}
    </article>
  );
});

function ShownFile({ file: { id, name, kind, bytes, error } }: { file: ChatFile }) {
  const texts = useTexts(chatTexts);
  const format = useFormat();
  const address = `${chatFilesPath}/${id}/content`;
  if (kind === 'picture') {
    return (
      <a href={address} target="_blank" rel="noopener noreferrer" aria-label={texts.openPicture(name)}>
        <img
          src={address}
          alt={texts.picture(name)}
          loading="lazy"
          className="size-32 rounded-control border border-line object-cover"
        />
      </a>
    );
  }
  return (
    <a
      href={address}
      className="flex max-w-72 items-center gap-2 rounded-control border border-line bg-surface-raised px-3 py-2 text-meta hover:bg-surface-hover"
    >
      <FileText size={18} aria-hidden="true" className="shrink-0 text-text-muted" />
      <span className="min-w-0">
        <span className="block truncate font-medium">{name}</span>
        <span data-figures className={error ? 'text-danger-text' : 'text-text-muted'}>
          {error?.message ?? format.bytes(bytes)}
        </span>
      </span>
    </a>
  );
}
