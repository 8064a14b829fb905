// What the contact agreed to, with the proof of each step; a member records what was said by other ways.
import type { Consent, Conversation } from '@parley/contract/conversations';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ban, CircleCheck } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { api } from '../../lib/api.ts';
import { useFormat } from '../../lib/format.ts';
import { queryKeys } from '../../lib/query.ts';
import { useCan, useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { Time } from '../../ui/time.tsx';
import { patchConversation } from './cache.ts';
import { DetailsSection } from './details-section.tsx';
import { useConsent, useMembers } from './queries.ts';
import { detailsTexts } from './texts-details.ts';
import { threadTexts } from './texts-thread.ts';
import type { InboxLocation } from './use-inbox-location.ts';

const reasonLengthMin = 3;
const reasonLengthMax = 500;

interface ConsentSectionProps {
  readonly conversation: Conversation;
  readonly location: InboxLocation;
}

export function ConsentSection({ conversation, location }: ConsentSectionProps) {
  const texts = useTexts(detailsTexts);
  const format = useFormat();
  const mayWrite = useCan('conversations:write');
  const { data, isError } = useConsent(conversation.id);
  const [isRecording, setRecording] = useState(false);
  const { optedOut } = conversation.contact;
  const since = data?.optedOutAt ? texts.optedOutSince(format.dayWithin(data.optedOutAt)) : texts.optedOut;
  return (
    <DetailsSection title={texts.consent}>
      <Chip tone={optedOut ? 'danger' : 'success'} icon={optedOut ? Ban : CircleCheck}>
        {optedOut ? since : texts.mayBeTexted}
      </Chip>
      {isError && <p className="mt-2 text-danger-text text-meta">{texts.consentFailed}</p>}
      {data && (
        <>
          <h4 className="sr-only">{texts.proof}</h4>
          {data.events.length === 0 ? (
            <p className="mt-2 text-meta text-text-muted">{texts.noProof}</p>
          ) : (
            <ol className="mt-2 flex flex-col gap-1.5">
              {data.events.map((event) => (
                <ProofLine key={event.id} event={event} conversation={conversation} location={location} />
              ))}
            </ol>
          )}
        </>
      )}
      {mayWrite && (
        <Button size="small" className="mt-3" onClick={() => setRecording(true)}>
          {optedOut ? texts.recordOptIn : texts.recordOptOut}
        </Button>
      )}
      {isRecording && (
        <RecordDialog conversation={conversation} optedOut={!optedOut} onClose={() => setRecording(false)} />
      )}
    </DetailsSection>
  );
}

function ProofLine({
  event,
  conversation,
  location,
}: ConsentSectionProps & { event: Consent['events'][number] }) {
  const texts = useTexts(detailsTexts);
  const thread = useTexts(threadTexts);
  const { nameOf } = useMembers();
  const actions = { opt_out: texts.optOut, opt_in: texts.optIn, help: texts.help };
  const how =
    event.source === 'keyword'
      ? texts.saidWord(event.keyword ?? '')
      : event.source === 'provider'
        ? texts.byProvider
        : event.source === 'kept'
          ? texts.keptFromBefore
          : texts.byMember(nameOf(event.actor.id) ?? thread.formerMember);
  return (
    <li className="text-meta">
      <span className="flex items-baseline gap-2">
        <span className="font-medium">{actions[event.action]}</span>
        <Time at={event.occurredAt} className="ml-auto shrink-0 text-text-muted" />
      </span>
      <span className="text-text-muted">
        {how}
        {event.reason && `: ${event.reason}`}
        {event.messageId && (
          <>
            {' · '}
            <Link
              to={location.linkTo(conversation.id, event.messageId)}
              className="text-accent-text hover:underline"
            >
              {texts.showMessage}
            </Link>
          </>
        )}
      </span>
    </li>
  );
}

interface RecordDialogProps {
  readonly conversation: Conversation;
  /** What is to be recorded. */
  readonly optedOut: boolean;
  readonly onClose: () => void;
}

function RecordDialog({ conversation, optedOut, onClose }: RecordDialogProps) {
  const texts = useTexts(detailsTexts);
  const { cancel } = useTexts(sharedTexts);
  const client = useQueryClient();
  const { user } = useSession();
  const [reason, setReason] = useState('');
  const [isShort, setShort] = useState(false);
  const { id } = conversation;
  const save = useMutation({
    mutationFn: () =>
      api.put<Consent>(`/api/v1/conversations/${id}/consent`, { optedOut, reason: reason.trim() }),
    onSuccess: (consent) => {
      client.setQueryData(queryKeys.consent(id), consent);
      patchConversation(
        client,
        id,
        (before) => ({ ...before, contact: { ...before.contact, optedOut: consent.optedOut } }),
        { userId: user.id },
      );
      onClose();
    },
  });
  return (
    <Dialog
      open
      size="small"
      title={optedOut ? texts.recordOptOut : texts.recordOptIn}
      description={optedOut ? texts.recordOptOutText : texts.recordOptInText}
      onOpenChange={(open) => !open && onClose()}
      footer={
        <>
          <Button onClick={onClose}>{cancel}</Button>
          <Button
            type="submit"
            form="record-consent"
            variant={optedOut ? 'danger' : 'primary'}
            busy={save.isPending}
          >
            {texts.record}
          </Button>
        </>
      }
    >
      <form
        id="record-consent"
        onSubmit={(event) => {
          event.preventDefault();
          const tooShort = reason.trim().length < reasonLengthMin;
          setShort(tooShort);
          if (!tooShort) save.mutate();
        }}
      >
        <Field
          label={texts.reason}
          hint={texts.reasonHint}
          error={isShort ? texts.reasonShort : (save.error?.message ?? null)}
        >
          <Input
            value={reason}
            maxLength={reasonLengthMax}
            autoComplete="off"
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
      </form>
    </Dialog>
  );
}
