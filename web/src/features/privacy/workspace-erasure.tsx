// The erasure of the workspace: set with its name, begun after seven days, canceled until then.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { formatPhone } from '../../lib/format.ts';
import { useCan, useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { privacyKey, useWorkspaceErasure } from './queries.ts';
import { privacyTexts } from './texts.ts';

/** Above everything else of the page, for as long as it is set. */
export function WorkspaceErasureNote() {
  const texts = useTexts(privacyTexts);
  const client = useQueryClient();
  const mayErase = useCan('workspace:erase');
  const { data } = useWorkspaceErasure();
  const keep = useMutation({
    mutationFn: () => api.delete('/api/v1/workspace/erasure'),
    onSuccess: () => toast({ text: texts.endKept, tone: 'success' }),
    onError: toastError,
    onSettled: () => client.invalidateQueries({ queryKey: privacyKey }),
  });
  if (!data?.set) return null;
  return (
    <div
      role="status"
      className="mb-6 flex flex-wrap items-center gap-3 rounded-md bg-danger-soft p-4 text-danger-text"
    >
      <TriangleAlert aria-hidden className="size-5 shrink-0" />
      <p className="min-w-0 grow basis-60 font-medium">
        {texts.endOn} <Time at={data.set.beginsAt} show="exact" />
      </p>
      {mayErase && (
        <Button busy={keep.isPending} onClick={() => keep.mutate()}>
          {texts.endKeep}
        </Button>
      )}
    </div>
  );
}

export function WorkspaceErasureSettings() {
  const texts = useTexts(privacyTexts);
  const mayErase = useCan('workspace:erase');
  const erasure = useWorkspaceErasure();
  const [asking, setAsking] = useState(false);
  if (erasure.isPending) return <SkeletonRows rows={1} />;
  if (erasure.isError)
    return (
      <ErrorState error={erasure.error} title={texts.unreadable} onRetry={() => void erasure.refetch()} />
    );
  const { set, obstacle, numbers } = erasure.data;
  if (!mayErase) return <p className="text-text-muted">{texts.endOwners}</p>;
  return (
    <>
      <p className="mb-4 max-w-prose text-text-muted">
        {set ? (
          <>
            {texts.endOn} <Time at={set.beginsAt} show="exact" />
          </>
        ) : (
          texts.endWaits
        )}
      </p>
      {obstacle && (
        <p className="mb-4 max-w-prose font-medium">
          {obstacle === 'legal_hold'
            ? texts.endHeld
            : texts.endRented(numbers.map((number) => formatPhone(number)).join(', '))}
        </p>
      )}
      {!set && (
        <Button variant="danger" disabled={obstacle !== null} onClick={() => setAsking(true)}>
          {texts.endButton}
        </Button>
      )}
      {asking && <NameDialog onClose={() => setAsking(false)} />}
    </>
  );
}

function NameDialog({ onClose }: { onClose: () => void }) {
  const texts = useTexts(privacyTexts);
  const { cancel } = useTexts(sharedTexts);
  const { workspace } = useSession();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [isWrong, setWrong] = useState(false);
  const set = useMutation({
    mutationFn: () => api.put('/api/v1/workspace/erasure', { name }),
    onSuccess: async () => {
      toast({ text: texts.endSet, tone: 'success' });
      onClose();
      await client.invalidateQueries({ queryKey: privacyKey });
    },
    onError: toastError,
  });
  return (
    <Dialog
      open
      size="small"
      title={texts.endWorkspace}
      onOpenChange={(open) => !open && onClose()}
      footer={
        <>
          <Button onClick={onClose}>{cancel}</Button>
          <Button type="submit" form="erase-workspace" variant="danger" busy={set.isPending}>
            {texts.endConfirm}
          </Button>
        </>
      }
    >
      <form
        id="erase-workspace"
        onSubmit={(event) => {
          event.preventDefault();
          setWrong(name !== workspace.name);
          if (name === workspace.name) set.mutate();
        }}
      >
        <p className="mb-4">{texts.endWorkspaceText}</p>
        <Field label={texts.endName(workspace.name)} error={isWrong ? texts.endNameWrong : null}>
          <Input
            value={name}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
      </form>
    </Dialog>
  );
}
