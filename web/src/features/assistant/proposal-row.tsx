// One proposal: the question, the answer that a member gave, where that was, and what becomes of it.
import type { KnowledgeProposal } from '@parley/contract/knowledge-proposals';
import { Check, Pencil, X } from 'lucide-react';
import { useId, useState } from 'react';
import { Link } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Time } from '../../ui/time.tsx';
import { useMembers } from '../conversations/queries.ts';
import { ProposalForm } from './proposal-form.tsx';
import { useDecide } from './proposal-queries.ts';
import { proposalTexts } from './texts-proposals.ts';

interface ProposalRowProps {
  proposal: KnowledgeProposal;
  /** It is gone from the list; the focus needs another place. */
  onDecided: () => void;
}

export function ProposalRow({ proposal, onDecided }: ProposalRowProps) {
  const texts = useTexts(proposalTexts);
  const format = useFormat();
  const { nameOf } = useMembers();
  const mayManage = useCan('assistant:manage');
  const decide = useDecide(onDecided);
  const [isEditing, setEditing] = useState(false);
  const questionId = useId();
  const { id, question, answer, asked, language, conversationId, answerMessageId, answeredBy, answeredAt } =
    proposal;
  const name = nameOf(answeredBy);
  const lang = language === 'unknown' ? undefined : language;
  const isBusy = (decision: 'accepted' | 'dismissed') =>
    decide.isPending && decide.variables.decision.decision === decision;
  return (
    <li
      data-row={proposal.id}
      tabIndex={-1}
      aria-labelledby={questionId}
      className="focus-inside -mx-2 rounded-control border-line border-b px-2 py-4 last:border-0"
    >
      <div className="flex items-start justify-between gap-x-3 gap-y-1 phone:flex-col">
        <p id={questionId} lang={lang} className="break-words font-medium">
          {question}
        </p>
        <Chip tone={asked > 1 ? 'accent' : 'neutral'}>{texts.asked(asked, format.number(asked))}</Chip>
      </div>
      <p lang={lang} className="mt-1 max-w-measure whitespace-pre-line break-words">
        {answer}
      </p>
      <p className="mt-1 flex flex-wrap gap-x-1.5 text-meta text-text-muted">
        {name !== null && <span>{texts.answeredBy(name)} ·</span>}
        <Time at={answeredAt} />
        <span>
          ·{' '}
          <Link
            to={`/inbox/${conversationId}?message=${answerMessageId}`}
            className="underline underline-offset-2"
          >
            {texts.open}
          </Link>
        </span>
      </p>
      {mayManage && (
        <div className="mt-3 flex flex-wrap gap-2">
          <Button
            size="small"
            variant="primary"
            icon={Check}
            aria-describedby={questionId}
            busy={isBusy('accepted')}
            onClick={() => decide.mutate({ id, decision: { decision: 'accepted' } })}
          >
            {texts.accept}
          </Button>
          <Button size="small" icon={Pencil} aria-describedby={questionId} onClick={() => setEditing(true)}>
            {texts.edit}
          </Button>
          <Button
            size="small"
            variant="bare"
            icon={X}
            aria-describedby={questionId}
            busy={isBusy('dismissed')}
            onClick={() => decide.mutate({ id, decision: { decision: 'dismissed' } })}
          >
            {texts.dismiss}
          </Button>
        </div>
      )}
      {isEditing && (
        <ProposalForm proposal={proposal} onDecided={onDecided} onClose={() => setEditing(false)} />
      )}
    </li>
  );
}
