// Makes or changes a tool that calls an address of the workspace's own.
import type { HttpTool, HttpToolInput } from '@parley/contract/tools';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { api, newIdempotencyKey } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Textarea } from '../../ui/textarea.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { toolTexts } from './texts-tools.ts';
import { draftOf, inputOf, isSchema, type ToolDraft, type ValueDraft } from './tool-draft.ts';
import { toolsKey } from './tool-queries.ts';

interface ToolFormProps {
  /** Null: a new one. */
  toolId: string | null;
  onClose: () => void;
}

export function ToolForm({ toolId, onClose }: ToolFormProps) {
  const texts = useTexts(toolTexts);
  const shared = useTexts(sharedTexts);
  const formId = useId();
  const [isSaving, setSaving] = useState(false);
  const known = useQuery({
    queryKey: [...toolsKey, toolId],
    queryFn: ({ signal }) => api.get<HttpTool>(`/api/v1/http-tools/${toolId}`, { signal }),
    enabled: toolId !== null,
    staleTime: 0,
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={toolId ? texts.edit : texts.add}
      footer={
        <>
          <Button onClick={onClose}>{shared.cancel}</Button>
          <Button type="submit" form={formId} variant="primary" busy={isSaving}>
            {shared.save}
          </Button>
        </>
      }
    >
      {toolId === null ? (
        <Fields formId={formId} tool={null} onSaving={setSaving} onClose={onClose} />
      ) : known.data ? (
        <Fields formId={formId} tool={known.data} onSaving={setSaving} onClose={onClose} />
      ) : known.isError ? (
        <ErrorState error={known.error} title={texts.unreadable} onRetry={() => void known.refetch()} />
      ) : (
        <SkeletonRows rows={5} />
      )}
    </Dialog>
  );
}

interface FieldsProps {
  formId: string;
  tool: HttpTool | null;
  onSaving: (isSaving: boolean) => void;
  onClose: () => void;
}

function Fields({ formId, tool, onSaving, onClose }: FieldsProps) {
  const texts = useTexts(toolTexts);
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(tool));
  const [told, setTold] = useState(false);
  const set = (change: Partial<ToolDraft>) => setDraft((before) => ({ ...before, ...change }));
  const errors = {
    name: /^[a-z][a-z0-9_]{1,49}$/.test(draft.name) ? null : texts.nameWrong,
    description: draft.description.trim() ? null : texts.required,
    url: /^https?:\/\/[^\s/]+/.test(draft.url.trim()) ? null : texts.addressWrong,
    schema: draft.schema === null || isSchema(draft.schema) ? null : texts.schemaWrong,
  };
  const shown = (name: keyof typeof errors) => (told ? errors[name] : null);
  const save = useMutation({
    mutationFn: (input: HttpToolInput) =>
      tool
        ? api.put<HttpTool>(`/api/v1/http-tools/${tool.id}`, input)
        : api.post<HttpTool>('/api/v1/http-tools', input, { idempotencyKey: newIdempotencyKey() }),
    onMutate: () => onSaving(true),
    onSettled: () => onSaving(false),
    onSuccess: async ({ name }) => {
      await client.invalidateQueries({ queryKey: toolsKey });
      toast({ text: texts.saved(name), tone: 'success' });
      onClose();
    },
    onError: toastError,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTold(true);
    if (Object.values(errors).every((error) => error === null) && !save.isPending)
      save.mutate(inputOf(draft));
  };
  return (
    <form id={formId} noValidate onSubmit={submit} className="flex flex-col gap-4">
      <Field label={texts.name} hint={texts.nameHint} error={shown('name')}>
        <Input
          value={draft.name}
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => set({ name: event.target.value })}
        />
      </Field>
      <Field label={texts.description} hint={texts.descriptionHint} error={shown('description')}>
        <Textarea value={draft.description} onChange={(event) => set({ description: event.target.value })} />
      </Field>
      <div className="grid grid-cols-[7rem_1fr] gap-3 phone:grid-cols-1">
        <Field label={texts.method}>
          <Select<HttpToolInput['method']>
            value={draft.method}
            options={(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).map((value) => ({
              value,
              label: value,
            }))}
            onChange={(method) => set({ method })}
          />
        </Field>
        <Field label={texts.address} hint={texts.addressHint} error={shown('url')}>
          <Input inputMode="url" value={draft.url} onChange={(event) => set({ url: event.target.value })} />
        </Field>
      </div>
      {draft.schema === null ? (
        <Values values={draft.values} onChange={(values) => set({ values })} />
      ) : (
        <Field label={texts.schema} error={shown('schema')}>
          <Textarea
            rowsMin={4}
            spellCheck={false}
            value={draft.schema}
            onChange={(event) => set({ schema: event.target.value })}
          />
        </Field>
      )}
      <Headers headers={draft.headers} onChange={(headers) => set({ headers })} />
      <fieldset className="flex flex-wrap gap-x-5 gap-y-2">
        <legend className="sr-only">{texts.forWhom(draft.name)}</legend>
        <Checkbox
          label={texts.forContacts}
          checked={draft.contacts}
          onChange={(contacts) => set({ contacts })}
        />
        <Checkbox label={texts.forMembers} checked={draft.members} onChange={(members) => set({ members })} />
        <Checkbox
          label={texts.confirmed}
          checked={draft.confirmation}
          onChange={(confirmation) => set({ confirmation })}
        />
      </fieldset>
    </form>
  );
}

