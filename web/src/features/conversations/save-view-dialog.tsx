// Asks for the name of a saved view, and whether everybody has it.
import type { View, ViewFilters, WriteView } from '@parley/contract/inbox';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, newIdempotencyKey } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { toast } from '../../ui/toast.tsx';
import { listTexts } from './texts-list.ts';

interface SaveViewDialogProps {
  readonly filters: ViewFilters;
  /** Changes this one; otherwise a new one is made. */
  readonly view?: View;
  readonly onClose: () => void;
}

export function SaveViewDialog({ filters, view, onClose }: SaveViewDialogProps) {
  const texts = useTexts(listTexts);
  const shared = useTexts(sharedTexts);
  const mayShare = useCan('conversations:write');
  const queries = useQueryClient();
  const [name, setName] = useState(view?.name ?? '');
  const [isShared, setShared] = useState(view?.shared ?? false);
  const [idempotencyKey] = useState(newIdempotencyKey);
  const save = useMutation({
    mutationFn: () => {
      const body: WriteView = { name: name.trim(), filters, shared: isShared };
      return view
        ? api.put<View>(`/api/v1/views/${view.id}`, body)
        : api.post<View>('/api/v1/views', body, { idempotencyKey });
    },
    onSuccess: (saved) => {
      void queries.invalidateQueries({ queryKey: queryKeys.savedViews });
      toast({ text: texts.viewSaved(saved.name), tone: 'success' });
      onClose();
    },
  });
  return (
    <Dialog
      open
      size="small"
      title={view ? texts.renameView : texts.saveView}
      onOpenChange={(open) => !open && onClose()}
      footer={
        <>
          <Button onClick={onClose}>{shared.cancel}</Button>
          <Button type="submit" form="save-view" variant="primary" busy={save.isPending}>
            {shared.save}
          </Button>
        </>
      }
    >
      <form
        id="save-view"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') save.mutate();
        }}
      >
        <Field label={texts.viewName} hint={texts.viewNameHint} error={save.error?.message ?? null}>
          <Input
            value={name}
            required
            maxLength={60}
            autoComplete="off"
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        {mayShare && <Checkbox label={texts.viewShared} checked={isShared} onChange={setShared} />}
      </form>
    </Dialog>
  );
}
