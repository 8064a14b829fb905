// Calls an HTTP tool now, and shows what a model would be told.
import type { Tool, ToolTest as Tried } from '@parley/contract/tools';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { api } from '../../lib/api.ts';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { toastError } from '../../ui/toast.tsx';
import { toolTexts } from './texts-tools.ts';

/** As the kind of the value has it: what cannot be read as that stays text, and is refused with a reason. */
function readValue(written: string, kind: unknown): unknown {
  if (kind === 'string') return written;
  try {
    return JSON.parse(written);
  } catch {
    return written;
  }
}

export function ToolTest({ tool, onClose }: { tool: Tool; onClose: () => void }) {
  const texts = useTexts(toolTexts);
  const shared = useTexts(sharedTexts);
  const format = useFormat();
  const formId = useId();
  const properties = Object.entries(tool.input.properties ?? {});
  const [written, setWritten] = useState<Record<string, string>>({});
  const call = useMutation({
    mutationFn: () => {
      const input = properties.flatMap(([name, { type }]) => {
        const value = written[name] ?? '';
        return value === '' ? [] : [[name, readValue(value, type)] as const];
      });
      return api.post<Tried>(`/api/v1/http-tools/${tool.originId}/tests`, {
        input: Object.fromEntries(input),
      });
    },
    onError: toastError,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!call.isPending) call.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={texts.tryTitle(tool.name)}
      footer={
        <>
          <Button onClick={onClose}>{shared.close}</Button>
          <Button type="submit" form={formId} variant="primary" busy={call.isPending}>
            {texts.call}
          </Button>
        </>
      }
    >
      <form id={formId} noValidate onSubmit={submit} className="flex flex-col gap-4">
        <p className="text-text-muted">{texts.tryText}</p>
        {properties.map(([name, { description }]) => (
          <Field key={name} label={name} hint={typeof description === 'string' ? description : undefined}>
            <Input
              value={written[name] ?? ''}
              onChange={(event) => setWritten((before) => ({ ...before, [name]: event.target.value }))}
            />
          </Field>
        ))}
        <div role="status">
          {call.data && (
            <>
              <p className={call.data.ok ? 'text-success-text' : 'text-danger-text'}>
                {call.data.ok ? texts.answered(format.duration(call.data.durationMs)) : texts.failed}
              </p>
              <pre className="mt-2 max-h-60 overflow-auto whitespace-pre-wrap break-words rounded-control bg-surface-hover p-3 text-meta">
                {call.data.result}
              </pre>
            </>
          )}
        </div>
      </form>
    </Dialog>
  );
}