interface ValuesProps {
  values: readonly ValueDraft[];
  onChange: (values: ValueDraft[]) => void;
}

function Values({ values, onChange }: ValuesProps) {
  const texts = useTexts(toolTexts);
  const change = (at: number, to: Partial<ValueDraft>) =>
    onChange(values.map((value, index) => (index === at ? { ...value, ...to } : value)));
  return (
    <fieldset>
      <legend className="mb-1 font-medium">{texts.values}</legend>
      {values.map((value, at) => (
        <div
          key={value.key}
          className="mb-3 grid grid-cols-[1fr_1.5fr_7rem_auto] items-end gap-2 phone:grid-cols-2"
        >
          <Field label={texts.valueName}>
            <Input
              value={value.name}
              autoCapitalize="none"
              spellCheck={false}
              onChange={(event) => change(at, { name: event.target.value })}
            />
          </Field>
          <Field label={texts.valueText}>
            <Input
              value={value.description}
              onChange={(event) => change(at, { description: event.target.value })}
            />
          </Field>
          <Field label={texts.valueKind}>
            <Select<ValueDraft['kind']>
              value={value.kind}
              options={[
                { value: 'string', label: texts.kindString },
                { value: 'number', label: texts.kindNumber },
                { value: 'boolean', label: texts.kindBoolean },
              ]}
              onChange={(kind) => change(at, { kind })}
            />
          </Field>
          <span className="flex items-center gap-2 pb-1">
            <Checkbox
              label={texts.needed}
              checked={value.needed}
              onChange={(needed) => change(at, { needed })}
            />
            <IconButton
              label={texts.removeValue(value.name)}
              icon={X}
              onClick={() => onChange(values.filter((_, index) => index !== at))}
            />
          </span>
        </div>
      ))}
      <Button
        size="small"
        icon={Plus}
        onClick={() =>
          onChange([
            ...values,
            { key: crypto.randomUUID(), name: '', description: '', kind: 'string', needed: true },
          ])
        }
      >
        {texts.addValue}
      </Button>
    </fieldset>
  );
}

interface HeadersProps {
  headers: ToolDraft['headers'];
  onChange: (headers: ToolDraft['headers']) => void;
}

function Headers({ headers, onChange }: HeadersProps) {
  const texts = useTexts(toolTexts);
  const change = (at: number, to: Partial<ToolDraft['headers'][number]>) =>
    onChange(headers.map((header, index) => (index === at ? { ...header, ...to } : header)));
  return (
    <fieldset>
      <legend className="font-medium">{texts.headers}</legend>
      <p className="mb-2 text-meta text-text-muted">{texts.headersHint}</p>
      {headers.map((header, at) => (
        <div key={header.key} className="mb-3 grid grid-cols-[1fr_1.5fr_auto] items-end gap-2">
          <Field label={texts.headerName}>
            <Input
              value={header.name}
              autoCapitalize="none"
              spellCheck={false}
              onChange={(event) => change(at, { name: event.target.value, isKept: false })}
            />
          </Field>
          <Field label={texts.headerValue}>
            <Input
              type="password"
              autoComplete="off"
              placeholder={header.isKept ? texts.headerKept : ''}
              value={header.value}
              onChange={(event) => change(at, { value: event.target.value })}
            />
          </Field>
          <IconButton
            label={texts.removeHeader(header.name)}
            icon={X}
            onClick={() => onChange(headers.filter((_, index) => index !== at))}
          />
        </div>
      ))}
      <Button
        size="small"
        icon={Plus}
        onClick={() =>
          onChange([...headers, { key: crypto.randomUUID(), name: '', value: '', isKept: false }])
        }
      >
        {texts.addHeader}
      </Button>
    </fieldset>
  );
}
