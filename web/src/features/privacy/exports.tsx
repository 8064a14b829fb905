// Exports: asked for, under way, to be fetched for a week.
import type { DataExport, ExportLink, StartedExport } from '@parley/contract/privacy';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { saveFrom } from '../../lib/save-file.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Progress } from '../../ui/progress.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { toastError } from '../../ui/toast.tsx';
import { PassphraseDialog } from './passphrase-dialog.tsx';
import { privacyKey, useExports } from './queries.ts';
import { stateTones } from './state-tones.ts';
import { privacyTexts } from './texts.ts';

export function Exports() {
  const texts = useTexts(privacyTexts);
  const mayExport = useCan('workspace:export');
  const client = useQueryClient();
  const list = useExports();
  const [passphrase, setPassphrase] = useState<string | null>(null);
  const start = useMutation({
    mutationFn: () => api.post<StartedExport>('/api/v1/privacy/exports', { contactId: null }),
    onSuccess: (started) => {
      setPassphrase(started.passphrase);
      void client.invalidateQueries({ queryKey: privacyKey });
    },
    onError: toastError,
  });
  if (list.isPending) return <SkeletonRows rows={2} />;
  if (list.isError)
    return <ErrorState error={list.error} title={texts.unreadable} onRetry={() => void list.refetch()} />;
  const { items } = list.data;
  const button = mayExport && (
    <Button busy={start.isPending} onClick={() => start.mutate()}>
      {texts.exportAll}
    </Button>
  );
  return (
    <>
      {items.length === 0 ? (
        <p className="mb-4 text-text-muted">{texts.noExports}</p>
      ) : (
        <ul className="mb-4 divide-y divide-line">
          {items.map((item) => (
            <ExportRow key={item.id} item={item} />
          ))}
        </ul>
      )}
      {button}
      {passphrase !== null && (
        <PassphraseDialog passphrase={passphrase} onClose={() => setPassphrase(null)} />
      )}
    </>
  );
}

function ExportRow({ item }: { item: DataExport }) {
  const texts = useTexts(privacyTexts);
  const client = useQueryClient();
  const mayManage = useCan('privacy:manage');
  const name = item.contactId === null ? texts.exportOfAll : texts.exportOfContact;
  const download = useMutation({
    mutationFn: () => api.post<ExportLink>(`/api/v1/privacy/exports/${item.id}/link`),
    onSuccess: ({ path }) => saveFrom(path),
    onError: toastError,
  });
  const cancel = useMutation({
    mutationFn: () => api.put(`/api/v1/privacy/exports/${item.id}/cancellation`),
    onError: toastError,
    onSettled: () => client.invalidateQueries({ queryKey: privacyKey }),
  });
  return (
    <li className="flex flex-wrap items-center gap-3 py-3">
      <span className="min-w-0 flex-1 basis-32">
        <span className="block font-medium">{name}</span>
        <Time at={item.createdAt} className="text-meta text-text-muted" />
      </span>
      {item.state !== 'running' && <Chip tone={stateTones[item.state]}>{texts[item.state]}</Chip>}
      {mayManage && item.state === 'running' && (
        <Button size="small" onClick={() => cancel.mutate()}>
          {texts.cancelExport}
        </Button>
      )}
      {mayManage && item.state === 'done' && item.mine && (
        <Button size="small" busy={download.isPending} onClick={() => download.mutate()}>
          {texts.download}
        </Button>
      )}
      {item.state === 'running' && (
        <div className="basis-full">
          <Progress
            name={name}
            value={item.total === 0 ? 1 : item.done / item.total}
            label={texts.written(item.done, item.total)}
          />
        </div>
      )}
    </li>
  );
}
