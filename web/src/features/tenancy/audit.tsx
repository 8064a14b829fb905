// The audit: who did what to what, from where, with what result; narrowed, and exported as it is narrowed.
import type { AuditEntry, AuditResult } from '@parley/contract/audit';
import type { Member } from '@parley/contract/tenancy';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Download, ScrollText, SearchX } from 'lucide-react';
import { useSearchParams } from 'react-router';
import { api } from '../../lib/api.ts';

import { queryKeys } from '../../lib/query.ts';
import { saveBlob } from '../../lib/save-file.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Chip, type Tone } from '../../ui/chip.tsx';
import { Select } from '../../ui/select.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { toastError } from '../../ui/toast.tsx';
import {
  type AuditNarrowing,
  isNarrowed,
  queryOf,
  readNarrowing,
  results,
  spanNames,
  writeNarrowing,
} from './audit-filters.ts';
import { useActionWords, useActorName, useDetails, useWhere } from './audit-names.ts';
import { useAudit, useAuditActions } from './audit-queries.ts';
import { auditTexts } from './audit-texts.ts';
import { SecurityAlerts } from './security-alerts.tsx';

export function Audit() {
  const texts = useTexts(auditTexts);
  const shared = useTexts(sharedTexts);
  const mayRead = useCan('audit:read');
  const [search, setSearch] = useSearchParams();
  const narrowing = readNarrowing(search);
  const audit = useAudit(narrowing);
  if (!mayRead) return <EmptyState icon={ScrollText} title={texts.mayNot} />;
  const items = audit.data?.pages.flatMap((page) => page.items) ?? [];
  const narrow = (part: Partial<AuditNarrowing>) =>
    setSearch((before) => writeNarrowing({ ...readNarrowing(before), ...part }), { replace: true });
  return (
    <>
      <SecurityAlerts />
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <p className="text-meta text-text-muted">{texts.intro}</p>
        <ExportButton narrowing={narrowing} />
      </div>
      <Filters narrowing={narrowing} onChange={narrow} />
      {audit.isPending && <SkeletonRows rows={6} />}
      {audit.isError && !audit.data && (
        <ErrorState error={audit.error} title={texts.unreadable} onRetry={() => void audit.refetch()} />
      )}
      {audit.data && items.length === 0 && (
        <Nothing
          narrowed={isNarrowed(narrowing)}
          onClear={() => setSearch({ tab: 'audit' }, { replace: true })}
        />
      )}
      {items.length > 0 && <Entries items={items} />}
      {audit.hasNextPage && (
        <Button className="mt-4" busy={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
          {shared.showMore}
        </Button>
      )}
    </>
  );
}

function Nothing({ narrowed, onClear }: { narrowed: boolean; onClear: () => void }) {
  const texts = useTexts(auditTexts);
  if (!narrowed) return <EmptyState icon={ScrollText} title={texts.none} text={texts.noneText} />;
  return (
    <EmptyState
      icon={SearchX}
      title={texts.nothingFits}
      text={texts.nothingFitsText}
      action={<Button onClick={onClear}>{texts.clear}</Button>}
    />
  );
}

function ExportButton({ narrowing }: { narrowing: AuditNarrowing }) {
  const texts = useTexts(auditTexts);
  const saving = useMutation({
    mutationFn: () => api.file('/api/v1/audit/export', { query: queryOf(narrowing, Date.now()) }),
    onSuccess: (file) => saveBlob(`${texts.exportFile}.csv`, file),
    onError: toastError,
  });
  return (
    <Button icon={Download} busy={saving.isPending} onClick={() => saving.mutate()}>
      {texts.exportCsv}
    </Button>
  );
}

const any = 'any';

function Filters({
  narrowing,
  onChange,
}: {
  narrowing: AuditNarrowing;
  onChange: (part: Partial<AuditNarrowing>) => void;
}) {
  const texts = useTexts(auditTexts);
  const wordsOf = useActionWords();
  const actions = useAuditActions();
  const members = useQuery({
    queryKey: [...queryKeys.members, 'list'],
    queryFn: ({ signal }) => api.get<{ items: Member[] }>('/api/v1/members', { signal }),
    enabled: useCan('members:read'),
  });
  const choice = (
    name: keyof AuditNarrowing,
    label: string,
    all: string,
    options: readonly { value: string; label: string }[],
  ) => (
    <Select
      aria-label={label}
      value={narrowing[name] ?? any}
      options={[{ value: any, label: all }, ...options]}
      onChange={(value) => onChange({ [name]: value === any ? null : value })}
    />
  );
  return (
    <search className="mb-4 grid grid-cols-4 gap-2 phone:grid-cols-2">
      {choice('actor', texts.who, texts.anybody, [
        ...(members.data?.items ?? []).map(({ userId, name }) => ({ value: userId, label: name })),
        { value: 'api_key', label: texts.programs },
        { value: 'system', label: texts.server },
      ])}
      {choice(
        'action',
        texts.what,
        texts.anyAction,
        (actions.data?.items ?? [])
          .map((value) => ({ value, label: wordsOf(value) }))
          .sort((one, other) => one.label.localeCompare(other.label)),
      )}
      {choice(
        'result',
        texts.result,
        texts.anyResult,
        results.map((value) => ({ value, label: texts[value] })),
      )}
      {choice(
        'span',
        texts.when,
        texts.anyTime,
        spanNames.map((value) => ({ value, label: texts[value] })),
      )}
    </search>
  );
}

const tones: Readonly<Record<AuditResult, Tone>> = { done: 'neutral', refused: 'warning', failed: 'danger' };

function Entries({ items }: { items: readonly AuditEntry[] }) {
  const texts = useTexts(auditTexts);
  const wordsOf = useActionWords();
  const nameOf = useActorName();
  const whereOf = useWhere();
  const detailsOf = useDetails();
  return (
    <Table
      caption={texts.tab}
      rows={items}
      rowKey={({ number }) => String(number)}
      columns={[
        {
          name: 'what',
          head: texts.what,
          cell: (entry) => (
            <span className="block min-w-0">
              <span className="block font-medium">{wordsOf(entry.action)}</span>
              <span className="block text-meta text-text-muted [overflow-wrap:anywhere]">
                {detailsOf(entry)}
              </span>
            </span>
          ),
        },
        { name: 'who', head: texts.who, cell: (entry) => nameOf(entry) },
        {
          name: 'result',
          head: texts.result,
          cell: ({ result }) => <Chip tone={tones[result]}>{texts[result]}</Chip>,
        },
        {
          name: 'where',
          head: texts.where,
          cell: (entry) => <span className="text-text-muted">{whereOf(entry)}</span>,
        },
        {
          name: 'when',
          head: texts.when,
          align: 'end',
          cell: ({ occurredAt }) => <Time at={occurredAt} className="whitespace-nowrap" />,
        },
      ]}
    />
  );
}
