// Writes or changes what a member knows by heart: a text, or a question with its answer.
import type { TrainingDataDetail } from '@parley/contract/training-data';
import { useState } from 'react';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { Textarea } from '../../ui/textarea.tsx';
import { FormDialog, focusWrong } from './form-dialog.tsx';
import { sourceTexts } from './texts-source.ts';
import { useSaveSource } from './use-save-source.ts';

export interface WrittenFormProps {
  kind: 'text' | 'pair';
  /** Null for a new one. */
  source: TrainingDataDetail | null;
  onClose: () => void;
}

export function WrittenForm({ kind, source, onClose }: WrittenFormProps) {
  const texts = useTexts(sourceTexts);
  const shared = useTexts(sharedTexts);
  const isText = kind === 'text';
  const [head, setHead] = useState((isText ? source?.title : source?.question) ?? '');
  const [body, setBody] = useState((isText ? source?.content : source?.answer) ?? '');
  const [heldBack, setHeldBack] = useState(false);
  const [told, setTold] = useState(false);
  const save = useSaveSource(onClose);
  const isHeadMissing = head.trim() === '';
  const isBodyMissing = body.trim() === '';
  const submit = () => {
    setTold(true);
    if (isHeadMissing || isBodyMissing) return focusWrong();
    const written = isText ? { title: head, content: body } : { question: head, answer: body };
    if (source) return save.mutate({ id: source.id, change: written });
    save.mutate({
      input: isText
        ? { kind: 'text', title: head, content: body, live: !heldBack }
        : { kind: 'pair', question: head, answer: body, live: !heldBack },
    });
  };
  const heads = isText ? [texts.addText, texts.editText] : [texts.addPair, texts.editPair];
  return (
    <FormDialog
      title={heads[source ? 1 : 0] ?? ''}
      actionLabel={source ? shared.save : texts.addAction}
      busy={save.isPending}
      error={save.error}
      onSubmit={submit}
      onClose={onClose}
      size={isText ? 'large' : 'regular'}
    >
      <Field
        label={isText ? texts.title : texts.question}
        hint={isText ? undefined : texts.questionHint}
        error={told && isHeadMissing ? (isText ? texts.titleMissing : texts.questionMissing) : null}
      >
        <Input
          value={head}
          maxLength={isText ? 200 : 1000}
          onChange={(event) => setHead(event.target.value)}
        />
      </Field>
      <Field
        label={isText ? texts.content : texts.answer}
        hint={isText ? texts.contentHint : undefined}
        error={told && isBodyMissing ? (isText ? texts.contentMissing : texts.answerMissing) : null}
      >
        <Textarea
          rowsMin={isText ? 10 : 4}
          rowsMax={20}
          maxLength={isText ? 200_000 : 20_000}
          value={body}
          onChange={(event) => setBody(event.target.value)}
        />
      </Field>
      {!source && <Checkbox label={texts.holdBack} checked={heldBack} onChange={setHeldBack} />}
    </FormDialog>
  );
}
