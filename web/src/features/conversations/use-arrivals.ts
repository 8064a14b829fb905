// What came into a thread while its reader looked: whether they are away from the end, how much came below, and what a screen
// reader is told of it.
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useTexts } from '../../lib/texts.ts';
import { useSpeakerName } from './bubble.tsx';
import { threadTexts } from './texts-thread.ts';
import type { ThreadRow } from './thread-rows.ts';

const newMs = 1000;

interface ArrivalsOptions {
  readonly rows: readonly ThreadRow[];
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** In px. */
  readonly endThreshold: number;
  readonly contactName: string;
}

export function useArrivals({ rows, scroller, endThreshold, contactName }: ArrivalsOptions) {
  const texts = useTexts(threadTexts);
  const speakerName = useSpeakerName();
  const [isAway, setAway] = useState(false);
  const [count, setCount] = useState(0);
  const [announcement, setAnnouncement] = useState('');
  /** What stood at the end when the thread was opened, or at the last look. */
  const newestKnown = useRef<string | null>(null);
  const fresh = useRef(new Map<string, number>());

  const element = scroller.current;
  useEffect(() => {
    if (!element) return;
    const look = () => {
      const away = element.scrollHeight - element.scrollTop - element.clientHeight > endThreshold * 2;
      setAway(away);
      if (!away) setCount(0);
    };
    element.addEventListener('scroll', look, { passive: true });
    return () => element.removeEventListener('scroll', look);
  }, [element, endThreshold]);

  const said = rows.filter((row) => row.kind === 'message' || row.kind === 'note');
  const newest = said.at(-1);
  const newestKey = newest?.key ?? null;
  if (newestKnown.current === null) newestKnown.current = newestKey;
  else if (newestKnown.current !== newestKey) {
    const from = said.findIndex(({ key }) => key === newestKnown.current);
    // What was there last is gone: a draft was discarded, or everything was read anew.
    if (from !== -1) for (const { key } of said.slice(from + 1)) fresh.current.set(key, Date.now());
  }
  useEffect(() => {
    if (newestKnown.current === newestKey) return;
    const from = said.findIndex(({ key }) => key === newestKnown.current);
    newestKnown.current = newestKey;
    const came = from === -1 ? [] : said.slice(from + 1);
    const others = came.flatMap((row) =>
      row.kind === 'message' &&
      (row.message.direction === 'inbound' || row.message.sender.kind === 'assistant')
        ? [row.message]
        : [],
    );
    if (others.length === 0) return;
    if (isAway) setCount((before) => before + others.length);
    setAnnouncement(
      others
        .map((message) => texts.arrived(speakerName(message.sender, contactName), message.body))
        .join('\n'),
    );
  });

  return {
    isAway,
    count,
    announcement,
    /** For a moment: what is scrolled out of sight and back does not arrive again. */
    isNew: (key: string) => Date.now() - (fresh.current.get(key) ?? 0) < newMs,
  };
}
