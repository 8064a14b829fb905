// Sets or changes a cap: of whom, how much of what in which time, and what happens then.
import type { Cap, CapInput, CapPeriod, CapScope, CapUnit, WhenReached } from '@parley/contract/budgets';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, newIdempotencyKey } from '../../lib/api.ts';
import { formatPhone, useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { toast } from '../../ui/toast.tsx';
import { ContactPicker, type PickedContact } from './contact-picker.tsx';
import { FormDialog, focusWrong } from './form-dialog.tsx';
import { readNumber } from './model-draft.ts';
import { capsKey, capsPath } from './spending-queries.ts';
import { spendingTexts } from './texts-spending.ts';

const most = 1_000_000_000;

/** Money is kept in millionths; the rest is counted one by one. */
const stored = (unit: CapUnit, amount: number) => Math.round(unit === 'money' ? amount * 1e6 : amount);
const written = ({ unit, limit }: Cap) => String(unit === 'money' ? limit / 1e6 : limit);
const mostOf = (unit: CapUnit) => (unit === 'money' ? most / 1000 : most);

/** Of each contact by itself, or of one. */
type Whose = CapScope | 'oneContact';

const whoseOf = ({ scope, subjectId }: Cap): Whose =>
  scope === 'contact' && subjectId !== null ? 'oneContact' : scope;

interface CapFormProps {
  /** Null for a new one. */
  cap: Cap | null;
  /** Whom a new one is for; null: the member chooses. */
  contact: PickedContact | null;
  onClose: () => void;
}

export function CapForm({ cap, contact, onClose }: CapFormProps) {
  const texts = useTexts(spendingTexts);
  const format = useFormat();
  const client = useQueryClient();
  const [whose, setWhose] = useState<Whose>(cap ? whoseOf(cap) : contact ? 'oneContact' : 'workspace');
  const [picked, setPicked] = useState<PickedContact | null>(
    cap?.subjectId
      ? {
          id: cap.subjectId,
          name: cap.subjectName === null ? texts.oneContact : formatPhone(cap.subjectName),
        }
      : contact,
  );
  const [period, setPeriod] = useState<CapPeriod>(cap?.period ?? 'month');
  const [unit, setUnit] = useState<CapUnit>(cap?.unit ?? 'money');
  const [limit, setLimit] = useState(cap ? written(cap) : '');
  const [warnPercent, setWarnPercent] = useState(String(cap?.warnPercent ?? 80));
  const [whenReached, setWhenReached] = useState<WhenReached>(cap?.whenReached ?? 'cheaper');
  const [told, setTold] = useState(false);
  const [key] = useState(newIdempotencyKey);
  const amount = readNumber(limit);
  const isLimitWrong =
    limit.trim() === '' ||
    !(amount >= 0 && amount <= mostOf(unit)) ||
    (unit !== 'money' && !Number.isInteger(amount));
  const percent = readNumber(warnPercent);
  const isPercentWrong = !(Number.isInteger(percent) && percent >= 1 && percent <= 100);
  const isContactMissing = whose === 'oneContact' && picked === null;
  const save = useMutation({
    mutationFn: () => {
      const input: CapInput = {
        scope: whose === 'oneContact' ? 'contact' : whose,
        subjectId: whose === 'oneContact' ? (picked?.id ?? null) : null,
        period,
        unit,
        limit: stored(unit, amount),
        warnPercent: percent,
        whenReached,
      };
      return cap
        ? api.put<Cap>(`${capsPath}/${cap.id}`, input)
        : api.post<Cap>(capsPath, input, { idempotencyKey: key });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: capsKey });
      toast({ text: texts.capSaved, tone: 'success' });
      onClose();
    },
  });
  const submit = () => {
    setTold(true);
    if (isLimitWrong || isPercentWrong || isContactMissing) focusWrong();
    else save.mutate();
  };
  const options = <Value extends string>(values: readonly Value[], words: Readonly<Record<Value, string>>) =>
    values.map((value) => ({ value, label: words[value] }));
  return (
    <FormDialog
      title={cap ? texts.editCap : texts.addCap}
      actionLabel={cap ? texts.save : texts.addCap}
      busy={save.isPending}
      error={save.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label={texts.scope}>
        <Select<Whose>
          value={whose}
          options={options(['workspace', 'assistant', 'contact', 'oneContact'], texts)}
          onChange={setWhose}
        />
      </Field>
      {whose === 'oneContact' && (
        <ContactPicker
          picked={picked}
          error={told && isContactMissing ? texts.contactNeeded : null}
          onPick={setPicked}
        />
      )}
      <div className="grid grid-cols-2 gap-4 phone:grid-cols-1">
        <Field label={texts.unit}>
          <Select<CapUnit>
            value={unit}
            options={options(['money', 'tokens', 'segments'], texts)}
            onChange={setUnit}
          />
        </Field>
        <Field label={texts.period}>
          <Select<CapPeriod> value={period} options={options(['day', 'month'], texts)} onChange={setPeriod} />
        </Field>
        <Field
          label={texts.limit}
          error={told && isLimitWrong ? texts.range('0', format.number(mostOf(unit))) : null}
        >
          <Input inputMode="decimal" value={limit} onChange={(event) => setLimit(event.target.value)} />
        </Field>
        <Field label={texts.warnAt} error={isPercentWrong ? texts.range('1', '100') : null}>
          <Input
            inputMode="numeric"
            value={warnPercent}
            onChange={(event) => setWarnPercent(event.target.value)}
          />
        </Field>
      </div>
      <Field label={texts.onReached}>
        <Select<WhenReached>
          value={whenReached}
          options={options(['cheaper', 'local', 'built_in', 'stop'], texts)}
          onChange={setWhenReached}
        />
      </Field>
    </FormDialog>
  );
}
