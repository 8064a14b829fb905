// Whether somebody at the other end writes to a handset: a member, the assistant, or an assistant that has just got a text and
// will answer in a moment.
import type { Conversation } from '@parley/contract/conversations';
import type { HandsetMessage } from '@parley/contract/phone';
import { useEffect, useState } from 'react';
import { useLive } from '../../lib/live.ts';
import { stopWord } from './suggestions.ts';

/** An assistant that has said nothing by then decided to leave it to a member. */
const answerMsMax = 8000;

export interface WritingInput {
  readonly conversation: Conversation | null | undefined;
  readonly last: HandsetMessage | undefined;
  readonly policy: 'off' | 'draft' | 'auto' | undefined;
}

/** Until when the assistant is expected to answer the last text, in milliseconds since the Unix epoch; 0: it is not. */
export function answerExpectedUntilMs({ conversation, last, policy }: WritingInput): number {
  if (last?.direction !== 'sent' || last.status !== 'accepted') return 0;
  if (last.body.trim().toUpperCase() === stopWord) return 0;
  if (conversation && (conversation.owner.kind !== 'assistant' || conversation.contact.optedOut)) return 0;
  if ((conversation?.assistantPolicy ?? policy) !== 'auto') return 0;
  return Date.parse(last.at) + answerMsMax;
}

export function useWriting(input: WritingInput): boolean {
  const id = input.conversation?.id ?? '';
  const isWriting = useLive(({ typing, writing }) => typing[id] !== undefined || writing[id] !== undefined);
  const untilMs = answerExpectedUntilMs(input);
  const [expiredMs, setExpiredMs] = useState(0);
  useEffect(() => {
    const leftMs = untilMs - Date.now();
    if (leftMs <= 0) return;
    const timer = setTimeout(() => setExpiredMs(untilMs), leftMs);
    return () => clearTimeout(timer);
  }, [untilMs]);
  return isWriting || (untilMs > expiredMs && untilMs > Date.now());
}
