// Invites somebody. Where no mail is sent, the link is shown this once, to hand over.
import type { CreatedInvitation } from '@parley/contract/invitations';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { api, newIdempotencyKey } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { focusInvalid } from '../../ui/focus-invalid.ts';
import { Input } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { peopleTexts } from './people-texts.ts';
import { grantOf, type RoleChoice, useRoles } from './roles.ts';
import { SecretOnce } from './secret-once.tsx';

const emailPattern = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

interface InviteProps {
  onClose: () => void;
  onInvited: (invitation: CreatedInvitation) => void;
}

export function Invite({ onClose, onInvited }: InviteProps) {
  const texts = useTexts(peopleTexts);
  const shared = useTexts(sharedTexts);
  const { choices } = useRoles();
  const client = useQueryClient();
  const formId = useId();
  const [email, setEmail] = useState('');
  const [picked, setPicked] = useState<RoleChoice>('agent');
  const [told, setTold] = useState(false);
  const offered = choices.filter(({ value }) => value !== 'owner');
  // Somebody may invite who may not make agents.
  const chosen = offered.find(({ value }) => value === picked) ?? offered[0];
  const choice = chosen?.value ?? picked;
  const emailError = emailPattern.test(email.trim()) ? null : texts.emailWrong;
  const invite = useMutation({
    mutationFn: () =>
      api.post<CreatedInvitation>(
        '/api/v1/invitations',
        { email: email.trim(), ...grantOf(choice) },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: queryKeys.invitations });
      onClose();
      onInvited(made);
    },
    onError: toastError,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTold(true);
    focusInvalid(event.currentTarget);
    if (!emailError && !invite.isPending) invite.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={texts.invite}
      description={texts.inviteText}
      footer={
        <>
          <Button onClick={onClose}>{shared.cancel}</Button>
          <Button type="submit" form={formId} variant="primary" busy={invite.isPending}>
            {texts.sendInvitation}
          </Button>
        </>
      }
    >
      <form id={formId} noValidate onSubmit={submit} className="flex flex-col gap-4">
        <Field label={texts.email} error={told ? emailError : null}>
          <Input
            type="email"
            autoComplete="off"
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        </Field>
        <Field label={texts.role} hint={chosen?.may}>
          <Select value={choice} options={offered} onChange={setPicked} />
        </Field>
      </form>
    </Dialog>
  );
}

/** Says what became of an invitation: it is on its way, or its link is here to hand over. */
export function useInvited() {
  const texts = useTexts(peopleTexts);
  const [shown, setShown] = useState<CreatedInvitation | null>(null);
  const tell = (made: CreatedInvitation) => {
    if (made.link) setShown(made);
    else toast({ text: texts.invited(made.email), tone: 'success' });
  };
  const dialog = shown?.link ? (
    <Dialog
      open
      onOpenChange={() => setShown(null)}
      title={texts.linkFor(shown.email)}
      description={texts.linkForText}
      footer={
        <Button variant="primary" onClick={() => setShown(null)}>
          {texts.done}
        </Button>
      }
    >
      <SecretOnce label={texts.linkFor(shown.email)} secret={shown.link} />
    </Dialog>
  ) : null;
  return { tell, dialog };
}
