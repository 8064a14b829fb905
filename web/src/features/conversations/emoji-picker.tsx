// A small grid of emoji with a search, for the arrow keys and the mouse alike.
import { Search } from 'lucide-react';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { useLanguage, useTexts } from '../../lib/texts.ts';
import { Input } from '../../ui/input.tsx';
import { emojiList } from './emoji-data.ts';
import { composeTexts } from './texts-compose.ts';

const columns = 8;
const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

export function EmojiPicker({ onChoose }: { onChoose: (character: string) => void }) {
  const texts = useTexts(composeTexts);
  const language = useLanguage();
  const [words, setWords] = useState('');
  const grid = useRef<HTMLDivElement>(null);
  const found = useMemo(() => {
    const wanted = fold(words.trim());
    return wanted === ''
      ? emojiList
      : emojiList.filter((emoji) => fold(emoji.words[language]).includes(wanted));
  }, [words, language]);

  const focusAt = (index: number) => grid.current?.querySelectorAll('button')[index]?.focus();
  const onGridKey = (event: KeyboardEvent<HTMLDivElement>) => {
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: columns,
      ArrowUp: -columns,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const all = [...event.currentTarget.querySelectorAll('button')];
    const next = all.indexOf(document.activeElement as HTMLButtonElement) + step;
    if (next >= 0 && next < all.length) focusAt(next);
  };
  return (
    <div className="flex flex-col gap-2">
      <Input
        type="search"
        icon={Search}
        aria-label={texts.searchEmoji}
        placeholder={texts.searchEmoji}
        value={words}
        autoFocus
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') {
            event.preventDefault();
            focusAt(0);
          }
          if (event.key === 'Enter' && found[0]) {
            event.preventDefault();
            onChoose(found[0].character);
          }
        }}
      />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys move among the buttons in it */}
      <div
        ref={grid}
        onKeyDown={onGridKey}
        className="grid h-56 auto-rows-min grid-cols-8 gap-0.5 overflow-y-auto"
      >
        {found.map(({ character, words: names }, index) => (
          <button
            key={character}
            type="button"
            tabIndex={index === 0 ? 0 : -1}
            aria-label={names[language]}
            title={names[language]}
            onClick={() => onChoose(character)}
            className="focus-inside grid aspect-square place-items-center rounded-small text-heading hover:bg-surface-hover"
          >
            {character}
          </button>
        ))}
        {found.length === 0 && <p className="col-span-8 p-2 text-text-muted">{texts.noEmoji}</p>}
      </div>
    </div>
  );
}
