// How far a message has come, as people know it from their own telephone: a clock, one tick, two ticks, or a warning.
import type { Message, MessageStatus } from '@parley/contract/messages';
import { Check, CheckCheck, CircleAlert, CircleHelp, CircleSlash, Clock } from 'lucide-react';
import { useTexts } from '../../lib/texts.ts';
import { statusTexts } from './texts-status.ts';

const signs = {
  draft: Clock,
  pending: Clock,
  queued: Clock,
  sending: Clock,
  sent: Check,
  delivered: CheckCheck,
  read: CheckCheck,
  undelivered: CircleAlert,
  failed: CircleAlert,
  receiving: Clock,
  received: Check,
  canceled: CircleSlash,
  unknown: CircleHelp,
} as const satisfies Record<MessageStatus, unknown>;

/** It did not arrive, and a person can send it again. */
export const hasFailed = ({ status }: Pick<Message, 'status'>): boolean =>
  status === 'failed' || status === 'undelivered';

export function Ticks({ status, className }: { status: MessageStatus; className?: string }) {
  const texts = useTexts(statusTexts);
  const Sign = signs[status];
  const isRead = status === 'read';
  return (
    <span title={texts[status]} className={className ?? 'inline-flex shrink-0'}>
      <Sign
        size={14}
        strokeWidth={2.25}
        aria-hidden="true"
        className={isRead ? 'text-success-text' : undefined}
      />
      <span className="sr-only">{texts[status]}</span>
    </span>
  );
}
