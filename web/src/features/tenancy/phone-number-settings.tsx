// The member's own phone numbers in this workspace: added, verified by a code, removed.
import type { PhoneNumber } from '@parley/contract/phone-numbers';
import { useQuery } from '@tanstack/react-query';
import { Phone, Plus, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { formatPhone } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Input } from '../../ui/input.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { usePhoneAvailable } from '../phone/phone-available.ts';
import { phoneOptions } from '../phone/queries.ts';
import { PhoneNumberCode } from './phone-number-code.tsx';
import { PhoneNumberFactor } from './phone-number-factor.tsx';
import { problemOf, useAddNumber, usePhoneNumbers, useRemoveNumber } from './phone-number-queries.ts';
import { phoneNumberTexts } from './phone-number-texts.ts';

export function PhoneNumberSettings() {
  const texts = useTexts(phoneNumberTexts);
  const numbers = usePhoneNumbers();
  const [adding, setAdding] = useState(false);
  const [newId, setNewId] = useState<string | null>(null);
  if (numbers.isPending) return <SkeletonRows rows={1} />;
  if (numbers.isError) {
    return (
      <ErrorState error={numbers.error} title={texts.unreadable} onRetry={() => void numbers.refetch()} />
    );
  }
  return (
    <div className="flex flex-col gap-3">
      {numbers.data.length === 0 && !adding && <p className="text-text-muted">{texts.none}</p>}
      {numbers.data.length > 0 && (
        <ul>
          {numbers.data.map((number) => (
            <NumberRow key={number.id} number={number} isNew={number.id === newId} />
          ))}
        </ul>
      )}
      {adding ? (
        <AddNumber
          onClose={() => setAdding(false)}
          onAdded={({ id }) => {
            setNewId(id);
            setAdding(false);
          }}
        />
      ) : (
        <Button icon={Plus} className="self-start" onClick={() => setAdding(true)}>
          {texts.add}
        </Button>
      )}
    </div>
  );
}

function NumberRow({ number, isNew }: { number: PhoneNumber; isNew: boolean }) {
  const texts = useTexts(phoneNumberTexts);
  const shared = useTexts(sharedTexts);
  const remove = useRemoveNumber();
  const [asking, setAsking] = useState(false);
  const told = formatPhone(number.number);
  return (
    <li className="border-line border-b py-2.5 last:border-0">
      <div className="flex items-center gap-3">
        <Phone size={20} aria-hidden="true" className="shrink-0 text-text-muted" />
        <span className="flex min-w-0 grow flex-wrap items-center gap-2">
          <span data-figures className="font-medium">
            {told}
          </span>
          <Chip tone={number.verifiedAt ? 'success' : 'neutral'}>
            {number.verifiedAt ? texts.verified : texts.unverified}
          </Chip>
        </span>
        <IconButton icon={X} label={texts.remove(told)} onClick={() => setAsking(true)} />
      </div>
      {number.verifiedAt === null ? (
        <PhoneNumberCode number={number} isNew={isNew} />
      ) : (
        <PhoneNumberFactor number={number} />
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={texts.removeQuestion(told)}
        text={texts.removeText}
        actionLabel={shared.remove}
        danger
        onConfirm={async () => {
          await remove.mutateAsync(number.id);
          toast({ text: texts.removed(told), tone: 'success' });
        }}
      />
    </li>
  );
}

interface AddNumberProps {
  onClose: () => void;
  onAdded: (number: PhoneNumber) => void;
}

function AddNumber({ onClose, onAdded }: AddNumberProps) {
  const texts = useTexts(phoneNumberTexts);
  const shared = useTexts(sharedTexts);
  const [number, setNumber] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const add = useAddNumber();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (number.trim() === '' || add.isPending) return;
    setProblem(null);
    add.mutate(number.trim(), {
      onSuccess: onAdded,
      onError: (error) => {
        const known = problemOf(error);
        setProblem(known);
        if (!known) toastError(error);
      },
    });
  };
  return (
    <form onSubmit={submit} className="flex max-w-100 flex-col gap-4">
      <Field label={texts.number} hint={texts.numberHint} error={problem}>
        <Input
          autoFocus
          type="tel"
          autoComplete="tel"
          value={number}
          onChange={(event) => setNumber(event.target.value)}
        />
      </Field>
      <DrawnPhones onChoose={setNumber} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" busy={add.isPending} disabled={number.trim() === ''}>
          {texts.send}
        </Button>
        <Button onClick={onClose}>{shared.cancel}</Button>
      </div>
    </form>
  );
}

/** In the demo: numbers at which a person can see the code arrive. */
function DrawnPhones({ onChoose }: { onChoose: (number: string) => void }) {
  const texts = useTexts(phoneNumberTexts);
  const { data: phone } = useQuery({ ...phoneOptions, enabled: usePhoneAvailable() });
  if (!phone) return null;
  return (
    <div className="flex flex-col gap-1">
      <p className="text-meta text-text-muted">{texts.tryWith}</p>
      <div className="flex flex-wrap gap-1">
        {phone.handsets.map((handset) => (
          <Button key={handset.number} size="small" onClick={() => onChoose(handset.number)}>
            {handset.name} · {formatPhone(handset.number)}
          </Button>
        ))}
      </div>
    </div>
  );
}
