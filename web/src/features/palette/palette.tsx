// Ctrl/Cmd-K: find anybody and do anything without leaving the keyboard. What was used lately comes first.
import type { SearchHit } from '@parley/contract/inbox';
import { useQuery } from '@tanstack/react-query';
import { Command } from 'cmdk';
import { Search } from 'lucide-react';
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { useTexts } from '../../lib/texts.ts';
import { CommandDialog } from '../../ui/command-dialog.tsx';
import { commandFieldLook } from '../../ui/command-dialog-look.ts';
import { Kbd } from '../../ui/kbd.tsx';
import { type PalettePlace, useCommands } from './commands.ts';
import { noteRecent, readRecent } from './recent.ts';
import { searchOptions } from './search.ts';
import { SearchRow } from './search-row.tsx';
import { paletteTexts } from './texts.ts';

export interface PaletteProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** Typed before it was there. */
  firstWords: string;
  returnFocusTo: RefObject<Element | null>;
  places: readonly PalettePlace[];
  onShowShortcuts: () => void;
}

const quietMs = 120;
const groups = ['actions', 'pages', 'more'] as const;

const rowLook =
  'flex min-h-9 cursor-default items-center gap-2.5 rounded-control px-2.5 py-1.5 data-[selected=true]:bg-surface-hover phone:min-h-11';
const groupLook =
  '[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-3 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-meta [&_[cmdk-group-heading]]:text-text-muted';

export function Palette({
  open,
  onOpenChange,
  firstWords,
  returnFocusTo,
  places,
  onShowShortcuts,
}: PaletteProps) {
  const texts = useTexts(paletteTexts);
  return (
    <CommandDialog open={open} onOpenChange={onOpenChange} title={texts.title} returnFocusTo={returnFocusTo}>
      <PaletteBody
        onClose={() => onOpenChange(false)}
        firstWords={firstWords}
        places={places}
        onShowShortcuts={onShowShortcuts}
      />
    </CommandDialog>
  );
}

interface PaletteBodyProps {
  onClose: () => void;
  firstWords: string;
  places: readonly PalettePlace[];
  onShowShortcuts: () => void;
}

