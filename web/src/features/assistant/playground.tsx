// Asks the assistant as a contact would, and shows what it would say and why; nothing is sent.
import type { ReadPassage, TrialAnswer } from '@parley/contract/runs';
import { useMutation } from '@tanstack/react-query';
import { CircleCheck, Hand, PenLine } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { api } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { RunFacts } from '../conversations/run-facts.tsx';
import { FixAnswer } from './fix-answer.tsx';
import { PassageText } from './knowledge-passages.tsx';
import { useSource } from './knowledge-queries.ts';
import { SectionPage } from './section-page.tsx';
import { assistantTexts } from './texts.ts';
import { caseTexts } from './texts-cases.ts';
import { sectionTexts } from './texts-sections.ts';

export function Playground() {
  const texts = useTexts(assistantTexts);
  const { playground } = useTexts(sectionTexts);
  const [question, setQuestion] = useState('');
  const ask = useMutation({
    mutationFn: (asked: string) => api.post<TrialAnswer>('/api/v1/assistant/answers', { question: asked }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (question.trim() !== '' && !ask.isPending) ask.mutate(question);
  };
  return (
    <SectionPage title={playground} description={texts.tryText}>
      <form onSubmit={submit} className="flex max-w-measure items-end gap-2">
        <Field label={texts.question} className="grow">
          <Input value={question} maxLength={4000} onChange={(event) => setQuestion(event.target.value)} />
        </Field>
        <Button type="submit" variant="primary" busy={ask.isPending} disabled={question.trim() === ''}>
          {texts.ask}
        </Button>
      </form>
      <div aria-live="polite" className="mt-6 max-w-measure">
        {ask.isError && <ErrorState error={ask.error} onRetry={() => ask.mutate(question)} />}
        {ask.data && <Answer answer={ask.data} question={ask.variables} />}
      </div>
    </SectionPage>
  );
}

function Answer({ answer, question }: { answer: TrialAnswer; question: string }) {
  const texts = useTexts(assistantTexts);
  const cases = useTexts(caseTexts);
  const [isFixing, setFixing] = useState(false);
  const handed = answer.outcome === 'handed_over';
  return (
    <article className="flex flex-col gap-5">
      <div>
        <p className="mb-2 flex flex-wrap items-center gap-2">
          <Chip tone={handed ? 'warning' : 'success'} icon={handed ? Hand : CircleCheck}>
            {handed ? texts.handedOver : texts.answered}
          </Chip>
          <span className="text-meta text-text-muted">{texts.nothingSent}</span>
        </p>
        <p
          lang={answer.language === 'unknown' ? undefined : answer.language}
          className="inline-block whitespace-pre-wrap rounded-bubble bg-accent-soft px-3.5 py-2 text-thread"
        >
          {answer.text}
        </p>
        <p className="mt-3">
          <Button size="small" icon={PenLine} onClick={() => setFixing(true)}>
            {cases.fix}
          </Button>
        </p>
        {isFixing && (
          <FixAnswer
            runId={null}
            question={question}
            answer={handed ? '' : answer.text}
            onClose={() => setFixing(false)}
          />
        )}
      </div>
      <div className="text-meta">
        <RunFacts run={answer} quote={(passage) => <Quote passage={passage} />} />
      </div>
    </article>
  );
}

/** The words that the answer rests on, where they still stand as they were read. */
function Quote({ passage: { textId, passageId } }: { passage: ReadPassage }) {
  const { data } = useSource(textId);
  const found = data?.passagesFound.find(({ id }) => id === passageId);
  if (!found) return null;
  return (
    <blockquote className="mt-1 mb-1.5 border-accent border-l-2 pl-3">
      <PassageText passage={found} />
    </blockquote>
  );
}
