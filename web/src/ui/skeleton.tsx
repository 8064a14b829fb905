// The shape of what will be here, shown only when it takes longer than 300 ms.
import { clsx } from 'clsx';
import { useTexts } from '../lib/texts.ts';
import { sharedTexts } from '../lib/texts-shared.ts';

/** One bar; its size comes with `className` ("h-4 w-40"). */
export function Skeleton({ className }: { className?: string }) {
  return (
    <span aria-hidden="true" className={clsx('block animate-appear-late rounded-small', className)}>
      <span className="block h-full min-h-[inherit] animate-pulse rounded-[inherit] bg-surface-hover" />
    </span>
  );
}

/** Rows like those of a list, said once to a screen reader. */
export function SkeletonRows({ rows = 6, avatar = false }: { rows?: number; avatar?: boolean }) {
  const texts = useTexts(sharedTexts);
  return (
    <div role="status" aria-label={texts.loading} className="flex flex-col gap-4 p-4">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: all the same
        <div key={index} className="flex items-center gap-3">
          {avatar && <Skeleton className="size-8 shrink-0 rounded-full" />}
          <div className="flex grow flex-col gap-2">
            <Skeleton className={clsx('h-3.5', index % 2 ? 'w-2/5' : 'w-1/2')} />
            <Skeleton className={clsx('h-3', index % 3 ? 'w-4/5' : 'w-3/5')} />
          </div>
        </div>
      ))}
    </div>
  );
}
