// What the assistant writes at this moment, as it grows.
import { useTexts } from '../../lib/texts.ts';
import { BubbleFrame } from './bubble.tsx';
import { threadTexts } from './texts-thread.ts';

export function WritingBubble({ text }: { text: string | null }) {
  const texts = useTexts(threadTexts);
  return (
    <div className="animate-fade-in pt-3">
      <BubbleFrame speaker="assistant" name={null}>
        <span className="sr-only">{texts.isWriting}</span>
        {text === null || text === '' ? (
          <span aria-hidden="true" className="inline-flex h-5 items-center gap-1">
            {[0, 1, 2].map((dot) => (
              <span
                key={dot}
                className="size-1.5 animate-pulse rounded-full bg-accent-text"
                style={{ animationDelay: `${dot * 160}ms` }}
              />
            ))}
          </span>
        ) : (
          // The whole answer is read out once it is there.
          <span aria-hidden="true" className="whitespace-pre-wrap break-words [overflow-wrap:anywhere]">
            {text}
          </span>
        )}
      </BubbleFrame>
    </div>
  );
}
