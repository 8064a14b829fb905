// One channel: how it is doing and why, its settings, its credentials, and the way out.
import type { Channel } from '@parley/contract/channels';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ChevronLeft } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { api } from '../../lib/api.ts';
import { formatPhone } from '../../lib/format.ts';
import { queryKeys } from '../../lib/query.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { Page, Section } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { ChannelHealthView } from './channel-health.tsx';
import { ChannelState } from './channel-list.tsx';
import { useChannel } from './queries.ts';
import { ReplaceCredentials } from './replace-credentials.tsx';
import { channelsTexts } from './texts.ts';

export function ChannelDetail() {
  const { channelId = '' } = useParams();
  const texts = useTexts(channelsTexts);
  const mayManage = useCan('channels:manage');
  const channel = useChannel(channelId);
  const back = (
    <Link
      to="/channels"
      className="relative inline-flex items-center gap-1 text-meta text-text-muted after:absolute after:-inset-3.5 hover:text-text"
    >
      <ChevronLeft size={16} aria-hidden="true" />
      {texts.back}
    </Link>
  );
  if (channel.isPending) return <SkeletonRows rows={5} />;
  if (channel.isError) {
    return (
      <Page title={texts.title} description={back}>
        <ErrorState error={channel.error} title={texts.unreadable} onRetry={() => void channel.refetch()} />
      </Page>
    );
  }
  const { data } = channel;
  return (
    <Page
      title={data.name}
      description={
        <>
          {back}
          <span className="mt-1 flex items-center gap-2" data-figures>
            {formatPhone(data.address)} <ChannelState channel={data} />
          </span>
        </>
      }
    >
      <Section title={texts.health}>
        <ChannelHealthView channel={data} />
      </Section>
      {mayManage && (
        <>
          <Section title={texts.settings} description={texts.pauseText}>
            <ChannelForm key={data.updatedAt} channel={data} />
          </Section>
          <Section title={texts.credentials} description={texts.credentialsText}>
            <Credentials channel={data} />
          </Section>
          <Section title={texts.disconnect} description={texts.disconnectText}>
            <Disconnect channel={data} />
          </Section>
        </>
      )}
    </Page>
  );
}

function ChannelForm({ channel }: { channel: Channel }) {
  const texts = useTexts(channelsTexts);
  const shared = useTexts(sharedTexts);
  const client = useQueryClient();
  const [name, setName] = useState(channel.name);
  const [rate, setRate] = useState(channel.sendsPerSecond === null ? '' : String(channel.sendsPerSecond));
  const rateError = rate.trim() === '' || Number(rate) > 0 ? null : texts.rateWrong;
  const change = useMutation({
    mutationFn: (input: object) => api.patch<Channel>(`/api/v1/channels/${channel.id}`, input),
    onError: toastError,
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.channels }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (rateError || name.trim() === '') return;
    change.mutate(
      { name, sendsPerSecond: rate.trim() === '' ? null : Number(rate) },
      { onSuccess: () => toast({ text: texts.saved, tone: 'success' }) },
    );
  };
  const isPaused = channel.status === 'paused';
  const toggle = () =>
    change.mutate(
      { status: isPaused ? 'active' : 'paused' },
      {
        onSuccess: () =>
          toast({ text: isPaused ? texts.resumedNow(channel.name) : texts.pausedNow(channel.name) }),
      },
    );
  return (
    <form onSubmit={submit} className="flex max-w-100 flex-col gap-4">
      <Field label={texts.name}>
        <Input value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label={texts.rate} hint={texts.rateHint} error={rateError}>
        <Input
          inputMode="decimal"
          value={rate}
          onChange={(event) => setRate(event.target.value)}
          className="max-w-32"
        />
      </Field>
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" busy={change.isPending}>
          {shared.save}
        </Button>
        {channel.status !== 'needs_attention' && (
          <Button onClick={toggle}>{isPaused ? texts.resume : texts.pause}</Button>
        )}
      </div>
    </form>
  );
}

function Credentials({ channel }: { channel: Channel }) {
  const texts = useTexts(channelsTexts);
  const client = useQueryClient();
  const [replacing, setReplacing] = useState(false);
  const removePrevious = useMutation({
    mutationFn: () => api.delete(`/api/v1/channels/${channel.id}/credentials/previous`),
    onSuccess: () => toast({ text: texts.previousRemoved }),
    onError: toastError,
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.channels }),
  });
  return (
    <>
      {channel.hasPreviousCredentials && <p className="mb-3">{texts.previousStay}</p>}
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => setReplacing(true)}>{texts.replace}</Button>
        {channel.hasPreviousCredentials && (
          <Button busy={removePrevious.isPending} onClick={() => removePrevious.mutate()}>
            {texts.removePrevious}
          </Button>
        )}
      </div>
      {replacing && <ReplaceCredentials channel={channel} onClose={() => setReplacing(false)} />}
    </>
  );
}

function Disconnect({ channel }: { channel: Channel }) {
  const texts = useTexts(channelsTexts);
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const disconnect = async () => {
    await api.delete(`/api/v1/channels/${channel.id}`);
    await navigate('/channels');
    toast({ text: texts.disconnected(channel.name) });
    await client.invalidateQueries({ queryKey: queryKeys.channels });
  };
  return (
    <>
      <Button variant="danger" onClick={() => setAsking(true)}>
        {texts.disconnect}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        danger
        title={texts.disconnectTitle(channel.name)}
        text={texts.disconnectText}
        actionLabel={texts.disconnect}
        onConfirm={disconnect}
      />
    </>
  );
}
