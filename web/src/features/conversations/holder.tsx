// Who holds a conversation, at a glance: the assistant's mark, a member's initials, or an empty ring.
import type { Conversation } from '@parley/contract/conversations';
import { clsx } from 'clsx';
import { useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { useMembers } from './queries.ts';
import { listTexts } from './texts-list.ts';

/** In words: "Held by you". */
export function useHolderText(owner: Conversation['owner']): string {
  const texts = useTexts(listTexts);
  const { nameOf } = useMembers();
  const { user } = useSession();
  if (owner.kind === 'assistant') return texts.heldByAssistant;
  if (owner.kind === 'nobody') return texts.heldByNobody;
  return owner.id === user.id ? texts.heldByYou : texts.heldBy(nameOf(owner.id) ?? texts.formerMember);
}

/** Only the sign; it says its name to a screen reader and on hover. */
export function HolderMark({ owner }: { owner: Conversation['owner'] }) {
  const text = useHolderText(owner);
  const { nameOf } = useMembers();
  return (
    <span title={text} className="inline-flex shrink-0">
      <span className="sr-only">{text}</span>
      {owner.kind === 'nobody' ? (
        <span aria-hidden="true" className="size-5 rounded-full border border-line-strong border-dashed" />
      ) : (
        <Avatar name={nameOf(owner.id)} kind={owner.kind} size={20} />
      )}
    </span>
  );
}

/** The sign and its words, as a chip. */
export function HolderChip({ owner, className }: { owner: Conversation['owner']; className?: string }) {
  const text = useHolderText(owner);
  const { nameOf } = useMembers();
  return (
    <span
      className={clsx(
        'inline-flex h-6 max-w-full items-center gap-1.5 rounded-full border border-line pr-2.5 pl-0.5 font-medium text-meta',
        className,
      )}
    >
      {owner.kind === 'nobody' ? (
        <span aria-hidden="true" className="size-5 rounded-full border border-line-strong border-dashed" />
      ) : (
        <Avatar name={nameOf(owner.id)} kind={owner.kind} size={20} />
      )}
      <span className="truncate">{text}</span>
    </span>
  );
}
