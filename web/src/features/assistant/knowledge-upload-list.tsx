// What is being uploaded: how far, a way to stop, and why something was not taken.
import { CircleAlert, CircleCheck, RotateCw, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Progress } from '../../ui/progress.tsx';
import { dropUpload, type Upload, uploadAgain, useUploads } from './knowledge-uploads.ts';
import { knowledgeTexts } from './texts-knowledge.ts';

export function UploadList() {
  const texts = useTexts(knowledgeTexts);
  const items = useUploads((uploads) => uploads.items);
  if (items.length === 0) return null;
  return (
    <ul aria-label={texts.uploads} className="mb-4 rounded-control border border-line bg-surface-sunken px-3">
      {items.map((upload) => (
        <UploadRow key={upload.key} upload={upload} />
      ))}
    </ul>
  );
}

function UploadRow({ upload }: { upload: Upload }) {
  const texts = useTexts(knowledgeTexts);
  const format = useFormat();
  const { key, state, progress, source } = upload;
  const { name, size } = upload.file;
  const isOver = state === 'failed' || state === 'known';
  return (
    <li className="flex items-center gap-2 border-line border-b py-2 last:border-0">
      <div className="min-w-0 grow">
        {state === 'sending' && progress < 1 ? (
          <Progress value={progress} label={texts.uploading(name)} />
        ) : (
          <>
            <span className="block truncate font-medium">{name}</span>
            <span className="text-meta text-text-muted">{format.bytes(size)}</span>
          </>
        )}
        {state === 'waiting' && <Note>{texts.waiting}</Note>}
        {state === 'sending' && progress >= 1 && <Note>{texts.storing}</Note>}
        {state === 'failed' && <Refusal upload={upload} />}
        {state === 'known' && source && (
          <Note>
            <CircleCheck size={16} aria-hidden="true" className="mr-1 inline text-success-text" />
            {texts.alreadyThere}{' '}
            <Link
              to={`/assistant/knowledge/${source.id}`}
              className="relative text-accent-text underline after:absolute after:-inset-3.5"
            >
              {source.title}
            </Link>
          </Note>
        )}
      </div>
      {state === 'failed' && (
        <IconButton label={texts.uploadAgain(name)} icon={RotateCw} onClick={() => uploadAgain(key)} />
      )}
      <IconButton
        label={isOver ? texts.hideUpload(name) : texts.cancelUpload(name)}
        icon={X}
        onClick={() => dropUpload(key)}
      />
    </li>
  );
}

const Note = ({ children }: { children: ReactNode }) => (
  <span className="block text-meta text-text-muted">{children}</span>
);

function Refusal({ upload: { code, message } }: { upload: Upload }) {
  const texts = useTexts(knowledgeTexts);
  const known: Readonly<Record<string, string>> = {
    file_type_not_read: texts.typeNotRead,
    body_too_large: texts.tooLarge,
    knowledge_full: texts.full,
  };
  return (
    <span role="alert" className="flex gap-1.5 text-danger-text text-meta">
      <CircleAlert size={16} aria-hidden="true" className="mt-px shrink-0" />
      {known[code ?? ''] ?? message ?? texts.uploadLost}
    </span>
  );
}
