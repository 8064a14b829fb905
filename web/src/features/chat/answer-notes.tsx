// What has to be said about an answer, in words, with the way on: that it stopped, was cut off, was not possible, or what it
// was made without.
import type { ChatMessage, ChatNotice } from '@parley/contract/chat';
import { Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { chatTexts } from './texts.ts';

export function AnswerNotes({ message: { state, notices, errorCode } }: { message: ChatMessage }) {
  const texts = useTexts(chatTexts);
  const mayRead = useCan('assistant:read');
  const link = (to: string, label: string) =>
    mayRead && (
      <Link to={to} className="font-medium text-accent-text underline underline-offset-2">
        {label}
      </Link>
    );
  const words: Readonly<Record<ChatNotice, string>> = {
    begun_again: texts.begunAgain,
    nothing_found: texts.nothingFound,
    picture_not_seen: texts.pictureNotSeen,
    not_all_read: texts.notAllRead,
    file_not_read: texts.fileNotRead,
  };
  const failures: Readonly<Record<string, string>> = {
    budget_exhausted: texts.budgetExhausted,
    private_content: texts.privateContent,
    gave_up: texts.gaveUp,
  };
  return (
    <>
      {state === 'stopped' && <Note>{texts.stopped}</Note>}
      {state === 'cut' && <Note isWarning>{texts.cut}</Note>}
      {state === 'failed' && (
        <Note isWarning>
          <span className="font-medium">{texts.failed}</span> {failures[errorCode ?? ''] ?? texts.noModel}{' '}
          {link('/assistant/models', texts.toModels)}{' '}
          {errorCode && <code className="text-text-muted text-tiny">{errorCode}</code>}
        </Note>
      )}
      {notices.map((notice) =>
        notice === 'nothing_found' ? (
          <Note key={notice}>
            {texts.nothingFound} <span className="text-text-muted">{texts.nothingFoundText}</span>{' '}
            {link('/assistant/knowledge', texts.toKnowledge)}
          </Note>
        ) : (
          <Note key={notice} isWarning={notice !== 'begun_again'}>
            {words[notice]} {notice === 'picture_not_seen' && link('/assistant/models', texts.toModels)}
          </Note>
        ),
      )}
    </>
  );
}

function Note({ isWarning = false, children }: { isWarning?: boolean; children: ReactNode }) {
  const Icon = isWarning ? TriangleAlert : Info;
  return (
    <p className="mt-2 flex max-w-measure items-start gap-2 text-meta first:mt-0">
      <Icon
        size={15}
        aria-hidden="true"
        className={isWarning ? 'mt-0.5 shrink-0 text-warning-text' : 'mt-0.5 shrink-0 text-text-muted'}
      />
      <span>{children}</span>
    </p>
  );
}
