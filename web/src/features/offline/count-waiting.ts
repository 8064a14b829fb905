// What waits, in words: "2 messages and 1 note".

import { useFormat } from '../../lib/format.ts';
import type { OutboxEntry } from '../../lib/offline/outbox-queue.ts';
import { useTexts } from '../../lib/texts.ts';
import { offlineTexts } from './texts.ts';

export function useCountInWords(): (entries: readonly OutboxEntry[]) => string {
  const texts = useTexts(offlineTexts);
  const format = useFormat();
  return (entries) => {
    const count = (kind: OutboxEntry['kind']) => entries.filter((entry) => entry.kind === kind).length;
    const parts = [
      { count: count('message'), words: texts.messages },
      { count: count('note'), words: texts.notes },
      { count: count('change'), words: texts.changes },
    ];
    return format.list(parts.filter((part) => part.count > 0).map((part) => part.words(part.count)));
  };
}
