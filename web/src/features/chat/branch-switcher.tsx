// Leads to the other ways on from a place in a chat: ‹ 2/3 ›.
import type { ChatMessage } from '@parley/contract/chat';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useTexts } from '../../lib/texts.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { useChooseBranch } from './actions.ts';
import { chatTexts } from './texts.ts';

export function BranchSwitcher({ message: { id, siblings } }: { message: ChatMessage }) {
  const texts = useTexts(chatTexts);
  const choose = useChooseBranch();
  if (siblings.length < 2) return null;
  const at = siblings.indexOf(id);
  const step = (to: string | undefined) => to !== undefined && !choose.isPending && choose.mutate(to);
  return (
    <fieldset aria-label={texts.branches} className="inline-flex items-center">
      <IconButton
        label={texts.previousBranch}
        icon={ChevronLeft}
        size="small"
        disabled={at === 0}
        onClick={() => step(siblings[at - 1])}
      />
      <span data-figures aria-hidden="true">
        {at + 1}/{siblings.length}
      </span>
      <span className="sr-only">{texts.branch(at + 1, siblings.length)}</span>
      <IconButton
        label={texts.nextBranch}
        icon={ChevronRight}
        size="small"
        disabled={at === siblings.length - 1}
        onClick={() => step(siblings[at + 1])}
      />
    </fieldset>
  );
}
