// What narrows the list of sources: words of the title, a kind, a state. Kind and state stand in the address.
import type { TrainingData, TrainingDataKind } from '@parley/contract/training-data';
import { Search } from 'lucide-react';
import type { RefObject } from 'react';
import { useSearchParams } from 'react-router';
import { useTexts } from '../../lib/texts.ts';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { isBeingRead, needsAttention } from './knowledge-state.tsx';
import { knowledgeTexts } from './texts-knowledge.ts';

const kinds: readonly TrainingDataKind[] = ['file', 'page', 'sitemap', 'text', 'pair'];
const states = ['ready', 'reading', 'attention'] as const;
type StateFilter = (typeof states)[number];
const any = 'any';

const fits: Readonly<Record<StateFilter, (source: TrainingData) => boolean>> = {
  ready: ({ state }) => state === 'ready',
  reading: isBeingRead,
  attention: needsAttention,
};

export interface SourceFilters {
  readonly words: string;
  readonly kind: TrainingDataKind | null;
  readonly state: StateFilter | null;
}

/** Without accents and case, as people type when they search. */
const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Those that have every word in their title, file name or address. */
export function narrow(
  sources: readonly TrainingData[],
  { words, kind, state }: SourceFilters,
): TrainingData[] {
  const wanted = plain(words).split(/\s+/).filter(Boolean);
  return sources.filter((source) => {
    const { title, origin } = source;
    const said = plain([title, origin.fileName, origin.url].filter(Boolean).join(' '));
    return (
      (kind === null || source.kind === kind) &&
      (state === null || fits[state](source)) &&
      wanted.every((word) => said.includes(word))
    );
  });
}

export function useFiltersInAddress() {
  const [search, setSearch] = useSearchParams();
  const change = (name: 'kind' | 'state', value: string | null) =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === null) next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  return {
    kind: kinds.find((kind) => kind === search.get('kind')) ?? null,
    state: states.find((state) => state === search.get('state')) ?? null,
    change,
    clear: () =>
      setSearch(
        (before) => {
          const next = new URLSearchParams(before);
          next.delete('kind');
          next.delete('state');
          return next;
        },
        { replace: true },
      ),
  };
}

interface FilterBarProps {
  filters: SourceFilters;
  onWords: (words: string) => void;
  onChange: (name: 'kind' | 'state', value: string | null) => void;
  field: RefObject<HTMLInputElement | null>;
}

export function FilterBar({ filters, onWords, onChange, field }: FilterBarProps) {
  const texts = useTexts(knowledgeTexts);
  const stateNames = { ready: texts.ready, reading: texts.reading, attention: texts.needsAttention };
  return (
    <div className="mb-1 grid grid-cols-[minmax(0,1fr)_11rem_11rem] gap-2 phone:grid-cols-2">
      <search className="phone:col-span-2">
        <Input
          ref={field}
          type="search"
          icon={Search}
          value={filters.words}
          aria-label={texts.search}
          placeholder={texts.search}
          autoComplete="off"
          maxLength={200}
          onChange={(event) => onWords(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' && event.key !== 'ArrowDown') return;
            event.preventDefault();
            if (event.key === 'Escape' && filters.words !== '') onWords('');
            else document.querySelector<HTMLElement>('[data-row]')?.focus();
          }}
        />
      </search>
      <Select
        aria-label={texts.kindFilter}
        value={filters.kind ?? any}
        options={[
          { value: any, label: texts.anyKind },
          ...kinds.map((kind) => ({ value: kind, label: texts[kind] })),
        ]}
        onChange={(value) => onChange('kind', value === any ? null : value)}
      />
      <Select
        aria-label={texts.stateFilter}
        value={filters.state ?? any}
        options={[
          { value: any, label: texts.anyState },
          ...states.map((state) => ({ value: state, label: stateNames[state] })),
        ]}
        onChange={(value) => onChange('state', value === any ? null : value)}
      />
    </div>
  );
}