function PaletteBody({ onClose, firstWords, places, onShowShortcuts }: PaletteBodyProps) {
  const texts = useTexts(paletteTexts);
  const navigate = useNavigate();
  const [words, setWords] = useState(firstWords);
  const field = useRef<HTMLInputElement>(null);
  const [recent] = useState(readRecent);
  const [chosen, setChosen] = useState({ value: '', words: '' });
  const isTyped = words.trim() !== '';
  const asked = useQuiet(words.trim(), quietMs);
  const search = useQuery(searchOptions(asked));
  const commands = useCommands(places, onShowShortcuts);
  const hits = isTyped ? (search.data ?? []) : [];
  const lately = isTyped ? [] : recent.flatMap((id) => commands.find((command) => command.id === id) ?? []);
  const fitting = commands.filter(({ label }) => fitsWords(label, words));
  const rows = [
    ...lately.map((command) => ({ heading: texts.recent, command, value: `recent ${command.id}` })),
    ...groups.flatMap((group) =>
      fitting
        .filter((command) => command.group === group)
        .map((command) => ({ heading: texts[group], command, value: command.id })),
    ),
  ];
  const headings = [...new Set(rows.map(({ heading }) => heading))];
  const values = [...rows.map(({ value }) => value), ...hits.map(hitValue)];
  // The first one, until the member moves; what comes in later stands below, so that Enter does what was seen.
  const hasMoved = chosen.words === words && values.includes(chosen.value);

  // At once: between the field that stood here before and this one no key may fall to the ground.
  useLayoutEffect(() => {
    const { current: input } = field;
    input?.focus();
    input?.setSelectionRange(input.value.length, input.value.length);
  }, []);

  const choose = (id: string, run: () => void) => {
    noteRecent(id);
    onClose();
    // After the dialog has given the focus back, so that what is run may take it.
    setTimeout(run);
  };

  return (
    <Command
      label={texts.title}
      loop
      vimBindings={false}
      shouldFilter={false}
      value={hasMoved ? chosen.value : (values[0] ?? '')}
      onValueChange={(value) => setChosen({ value, words })}
      className="flex min-h-0 flex-col"
    >
      <div className="flex items-center gap-2.5 border-line border-b px-4">
        <Search size={18} aria-hidden="true" className="shrink-0 text-text-muted" />
        <Command.Input
          ref={field}
          value={words}
          onValueChange={setWords}
          placeholder={texts.placeholder}
          className={commandFieldLook}
        />
      </div>
      <Command.List className="min-h-0 scroll-py-2 overflow-y-auto p-1.5 pb-2">
        {headings.map((heading) => (
          <Command.Group key={heading} heading={heading} className={groupLook}>
            {rows
              .filter((row) => row.heading === heading)
              .map(({ command, value }) => (
                <Command.Item
                  key={value}
                  value={value}
                  onSelect={() => choose(command.id, command.run)}
                  className={rowLook}
                >
                  <command.icon size={16} aria-hidden="true" className="shrink-0 text-text-muted" />
                  <span className="grow truncate">{command.label}</span>
                  {command.keys && <Kbd keys={command.keys} />}
                </Command.Item>
              ))}
          </Command.Group>
        ))}
        {hits.length > 0 && (
          <Command.Group heading={texts.conversations} className={groupLook}>
            {hits.map((hit) => (
              <Command.Item
                key={hitValue(hit)}
                value={hitValue(hit)}
                onSelect={() => {
                  onClose();
                  void navigate(addressOf(hit));
                }}
                className={rowLook}
              >
                <SearchRow hit={hit} words={asked} />
              </Command.Item>
            ))}
          </Command.Group>
        )}
        {search.isError && isTyped && (
          <p className="px-2.5 py-2 text-meta text-text-muted">{texts.searchFailed}</p>
        )}
        {values.length === 0 && !search.isFetching && asked === words.trim() && (
          <p className="px-4 py-8 text-center">
            <span className="block font-medium">{texts.nothing}</span>
            <span className="text-text-muted">{texts.nothingText}</span>
          </p>
        )}
      </Command.List>
      <p role="status" className="sr-only">
        {isTyped && values.length === 0 && !search.isFetching && texts.nothing}
        {hits.length > 0 ? texts.results(hits.length) : search.isFetching ? texts.searching : ''}
      </p>
      <p
        aria-hidden="true"
        className="flex gap-4 border-line border-t px-4 py-2 text-text-muted text-tiny phone:hidden"
      >
        <Hint keys="arrowup arrowdown" text={texts.choose} />
        <Hint keys="enter" text={texts.run} />
        <Hint keys="escape" text={texts.closeIt} />
      </p>
    </Command>
  );
}

function Hint({ keys, text }: { keys: string; text: string }) {
  return (
    <span className="flex items-center gap-1.5">
      <Kbd keys={keys} />
      {text}
    </span>
  );
}

const hitValue = ({ conversation, message, note }: SearchHit) =>
  `conversation ${conversation.id} ${message?.id ?? note?.id ?? ''}`;

/** Opens at what was found. */
function addressOf({ conversation, message, note }: SearchHit): string {
  const found = message?.id ?? note?.id;
  return `/inbox/${conversation.id}${found ? `?message=${found}` : ''}`;
}

/** Whether every word that was typed begins a word of the label; accents and case do not matter. */
function fitsWords(label: string, typed: string): boolean {
  const words = fold(label).split(/[\s:]+/);
  const wanted = fold(typed).split(/\s+/).filter(Boolean);
  return wanted.every((word) => words.some((each) => each.startsWith(word)));
}

const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();

/** The value once it has not changed for a while. */
function useQuiet(value: string, afterMs: number): string {
  const [quiet, setQuiet] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setQuiet(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return quiet;
}
