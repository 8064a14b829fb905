// What can be done with a source: read it again or no further, use it or hold it back, change it, make the assistant forget it.
import type { TrainingData, TrainingDataDetail } from '@parley/contract/training-data';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleStop, Ellipsis, Eye, EyeOff, Pencil, RotateCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { AddressForm } from './knowledge-address-form.tsx';
import { dropSource, patchSource, sourceKey, sourcesPath } from './knowledge-queries.ts';
import { isBeingRead } from './knowledge-state.tsx';
import { WrittenForm } from './knowledge-written-form.tsx';
import { knowledgeTexts } from './texts-knowledge.ts';
import { useCancelReading } from './use-cancel-reading.ts';

export interface SourceActionsProps {
  source: TrainingData;
  /** Behind one button in a row, or side by side on a page of its own. */
  as: 'menu' | 'buttons';
  /** It is gone from the screen's memory; the focus needs another place. */
  onRemoved: () => void;
}

export function SourceActions({ source, as, onRemoved }: SourceActionsProps) {
  const texts = useTexts(knowledgeTexts);
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [editing, setEditing] = useState<TrainingDataDetail | null>(null);
  const { id, kind, title } = source;
  const canBeRead = kind !== 'text' && kind !== 'pair';
  const path = `${sourcesPath}/${id}` as const;

  const readAgain = useMutation({
    mutationFn: () => api.put<TrainingData>(`${path}/reading`),
    onSuccess: (after) => {
      patchSource(client, id, after);
      toast({ text: texts.readingAgain(title) });
    },
    onError: toastError,
  });
  const cancelReading = useCancelReading(source);
  const setLive = useMutation({
    mutationFn: () => api.put<TrainingData>(path, { live: !source.live }),
    onSuccess: (after) => {
      patchSource(client, id, after);
      toast({ text: after.live ? texts.nowUsed(title) : texts.nowHeldBack(title) });
    },
    onError: toastError,
  });
  // What it says may be older in memory than what a colleague wrote.
  const edit = useMutation({
    mutationFn: () =>
      client.fetchQuery({
        queryKey: sourceKey(id),
        queryFn: ({ signal }) => api.get<TrainingDataDetail>(path, { signal }),
        staleTime: 0,
      }),
    onSuccess: setEditing,
    onError: toastError,
  });
  const remove = async () => {
    await api.delete(path);
    dropSource(client, id);
    onRemoved();
    toast({ text: texts.removed(title) });
  };
  const items = [
    ...(as === 'menu' && isBeingRead(source)
      ? [{ label: texts.cancelReading, icon: CircleStop, onSelect: () => cancelReading.mutate() }]
      : []),
    ...(canBeRead ? [{ label: texts.readAgain, icon: RotateCw, onSelect: () => readAgain.mutate() }] : []),
    source.live
      ? { label: texts.holdBack, icon: EyeOff, onSelect: () => setLive.mutate() }
      : { label: texts.use, icon: Eye, onSelect: () => setLive.mutate() },
    { label: texts.edit, icon: Pencil, onSelect: () => edit.mutate() },
    { label: texts.remove, icon: Trash2, tone: 'danger' as const, onSelect: () => setAsking(true) },
  ];
  const close = () => setEditing(null);
  return (
    <>
      {as === 'menu' ? (
        <Menu
          align="end"
          trigger={<IconButton label={texts.more(title)} icon={Ellipsis} data-more />}
          items={items}
        />
      ) : (
        items.map(({ label, icon, onSelect }) => (
          <Button key={label} icon={icon} onClick={onSelect}>
            {label}
          </Button>
        ))
      )}
      {editing &&
        (editing.kind === 'text' || editing.kind === 'pair' ? (
          <WrittenForm kind={editing.kind} source={editing} onClose={close} />
        ) : (
          <AddressForm kind={editing.kind} source={editing} onClose={close} />
        ))}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        danger
        title={texts.removeTitle(title)}
        text={texts.removeText}
        actionLabel={texts.remove}
        onConfirm={remove}
      />
    </>
  );
}
