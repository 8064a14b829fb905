// The files of the next message: choosing them, and how far each upload is.
import { Paperclip, X } from 'lucide-react';
import { useRef } from 'react';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { composeTexts } from './texts-compose.ts';
import type { Attachments } from './use-attachments.ts';

const accepted = 'image/jpeg,image/png,image/gif,image/webp,application/pdf,text/vcard,audio/mpeg,video/mp4';

export function AttachButton({ attachments }: { attachments: Attachments }) {
  const texts = useTexts(composeTexts);
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={accepted}
        aria-label={texts.attach}
        onChange={(event) => {
          attachments.add([...(event.target.files ?? [])]);
          // The same file may be chosen again after it was removed.
          event.target.value = '';
        }}
      />
      <IconButton label={texts.attach} icon={Paperclip} onClick={() => input.current?.click()} />
    </>
  );
}

export function AttachmentList({ attachments }: { attachments: Attachments }) {
  const texts = useTexts(composeTexts);
  const format = useFormat();
  if (attachments.items.length === 0) return null;
  return (
    <ul aria-label={texts.attachments} className="flex flex-wrap gap-2 px-3 py-1.5">
      {attachments.items.map((item) => (
        <li
          key={item.key}
          className="flex max-w-64 items-center gap-1 rounded-control border border-line bg-surface py-0.5 pr-0.5 pl-2.5 text-meta"
        >
          <span className="min-w-0">
            <span className="block truncate">{item.name}</span>
            {item.mediumId === null && (
              <span
                role="progressbar"
                aria-label={texts.uploading(item.name)}
                aria-valuenow={Math.round(item.progress * 100)}
                className="block h-1 overflow-hidden rounded-full bg-surface-hover"
              >
                <span
                  className="block h-full origin-left bg-accent transition-transform"
                  style={{ transform: `scaleX(${item.progress})` }}
                />
              </span>
            )}
          </span>
          <span data-figures className="shrink-0 text-text-muted">
            {item.mediumId === null ? format.percent(item.progress) : format.bytes(item.bytes)}
          </span>
          <IconButton
            label={texts.removeFile(item.name)}
            icon={X}
            size="small"
            onClick={() => attachments.remove(item.key)}
          />
        </li>
      ))}
    </ul>
  );
}
