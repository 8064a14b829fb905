// What is known besides the words: who the contact is, what they agreed to, which language, and the ids for support.
import type { Conversation } from '@parley/contract/conversations';
import type { Note } from '@parley/contract/inbox';
import { Copy } from 'lucide-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { Link } from 'react-router';
import { formatPhone, useFormat } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Chip, type Tone } from '../../ui/chip.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Select } from '../../ui/select.tsx';
import { Time } from '../../ui/time.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { useIntentName } from '../understanding/intent-name.ts';
import { useConversationActions } from './actions.ts';
import { ConsentSection } from './consent-section.tsx';
import { DetailsSection } from './details-section.tsx';
import { useLanguageName } from './language-name.ts';
import { nameOfContact } from './names.ts';
import { useChannels, useTimeline } from './queries.ts';
import { detailsTexts } from './texts-details.ts';
import { listTexts } from './texts-list.ts';
import type { InboxLocation } from './use-inbox-location.ts';

const ContactPrivacy = lazy(async () => ({
  default: (await import('../privacy/contact-privacy.tsx')).ContactPrivacy,
}));

const languages = ['en', 'es', 'pt', 'unknown'] as const;

export function Details({ conversation, location }: { conversation: Conversation; location: InboxLocation }) {
  const texts = useTexts(detailsTexts);
  const { find, isKnown } = useChannels();
  const mayManage = useCan('assistant:manage');
  const { contact } = conversation;
  const channel = find(conversation.channelId);
  return (
    <div className="flex flex-col text-body">
      <DetailsSection title={texts.contact}>
        <dl className="grid grid-cols-[minmax(6rem,1fr)_minmax(0,max-content)] items-center gap-x-4 gap-y-1.5">
          <Fact name={texts.name}>
            {contact.name ?? <span className="text-text-muted">{texts.noName}</span>}
          </Fact>
          <Fact name={texts.number}>
            <span data-figures>{formatPhone(contact.address)}</span>
          </Fact>
          <Fact name={texts.channel}>
            {channel ? (
              <span title={formatPhone(channel.address)}>{channel.name}</span>
            ) : (
              isKnown && texts.channelRemoved
            )}
          </Fact>
          <Fact name={texts.since}>
            <Time at={conversation.createdAt} />
          </Fact>
          <Fact name={texts.lastWrote}>
            {conversation.lastInboundAt ? <Time at={conversation.lastInboundAt} /> : texts.never}
          </Fact>
        </dl>
        {mayManage && (
          <Link
            to="/assistant/spending"
            state={{ capFor: { id: contact.id, name: nameOfContact(conversation) } }}
            className="relative mt-2 inline-block text-accent-text underline underline-offset-2 after:absolute after:-inset-3"
          >
            {texts.capSpending}
          </Link>
        )}
      </DetailsSection>
      <LanguageSection conversation={conversation} />
      <UnderstoodSection conversation={conversation} />
      <ConsentSection key={conversation.id} conversation={conversation} location={location} />
      <DetailsSection title={texts.privacy}>
        <Suspense>
          <ContactPrivacy key={contact.id} contactId={contact.id} consent={contact.aiConsent} />
        </Suspense>
      </DetailsSection>
      <DirectorySection conversation={conversation} />
      <NotesSection conversation={conversation} location={location} />
      <DetailsSection title={texts.support}>
        <dl className="grid grid-cols-[auto_1fr_auto] items-center gap-x-3 gap-y-0.5">
          <Identifier name={texts.conversationId} value={conversation.id} />
          <Identifier name={texts.contactId} value={contact.id} />
          <Identifier name={texts.channelId} value={conversation.channelId} />
          {conversation.workflowId && <Identifier name={texts.workflow} value={conversation.workflowId} />}
        </dl>
      </DetailsSection>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-meta text-text-muted">{name}</dt>
      <dd className="min-w-0 truncate text-right">{children}</dd>
    </>
  );
}

