// What stands where the palette will be, while its code is on the way: the field is there at once, and no key is lost.
import { Search } from 'lucide-react';
import { useLayoutEffect, useRef } from 'react';
import { useTexts } from '../../lib/texts.ts';
import { commandDialogLook, commandFieldLook } from '../../ui/command-dialog-look.ts';
import { paletteTexts } from './texts.ts';

interface PaletteWaitingProps {
  readonly words: string;
  readonly onWords: (words: string) => void;
  readonly onClose: () => void;
}

export function PaletteWaiting({ words, onWords, onClose }: PaletteWaitingProps) {
  const texts = useTexts(paletteTexts);
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.focus(), []);
  return (
    <>
      <div className="fixed inset-0 z-40 animate-fade-in bg-overlay" onPointerDown={onClose} />
      <div
        role="dialog"
        aria-modal="true"
        aria-label={texts.title}
        data-modal
        data-state="open"
        className={commandDialogLook}
      >
        <div className="flex items-center gap-2.5 border-line border-b px-4">
          <Search size={18} aria-hidden="true" className="shrink-0 text-text-muted" />
          <input
            ref={field}
            autoComplete="off"
            spellCheck={false}
            aria-label={texts.title}
            placeholder={texts.placeholder}
            value={words}
            onChange={(event) => onWords(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') onClose();
              // There is nothing to go to yet; and Enter does only what was seen.
              if (event.key === 'Tab' || event.key === 'Enter') event.preventDefault();
            }}
            className={commandFieldLook}
          />
        </div>
      </div>
    </>
  );
}
