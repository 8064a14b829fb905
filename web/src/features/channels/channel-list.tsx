// Every connected address, with the one word that matters about each.
import type { Channel } from '@parley/contract/channels';
import { CircleCheck, CirclePause, Plus, RadioTower, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { formatPhone } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { ConnectTwilio } from './connect-twilio.tsx';
import { useChannelHealth, useChannelList } from './queries.ts';
import { channelsTexts } from './texts.ts';

export function ChannelList() {
  const texts = useTexts(channelsTexts);
  const mayManage = useCan('channels:manage');
  const channels = useChannelList();
  const [connecting, setConnecting] = useState(false);
  if (channels.isPending) return <SkeletonRows rows={3} avatar />;
  if (channels.isError) {
    return (
      <ErrorState error={channels.error} title={texts.unreadable} onRetry={() => void channels.refetch()} />
    );
  }
  const { items } = channels.data;
  const connect = mayManage ? (
    <Button variant="primary" icon={Plus} onClick={() => setConnecting(true)}>
      {texts.connect}
    </Button>
  ) : (
    <p className="text-meta text-text-muted">{texts.mayNot}</p>
  );
  return (
    <>
      {items.length === 0 ? (
        <EmptyState icon={RadioTower} title={texts.none} text={texts.noneText} action={connect} />
      ) : (
        <>
          <div className="mb-2 flex justify-end">{connect}</div>
          <ul>
            {items.map((channel) => (
              <ChannelRow key={channel.id} channel={channel} />
            ))}
          </ul>
        </>
      )}
      {connecting && <ConnectTwilio onClose={() => setConnecting(false)} />}
    </>
  );
}

function ChannelRow({ channel }: { channel: Channel }) {
  const texts = useTexts(channelsTexts);
  const { data: health } = useChannelHealth(channel.id);
  return (
    <li className="border-line border-b last:border-0">
      <Link
        to={`/channels/${channel.id}`}
        className="focus-inside flex items-center gap-3 rounded-control px-2 py-3 hover:bg-surface-hover"
      >
        <RadioTower size={20} strokeWidth={1.75} aria-hidden="true" className="shrink-0 text-text-muted" />
        <span className="min-w-0 grow">
          <span className="block truncate font-medium">{channel.name}</span>
          <span data-figures className="text-meta text-text-muted">
            {formatPhone(channel.address)}
          </span>
        </span>
        <span className="text-right text-meta text-text-muted phone:hidden">
          {health && (
            <>
              {texts.lastIn}: {health.lastInboundAt ? <Time at={health.lastInboundAt} /> : texts.never}
            </>
          )}
        </span>
        <ChannelState channel={channel} />
      </Link>
    </li>
  );
}

export function ChannelState({ channel }: { channel: Channel }) {
  const texts = useTexts(channelsTexts);
  switch (channel.status) {
    case 'active':
      return (
        <Chip tone="success" icon={CircleCheck}>
          {texts.active}
        </Chip>
      );
    case 'paused':
      return <Chip icon={CirclePause}>{texts.paused}</Chip>;
    case 'needs_attention':
      return (
        <Chip tone="danger" icon={TriangleAlert}>
          {texts.needsAttention}
        </Chip>
      );
  }
}
