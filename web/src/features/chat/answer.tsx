// What the assistant answered: growing while it is written, and below it where it comes from, what it cost, and what can be
// done with it.
import type { ChatMessage } from '@parley/contract/chat';
import { Copy, RefreshCw } from 'lucide-react';
import { memo, Suspense, useDeferredValue } from 'react';
import { useFormat } from '../../lib/format.ts';
import { lazyPart } from '../../lib/lazy-part.tsx';
import { useTexts } from '../../lib/texts.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { ToolSteps } from '../conversations/tool-steps.tsx';
import { useAnswerAgain } from './actions.ts';
import { AnswerDetails } from './answer-details.tsx';
import { AnswerNotes } from './answer-notes.tsx';
import { BranchSwitcher } from './branch-switcher.tsx';
import { copyText } from './copy-text.ts';
import { isOpen } from './queries.ts';
import { Sources } from './sources.tsx';
import { chatTexts } from './texts.ts';

const Markdown = lazyPart(async () => (await import('./markdown.tsx')).Markdown);

interface AnswerProps {
  readonly message: ChatMessage;
  /** Nothing follows it. */
  readonly isLast: boolean;
}

export const Answer = memo(function Answer({ message, isLast }: AnswerProps) {
  const texts = useTexts(chatTexts);
  const format = useFormat();
  const { id, text, createdAt, steps } = message;
  const isWritten = isOpen(message);
  return (
    <article className="pt-5" data-message={id} aria-busy={isWritten || undefined}>
      <h2 className="sr-only">{texts.saidBy(texts.assistant, format.exact(createdAt))}</h2>
      <div className="flex gap-3 phone:gap-2">
        <span className="shrink-0 pt-0.5">
          <Avatar name={null} kind="assistant" size={24} />
        </span>
        <div className="min-w-0 grow">
          {steps.length > 0 && (
            <div className="mb-2 text-meta">
              <ToolSteps steps={steps} />
            </div>
          )}
          {text !== '' && <GrowingText text={text} />}
          {isWritten && text === '' && <Dots />}
          <AnswerNotes message={message} />
          {!isWritten && <Sources passages={message.readPassages} />}
          {!isWritten && <Foot message={message} isLast={isLast} />}
        </div>
      </div>
    </article>
  );
});

/** Drawn when there is time for it: typing goes first. */
function GrowingText({ text }: { text: string }) {
  const shown = useDeferredValue(text);
  return (
    <Suspense fallback={<p className="whitespace-pre-wrap text-thread">{shown}</p>}>
      <Markdown text={shown} />
    </Suspense>
  );
}

function Dots() {
  const texts = useTexts(chatTexts);
  return (
    <span className="inline-flex h-6 items-center gap-1">
      <span className="sr-only">{texts.isWriting}</span>
      {[0, 1, 2].map((dot) => (
        <span
          key={dot}
          aria-hidden="true"
          className="size-1.5 animate-pulse rounded-full bg-accent-text"
          style={{ animationDelay: `${dot * 160}ms` }}
        />
      ))}
    </span>
  );
}

function Foot({ message, isLast }: AnswerProps) {
  const texts = useTexts(chatTexts);
  const again = useAnswerAgain();
  const { text, parentId } = message;
  return (
    <div className="-ml-1.5 mt-1 flex min-h-7 flex-wrap items-center gap-x-0.5 text-meta text-text-muted">
      <BranchSwitcher message={message} />
      {text !== '' && (
        <IconButton label={texts.copy} icon={Copy} size="small" onClick={() => void copyText(text)} />
      )}
      {parentId !== null && (
        <IconButton
          label={texts.again}
          icon={RefreshCw}
          size="small"
          disabled={again.isPending}
          className={isLast ? undefined : 'opacity-60'}
          onClick={() => again.mutate(parentId)}
        />
      )}
      <AnswerDetails message={message} />
    </div>
  );
}
