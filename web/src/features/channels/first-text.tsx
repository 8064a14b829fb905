// The proof that a channel works: the first text that arrives on it, seen live.
import type { Channel } from '@parley/contract/channels';
import { CircleCheck, LoaderCircle } from 'lucide-react';
import { Link } from 'react-router';
import { formatPhone } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { buttonLook } from '../../ui/button.tsx';
import { useChannelHealth } from './queries.ts';
import { channelsTexts } from './texts.ts';

export function FirstText({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const texts = useTexts(channelsTexts);
  const { data: health } = useChannelHealth(channel.id);
  const arrived = health?.lastInboundAt != null;
  return (
    <div className="flex flex-col items-center gap-4 py-6 text-center">
      <p className="font-semibold text-heading" data-figures>
        {formatPhone(channel.address)}
      </p>
      <p className="text-text-muted">{texts.proofText(formatPhone(channel.address))}</p>
      <p role="status" className={arrived ? 'flex gap-2 text-success-text' : 'flex gap-2 text-text-muted'}>
        {arrived ? (
          <CircleCheck size={20} aria-hidden="true" />
        ) : (
          <LoaderCircle size={20} aria-hidden="true" className="animate-spin motion-reduce:animate-none" />
        )}
        {arrived ? texts.proofArrived : texts.proofWaiting}
      </p>
      {arrived && (
        <Link to="/inbox" onClick={onClose} className={buttonLook('primary')}>
          {texts.openInbox}
        </Link>
      )}
    </div>
  );
}
