// The box to write in: to the contact, or to colleagues. It says beforehand what a reply does.
import type { Conversation } from '@parley/contract/conversations';
import { clsx } from 'clsx';
import { Ban, Eye, Unplug } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { tellTyping } from '../../lib/live.ts';
import { useCan, useSession } from '../../lib/session.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { useTexts } from '../../lib/texts.ts';
import { inboxKeys } from './inbox-keys.ts';
import { NoteBox } from './note-box.tsx';
import { useChannels, useMembers } from './queries.ts';
import { ReplyBox } from './reply-box.tsx';
import { composeTexts } from './texts-compose.ts';
import { listTexts } from './texts-list.ts';
import { type ComposeTab, useWritten, write } from './written.ts';

/** Said again this often while somebody goes on writing. */
const typingEveryMs = 3000;

export function Compose({ conversation }: { conversation: Conversation }) {
  const texts = useTexts(composeTexts);
  const { id, contact } = conversation;
  const maySend = useCan('messages:send');
  const mayNote = useCan('conversations:write');
  const { tab } = useWritten(id);
  const { find, isKnown } = useChannels();
  const box = useRef<HTMLDivElement>(null);
  const hint = useHint(conversation, tab);
  const onTyping = useTyping(id);
  const isGone = isKnown && find(conversation.channelId) === undefined;

  const choose = (next: ComposeTab) => {
    write(id, { tab: next });
    requestAnimationFrame(() => box.current?.querySelector('textarea')?.focus());
  };
  useShortcut('thread', inboxKeys.reply, texts.focusReply, () => choose('reply'), maySend);

  if (!maySend && !mayNote) return <Closed icon={Eye} text={texts.mayNotSend} />;
  const closed = !maySend ? (
    <Closed icon={Eye} text={texts.mayNotSend} />
  ) : contact.optedOut ? (
    <Closed icon={Ban} text={texts.optedOut} />
  ) : isGone ? (
    <Closed icon={Unplug} text={texts.channelGone} />
  ) : null;
  const isNote = tab === 'note' && mayNote;

  return (
    <section
      ref={box}
      aria-label={texts.compose}
      data-tour="compose"
      className="mx-auto w-full max-w-[56rem] px-6 pt-1 pb-4 phone:px-2 phone:pb-2 phone:pad-safe-bottom"
    >
      <div className="mb-1 flex items-center gap-1 text-meta">
        <TabButton isOn={!isNote} label={texts.reply} onClick={() => choose('reply')} />
        {mayNote && <TabButton isOn={isNote} label={texts.note} onClick={() => choose('note')} />}
        <span className="ml-auto min-w-0 truncate text-right text-text-muted phone:line-clamp-2 phone:whitespace-normal phone:pr-1">
          {hint}
        </span>
      </div>
      {isNote ? (
        <NoteBox conversation={conversation} onTyping={onTyping} />
      ) : (
        (closed ?? <ReplyBox conversation={conversation} onTyping={onTyping} />)
      )}
    </section>
  );
}

function TabButton({ isOn, label, onClick }: { isOn: boolean; label: string; onClick: () => void }) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={onClick}
      className={clsx(
        'h-7 rounded-control px-2 font-medium transition-colors duration-[120ms] phone:h-11',
        isOn ? 'bg-surface-selected text-text' : 'text-text-muted hover:bg-surface-hover hover:text-text',
      )}
    >
      {label}
    </button>
  );
}

function Closed({ icon: Icon, text }: { icon: typeof Ban; text: string }) {
  return (
    <p className="flex items-center gap-2 rounded-panel border border-line bg-surface-sunken px-4 py-3 text-text-muted">
      <Icon size={16} aria-hidden="true" className="shrink-0" />
      {text}
    </p>
  );
}

/** What a reply will do besides being sent. */
function useHint({ owner, status, contact }: Conversation, tab: ComposeTab): string {
  const texts = useTexts(composeTexts);
  const list = useTexts(listTexts);
  const { nameOf } = useMembers();
  const { user } = useSession();
  if (tab === 'note') return texts.noteStays;
  if (contact.optedOut) return '';
  if (owner.kind === 'assistant') return texts.takesOverFromAssistant;
  if (owner.kind === 'nobody') return texts.takesOver;
  if (owner.id !== user.id) return texts.takesOverFrom(nameOf(owner.id) ?? list.formerMember);
  return status === 'archived' ? texts.bringsBack : '';
}

/** Tells the colleagues that the member writes here, until they stop. */
function useTyping(conversationId: string): (isWriting: boolean) => void {
  const toldAtMs = useRef(0);
  const tell = (isWriting: boolean) => {
    const now = Date.now();
    if (isWriting ? now - toldAtMs.current < typingEveryMs : toldAtMs.current === 0) return;
    toldAtMs.current = isWriting ? now : 0;
    tellTyping(conversationId, isWriting);
  };
  useEffect(
    () => () => {
      if (toldAtMs.current !== 0) tellTyping(conversationId, false);
    },
    [conversationId],
  );
  return tell;
}
