// What was private and went nowhere: when, why, and which conversation waits for a person.
import { ReceiptText } from 'lucide-react';
import { Link } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { ModelReasons, useReasonWords } from '../conversations/model-reasons.tsx';
import { useReceipts } from './routing-queries.ts';
import { routingTexts } from './texts-routing.ts';

export function Receipts() {
  const texts = useTexts(routingTexts);
  const format = useFormat();
  const word = useReasonWords();
  const receipts = useReceipts();
  if (receipts.isPending) return <SkeletonRows rows={2} />;
  if (!receipts.data) {
    return (
      <ErrorState
        error={receipts.error}
        title={texts.receiptsUnreadable}
        onRetry={() => void receipts.refetch()}
      />
    );
  }
  const items = receipts.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return <p className="text-text-muted">{texts.noReceipts}</p>;
  return (
    <>
      <ul aria-label={texts.receipts}>
        {items.map(({ id, because, reasons, conversationId, createdAt }) => (
          <li key={id} className="border-line border-b py-3 last:border-0">
            <p className="mb-1.5 flex flex-wrap items-center gap-x-2 gap-y-1">
              <ReceiptText size={16} aria-hidden="true" className="text-text-muted" />
              <Time at={createdAt} className="font-medium" />
              <span>{texts.because(format.list(because.map(word)))}</span>
              {conversationId && (
                <Link
                  to={`/inbox/${conversationId}`}
                  className="relative text-accent-text underline underline-offset-2 after:absolute after:-inset-3.5"
                >
                  {texts.conversation}
                </Link>
              )}
            </p>
            <div className="pl-6 text-meta">
              <ModelReasons reasons={reasons} />
            </div>
          </li>
        ))}
      </ul>
      {receipts.hasNextPage && (
        <Button
          className="mt-3"
          busy={receipts.isFetchingNextPage}
          onClick={() => void receipts.fetchNextPage()}
        >
          {texts.showMore}
        </Button>
      )}
    </>
  );
}
