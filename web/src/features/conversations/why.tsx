// Opens why the assistant answered so.
import { Sparkle } from 'lucide-react';
import { useState } from 'react';
import { lazyPart } from '../../lib/lazy-part.tsx';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Popover } from '../../ui/popover.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useRun } from './queries.ts';
import { threadTexts } from './texts-thread.ts';

const RunFacts = lazyPart(async () => (await import('./run-facts.tsx')).RunFacts);

export function WhyThisAnswer({ runId }: { runId: string }) {
  const texts = useTexts(threadTexts);
  const mayRead = useCan('assistant:read');
  const [isOpen, setOpen] = useState(false);
  const { data, isError } = useRun(runId, isOpen);
  if (!mayRead) return null;
  return (
    <Popover
      label={texts.why}
      align="end"
      side="top"
      open={isOpen}
      onOpenChange={setOpen}
      className="max-h-(--radix-popover-content-available-height) w-88 overflow-y-auto text-meta"
      trigger={
        <button
          type="button"
          className="relative inline-flex items-center gap-1 rounded-small underline-offset-2 after:absolute after:-inset-2 after:content-[''] hover:text-text hover:underline phone:after:-inset-3.5"
        >
          <Sparkle size={12} aria-hidden="true" />
          {texts.why}
        </button>
      }
    >
      {isError && <p>{texts.runFailed}</p>}
      {!data && !isError && (
        <div className="flex flex-col gap-2">
          <Skeleton className="h-3.5 w-2/5" />
          <Skeleton className="h-3.5 w-4/5" />
          <Skeleton className="h-3.5 w-3/5" />
        </div>
      )}
      {data && <RunFacts run={data} />}
    </Popover>
  );
}