function LanguageSection({ conversation }: { conversation: Conversation }) {
  const texts = useTexts(detailsTexts);
  const format = useFormat();
  const mayWrite = useCan('conversations:write');
  const languageName = useLanguageName();
  const actions = useConversationActions();
  const { language, languageConfidence } = conversation;
  return (
    <DetailsSection title={texts.language}>
      <Select<Conversation['language']>
        aria-label={texts.language}
        value={language}
        disabled={!mayWrite}
        options={languages.map((code) => ({ value: code, label: languageName(code) }))}
        onChange={(next) => void actions.setLanguage(conversation, next)}
      />
      {language !== 'unknown' && (
        <p className="mt-1 text-meta text-text-muted">
          {languageConfidence >= 1 ? texts.setByMember : texts.detected(format.percent(languageConfidence))}
        </p>
      )}
    </DetailsSection>
  );
}

/** What the contact wants and how they are, where anything says it. */
function UnderstoodSection({ conversation: { intent, mood } }: { conversation: Conversation }) {
  const texts = useTexts(listTexts);
  const { understood } = useTexts(detailsTexts);
  const intentName = useIntentName();
  if (intent === null && mood === null) return null;
  return (
    <DetailsSection title={understood}>
      <dl className="grid grid-cols-[minmax(6rem,1fr)_minmax(0,max-content)] items-center gap-x-4 gap-y-1.5">
        {intent && <Fact name={texts.intent}>{intentName(intent)}</Fact>}
        {mood && (
          <Fact name={texts.mood}>
            <Chip tone={moodTones[mood]}>{texts[mood]}</Chip>
          </Fact>
        )}
      </dl>
    </DetailsSection>
  );
}

const moodTones = {
  angry: 'danger',
  low: 'warning',
  even: 'neutral',
  good: 'success',
} as const satisfies Record<NonNullable<Conversation['mood']>, Tone>;

function DirectorySection({ conversation }: { conversation: Conversation }) {
  const texts = useTexts(detailsTexts);
  const { status, name, entryId, checkedAt } = conversation.directory;
  if (status === 'unknown') return null;
  const tones = { linked: 'success', not_found: 'neutral', failed: 'danger' } as const satisfies Record<
    string,
    Tone
  >;
  const words = {
    linked: texts.directoryLinked,
    not_found: texts.directoryNotFound,
    failed: texts.directoryFailed,
  };
  return (
    <DetailsSection title={texts.directory}>
      <div className="flex items-center gap-2">
        <Chip tone={tones[status]}>{words[status]}</Chip>
        <span className="min-w-0 truncate">{name}</span>
      </div>
      <p className="mt-1 flex flex-wrap gap-x-2 text-meta text-text-muted">
        {entryId && <code className="break-all">{entryId}</code>}
        {checkedAt && (
          <span>
            {texts.checked}: <Time at={checkedAt} />
          </span>
        )}
      </p>
    </DetailsSection>
  );
}

/** The notes of what is loaded of the thread, newest first; each leads to its place. */
function NotesSection({ conversation, location }: { conversation: Conversation; location: InboxLocation }) {
  const texts = useTexts(detailsTexts);
  const { data } = useTimeline(conversation.id);
  const notes: Note[] = (data?.pages ?? []).flatMap(({ items }) =>
    items.flatMap((item) => (item.kind === 'note' ? [item.note] : [])),
  );
  return (
    <DetailsSection title={texts.notes}>
      {notes.length === 0 ? (
        <p className="text-meta text-text-muted">{texts.noNotes}</p>
      ) : (
        <ul className="flex flex-col gap-1">
          {notes.slice(0, 20).map((note) => (
            <li key={note.id}>
              <Link
                to={location.linkTo(conversation.id, note.id)}
                title={texts.goToNote}
                className="flex items-baseline gap-2 rounded-control px-2 py-1.5 hover:bg-surface-hover phone:min-h-11"
              >
                <span className="line-clamp-2 min-w-0 grow">{note.body}</span>
                <Time at={note.createdAt} className="shrink-0 text-meta text-text-muted" />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </DetailsSection>
  );
}

function Identifier({ name, value }: { name: string; value: string }) {
  const texts = useTexts(detailsTexts);
  const shared = useTexts(sharedTexts);
  const copy = () =>
    navigator.clipboard
      .writeText(value)
      .then(() => toast({ text: shared.copied, tone: 'success' }), toastError);
  return (
    <>
      <dt className="text-meta text-text-muted">{name}</dt>
      <dd className="min-w-0 truncate font-mono text-tiny" title={value}>
        {value}
      </dd>
      <dd>
        <IconButton label={texts.copy(name)} icon={Copy} size="small" onClick={() => void copy()} />
      </dd>
    </>
  );
}
