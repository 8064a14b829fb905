// New credentials for a channel; the ones before stay valid for webhooks.
import type { Channel } from '@parley/contract/channels';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { channelsTexts } from './texts.ts';
import {
  emptyTwilioDraft,
  isCompleteTwilioDraft,
  TwilioFields,
  toTwilioCredentials,
} from './twilio-credentials.tsx';

export function ReplaceCredentials({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const texts = useTexts(channelsTexts);
  const shared = useTexts(sharedTexts);
  const client = useQueryClient();
  const formId = useId();
  const [draft, setDraft] = useState({ ...emptyTwilioDraft, accountSid: channel.accountId });
  const [told, setTold] = useState(false);
  const replace = useMutation({
    mutationFn: () =>
      api.put(`/api/v1/channels/${channel.id}/credentials`, { credentials: toTwilioCredentials(draft) }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: queryKeys.channels });
      toast({ text: texts.replaced, tone: 'success' });
      onClose();
    },
    onError: toastError,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTold(true);
    if (isCompleteTwilioDraft(draft) && !replace.isPending) replace.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={texts.replace}
      description={texts.credentialsText}
      footer={
        <>
          <Button onClick={onClose}>{shared.cancel}</Button>
          <Button type="submit" form={formId} variant="primary" busy={replace.isPending}>
            {texts.replace}
          </Button>
        </>
      }
    >
      <form id={formId} noValidate onSubmit={submit} className="flex flex-col gap-4">
        <TwilioFields draft={draft} onChange={setDraft} told={told} />
      </form>
    </Dialog>
  );
}
