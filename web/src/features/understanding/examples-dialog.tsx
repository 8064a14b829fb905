// The examples of one intent: read, added by the line, removed.
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog, Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Textarea } from '../../ui/textarea.tsx';
import { toast } from '../../ui/toast.tsx';
import { useIntentName } from './intent-name.ts';
import {
  useAddExamples,
  useDeleteExample,
  useDeleteIntent,
  useExamples,
  useIntents,
} from './intent-queries.ts';
import { intentTexts } from './texts-intents.ts';

export function ExamplesDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const texts = useTexts(intentTexts);
  const mayManage = useCan('assistant:manage');
  const intentName = useIntentName();
  const { data: intents = [] } = useIntents();
  const examples = useExamples(name);
  const remove = useDeleteExample();
  const removeIntent = useDeleteIntent();
  const [removing, setRemoving] = useState(false);
  const items = (examples.data?.pages ?? []).flatMap((page) => page.items);
  const isOwn = intents.some((intent) => intent.name === name && intent.origin === 'workspace');
  return (
    <Dialog
      open
      size="large"
      title={texts.examplesOf(intentName(name))}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      footer={
        mayManage && isOwn ? (
          <Button variant="danger" onClick={() => setRemoving(true)}>
            {texts.remove}
          </Button>
        ) : undefined
      }
    >
      <div className="flex flex-col gap-4">
        {mayManage && <AddExamples name={name} />}
        {examples.isPending && <SkeletonRows rows={3} />}
        {examples.isError && !examples.data && (
          <ErrorState error={examples.error} onRetry={() => void examples.refetch()} />
        )}
        {examples.data && items.length === 0 && <p className="text-text-muted">{texts.noExamples}</p>}
        {items.length > 0 && (
          <ul aria-label={texts.examples}>
            {items.map(({ id, text }) => (
              <li key={id} className="flex items-center gap-2 border-line border-b py-1 last:border-0">
                <span className="min-w-0 grow break-words">{text}</span>
                {mayManage && (
                  <IconButton
                    label={texts.removeExample(text)}
                    icon={Trash2}
                    tone="danger"
                    onClick={() => remove.mutate(id)}
                  />
                )}
              </li>
            ))}
          </ul>
        )}
        {examples.hasNextPage && (
          <Button busy={examples.isFetchingNextPage} onClick={() => void examples.fetchNextPage()}>
            {texts.more}
          </Button>
        )}
      </div>
      <ConfirmDialog
        open={removing}
        onOpenChange={setRemoving}
        danger
        title={texts.removeTitle(intentName(name))}
        text={texts.removeText}
        actionLabel={texts.remove}
        onConfirm={async () => {
          await removeIntent(name);
          toast({ text: texts.removed });
          onClose();
        }}
      />
    </Dialog>
  );
}

/** What the server takes at once. */
const linesMax = 200;
const lineLengthMax = 500;

function AddExamples({ name }: { name: string }) {
  const texts = useTexts(intentTexts);
  const [written, setWritten] = useState('');
  const [isTried, setTried] = useState(false);
  const add = useAddExamples(name, () => {
    setWritten('');
    setTried(false);
  });
  const lines = written
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const wrong =
    lines.length === 0
      ? texts.needsWords
      : lines.length > linesMax || lines.some((line) => line.length > lineLengthMax)
        ? texts.tooMuch
        : null;
  const error = isTried && wrong ? wrong : (add.error?.message ?? null);
  return (
    <form
      noValidate
      className="flex flex-col items-start gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!wrong) add.mutate(lines);
      }}
    >
      <Field label={texts.addExamples} hint={texts.examplesHint} error={error} className="w-full">
        <Textarea rowsMin={3} value={written} onChange={(event) => setWritten(event.target.value)} />
      </Field>
      <Button type="submit" busy={add.isPending}>
        {texts.addExamples}
      </Button>
    </form>
  );
}
