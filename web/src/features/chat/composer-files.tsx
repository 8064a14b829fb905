// The files of the message that is being written: how far each is, and what could not be read of it.
import { FileText, Image, X } from 'lucide-react';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { useChatFile } from './queries.ts';
import { chatTexts } from './texts.ts';
import type { ChatUpload, ChatUploads } from './use-chat-files.ts';

export function ComposerFiles({ uploads }: { uploads: ChatUploads }) {
  const texts = useTexts(chatTexts);
  if (uploads.items.length === 0) return null;
  return (
    <ul aria-label={texts.attachments} className="flex flex-wrap gap-2 px-3 py-1.5">
      {uploads.items.map((item) => (
        <ComposerFile key={item.key} item={item} onRemove={() => uploads.remove(item.key)} />
      ))}
    </ul>
  );
}

function ComposerFile({ item, onRemove }: { item: ChatUpload; onRemove: () => void }) {
  const texts = useTexts(chatTexts);
  const format = useFormat();
  const { data = item.file } = useChatFile(item.file?.state === 'reading' ? item.file.id : null);
  const Icon = data?.kind === 'picture' ? Image : FileText;
  const state =
    data === null
      ? format.percent(item.progress)
      : data.state === 'reading'
        ? texts.reading
        : (data.error?.message ?? format.bytes(data.bytes));
  return (
    <li className="flex max-w-72 items-center gap-2 rounded-control border border-line bg-surface py-0.5 pr-0.5 pl-2.5 text-meta">
      <Icon size={16} aria-hidden="true" className="shrink-0 text-text-muted" />
      <span className="min-w-0 py-0.5">
        <span className="block truncate">{item.name}</span>
        <span data-figures className={data?.state === 'failed' ? 'text-danger-text' : 'text-text-muted'}>
          {data === null && <span className="sr-only">{texts.uploading(item.name)} </span>}
          {state}
        </span>
      </span>
      <IconButton label={texts.removeFile(item.name)} icon={X} size="small" onClick={onRemove} />
    </li>
  );
}
