// How far a message came; and more of it on hover, focus or a press.
import type { Message } from '@parley/contract/messages';
import { useFormat } from '../../lib/format.ts';
import { lazyPart } from '../../lib/lazy-part.tsx';
import { useTexts } from '../../lib/texts.ts';
import { HoverPanel } from '../../ui/hover-panel.tsx';
import { statusTexts } from './texts-status.ts';
import { Ticks } from './ticks.tsx';

const History = lazyPart(async () => (await import('./message-history.tsx')).History);

export function MessageTicks({ message }: { message: Message }) {
  const texts = useTexts(statusTexts);
  const format = useFormat();
  return (
    <HoverPanel
      label={texts.history}
      className="w-80"
      trigger={
        <button
          type="button"
          aria-label={texts.showHistory(texts[message.status], format.time(message.createdAt))}
          className="relative inline-flex items-center gap-1 rounded-small after:absolute after:-inset-2 after:content-[''] phone:after:-inset-3.5"
        >
          <time dateTime={message.createdAt}>{format.time(message.sendAt ?? message.createdAt)}</time>
          <Ticks status={message.status} />
        </button>
      }
    >
      {() => <History id={message.id} />}
    </HoverPanel>
  );
}
