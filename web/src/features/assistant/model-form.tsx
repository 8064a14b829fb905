// Adds or changes a model: where it runs fills in what such models have in common, and the rest can stay as it is.
import { type Capability, capability, type Model, type ModelPreset } from '@parley/contract/models';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, newIdempotencyKey } from '../../lib/api.ts';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { Switch } from '../../ui/switch.tsx';
import { toast } from '../../ui/toast.tsx';
import { useReasonWords } from '../conversations/model-reasons.tsx';
import { FormDialog, focusWrong } from './form-dialog.tsx';
import {
  draftOf,
  fromPreset,
  inputOf,
  isHalfPriced,
  isWrong,
  type ModelDraft,
  type NumberField,
  newDraft,
  numberFields,
} from './model-draft.ts';
import { modelsKey, type Presets } from './model-queries.ts';
import { modelTexts } from './texts-models.ts';

interface ModelFormProps {
  /** Null for a new one. */
  model: Model | null;
  presets: Presets;
  onSaved?: (model: Model) => void;
  onClose: () => void;
}

const spoken = ['en', 'es', 'pt'];

export function ModelForm({ model, presets, onSaved, onClose }: ModelFormProps) {
  const texts = useTexts(modelTexts);
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => (model ? draftOf(model) : newDraft(presets[0])));
  const [told, setTold] = useState(false);
  // It stays open while what was wrong is being mended.
  const [numbersTold, setNumbersTold] = useState(false);
  const [key] = useState(newIdempotencyKey);
  const set = (change: Partial<ModelDraft>) => setDraft((before) => ({ ...before, ...change }));
  const preset = presets.find((one) => one.preset === draft.preset) ?? presets[0];
  const missing = (value: string) => (told && value.trim() === '' ? texts.required : null);
  const isUrlWrong = !/^https?:\/\/[^\s/]+/.test(draft.baseUrl.trim());
  const needsKey = preset.needsApiKey && !model?.hasApiKey;
  const hasWrongNumber =
    isHalfPriced(draft) ||
    (Object.keys(numberFields) as NumberField[]).some((field) => isWrong(field, draft[field]));
  const save = useMutation({
    mutationFn: () =>
      model
        ? api.put<Model>(`/api/v1/models/${model.id}`, inputOf(draft))
        : api.post<Model>('/api/v1/models', inputOf(draft), { idempotencyKey: key }),
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: modelsKey });
      toast({ text: texts.saved(saved.name), tone: 'success' });
      onClose();
      onSaved?.(saved);
    },
  });
  const submit = () => {
    setTold(true);
    if (hasWrongNumber) setNumbersTold(true);
    const lacks = !draft.name.trim() || !draft.model.trim() || (needsKey && !draft.apiKey.trim());
    if (lacks || isUrlWrong || hasWrongNumber) focusWrong();
    else save.mutate();
  };
  return (
    <FormDialog
      title={model ? texts.editTitle : texts.add}
      actionLabel={model ? texts.saveModel : texts.add}
      busy={save.isPending}
      error={save.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label={texts.preset}>
        <Select<ModelPreset>
          value={draft.preset}
          options={presets.map(({ preset: value, name }) => ({
            value,
            label: value === 'custom' ? texts.presetOther : name,
          }))}
          onChange={(next) => set(fromPreset(presets.find((one) => one.preset === next) ?? preset))}
        />
      </Field>
      <Field
        label={texts.baseUrl}
        hint={texts.baseUrlHint}
        error={told && isUrlWrong ? texts.baseUrlWrong : null}
      >
        <Input
          inputMode="url"
          value={draft.baseUrl}
          onChange={(event) => set({ baseUrl: event.target.value })}
        />
      </Field>
      <Field label={texts.modelField} hint={texts.modelHint} error={missing(draft.model)}>
        <Input value={draft.model} onChange={(event) => set({ model: event.target.value })} />
      </Field>
      <Field label={texts.name} hint={texts.nameHint} error={missing(draft.name)}>
        <Input value={draft.name} onChange={(event) => set({ name: event.target.value })} />
      </Field>
      <Field
        label={texts.key}
        optional={!needsKey}
        hint={model?.hasApiKey ? texts.keyStays : texts.keyHint}
        error={needsKey ? missing(draft.apiKey) : null}
      >
        <Input
          type="password"
          autoComplete="off"
          value={draft.apiKey}
          onChange={(event) => set({ apiKey: event.target.value })}
        />
      </Field>
      <Group label={texts.can}>
        {capability.options.map((one) => (
          <Toggle<Capability>
            key={one}
            value={one}
            chosen={draft.capabilities}
            onChange={(capabilities) => set({ capabilities })}
          />
        ))}
      </Group>
      <Switch
        label={texts.isLocal}
        hint={texts.isLocalHint}
        checked={draft.local}
        onChange={(local) => set({ local })}
      />
      <Switch label={texts.mayBeAsked} checked={draft.enabled} onChange={(enabled) => set({ enabled })} />
      <Disclosure label={texts.more} open={numbersTold || undefined}>
        <div className="flex flex-col gap-4">
          <Group label={texts.speaks} hint={texts.noLanguage}>
            {[...new Set([...spoken, ...draft.languages])].map((one) => (
              <Toggle<string>
                key={one}
                value={one}
                isLanguage
                chosen={draft.languages}
                onChange={(languages) => set({ languages })}
              />
            ))}
          </Group>
          <div className="grid grid-cols-2 items-end gap-4 phone:grid-cols-1">
            <Amount field="timeout" label={texts.timeout} draft={draft} onChange={set} />
            <Amount field="longest" label={texts.longestMost} draft={draft} onChange={set} />
            <Amount field="firstToken" label={texts.firstTokenMost} draft={draft} onChange={set} />
            <Amount field="between" label={texts.betweenMost} draft={draft} onChange={set} />
            <Amount field="perMinute" label={texts.perMinute} draft={draft} onChange={set} />
            <Amount field="perDay" label={texts.perDay} draft={draft} onChange={set} />
            <p className="col-span-full -mt-3 text-meta text-text-muted">{texts.quotaHint}</p>
            <Amount field="inputPrice" label={texts.inputPrice} draft={draft} onChange={set} />
            <Amount field="outputPrice" label={texts.outputPrice} draft={draft} onChange={set} />
            <p className="col-span-full -mt-3 text-meta text-text-muted">{texts.priceHint}</p>
          </div>
        </div>
      </Disclosure>
    </FormDialog>
  );
}

