// The quick replies of the workspace: made, changed and removed here, used in the compose box.
import type { QuickReply } from '@parley/contract/inbox';
import { MessageSquareQuote, Plus, Trash2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { useRemoveQuickReply } from './change-quick-replies.ts';
import { useQuickReplies } from './queries.ts';
import { QuickReplyDialog } from './quick-reply-dialog.tsx';
import { quickReplyTexts } from './texts-quick-replies.ts';

export function QuickReplySettings() {
  const texts = useTexts(quickReplyTexts);
  const mayWrite = useCan('conversations:write');
  const { data, error, isPending, refetch } = useQuickReplies();
  const [edited, setEdited] = useState<QuickReply | 'new' | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const remove = useRemoveQuickReply();
  /** Where one was removed that is still shown. */
  const vacated = useRef<number | null>(null);
  const count = data?.items.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when one is gone
  useEffect(() => {
    const index = vacated.current;
    vacated.current = null;
    if (index === null) return;
    // To the one that moved up, so that the keyboard goes on; else to what makes another one.
    const left = place.current?.querySelectorAll<HTMLElement>('[data-remove]') ?? [];
    const next = left[Math.min(index, left.length - 1)];
    (next ?? place.current?.querySelector<HTMLElement>('[data-stays]'))?.focus();
  }, [count]);

  if (isPending) return <SkeletonRows rows={4} />;
  if (!data) return <ErrorState error={error} title={texts.unreadable} onRetry={() => void refetch()} />;

  const make = (
    <Button data-stays variant="primary" icon={Plus} onClick={() => setEdited('new')}>
      {texts.make}
    </Button>
  );
  const removeAt = (quickReply: QuickReply, index: number) => {
    vacated.current = index;
    void remove(quickReply);
  };
  return (
    <div ref={place}>
      {data.items.length === 0 ? (
        <EmptyState
          icon={MessageSquareQuote}
          title={texts.none}
          text={texts.noneText}
          action={mayWrite ? make : undefined}
        />
      ) : (
        <>
          <div className="mb-3 flex flex-wrap items-start justify-between gap-3">
            <p className="max-w-100 text-text-muted">{mayWrite ? texts.intro : texts.mayNotWrite}</p>
            {mayWrite && make}
          </div>
          <ul aria-label={texts.list}>
            {data.items.map((quickReply, index) => (
              <Row
                key={quickReply.id}
                quickReply={quickReply}
                onEdit={mayWrite ? () => setEdited(quickReply) : null}
                onRemove={() => removeAt(quickReply, index)}
              />
            ))}
          </ul>
        </>
      )}
      {edited && (
        <QuickReplyDialog
          key={edited === 'new' ? 'new' : edited.id}
          quickReply={edited === 'new' ? undefined : edited}
          onClose={() => setEdited(null)}
        />
      )}
    </div>
  );
}

interface RowProps {
  readonly quickReply: QuickReply;
  /** Null: looked at only. */
  readonly onEdit: (() => void) | null;
  readonly onRemove: () => void;
}

function Row({ quickReply: { shortcut, body }, onEdit, onRemove }: RowProps) {
  const texts = useTexts(quickReplyTexts);
  const words = (
    <>
      <span className="block truncate font-medium">/{shortcut}</span>
      <span className="line-clamp-2 whitespace-pre-line text-text-muted">{body}</span>
    </>
  );
  return (
    <li className="flex items-center gap-2 border-line border-b last:border-0">
      {onEdit ? (
        <>
          <button
            type="button"
            onClick={onEdit}
            className="focus-inside -mx-2 min-w-0 grow rounded-control px-2 py-2.5 text-left transition-colors duration-[120ms] hover:bg-surface-hover"
          >
            <span className="sr-only">{texts.editOne} </span>
            {words}
          </button>
          <IconButton data-remove label={texts.removeOne(shortcut)} icon={Trash2} onClick={onRemove} />
        </>
      ) : (
        <div className="min-w-0 py-2.5">{words}</div>
      )}
    </li>
  );
}
