// Listens for Ctrl/Cmd-K and `?`, and loads the palette when it is first asked for. What is typed meanwhile is kept.
import { lazy, Suspense, useRef, useState } from 'react';
import { useShortcut } from '../../lib/shortcuts.ts';
import { useTexts } from '../../lib/texts.ts';
import type { PalettePlace } from './commands.ts';
import { PaletteWaiting } from './palette-waiting.tsx';
import { paletteTexts } from './texts.ts';

const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }));
const ShortcutList = lazy(async () => ({ default: (await import('./shortcut-list.tsx')).ShortcutList }));

export function PaletteHost({ places }: { places: readonly PalettePlace[] }) {
  const texts = useTexts(paletteTexts);
  // Undefined: never asked for.
  const [palette, setPalette] = useState<boolean>();
  const [list, setList] = useState<boolean>();
  /** Typed before the palette was there. */
  const [words, setWords] = useState('');
  /** What had the focus before; the palette gives it back. */
  const before = useRef<Element | null>(null);
  const show = (open: boolean) => {
    if (open) before.current = document.activeElement;
    setPalette(open);
    setWords('');
  };
  const closeWaiting = () => {
    show(false);
    if (before.current instanceof HTMLElement) before.current.focus({ preventScroll: true });
  };
  useShortcut('global', 'mod+k', texts.open, () => show(true));
  useShortcut('global', '?', texts.shortcuts, () => setList(true));
  return (
    <>
      {palette !== undefined && (
        <Suspense
          fallback={palette && <PaletteWaiting words={words} onWords={setWords} onClose={closeWaiting} />}
        >
          <Palette
            open={palette}
            onOpenChange={show}
            firstWords={words}
            returnFocusTo={before}
            places={places}
            onShowShortcuts={() => setList(true)}
          />
        </Suspense>
      )}
      {list !== undefined && (
        <Suspense fallback={list && <ListWaiting onClose={() => setList(false)} />}>
          <ShortcutList open={list} onOpenChange={setList} />
        </Suspense>
      )}
    </>
  );
}

/** Covers the page, so that what is pressed next does nothing under the list that is on its way. */
function ListWaiting({ onClose }: { onClose: () => void }) {
  const texts = useTexts(paletteTexts);
  useShortcut('dialog', 'escape', texts.closeIt, onClose);
  return <div data-modal data-state="open" className="fixed inset-0 z-40 animate-appear-late bg-overlay" />;
}
