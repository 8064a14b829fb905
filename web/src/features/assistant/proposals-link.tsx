// The way from all sources to what conversations could add to them.
import { ChevronRight, MessagesSquare } from 'lucide-react';
import { Link } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Chip } from '../../ui/chip.tsx';
import { useProposals } from './proposal-queries.ts';
import { proposalTexts } from './texts-proposals.ts';

export function ProposalsLink() {
  const texts = useTexts(proposalTexts);
  const format = useFormat();
  // Whoever reads them reads conversations.
  const mayRead = useCan('conversations:read');
  const { data, hasNextPage } = useProposals(mayRead);
  if (!mayRead) return null;
  const count = (data?.pages ?? []).reduce((sum, page) => sum + page.items.length, 0);
  return (
    <Link
      to="/assistant/knowledge/proposals"
      className="focus-inside mb-4 flex items-center gap-3 rounded-control border border-line px-3 py-2.5 transition-colors duration-[120ms] hover:bg-surface-hover phone:min-h-11"
    >
      <MessagesSquare size={18} strokeWidth={1.75} aria-hidden="true" className="shrink-0 text-text-muted" />
      <span className="grow font-medium">{texts.title}</span>
      {count > 0 && (
        <Chip tone="accent">{texts.waiting(`${format.number(count)}${hasNextPage ? '+' : ''}`)}</Chip>
      )}
      <ChevronRight size={16} aria-hidden="true" className="shrink-0 text-text-muted" />
    </Link>
  );
}
