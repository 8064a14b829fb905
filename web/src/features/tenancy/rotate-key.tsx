// Gives an API key a new secret, and shows it this once; the one before works on for a while.
import type { ApiKey, CreatedApiKey, RotateApiKey } from '@parley/contract/tenancy';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { api, newIdempotencyKey } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { toastError } from '../../ui/toast.tsx';
import { peopleTexts } from './people-texts.ts';
import { SecretOnce } from './secret-once.tsx';

const dayMs = 86_400_000;
const overlaps = ['0', '1', '24', '72', '168'] as const;
const lifetimes = ['same', '30', '90', '365', 'never'] as const;

export function RotateKey({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const texts = useTexts(peopleTexts);
  const shared = useTexts(sharedTexts);
  const client = useQueryClient();
  const formId = useId();
  const [overlap, setOverlap] = useState<(typeof overlaps)[number]>('24');
  const [lifetime, setLifetime] = useState<(typeof lifetimes)[number]>(apiKey.expiresAt ? '90' : 'same');
  const rotate = useMutation({
    mutationFn: () => {
      const body: RotateApiKey = { overlapHours: Number(overlap) };
      if (lifetime === 'never') body.expiresAt = null;
      else if (lifetime !== 'same')
        body.expiresAt = new Date(Date.now() + Number(lifetime) * dayMs).toISOString();
      return api.post<CreatedApiKey>(`/api/v1/api-keys/${apiKey.id}/rotation`, body, {
        idempotencyKey: newIdempotencyKey(),
      });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: queryKeys.apiKeys }),
    onError: toastError,
  });
  const onOpenChange = (open: boolean) => {
    if (!open) onClose();
  };
  if (rotate.data) {
    return (
      <Dialog
        open
        onOpenChange={onOpenChange}
        title={texts.keyMade}
        description={texts.keyMadeText}
        footer={
          <Button variant="primary" onClick={onClose}>
            {texts.done}
          </Button>
        }
      >
        <SecretOnce label={texts.keyMade} secret={rotate.data.key} autoFocus />
      </Dialog>
    );
  }
  return (
    <Dialog
      open
      onOpenChange={onOpenChange}
      title={texts.rotateTitle(apiKey.name)}
      description={texts.rotateText}
      footer={
        <>
          <Button onClick={onClose}>{shared.cancel}</Button>
          <Button type="submit" form={formId} variant="primary" busy={rotate.isPending}>
            {texts.rotate}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        onSubmit={(event) => {
          event.preventDefault();
          if (!rotate.isPending) rotate.mutate();
        }}
        className="flex flex-col gap-4"
      >
        <Field label={texts.overlap}>
          <Select
            value={overlap}
            options={overlaps.map((value) => ({
              value,
              label: value === '0' ? texts.overlapNone : texts.hours(Number(value)),
            }))}
            onChange={setOverlap}
          />
        </Field>
        <Field label={texts.expires}>
          <Select
            value={lifetime}
            options={lifetimes.map((value) => ({ value, label: lifetimeLabel(value) }))}
            onChange={setLifetime}
          />
        </Field>
      </form>
    </Dialog>
  );

  function lifetimeLabel(value: (typeof lifetimes)[number]): string {
    if (value === 'same') return texts.asBefore;
    return value === 'never' ? texts.never : texts.inDays(Number(value));
  }
}
