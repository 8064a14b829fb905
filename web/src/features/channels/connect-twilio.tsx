// Connects numbers of a Twilio account in three steps: the account, its numbers, the first text as proof.
import type { Channel, InspectedAccount } from '@parley/contract/channels';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { api, newIdempotencyKey } from '../../lib/api.ts';
import { formatPhone } from '../../lib/format.ts';
import { queryKeys } from '../../lib/query.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Progress } from '../../ui/progress.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { ChooseNumbers } from './choose-numbers.tsx';
import { FirstText } from './first-text.tsx';
import { useHealthWords } from './health-words.ts';
import { channelsTexts } from './texts.ts';
import {
  emptyTwilioDraft,
  isCompleteTwilioDraft,
  TwilioFields,
  toTwilioCredentials,
} from './twilio-credentials.tsx';

const stepCount = 3;

export function ConnectTwilio({ onClose }: { onClose: () => void }) {
  const texts = useTexts(channelsTexts);
  const client = useQueryClient();
  const formId = useId();
  const [draft, setDraft] = useState(emptyTwilioDraft);
  const [told, setTold] = useState(false);
  const [account, setAccount] = useState<InspectedAccount | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [channels, setChannels] = useState<readonly Channel[]>([]);
  const [done, setDone] = useState(0);
  const inspect = useMutation({
    mutationFn: () =>
      api.post<InspectedAccount>('/api/v1/channels/account-inspections', {
        provider: 'twilio',
        credentials: toTwilioCredentials(draft),
      }),
    onSuccess: (found) => {
      if (found.ok) setAccount(found);
    },
    onError: toastError,
  });
  const words = useHealthWords();
  const found = inspect.data?.finding;
  const finding = found && words(found.code, found);
  const connect = useMutation({
    mutationFn: async () => {
      const connected: Channel[] = [];
      setDone(0);
      for (const address of chosen) {
        try {
          connected.push(
            await api.post<Channel>(
              '/api/v1/channels',
              {
                provider: 'twilio',
                address,
                credentials: toTwilioCredentials(draft),
                configureWebhooks: true,
              },
              { idempotencyKey: newIdempotencyKey() },
            ),
          );
        } catch (error) {
          toast({
            text: `${texts.connectFailed(formatPhone(address))} ${error instanceof Error ? error.message : ''}`,
            tone: 'danger',
            durationMs: 15_000,
          });
        }
        setDone((before) => before + 1);
      }
      return connected;
    },
    onSuccess: async (connected) => {
      await client.invalidateQueries({ queryKey: queryKeys.channels });
      if (connected.length > 0) setChannels(connected);
      else inspect.mutate();
    },
  });

  const check = (event: FormEvent) => {
    event.preventDefault();
    setTold(true);
    if (isCompleteTwilioDraft(draft) && !inspect.isPending) inspect.mutate();
  };
  const at = channels.length > 0 ? 3 : account ? 2 : 1;
  const [first] = channels;
  const names = [texts.stepAccount, texts.stepNumbers, texts.stepDone];
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={at === 3 ? texts.proof : texts.connect}
      description={`${texts.step(at, stepCount)}: ${names[at - 1]}`}
      footer={
        <>
          {at === 2 && <Button onClick={() => setAccount(null)}>{texts.backStep}</Button>}
          {at === 1 && (
            <Button type="submit" form={formId} variant="primary" busy={inspect.isPending}>
              {texts.check}
            </Button>
          )}
          {at === 2 && (
            <Button
              variant="primary"
              busy={connect.isPending}
              disabled={chosen.size === 0}
              onClick={() => connect.mutate()}
            >
              {texts.connectNumbers(chosen.size)}
            </Button>
          )}
          {at === 3 && <Button onClick={onClose}>{texts.close}</Button>}
        </>
      }
    >
      {at === 1 && (
        <form id={formId} noValidate onSubmit={check} className="flex flex-col gap-4">
          {finding && (
            <div role="alert" className="flex gap-3 rounded-control bg-danger-soft p-3 text-danger-text">
              <TriangleAlert size={20} aria-hidden="true" className="shrink-0" />
              <p>
                <span className="font-medium">{finding.message}</span> {finding.action}
              </p>
            </div>
          )}
          <TwilioFields draft={draft} onChange={setDraft} told={told} />
        </form>
      )}
      {at === 2 && account && (
        <>
          <ChooseNumbers account={account} chosen={chosen} onChange={setChosen} />
          {connect.isPending && (
            <div className="mt-4">
              <Progress value={done / chosen.size} label={texts.connecting(done, chosen.size)} />
            </div>
          )}
        </>
      )}
      {at === 3 && first && <FirstText channel={first} onClose={onClose} />}
    </Dialog>
  );
}
