// Better words for a proposal, and a yes to them in one.
import type { KnowledgeProposal } from '@parley/contract/knowledge-proposals';
import { useState } from 'react';
import { useTexts } from '../../lib/texts.ts';
import { Field } from '../../ui/field.tsx';
import { Textarea } from '../../ui/textarea.tsx';
import { FormDialog, focusWrong } from './form-dialog.tsx';
import { useDecide } from './proposal-queries.ts';
import { proposalTexts } from './texts-proposals.ts';

interface ProposalFormProps {
  proposal: KnowledgeProposal;
  onDecided: () => void;
  onClose: () => void;
}

export function ProposalForm({ proposal, onDecided, onClose }: ProposalFormProps) {
  const texts = useTexts(proposalTexts);
  const [question, setQuestion] = useState(proposal.question);
  const [answer, setAnswer] = useState(proposal.answer);
  const [told, setTold] = useState(false);
  const decide = useDecide(() => {
    onClose();
    onDecided();
  });
  const [isQuestionMissing, isAnswerMissing] = [question.trim() === '', answer.trim() === ''];
  const submit = () => {
    setTold(true);
    if (isQuestionMissing || isAnswerMissing) return focusWrong();
    decide.mutate({
      id: proposal.id,
      decision: { decision: 'accepted', question: question.trim(), answer: answer.trim() },
    });
  };
  return (
    <FormDialog
      title={texts.editTitle}
      actionLabel={texts.accept}
      busy={decide.isPending}
      error={decide.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label={texts.question} error={told && isQuestionMissing ? texts.questionMissing : null}>
        <Textarea
          rowsMin={2}
          maxLength={1000}
          value={question}
          onChange={(event) => setQuestion(event.target.value)}
        />
      </Field>
      <Field label={texts.answer} error={told && isAnswerMissing ? texts.answerMissing : null}>
        <Textarea
          rowsMin={5}
          rowsMax={16}
          maxLength={20_000}
          value={answer}
          onChange={(event) => setAnswer(event.target.value)}
        />
      </Field>
    </FormDialog>
  );
}
