// Opens the form for a better answer, for whoever may change what the assistant knows.
import type { Message } from '@parley/contract/messages';
import { PenLine } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { answerTexts } from './texts-answers.ts';

const FixAnswer = lazy(async () => ({ default: (await import('../assistant/fix-answer.tsx')).FixAnswer }));

export function FixThisAnswer({ message: { runId, body } }: { message: Message }) {
  const texts = useTexts(answerTexts);
  const mayFix = useCan('assistant:manage');
  const [isOpen, setOpen] = useState(false);
  if (!mayFix || runId === null) return null;
  return (
    <>
      <button
        type="button"
        onClick={() => setOpen(true)}
        className="relative inline-flex items-center gap-1 rounded-small underline-offset-2 after:absolute after:-inset-2 after:content-[''] hover:text-text hover:underline phone:after:-inset-3.5"
      >
        <PenLine size={12} aria-hidden="true" />
        {texts.fix}
      </button>
      {isOpen && (
        <Suspense fallback={null}>
          <FixAnswer runId={runId} answer={body} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
