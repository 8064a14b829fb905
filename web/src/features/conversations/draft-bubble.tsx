// What the assistant proposes: a member sends it, changes it, or throws it away; its words are never lost.
import type { Message } from '@parley/contract/messages';
import { useQueryClient } from '@tanstack/react-query';
import { Check, PenLine, Sparkle, Trash2 } from 'lucide-react';
import { Suspense, useRef, useState } from 'react';
import { lazyPart } from '../../lib/lazy-part.tsx';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { BubbleFrame, FixThisAnswer } from './bubble.tsx';
import { MessageText } from './message-text.tsx';
import { approve, callOff } from './sending.ts';
import { threadTexts } from './texts-thread.ts';
import { WhyThisAnswer } from './why.tsx';

const CitedSources = lazyPart(async () => (await import('./cited-sources.tsx')).CitedSources);
const DraftForm = lazyPart(async () => (await import('./draft-form.tsx')).DraftForm);

export function DraftBubble({ message }: { message: Message }) {
  const texts = useTexts(threadTexts);
  const client = useQueryClient();
  const maySend = useCan('messages:send');
  const [isEditing, setEditing] = useState(false);
  const editButton = useRef<HTMLButtonElement>(null);
  const stop = () => {
    setEditing(false);
    requestAnimationFrame(() => editButton.current?.focus());
  };
  return (
    <article className="pt-3" data-draft={message.id}>
      <BubbleFrame
        speaker="assistant"
        name={null}
        look="border border-accent border-dashed bg-surface text-text"
        foot={
          message.runId && !isEditing ? (
            <>
              <WhyThisAnswer runId={message.runId} />
              <Suspense fallback={null}>
                <FixThisAnswer message={message} />
              </Suspense>
            </>
          ) : undefined
        }
      >
        <h3 className="mb-1 flex items-center gap-1.5 font-medium text-accent-text text-meta">
          <Sparkle size={14} aria-hidden="true" />
          {texts.draftByAssistant}
        </h3>
        {isEditing ? (
          <Suspense fallback={<MessageText text={message.body} />}>
            <DraftForm message={message} onDone={stop} />
          </Suspense>
        ) : (
          <>
            <MessageText text={message.body} />
            {message.runId && (
              <Suspense fallback={null}>
                <CitedSources runId={message.runId} />
              </Suspense>
            )}
            {maySend && (
              <div className="mt-2.5 mb-0.5 flex flex-wrap gap-2">
                <Button
                  variant="primary"
                  size="small"
                  icon={Check}
                  onClick={() => void approve(client, message)}
                >
                  {texts.approve}
                </Button>
                <Button ref={editButton} size="small" icon={PenLine} onClick={() => setEditing(true)}>
                  {texts.editDraft}
                </Button>
                <Button
                  size="small"
                  variant="bare"
                  icon={Trash2}
                  onClick={() => void callOff(client, message)}
                >
                  {texts.discard}
                </Button>
              </div>
            )}
          </>
        )}
      </BubbleFrame>
    </article>
  );
}
