// What was written and not accepted: its words, the reason, and the three ways on: change it, send it again, drop it.
import { useState } from 'react';
import { Link } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { changeOutboxEntry, dropOutboxEntry, useOutbox } from '../../lib/offline/outbox.ts';
import type { OutboxEntry } from '../../lib/offline/outbox-queue.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Textarea } from '../../ui/textarea.tsx';
import { toastError } from '../../ui/toast.tsx';
import { offlineTexts } from './texts.ts';

export function RefusedDialog({ onClose }: { onClose: () => void }) {
  const texts = useTexts(offlineTexts);
  const refused = useOutbox().filter(({ state }) => state === 'refused');
  return (
    <Dialog
      open={refused.length > 0}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={texts.waitingTitle}
      description={texts.waitingText}
    >
      <ul className="flex flex-col gap-5">
        {refused.map((entry) => (
          <Refused key={entry.id} entry={entry} onLeave={onClose} />
        ))}
      </ul>
    </Dialog>
  );
}

/** The words of a message or a note; null for a change, which has none. */
function wordsOf({ body }: OutboxEntry): string | null {
  if (typeof body !== 'object' || body === null || !('body' in body)) return null;
  return typeof body.body === 'string' ? body.body : null;
}

function Refused({ entry, onLeave }: { entry: OutboxEntry; onLeave: () => void }) {
  const texts = useTexts(offlineTexts);
  const format = useFormat();
  const before = wordsOf(entry);
  const [words, setWords] = useState(before ?? '');
  const reasons: Readonly<Record<string, string>> = {
    'outbox.too_old': texts.tooOld,
    'outbox.not_kept': texts.notKept,
  };
  const kinds = { message: texts.message, note: texts.note, change: texts.change };

  const sendAgain = () => {
    const isSame = before === null || words === before;
    return changeOutboxEntry(entry.id, isSame ? undefined : { ...(entry.body as object), body: words });
  };

  return (
    <li>
      <p className="mb-1 text-meta text-text-muted">
        {kinds[entry.kind]} ·{' '}
        <time title={format.exact(entry.writtenAtMs)}>{format.relative(entry.writtenAtMs)}</time>
        {entry.conversationId && (
          <>
            {' · '}
            <Link
              to={`/inbox/${entry.conversationId}`}
              onClick={onLeave}
              className="text-accent-text underline underline-offset-2"
            >
              {texts.openConversation}
            </Link>
          </>
        )}
      </p>
      {before !== null && (
        <Textarea
          aria-label={kinds[entry.kind]}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          rowsMin={2}
        />
      )}
      <p className="mt-1.5 text-danger-text text-meta">
        {entry.refusal && (reasons[entry.refusal.code] ?? entry.refusal.message)}
      </p>
      <div className="mt-2 flex flex-wrap gap-2">
        <Button
          size="small"
          disabled={before !== null && words.trim() === ''}
          onClick={() => void sendAgain().catch(toastError)}
        >
          {texts.sendAgain}
        </Button>
        <Button size="small" variant="bare" onClick={() => void dropOutboxEntry(entry.id).catch(toastError)}>
          {texts.drop}
        </Button>
      </div>
    </li>
  );
}
