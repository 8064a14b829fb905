// What a thread shows, row by row from old to new: days, what was said, grouped by who said it, and what is on its way. Pure.
import type { Activity, Note, TimelineItem } from '@parley/contract/inbox';
import type { Message } from '@parley/contract/messages';
import type { OutboxEntry } from '../../lib/offline/outbox-queue.ts';

export type ThreadRow =
  | { readonly kind: 'day'; readonly key: string; readonly at: string }
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly message: Message;
      /** Of what one speaker said in a row. */
      readonly isFirst: boolean;
      readonly isLast: boolean;
    }
  | { readonly kind: 'note'; readonly key: string; readonly note: Note }
  | { readonly kind: 'activity'; readonly key: string; readonly activity: Activity }
  | { readonly kind: 'waiting'; readonly key: string; readonly entry: OutboxEntry }
  | { readonly kind: 'writing'; readonly key: string; readonly text: string | null };

/** After this pause the same speaker begins anew. */
const pauseMs = 5 * 60_000;

interface ThreadParts {
  /** Newest first, as the server has them. */
  readonly items: readonly TimelineItem[];
  /** What was written here and is not with the server yet, oldest first. */
  readonly entries: readonly OutboxEntry[];
  /** What the assistant writes just now; undefined: it does not. */
  readonly writing: { readonly text: string | null } | undefined;
}

export function rowsOf({ items, entries, writing }: ThreadParts): ThreadRow[] {
  const rows: ThreadRow[] = [];
  const shown = items.toReversed().filter(isShown);
  const known = new Set(shown.map((item) => (item.kind === 'message' ? item.message.id : null)));
  let day = '';
  shown.forEach((item, index) => {
    const today = new Date(item.at).toDateString();
    if (today !== day) {
      day = today;
      rows.push({ kind: 'day', key: `day ${today}`, at: item.at });
    }
    if (item.kind === 'note') rows.push({ kind: 'note', key: item.note.id, note: item.note });
    if (item.kind === 'activity')
      rows.push({ kind: 'activity', key: item.activity.id, activity: item.activity });
    if (item.kind === 'message') {
      rows.push({
        kind: 'message',
        key: item.message.id,
        message: item.message,
        isFirst: !belongTogether(shown[index - 1], item),
        isLast: !belongTogether(item, shown[index + 1]),
      });
    }
  });
  for (const entry of entries) {
    if (entry.kind !== 'change' && !known.has(entry.id)) rows.push({ kind: 'waiting', key: entry.id, entry });
  }
  if (writing) rows.push({ kind: 'writing', key: 'writing', text: writing.text });
  return rows;
}

/** What was undone before it left is as if it had never been; a scheduled one that was called off stays as a trace. */
function isShown(item: TimelineItem): boolean {
  return item.kind !== 'message' || item.message.status !== 'canceled' || !isHeld(item.message);
}

const holdMsMax = 60_000;

/** Waits only so that its sender can undo it. */
export function isHeld({ sendAt, createdAt }: Pick<Message, 'sendAt' | 'createdAt'>): boolean {
  return sendAt !== null && Date.parse(sendAt) - Date.parse(createdAt) <= holdMsMax;
}

function belongTogether(one: TimelineItem | undefined, other: TimelineItem | undefined): boolean {
  if (one?.kind !== 'message' || other?.kind !== 'message') return false;
  const speaker = ({ message }: typeof one) =>
    `${message.direction} ${message.sender.kind} ${message.sender.id}`;
  const isDraft = one.message.status === 'draft' || other.message.status === 'draft';
  const apartMs = Date.parse(other.at) - Date.parse(one.at);
  return (
    !isDraft &&
    speaker(one) === speaker(other) &&
    apartMs < pauseMs &&
    new Date(one.at).toDateString() === new Date(other.at).toDateString()
  );
}
