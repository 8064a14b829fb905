// Where a customer writes: words, a picture from the box, or a suggestion that is sent as it stands.
import type { Handset, Phone, TextFromHandset } from '@parley/contract/phone';
import { ArrowUp, ImagePlus } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, type Ref, useState } from 'react';
import { useTexts } from '../../lib/texts.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Popover } from '../../ui/popover.tsx';
import { Textarea } from '../../ui/textarea.tsx';
import { stopWord, suggestions } from './suggestions.ts';
import { phoneTexts } from './texts.ts';

interface HandsetComposeProps {
  handset: Handset;
  pictures: Phone['pictures'];
  body: string;
  onBodyChange: (body: string) => void;
  onSend: (text: Omit<TextFromHandset, 'to'>) => void;
  field: Ref<HTMLTextAreaElement>;
  canSend: boolean;
}

export function HandsetCompose({
  handset,
  pictures,
  body,
  onBodyChange,
  onSend,
  field,
  canSend,
}: HandsetComposeProps) {
  const texts = useTexts(phoneTexts);
  const [picking, setPicking] = useState(false);

  const send = (event?: FormEvent) => {
    event?.preventDefault();
    if (body.trim() === '' || !canSend) return;
    onSend({ body: body.trim() });
    onBodyChange('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };

  return (
    <div className="border-(--phone-line) border-t bg-(--phone-bar)">
      <ul
        aria-label={texts.suggestions}
        className="flex gap-1.5 overflow-x-auto px-3 pt-2 pb-0.5 [scrollbar-width:none]"
      >
        {[...suggestions[handset.language], stopWord].map((suggestion) => (
          <li key={suggestion} className="shrink-0">
            <button
              type="button"
              lang={handset.language}
              disabled={!canSend}
              onClick={() => onSend({ body: suggestion })}
              className="h-7 rounded-full border border-(--phone-line) bg-(--phone-screen) px-2.5 text-meta hover:bg-(--phone-other) disabled:opacity-50 phone:h-11 phone:px-4"
            >
              {suggestion}
            </button>
          </li>
        ))}
      </ul>
      <form onSubmit={send} className="flex items-end gap-1.5 p-2">
        <Popover
          label={texts.picture}
          open={picking}
          onOpenChange={setPicking}
          side="top"
          trigger={
            <IconButton
              label={texts.picture}
              icon={ImagePlus}
              disabled={!canSend}
              className="text-(--phone-muted)"
            />
          }
        >
          <ul className="flex gap-2">
            {pictures.map(({ name, url }) => (
              <li key={name}>
                <button
                  type="button"
                  aria-label={texts.pictureNamed(name)}
                  onClick={() => {
                    onSend({ body: body.trim(), picture: name });
                    onBodyChange('');
                    setPicking(false);
                  }}
                  className="block overflow-hidden rounded-control"
                >
                  <img src={url} alt="" className="size-20 bg-surface-hover object-cover" />
                </button>
              </li>
            ))}
          </ul>
        </Popover>
        <div className="flex min-w-0 grow items-end rounded-[18px] border border-(--phone-line) bg-(--phone-screen) has-focus-visible:border-(--phone-own)">
          <Textarea
            ref={field}
            bare
            rowsMin={1}
            rowsMax={4}
            value={body}
            maxLength={1600}
            lang={handset.language}
            placeholder={texts.write}
            aria-label={texts.write}
            disabled={!canSend}
            onChange={(event) => onBodyChange(event.target.value)}
            onKeyDown={onKeyDown}
            className="px-3"
          />
          <button
            type="submit"
            aria-label={texts.send}
            aria-disabled={body.trim() === '' || !canSend}
            className="relative m-1 grid size-7 shrink-0 place-items-center rounded-full bg-(--phone-own) text-(--phone-own-text) after:absolute after:-inset-2 after:content-[''] aria-disabled:opacity-40"
          >
            <ArrowUp size={16} aria-hidden="true" />
          </button>
        </div>
      </form>
    </div>
  );
}
