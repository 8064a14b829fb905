// The rules: a choice of days for each kind, what would go by them, and the button that saves.
import type { Retention, RetentionPreview } from '@parley/contract/privacy';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { useFormat } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { privacyKey, useRetention } from './queries.ts';
import { privacyTexts } from './texts.ts';

const kinds = ['messages', 'deliveries', 'media', 'runs', 'chats', 'audit'] as const;
const choices = [3, 7, 30, 90, 180, 365, 730, 1825, 3650];
const least = (kind: keyof Retention) => (kind === 'audit' ? 90 : kind === 'deliveries' ? 3 : 1);

export function RetentionRules() {
  const texts = useTexts(privacyTexts);
  const { data, isPending, error, refetch } = useRetention();
  if (isPending) return <SkeletonRows rows={6} />;
  if (error) return <ErrorState error={error} title={texts.unreadable} onRetry={() => void refetch()} />;
  return <Rules saved={data} />;
}

function Rules({ saved }: { saved: Retention }) {
  const texts = useTexts(privacyTexts);
  const mayManage = useCan('privacy:manage');
  const client = useQueryClient();
  const [wanted, setWanted] = useState(saved);
  const [asksToRun, setAsksToRun] = useState(false);
  const isChanged = kinds.some((kind) => wanted[kind] !== saved[kind]);
  const preview = useMutation({
    mutationFn: () =>
      api.get<RetentionPreview>('/api/v1/privacy/retention-preview', {
        query: Object.fromEntries(kinds.map((kind) => [kind, wanted[kind]])),
      }),
    onError: toastError,
  });
  const save = useMutation({
    mutationFn: () => api.put<Retention>('/api/v1/privacy/retention', wanted),
    onSuccess: (kept) => {
      client.setQueryData([...privacyKey, 'retention'], kept);
      toast({ text: texts.saved, tone: 'success' });
    },
    onError: toastError,
  });
  const choose = (kind: keyof Retention, value: string) => {
    preview.reset();
    setWanted({ ...wanted, [kind]: value === '' ? null : Number(value) });
  };
  return (
    <>
      <div className="grid grid-cols-2 gap-4 phone:grid-cols-1">
        {kinds.map((kind) => (
          <Field key={kind} label={texts[kind]} hint={texts[`${kind}Hint`]}>
            <Select
              value={wanted[kind] === null ? '' : String(wanted[kind])}
              disabled={!mayManage}
              options={[
                { value: '', label: texts.forEver },
                ...[...new Set([...choices, ...(saved[kind] === null ? [] : [saved[kind]])])]
                  .filter((days) => days >= least(kind))
                  .sort((one, other) => one - other)
                  .map((days) => ({ value: String(days), label: texts.days(days) })),
              ]}
              onChange={(value) => choose(kind, value)}
            />
          </Field>
        ))}
      </div>
      {preview.data && <Preview preview={preview.data} />}
      {isChanged && !preview.data && <p className="mt-4 text-text-muted">{texts.previewFirst}</p>}
      {mayManage && (
        <div className="mt-4 flex flex-wrap gap-2">
          <Button busy={preview.isPending} onClick={() => preview.mutate()}>
            {texts.preview}
          </Button>
          <Button
            variant="primary"
            disabled={!isChanged || !preview.data}
            busy={save.isPending}
            onClick={() => save.mutate()}
          >
            {texts.save}
          </Button>
          <Button disabled={isChanged} onClick={() => setAsksToRun(true)}>
            {texts.runNow}
          </Button>
        </div>
      )}
      <ConfirmDialog
        open={asksToRun}
        onOpenChange={setAsksToRun}
        danger
        title={texts.runAsk}
        text={texts.runText}
        actionLabel={texts.runNow}
        onConfirm={async () => {
          await api.post('/api/v1/privacy/retention-runs');
          await client.invalidateQueries({ queryKey: privacyKey });
        }}
      />
    </>
  );
}

function Preview({ preview }: { preview: RetentionPreview }) {
  const texts = useTexts(privacyTexts);
  const format = useFormat();
  const going = preview.items.filter(({ rows }) => rows > 0);
  return (
    <div className="mt-4" role="status">
      {preview.held ? (
        <p>{texts.allHeld}</p>
      ) : going.length === 0 ? (
        <p>{texts.nothingGoes}</p>
      ) : (
        <Table
          caption={texts.wouldGo}
          rows={going}
          rowKey={({ kind }) => kind}
          columns={[
            { name: 'kind', head: texts.wouldGo, cell: ({ kind }) => texts[kind] },
            { name: 'rows', head: texts.rows, align: 'end', cell: ({ rows }) => format.number(rows) },
            {
              name: 'oldest',
              head: texts.oldest,
              cell: ({ oldest }) => oldest && <Time at={oldest} show="day" />,
            },
          ]}
        />
      )}
    </div>
  );
}
