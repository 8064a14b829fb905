// Writes one quick reply, and shows what a contact would read while it is written.
import type { QuickReply } from '@parley/contract/inbox';
import { CircleAlert, Slash } from 'lucide-react';
import { type FormEvent, useId, useRef, useState } from 'react';
import { ApiError } from '../../lib/api.ts';
import { useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { Textarea } from '../../ui/textarea.tsx';
import { toast } from '../../ui/toast.tsx';
import { explainRefusal, useSaveQuickReply } from './change-quick-replies.ts';
import {
  fillQuickReply,
  isShortcut,
  type QuickReplyValues,
  quickReplyBodyMax,
  quickReplyVariables,
  toShortcut,
  unknownVariables,
} from './quick-replies.ts';
import { quickReplyTexts } from './texts-quick-replies.ts';
import { useCaret } from './use-caret.ts';

interface QuickReplyDialogProps {
  /** Without one, another is made. */
  readonly quickReply: QuickReply | undefined;
  readonly onClose: () => void;
}

/** Somebody to try the text on. */
const contact = { name: 'Emma Clarke', address: '+12025550142' } as const;

export function QuickReplyDialog({ quickReply, onClose }: QuickReplyDialogProps) {
  const texts = useTexts(quickReplyTexts);
  const shared = useTexts(sharedTexts);
  const formId = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const placeCaret = useCaret(field);
  const [shortcut, setShortcut] = useState(quickReply?.shortcut ?? '');
  const [body, setBody] = useState(quickReply?.body ?? '');
  const [told, setTold] = useState(false);
  const save = useSaveQuickReply(quickReply);

  const isTaken = save.error instanceof ApiError && save.error.code === 'shortcut_taken';
  const shortcutError = isTaken
    ? texts.shortcutTaken
    : told && !isShortcut(shortcut)
      ? texts.shortcutWrong
      : null;
  const bodyError = told && body.trim() === '' ? texts.bodyMissing : null;

  const insert = (variable: string) => {
    const { selectionStart: from = body.length, selectionEnd: to = body.length } = field.current ?? {};
    const text = `{{${variable}}}`;
    if (body.length - (to - from) + text.length > quickReplyBodyMax) return;
    placeCaret(from + text.length);
    setBody(body.slice(0, from) + text + body.slice(to));
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTold(true);
    if (save.isPending) return;
    if (!isShortcut(shortcut) || body.trim() === '') {
      const wrong = isShortcut(shortcut) ? field.current : event.currentTarget.querySelector('input');
      wrong?.focus();
      return;
    }
    save.mutate(
      { shortcut, body: body.trim() },
      {
        onSuccess: (saved) => {
          const said = quickReply ? texts.changed : texts.made;
          toast({ text: said(saved.shortcut), tone: 'success' });
          onClose();
        },
      },
    );
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={quickReply ? texts.edit : texts.make}
      footer={
        <>
          <Button onClick={onClose}>{shared.cancel}</Button>
          <Button type="submit" form={formId} variant="primary" busy={save.isPending}>
            {shared.save}
          </Button>
        </>
      }
    >
      <form id={formId} noValidate onSubmit={submit} className="flex flex-col gap-4">
        <Field label={texts.shortcut} hint={texts.shortcutHint} error={shortcutError}>
          <Input
            icon={Slash}
            value={shortcut}
            maxLength={40}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => {
              setShortcut(toShortcut(event.target.value));
              if (isTaken) save.reset();
            }}
          />
        </Field>
        <Field label={texts.body} error={bodyError}>
          <Textarea
            ref={field}
            rowsMin={3}
            rowsMax={8}
            value={body}
            maxLength={quickReplyBodyMax}
            onChange={(event) => setBody(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
              event.preventDefault();
              event.currentTarget.form?.requestSubmit();
            }}
          />
        </Field>
        <Variables onChoose={insert} />
        <Preview body={body.trim()} />
        <p role="alert" className="text-danger-text text-meta empty:hidden">
          {save.error && !isTaken && explainRefusal(save.error)}
        </p>
      </form>
    </Dialog>
  );
}

function Variables({ onChoose }: { onChoose: (variable: string) => void }) {
  const texts = useTexts(quickReplyTexts);
  const names: QuickReplyValues = {
    'contact.name': texts.contactName,
    'contact.address': texts.contactAddress,
    'member.name': texts.memberName,
    'workspace.name': texts.workspaceName,
  };
  return (
    <fieldset>
      <legend className="mb-1.5 text-meta text-text-muted">{texts.variables}</legend>
      <div className="flex flex-wrap gap-1.5">
        {quickReplyVariables.map((variable) => (
          <Button key={variable} size="small" title={`{{${variable}}}`} onClick={() => onChoose(variable)}>
            {names[variable]}
          </Button>
        ))}
      </div>
    </fieldset>
  );
}

function Preview({ body }: { body: string }) {
  const texts = useTexts(quickReplyTexts);
  const { user, workspace } = useSession();
  const values: QuickReplyValues = {
    'contact.name': contact.name,
    'contact.address': contact.address,
    'member.name': user.name,
    'workspace.name': workspace.name,
  };
  const filled = fillQuickReply(body, values);
  const nameless = fillQuickReply(body, { ...values, 'contact.name': '' });
  const unknown = unknownVariables(body);
  return (
    <figure className="rounded-control bg-surface-sunken px-3 pt-2 pb-3">
      <figcaption className="mb-1.5 text-meta text-text-muted">{texts.preview(contact.name)}</figcaption>
      {filled === '' ? (
        <p className="text-text-muted">{texts.previewEmpty}</p>
      ) : (
        <p className="ml-auto w-fit max-w-full whitespace-pre-wrap rounded-bubble bg-accent px-3 py-2 text-on-accent text-thread wrap-anywhere">
          {filled}
        </p>
      )}
      {nameless !== filled && (
        <p className="mt-2 whitespace-pre-line text-meta text-text-muted wrap-anywhere">
          {texts.withoutName}: {nameless}
        </p>
      )}
      {unknown.length > 0 && (
        <p className="mt-2 flex gap-1.5 text-meta text-warning-text">
          <CircleAlert size={16} aria-hidden="true" className="mt-px shrink-0" />
          <span className="min-w-0 wrap-anywhere">{texts.unknown(unknown.join(' '))}</span>
        </p>
      )}
    </figure>
  );
}