interface AmountProps {
  field: NumberField;
  label: string;
  draft: ModelDraft;
  onChange: (change: Partial<ModelDraft>) => void;
}

function Amount({ field, label, draft, onChange }: AmountProps) {
  const texts = useTexts(modelTexts);
  const format = useFormat();
  const { least, most, mayBeEmpty } = numberFields[field];
  const isHalf = field.endsWith('Price') && draft[field].trim() === '' && isHalfPriced(draft);
  const error = isWrong(field, draft[field])
    ? texts.range(format.number(least), format.number(most))
    : isHalf
      ? texts.bothPrices
      : null;
  return (
    <Field label={label} optional={mayBeEmpty} error={error}>
      <Input
        inputMode="decimal"
        value={draft[field]}
        onChange={(event) => onChange({ [field]: event.target.value })}
      />
    </Field>
  );
}

function Group({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <fieldset>
      <legend className="mb-1.5 font-medium">{label}</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-2 phone:gap-y-4">{children}</div>
      {hint && <p className="mt-1 text-meta text-text-muted">{hint}</p>}
    </fieldset>
  );
}

interface ToggleProps<Value extends string> {
  value: Value;
  isLanguage?: boolean;
  chosen: readonly Value[];
  onChange: (chosen: readonly Value[]) => void;
}

function Toggle<Value extends string>({ value, isLanguage = false, chosen, onChange }: ToggleProps<Value>) {
  const word = useReasonWords();
  const format = useFormat();
  return (
    <Checkbox
      label={isLanguage ? format.languageName(value) : word(value)}
      checked={chosen.includes(value)}
      onChange={(on) => onChange(on ? [...chosen, value] : chosen.filter((one) => one !== value))}
    />
  );
}
