// Adds an MCP server: it is asked at once what it has.
import type { ToolServer } from '@parley/contract/tools';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { api } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { toolTexts } from './texts-tools.ts';
import { toolServersKey, toolsKey } from './tool-queries.ts';

export function ToolServerForm({ onClose }: { onClose: () => void }) {
  const texts = useTexts(toolTexts);
  const shared = useTexts(sharedTexts);
  const client = useQueryClient();
  const formId = useId();
  const [draft, setDraft] = useState({ name: '', url: 'https://', token: '' });
  const [told, setTold] = useState(false);
  const set = (change: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...change }));
  const nameError = /^[a-z][a-z0-9]{1,19}$/.test(draft.name) ? null : texts.serverNameHint;
  const urlError = /^https?:\/\/[^\s/]+/.test(draft.url.trim()) ? null : texts.addressWrong;
  const add = useMutation({
    mutationFn: () =>
      api.post<ToolServer>('/api/v1/tool-servers', {
        name: draft.name,
        url: draft.url.trim(),
        headers: draft.token ? [{ name: 'authorization', value: `Bearer ${draft.token}` }] : [],
      }),
    onSuccess: async ({ name }) => {
      await Promise.all([toolsKey, toolServersKey].map((queryKey) => client.invalidateQueries({ queryKey })));
      toast({ text: texts.serverAdded(name), tone: 'success' });
      onClose();
    },
    onError: toastError,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTold(true);
    if (!nameError && !urlError && !add.isPending) add.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={texts.addServer}
      footer={
        <>
          <Button onClick={onClose}>{shared.cancel}</Button>
          <Button type="submit" form={formId} variant="primary" busy={add.isPending}>
            {texts.addServer}
          </Button>
        </>
      }
    >
      <form id={formId} noValidate onSubmit={submit} className="flex flex-col gap-4">
        <Field label={texts.serverName} hint={texts.serverNameHint} error={told ? nameError : null}>
          <Input value={draft.name} onChange={(event) => set({ name: event.target.value })} />
        </Field>
        <Field label={texts.address} hint={texts.serverAddressHint} error={told ? urlError : null}>
          <Input inputMode="url" value={draft.url} onChange={(event) => set({ url: event.target.value })} />
        </Field>
        <Field label={texts.token} optional hint={texts.tokenHint}>
          <Input
            type="password"
            autoComplete="off"
            value={draft.token}
            onChange={(event) => set({ token: event.target.value })}
          />
        </Field>
      </form>
    </Dialog>
  );
}
