// Writes or changes a case.
import type { AnswerCase, AnswerCaseInput } from '@parley/contract/answer-cases';
import { useState } from 'react';
import { useTexts } from '../../lib/texts.ts';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { Textarea } from '../../ui/textarea.tsx';
import { toast } from '../../ui/toast.tsx';
import { useSaveCase } from './case-queries.ts';
import { FormDialog, focusWrong } from './form-dialog.tsx';
import { useSources } from './knowledge-queries.ts';
import { caseTexts } from './texts-cases.ts';

const any = 'any';

export function CaseForm({ answerCase, onClose }: { answerCase: AnswerCase | null; onClose: () => void }) {
  const texts = useTexts(caseTexts);
  const sources = useSources();
  const [question, setQuestion] = useState(answerCase?.question ?? '');
  const [language, setLanguage] = useState(answerCase?.language ?? 'unknown');
  const [expects, setExpects] = useState(answerCase?.expects ?? 'answer');
  const [source, setSource] = useState(answerCase?.trainingDataId ?? any);
  const [words, setWords] = useState((answerCase?.mustContain ?? []).join(', '));
  const [told, setTold] = useState(false);
  const save = useSaveCase(answerCase?.id ?? null, () => {
    toast({ text: texts.saved, tone: 'success' });
    onClose();
  });
  const isMissing = question.trim() === '';
  const submit = () => {
    setTold(true);
    if (isMissing) return focusWrong();
    const isAnswer = expects === 'answer';
    const input: AnswerCaseInput = {
      question: question.trim(),
      language,
      expects,
      trainingDataId: isAnswer && source !== any ? source : null,
      mustContain: isAnswer ? wordsOf(words) : [],
    };
    save.mutate(input);
  };
  const known = sources.data ?? [];
  return (
    <FormDialog
      title={answerCase ? texts.edit : texts.add}
      actionLabel={texts.save}
      busy={save.isPending}
      error={save.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label={texts.question} error={told && isMissing ? texts.questionMissing : null}>
        <Textarea
          rowsMin={2}
          maxLength={2000}
          value={question}
          onChange={(event) => setQuestion(event.target.value)}
        />
      </Field>
      <Field label={texts.language}>
        <Select
          value={language}
          onChange={setLanguage}
          options={[
            { value: 'unknown', label: texts.unknown },
            { value: 'en', label: texts.English },
            { value: 'es', label: texts.Spanish },
            { value: 'pt', label: texts.Portuguese },
          ]}
        />
      </Field>
      <Field label={texts.expects}>
        <Select
          value={expects}
          onChange={setExpects}
          options={[
            { value: 'answer', label: texts.expectsAnswer },
            { value: 'hand_over', label: texts.expectsHandOver },
          ]}
        />
      </Field>
      {expects === 'answer' && (
        <>
          <Field label={texts.source}>
            <Select
              value={source}
              onChange={setSource}
              options={[
                { value: any, label: texts.anySource },
                ...known.map(({ id, title }) => ({ value: id, label: title })),
                // While they are read.
                ...(source !== any && !known.some(({ id }) => id === source)
                  ? [{ value: source, label: answerCase?.trainingDataTitle ?? '' }]
                  : []),
              ]}
            />
          </Field>
          <Field label={texts.mustContain} hint={texts.mustContainHint} optional>
            <Input value={words} maxLength={1000} onChange={(event) => setWords(event.target.value)} />
          </Field>
        </>
      )}
    </FormDialog>
  );
}

const wordsMax = 10;

function wordsOf(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim().slice(0, 100))
    .filter((word) => word !== '')
    .slice(0, wordsMax);
}
