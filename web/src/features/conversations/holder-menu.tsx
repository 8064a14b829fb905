// Who holds the conversation, and the ways to change that: take over, hand back, assign.
import type { Conversation } from '@parley/contract/conversations';
import { ChevronDown } from 'lucide-react';
import type { RefObject } from 'react';
import { useCan, useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { useConversationActions } from './actions.ts';
import { HolderChip, useHolderText } from './holder.tsx';
import { useMembers } from './queries.ts';
import { actionTexts } from './texts-actions.ts';

interface HolderMenuProps {
  readonly conversation: Conversation;
  /** `a` opens it. */
  readonly trigger: RefObject<HTMLButtonElement | null>;
}

export function HolderMenu({ conversation, trigger }: HolderMenuProps) {
  const texts = useTexts(actionTexts);
  const mayWrite = useCan('conversations:write');
  const { items: members } = useMembers();
  const { user } = useSession();
  const actions = useConversationActions();
  const held = useHolderText(conversation.owner);
  const { owner } = conversation;
  if (!mayWrite) return <HolderChip owner={owner} />;
  return (
    <Menu
      align="end"
      trigger={
        <button
          ref={trigger}
          type="button"
          aria-label={`${texts.holder}: ${held}`}
          data-tour="holder"
          className="inline-flex min-w-0 items-center rounded-full text-text transition-colors duration-[120ms] hover:bg-surface-hover phone:min-h-11"
        >
          <HolderChip owner={owner} className="border-transparent" />
          <ChevronDown size={16} aria-hidden="true" className="mr-1.5 -ml-1.5 shrink-0 text-text-muted" />
        </button>
      }
      items={[
        { heading: texts.assignTo },
        {
          label: texts.assistant,
          checked: owner.kind === 'assistant',
          onSelect: () => void actions.handBack(conversation),
        },
        ...members
          .filter(({ role }) => role !== 'viewer')
          .toSorted((one, other) => Number(other.userId === user.id) - Number(one.userId === user.id))
          .map((member) => ({
            label:
              member.userId === user.id
                ? `${member.name} (${texts.assignToMe.toLocaleLowerCase()})`
                : member.name,
            checked: owner.kind === 'member' && owner.id === member.userId,
            onSelect: () => void actions.assign(conversation, member.userId),
          })),
        {
          label: texts.assignToNobody,
          checked: owner.kind === 'nobody',
          onSelect: () => void actions.release(conversation),
        },
      ]}
    />
  );
}

/** The one step that is nearest: take it, or give it back. */
export function TakeOverButton({ conversation }: { conversation: Conversation }) {
  const texts = useTexts(actionTexts);
  const mayWrite = useCan('conversations:write');
  const { user } = useSession();
  const actions = useConversationActions();
  if (!mayWrite) return null;
  const isMine = conversation.owner.kind === 'member' && conversation.owner.id === user.id;
  return isMine ? (
    <Button size="small" onClick={() => void actions.handBack(conversation)}>
      {texts.handBack}
    </Button>
  ) : (
    <Button size="small" title={texts.takeOverHint} onClick={() => void actions.takeOver(conversation)}>
      {texts.takeOver}
    </Button>
  );
}
