// Every turn of the assistant, newest first, found by words and narrowed by how it went.
import { policy, type Run, runOutcome } from '@parley/contract/runs';
import { ChevronRight, History, Search, SearchX } from 'lucide-react';
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { formatPhone, useFormat } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { useCost } from '../conversations/cost.ts';
import { useModels } from './model-queries.ts';
import {
  isNarrowed,
  type RunFilters,
  readFilters,
  type Span,
  spanNames,
  writeFilters,
} from './run-filters.ts';
import { useRuns } from './run-queries.ts';
import { RunState } from './run-state.tsx';
import { SectionPage } from './section-page.tsx';
import { runTexts } from './texts-runs.ts';
import { sectionTexts } from './texts-sections.ts';

const any = 'any';
const typingMs = 250;

export function Runs() {
  const texts = useTexts(runTexts);
  const sections = useTexts(sectionTexts);
  const [search, setSearch] = useSearchParams();
  const filters = readFilters(search);
  const runs = useRuns(filters);
  const items = runs.data?.pages.flatMap((page) => page.items) ?? [];
  const change = (part: Partial<RunFilters>) =>
    setSearch((before) => writeFilters({ ...readFilters(before), ...part }), { replace: true });
  const place = useRef<HTMLUListElement>(null);
  const step = (by: 1 | -1) => {
    const rows = [...(place.current?.querySelectorAll('a') ?? [])];
    const at = rows.indexOf(document.activeElement as HTMLAnchorElement);
    rows[at === -1 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))]?.focus();
  };
  useShortcut('runs', 'j', texts.next, () => step(1));
  useShortcut('runs', 'k', texts.previous, () => step(-1));
  return (
    <SectionPage title={sections.runs} description={texts.intro}>
      <Filters filters={filters} onChange={change} />
      {runs.isPending && <SkeletonRows rows={6} />}
      {runs.isError && !runs.data && (
        <ErrorState error={runs.error} title={texts.unreadable} onRetry={() => void runs.refetch()} />
      )}
      {runs.data && items.length === 0 && (
        <Nothing narrowed={isNarrowed(filters)} onClear={() => setSearch({}, { replace: true })} />
      )}
      {items.length > 0 && (
        <ul ref={place} aria-label={texts.list} aria-busy={runs.isPlaceholderData}>
          {items.map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </ul>
      )}
      {runs.hasNextPage && (
        <Button className="mt-4" busy={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
          {texts.showMore}
        </Button>
      )}
    </SectionPage>
  );
}

function Nothing({ narrowed, onClear }: { narrowed: boolean; onClear: () => void }) {
  const texts = useTexts(runTexts);
  if (!narrowed) return <EmptyState icon={History} title={texts.none} text={texts.noneText} />;
  return (
    <EmptyState
      icon={SearchX}
      title={texts.nothingFits}
      text={texts.nothingFitsText}
      action={<Button onClick={onClear}>{texts.clear}</Button>}
    />
  );
}

interface FiltersProps {
  filters: RunFilters;
  onChange: (part: Partial<RunFilters>) => void;
}

function Filters({ filters, onChange }: FiltersProps) {
  const texts = useTexts(runTexts);
  const models = useModels();
  const readsWords = useCan('conversations:read');
  const field = useRef<HTMLInputElement>(null);
  useShortcut('runs', '/', texts.goToSearch, () => field.current?.focus());
  const builtIn = models.data?.builtIn.name;
  const spans = { day: texts.lastDay, week: texts.lastWeek, month: texts.lastMonth };
  const choice = (
    name: 'outcome' | 'model' | 'policy' | 'span',
    label: string,
    all: string,
    options: Options,
  ) => (
    <Select
      aria-label={label}
      value={filters[name] ?? any}
      options={[{ value: any, label: all }, ...options]}
      onChange={(value) => onChange({ [name]: value === any ? null : value })}
    />
  );
  return (
    <search className="mb-4 flex flex-col gap-2">
      {readsWords && <Words words={filters.q} field={field} onChange={(q) => onChange({ q })} />}
      <div className="grid grid-cols-4 gap-2 phone:grid-cols-2">
        {choice(
          'outcome',
          texts.outcome,
          texts.anyOutcome,
          runOutcome.options.map((value) => ({ value, label: texts[value] })),
        )}
        {choice('model', texts.model, texts.anyModel, [
          ...(models.data?.items ?? []).map(({ name }) => ({ value: name, label: name })),
          ...(builtIn ? [{ value: builtIn, label: texts.builtIn }] : []),
        ])}
        {choice(
          'policy',
          texts.policy,
          texts.anyPolicy,
          policy.options.map((value) => ({ value, label: texts[value] })),
        )}
        {choice(
          'span',
          texts.time,
          texts.anyTime,
          spanNames.map((value: Span) => ({ value, label: spans[value] })),
        )}
      </div>
      <div className="flex min-h-6 flex-wrap items-center gap-x-4 gap-y-2 pt-1 phone:min-h-11">
        <Checkbox
          label={texts.onlyFailed}
          checked={filters.failed}
          onChange={(failed) => onChange({ failed })}
        />
        {filters.conversationId && (
          <Chip
            tone="accent"
            removeLabel={texts.everyConversation}
            onRemove={() => onChange({ conversationId: null })}
          >
            {texts.ofConversation}
          </Chip>
        )}
      </div>
    </search>
  );
}

type Options = readonly { readonly value: string; readonly label: string }[];

interface WordsProps {
  words: string;
  field: RefObject<HTMLInputElement | null>;
  onChange: (words: string) => void;
}

/** What is typed goes into the address when somebody has stopped for a moment; what changes it from outside comes back. */
function Words({ words, field, onChange }: WordsProps) {
  const texts = useTexts(runTexts);
  const [typed, setTyped] = useState(words);
  const sent = useRef(words);
  const tell = useEffectEvent((said: string) => {
    sent.current = said;
    onChange(said);
  });
  useEffect(() => {
    if (words === sent.current) return;
    sent.current = words;
    setTyped(words);
  }, [words]);
  useEffect(() => {
    if (typed === sent.current) return;
    const timer = setTimeout(() => tell(typed), typingMs);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <Input
      ref={field}
      type="search"
      icon={Search}
      aria-label={texts.search}
      placeholder={texts.search}
      maxLength={200}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}

function RunRow({ run }: { run: Run }) {
  const texts = useTexts(runTexts);
  const format = useFormat();
  const cost = useCost();
  const { id, contact, model, durationMs, costMicros, inputTokens, outputTokens, reasons, errorCode } = run;
  const isBuiltIn = reasons.some(({ decision, modelId }) => decision === 'answered' && modelId === null);
  const facts = [
    ...(model === null ? [] : [isBuiltIn ? texts.builtIn : model]),
    ...(durationMs === null ? [] : [format.duration(durationMs)]),
    ...(inputTokens + outputTokens > 0 ? [`${format.number(inputTokens + outputTokens)} tokens`] : []),
    cost(costMicros, texts.free),
    ...(reasons.some(({ decision }) => decision === 'failed') ? [texts.hadFailure] : []),
    ...(errorCode ? [errorCode] : []),
  ];
  return (
    <li className="border-line border-b last:border-0">
      <Link
        to={`/assistant/runs/${id}`}
        className="focus-inside -mx-2 flex items-start gap-3 rounded-control px-2 py-2.5 transition-colors duration-[120ms] hover:bg-surface-hover"
      >
        <span className="min-w-0 grow">
          <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <span className="min-w-0 truncate font-medium">{formatPhone(contact) || texts.oneContact}</span>
            <RunState run={run} />
          </span>
          <span data-figures className="block break-words text-meta text-text-muted">
            {facts.join(' · ')}
          </span>
        </span>
        <Time at={run.startedAt} className="shrink-0 text-meta text-text-muted" />
        <ChevronRight size={16} aria-hidden="true" className="mt-0.5 shrink-0 text-text-muted" />
      </Link>
    </li>
  );
}
