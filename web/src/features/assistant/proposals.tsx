// What members answered and the knowledge could have: allowing it, looking through the past, and deciding on each.
import type { KnowledgeProposal } from '@parley/contract/knowledge-proposals';
import { MessagesSquare } from 'lucide-react';
import { useRef } from 'react';
import { useCan } from '../../lib/session.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { useTexts } from '../../lib/texts.ts';
import { afterRemoval } from '../../ui/after-removal.ts';
import { Button } from '../../ui/button.tsx';
import { Page } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { Switch } from '../../ui/switch.tsx';
import { LookThroughPast } from './look-through.tsx';
import { useChangeLearning, useLearning, useProposals } from './proposal-queries.ts';
import { ProposalRow } from './proposal-row.tsx';
import { BackLink } from './section-page.tsx';
import { proposalTexts } from './texts-proposals.ts';
import { sectionTexts } from './texts-sections.ts';

export function Proposals() {
  const texts = useTexts(proposalTexts);
  const { knowledge } = useTexts(sectionTexts);
  const learning = useLearning();
  const proposals = useProposals();
  const isPending = learning.isPending || proposals.isPending;
  const failed = [learning, proposals].find(({ isError, data }) => isError && !data);
  const items = (proposals.data?.pages ?? []).flatMap((page) => page.items);
  return (
    <Page
      title={texts.title}
      description={texts.intro}
      above={<BackLink to="/assistant/knowledge">{knowledge}</BackLink>}
    >
      {isPending && <SkeletonRows rows={4} />}
      {failed && (
        <ErrorState error={failed.error} title={texts.unreadable} onRetry={() => void failed.refetch()} />
      )}
      {learning.data && proposals.data && (
        <>
          <Allowing isOn={learning.data.learnFromConversations} />
          {items.length === 0 ? (
            <NoProposals isOn={learning.data.learnFromConversations} />
          ) : (
            <ProposalList items={items} />
          )}
          {proposals.hasNextPage && (
            <Button
              className="mt-4"
              busy={proposals.isFetchingNextPage}
              onClick={() => void proposals.fetchNextPage()}
            >
              {texts.more}
            </Button>
          )}
        </>
      )}
    </Page>
  );
}

function Allowing({ isOn }: { isOn: boolean }) {
  const texts = useTexts(proposalTexts);
  const mayManage = useCan('assistant:manage');
  const change = useChangeLearning();
  return (
    <div className="mb-6 flex max-w-measure flex-col gap-5">
      <Switch
        label={texts.allow}
        hint={texts.allowHint}
        checked={change.isPending ? change.variables : isOn}
        disabled={!mayManage}
        onChange={(wanted) => change.mutate(wanted)}
      />
      {isOn && <LookThroughPast />}
    </div>
  );
}

function NoProposals({ isOn }: { isOn: boolean }) {
  const texts = useTexts(proposalTexts);
  const mayManage = useCan('assistant:manage');
  return (
    <EmptyState
      icon={MessagesSquare}
      title={isOn ? texts.none : texts.off}
      text={isOn ? texts.noneText : mayManage ? texts.offText : texts.offForViewers}
    />
  );
}

function ProposalList({ items }: { items: readonly KnowledgeProposal[] }) {
  const texts = useTexts(proposalTexts);
  const list = useRef<HTMLUListElement>(null);
  const rows = () => [...(list.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])];
  const step = (by: 1 | -1) => {
    const all = rows();
    const at = all.findIndex((row) => row.contains(document.activeElement));
    all[at === -1 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))]?.focus();
  };
  useShortcut('knowledge', 'j', texts.next, () => step(1));
  useShortcut('knowledge', 'k', texts.previous, () => step(-1));
  /** To the one that moved up, so that the keyboard goes on; else to what stays. */
  const focusNear = (index: number, removed: string) =>
    afterRemoval(removed, () => {
      const all = rows();
      const next = all[Math.min(index, all.length - 1)];
      (next ?? document.querySelector<HTMLElement>('[role=switch]'))?.focus();
    });
  return (
    <ul ref={list} aria-label={texts.list}>
      {items.map((item, index) => (
        <ProposalRow key={item.id} proposal={item} onDecided={() => focusNear(index, item.id)} />
      ))}
    </ul>
  );
}
