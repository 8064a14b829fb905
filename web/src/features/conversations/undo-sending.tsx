// The few seconds in which a message can still be taken back, counted down on the message itself.
import type { Message } from '@parley/contract/messages';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { callOff } from './sending.ts';
import { threadTexts } from './texts-thread.ts';

export function UndoSending({ message, sendAt }: { message: Message; sendAt: string }) {
  const texts = useTexts(threadTexts);
  const client = useQueryClient();
  const { user } = useSession();
  const [isBusy, setBusy] = useState(false);
  const leftMs = useLeft(untilOf(message, sendAt));
  // Who wrote it may take it back; the last half second is too close to press.
  if (leftMs < 500 || message.sender.id !== user.id) return null;
  const seconds = Math.ceil(leftMs / 1000);
  const undo = async () => {
    setBusy(true);
    await callOff(client, message);
    setBusy(false);
  };
  return (
    <button
      type="button"
      disabled={isBusy}
      data-undo-sending={message.id}
      aria-label={texts.undoIn(seconds)}
      onClick={() => void undo()}
      className="relative rounded-small font-medium text-accent-text after:absolute after:-inset-2 after:content-[''] hover:underline disabled:opacity-50 phone:after:-inset-3.5"
    >
      {texts.undoSend} <span data-figures>{seconds}</span>
    </button>
  );
}

/** When each held message was first seen here: the clock of this device need not be the server's. */
const seenAtMs = new Map<string, number>();

function untilOf({ id, createdAt }: Message, sendAt: string): number {
  const seen = seenAtMs.get(id) ?? Date.now();
  seenAtMs.set(id, seen);
  return seen + Date.parse(sendAt) - Date.parse(createdAt);
}

function useLeft(untilMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  const isOver = untilMs <= now;
  useEffect(() => {
    if (isOver) return;
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [isOver]);
  return untilMs - now;
}
