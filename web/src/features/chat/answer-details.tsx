// Which model wrote an answer, how long it took and what it cost; why that model, a press further.
import type { ChatMessage } from '@parley/contract/chat';
import { useState } from 'react';
import { useFormat } from '../../lib/format.ts';
import { lazyPart } from '../../lib/lazy-part.tsx';
import { useTexts } from '../../lib/texts.ts';
import { Popover } from '../../ui/popover.tsx';
import { chatTexts } from './texts.ts';

const centMicros = 10_000;

const RunFacts = lazyPart(async () => (await import('../conversations/run-facts.tsx')).RunFacts);

export function AnswerDetails({ message }: { message: ChatMessage }) {
  const texts = useTexts(chatTexts);
  const format = useFormat();
  const [isOpen, setOpen] = useState(false);
  const { model, costMicros, inputTokens, outputTokens } = message;
  if (message.reasons.length === 0) return null;
  // Most cost less than the smallest coin, which is something else than nothing.
  const money = costMicros === null ? null : format.money(Math.max(costMicros, centMicros), 'USD');
  const cost = costMicros === 0 ? texts.free : costMicros && costMicros < centMicros ? `< ${money}` : money;
  return (
    <Popover
      label={texts.details}
      align="start"
      side="top"
      open={isOpen}
      onOpenChange={setOpen}
      className="max-h-(--radix-popover-content-available-height) w-88 overflow-y-auto text-meta"
      trigger={
        <button
          type="button"
          data-figures
          className="relative ml-1.5 min-w-0 truncate rounded-small underline-offset-2 after:absolute after:-inset-2 hover:text-text hover:underline phone:after:-inset-3.5"
        >
          <span className="sr-only">{texts.details}: </span>
          {[model ?? texts.details, cost].filter(Boolean).join(' · ')}
        </button>
      }
    >
      <RunFacts
        run={{
          ...message,
          inputTokens: inputTokens ?? 0,
          outputTokens: outputTokens ?? 0,
        }}
      />
    </Popover>
  );
}
