// The form for a better answer: the assistant knows it at once, and a case looks for it from then on.
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useTexts } from '../../lib/texts.ts';
import { Field } from '../../ui/field.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { Textarea } from '../../ui/textarea.tsx';
import { toast } from '../../ui/toast.tsx';
import { useFixAnswer, useRunQuestion } from './case-queries.ts';
import { FormDialog, focusWrong } from './form-dialog.tsx';
import { caseTexts } from './texts-cases.ts';

interface FixAnswerProps {
  /** The turn that answered; null where nobody was answered. */
  runId: string | null;
  /** What was asked, where it is known. */
  question?: string;
  answer: string;
  onClose: () => void;
}

export function FixAnswer({ runId, question: known, answer: given, onClose }: FixAnswerProps) {
  const texts = useTexts(caseTexts);
  const navigate = useNavigate();
  const asked = useRunQuestion(known === undefined ? runId : null);
  const [written, setWritten] = useState<string | null>(null);
  // What cannot be read any more can be written by hand.
  const question = written ?? known ?? asked.data?.question ?? '';
  const isReading = known === undefined && runId !== null && asked.isPending;
  const [better, setBetter] = useState<string | null>(null);
  // That a person will reply is no answer to begin with.
  const answer = better ?? (asked.data?.handedOver ? '' : given);
  const [told, setTold] = useState(false);
  const fix = useFixAnswer(() => {
    toast({
      text: texts.fixed,
      tone: 'success',
      actionLabel: texts.showCases,
      onAction: () => void navigate('/assistant/cases'),
    });
    onClose();
  });
  const [isQuestionMissing, isAnswerMissing] = [question.trim() === '', answer.trim() === ''];
  const submit = () => {
    setTold(true);
    if (isQuestionMissing || isAnswerMissing) return focusWrong();
    fix.mutate({ question: question.trim(), answer: answer.trim(), mustContain: [], runId });
  };
  return (
    <FormDialog
      title={texts.fix}
      actionLabel={texts.fixAction}
      busy={fix.isPending}
      error={fix.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="text-text-muted">{texts.fixText}</p>
      {isReading ? (
        <SkeletonRows rows={2} />
      ) : (
        <>
          <Field label={texts.question} error={told && isQuestionMissing ? texts.questionMissing : null}>
            <Textarea
              rowsMin={2}
              maxLength={2000}
              value={question}
              onChange={(event) => setWritten(event.target.value)}
            />
          </Field>
          <Field label={texts.betterAnswer} error={told && isAnswerMissing ? texts.answerMissing : null}>
            <Textarea
              rowsMin={4}
              maxLength={4000}
              value={answer}
              onChange={(event) => setBetter(event.target.value)}
            />
          </Field>
        </>
      )}
    </FormDialog>
  );
}
