// The head of a thread: with whom, who holds it, and what can be done with it.
import type { Conversation } from '@parley/contract/conversations';
import { Archive, ArchiveRestore, ArrowLeft, Clock, Ellipsis, Flag, Lock, PanelRight } from 'lucide-react';
import { Suspense, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { lazyPart } from '../../lib/lazy-part.tsx';
import { useNow } from '../../lib/now.ts';
import { useCan, useSession } from '../../lib/session.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { useTexts } from '../../lib/texts.ts';
import { Chip } from '../../ui/chip.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu, type MenuProps } from '../../ui/menu.tsx';
import { useConversationActions } from './actions.ts';
import { ContactName } from './contact-name.tsx';
import { HolderMenu, TakeOverButton } from './holder-menu.tsx';
import { inboxKeys } from './inbox-keys.ts';
import { momentsFrom } from './moments.ts';
import { actionTexts } from './texts-actions.ts';
import { reasonTexts } from './texts-reasons.ts';
import type { InboxLocation } from './use-inbox-location.ts';

const MomentDialog = lazyPart(async () => (await import('./moment-dialog.tsx')).MomentDialog);

interface ThreadHeadProps {
  readonly conversation: Conversation;
  readonly location: InboxLocation;
  readonly detailsShown: boolean;
  readonly onToggleDetails: () => void;
}

export function ThreadHead({ conversation, location, detailsShown, onToggleDetails }: ThreadHeadProps) {
  const texts = useTexts(actionTexts);
  const navigate = useNavigate();
  const mayWrite = useCan('conversations:write');
  const { user } = useSession();
  const actions = useConversationActions();
  const holder = useRef<HTMLButtonElement>(null);
  const phoneHolder = useRef<HTMLButtonElement>(null);
  const { owner, status } = conversation;

  useShortcut(
    'thread',
    inboxKeys.takeOver,
    texts.takeOver,
    () => void actions.takeOver(conversation),
    mayWrite && owner.id !== user.id,
  );
  useShortcut(
    'thread',
    inboxKeys.handBack,
    texts.handBack,
    () => void actions.handBack(conversation),
    mayWrite && owner.kind !== 'assistant',
  );
  useShortcut(
    'thread',
    inboxKeys.assign,
    texts.assign,
    // Whichever of the two is shown.
    () => (holder.current?.offsetParent ? holder : phoneHolder).current?.click(),
    mayWrite,
  );

  const archive = () => {
    void actions.archive(conversation, () => void navigate(location.linkTo(conversation.id)));
    void navigate(location.linkTo(null));
  };
  return (
    <header className="@container border-line border-b">
      <div className="flex min-h-14 items-center gap-2 px-4 py-2 phone:pl-1 phone:pad-safe-top">
        <span className="hidden phone:block">
          <IconButton
            label={texts.back}
            icon={ArrowLeft}
            onClick={() => void navigate(location.linkTo(null))}
          />
        </span>
        <ContactName key={conversation.id} conversation={conversation} />
        <div className="flex shrink-0 items-center gap-1">
          <span className="flex items-center gap-1 @max-[38rem]:hidden">
            <HolderMenu conversation={conversation} trigger={holder} />
            <TakeOverButton conversation={conversation} />
          </span>
          {mayWrite && (
            <>
              <span className="flex items-center gap-1 @max-[38rem]:hidden">
                <SnoozeMenu conversation={conversation} />
                {status === 'archived' ? (
                  <IconButton
                    label={texts.reopen}
                    icon={ArchiveRestore}
                    onClick={() => void actions.reopen(conversation)}
                  />
                ) : (
                  <IconButton
                    label={texts.archive}
                    icon={Archive}
                    keys={inboxKeys.archive}
                    onClick={archive}
                  />
                )}
              </span>
              <MoreMenu conversation={conversation} location={location} onArchive={archive} />
            </>
          )}
          <IconButton
            label={detailsShown ? texts.hideDetails : texts.showDetails}
            icon={PanelRight}
            pressed={detailsShown}
            aria-expanded={detailsShown}
            onClick={onToggleDetails}
          />
        </div>
      </div>
      <div className="hidden items-center justify-between gap-2 px-3 pb-2 @max-[38rem]:flex">
        <HolderMenu conversation={conversation} trigger={phoneHolder} />
        <TakeOverButton conversation={conversation} />
      </div>
      <StateLine conversation={conversation} />
    </header>
  );
}

/** What is unusual about it now; nothing where nothing is. */
function StateLine({ conversation }: { conversation: Conversation }) {
  const texts = useTexts(actionTexts);
  const reasons = useTexts(reasonTexts);
  const format = useFormat();
  const { status, flagReason, snoozedUntil } = conversation;
  if (status === 'active' && !snoozedUntil && !conversation.private) return null;
  const why =
    flagReason !== null && flagReason in reasons ? reasons[flagReason as keyof typeof reasons] : flagReason;
  return (
    <div className="flex flex-wrap gap-2 px-4 pb-2">
      {status === 'archived' && <Chip icon={Archive}>{texts.isArchived}</Chip>}
      {status === 'flagged_for_review' && (
        <Chip tone="warning" icon={Flag}>
          {why ? `${texts.isFlagged}: ${why}` : texts.isFlagged}
        </Chip>
      )}
      {snoozedUntil && (
        <Chip tone="info" icon={Clock}>
          {texts.snoozedUntil(format.dayAndTime(snoozedUntil))}
        </Chip>
      )}
      {conversation.private && (
        <Chip tone="success" icon={Lock}>
          {texts.isPrivate}
        </Chip>
      )}
    </div>
  );
}

function SnoozeMenu({ conversation }: { conversation: Conversation }) {
  const texts = useTexts(actionTexts);
  const format = useFormat();
  const actions = useConversationActions();
  const [isPicking, setPicking] = useState(false);
  // The page may have stood open over night.
  const nowMs = useNow();
  const names = {
    later_today: texts.laterToday,
    tonight: texts.tonight,
    tomorrow: texts.tomorrow,
    next_week: texts.nextWeek,
  };
  const items: MenuProps['items'][number][] = momentsFrom(new Date(nowMs)).map(({ name, at }) => ({
    label: `${names[name]} · ${format.time(at)}`,
    onSelect: () => void actions.snooze(conversation, at),
  }));
  items.push({ label: texts.pickMoment, onSelect: () => setPicking(true) });
  if (conversation.snoozedUntil) {
    items.push('line', { label: texts.wake, onSelect: () => void actions.wake(conversation) });
  }
  return (
    <>
      <Menu
        align="end"
        trigger={
          <IconButton label={texts.snooze} icon={Clock} pressed={conversation.snoozedUntil !== null} />
        }
        items={items}
      />
      {isPicking && (
        <Suspense>
          <MomentDialog
            title={texts.pickTitle}
            actionLabel={texts.snooze}
            onChoose={(at) => void actions.snooze(conversation, at)}
            onClose={() => setPicking(false)}
          />
        </Suspense>
      )}
    </>
  );
}

interface MoreMenuProps {
  readonly conversation: Conversation;
  readonly location: InboxLocation;
  readonly onArchive: () => void;
}

/** Everything; where the thread is narrow it is the only place for most of it. */
function MoreMenu({ conversation, location, onArchive }: MoreMenuProps) {
  const texts = useTexts(actionTexts);
  const navigate = useNavigate();
  const actions = useConversationActions();
  const { status, assistantPolicy } = conversation;
  const [isPicking, setPicking] = useState(false);
  const isFlagged = status === 'flagged_for_review';
  const policies = [
    { policy: null, label: texts.policyWorkspace },
    { policy: 'auto', label: texts.policyAuto },
    { policy: 'draft', label: texts.policyDraft },
    { policy: 'off', label: texts.policyOff },
  ] as const;
  return (
    <>
      <Menu
        align="end"
        trigger={<IconButton label={texts.more} icon={Ellipsis} />}
        items={[
          status === 'archived'
            ? { label: texts.reopen, icon: ArchiveRestore, onSelect: () => void actions.reopen(conversation) }
            : { label: texts.archive, icon: Archive, keys: 'e', onSelect: onArchive },
          { label: texts.pickTitle, icon: Clock, onSelect: () => setPicking(true) },
          {
            label: isFlagged ? texts.unflag : texts.flag,
            icon: Flag,
            onSelect: () => void (isFlagged ? actions.reopen(conversation) : actions.flag(conversation)),
          },
          {
            label: texts.markUnread,
            disabled: conversation.lastInboundAt === null || status === 'archived',
            onSelect: () => {
              void actions.setRead(conversation, false);
              // Looked at, it would be read again at once.
              void navigate(location.linkTo(null));
            },
          },
          'line',
          { heading: texts.policyHeading },
          ...policies.map(({ policy, label }) => ({
            label,
            checked: assistantPolicy === policy,
            onSelect: () => void actions.setPolicy(conversation, policy),
          })),
          'line',
          {
            label: texts.makePrivate,
            checked: conversation.private,
            onSelect: () => void actions.setPrivate(conversation, !conversation.private),
          },
        ]}
      />
      {isPicking && (
        <Suspense>
          <MomentDialog
            title={texts.pickTitle}
            actionLabel={texts.snooze}
            onChoose={(at) => void actions.snooze(conversation, at)}
            onClose={() => setPicking(false)}
          />
        </Suspense>
      )}
    </>
  );
}
