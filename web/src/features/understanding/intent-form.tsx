// Gives an intent its name.
import { useState } from 'react';
import { useTexts } from '../../lib/texts.ts';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { FormDialog, focusWrong } from '../assistant/form-dialog.tsx';
import { useSetIntent } from './intent-queries.ts';
import { intentTexts } from './texts-intents.ts';

interface IntentFormProps {
  /** Those that there are. */
  names: readonly string[];
  onMade: (name: string) => void;
  onClose: () => void;
}

export function IntentForm({ names, onMade, onClose }: IntentFormProps) {
  const texts = useTexts(intentTexts);
  const set = useSetIntent();
  const [name, setName] = useState('');
  const [isTried, setTried] = useState(false);
  const wanted = nameOf(name);
  const error = !/^[a-z][a-z0-9_]{0,59}$/.test(wanted)
    ? texts.nameWrong
    : names.includes(wanted)
      ? texts.nameTaken
      : null;
  return (
    <FormDialog
      title={texts.add}
      actionLabel={texts.add}
      busy={set.isPending}
      error={set.error}
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (error) return focusWrong();
        set.mutate({ name: wanted, enabled: true }, { onSuccess: () => onMade(wanted) });
      }}
    >
      <Field label={texts.name} hint={texts.nameHint} error={isTried ? error : null}>
        <Input
          value={name}
          maxLength={60}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
    </FormDialog>
  );
}

/** "Lost parcel" is `lost_parcel`. */
const nameOf = (words: string) =>
  words
    .trim()
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
