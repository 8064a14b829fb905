// Asks for a date and a time, within the next year.
import { useState } from 'react';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { momentsFrom, readLocalInput, toLocalInput } from './moments.ts';
import { actionTexts } from './texts-actions.ts';

interface MomentDialogProps {
  readonly title: string;
  readonly actionLabel: string;
  readonly onChoose: (at: Date) => void;
  readonly onClose: () => void;
}

export function MomentDialog({ title, actionLabel, onChoose, onClose }: MomentDialogProps) {
  const texts = useTexts(actionTexts);
  const { cancel } = useTexts(sharedTexts);
  const [value, setValue] = useState(() => {
    const now = new Date();
    return toLocalInput(momentsFrom(now)[0]?.at ?? now);
  });
  const [error, setError] = useState<string | null>(null);
  const problems = { past: texts.pickPast, too_far: texts.pickTooFar, unreadable: texts.pickUnreadable };
  return (
    <Dialog
      open
      size="small"
      title={title}
      onOpenChange={(open) => !open && onClose()}
      footer={
        <>
          <Button onClick={onClose}>{cancel}</Button>
          <Button type="submit" form="choose-moment" variant="primary">
            {actionLabel}
          </Button>
        </>
      }
    >
      <form
        id="choose-moment"
        onSubmit={(event) => {
          event.preventDefault();
          const at = readLocalInput(value, new Date());
          if (!(at instanceof Date)) return setError(problems[at]);
          onChoose(at);
          onClose();
        }}
      >
        <Field label={texts.pickLabel} error={error}>
          <Input type="datetime-local" value={value} onChange={(event) => setValue(event.target.value)} />
        </Field>
      </form>
    </Dialog>
  );
}
