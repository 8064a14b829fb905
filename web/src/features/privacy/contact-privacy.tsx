// Of one contact, beside their conversation: whether the assistant may answer them; export, legal hold, erasure.
import type { AiConsent, AiConsentState } from '@parley/contract/ai-consent';
import type { ErasurePreview, StartedExport } from '@parley/contract/privacy';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { PassphraseDialog } from './passphrase-dialog.tsx';
import { privacyKey } from './queries.ts';
import { ReasonDialog } from './reason-dialog.tsx';
import { privacyTexts } from './texts.ts';

const states: readonly AiConsentState[] = ['unknown', 'granted', 'refused'];

interface ContactPrivacyProps {
  readonly contactId: string;
  readonly consent: AiConsentState;
}

export function ContactPrivacy({ contactId, consent }: ContactPrivacyProps) {
  const texts = useTexts(privacyTexts);
  const mayWrite = useCan('conversations:write');
  const mayManage = useCan('privacy:manage');
  // Shown at once; the event of it brings the conversation up to date.
  const [chosen, setChosen] = useState<AiConsentState | null>(null);
  const record = useMutation({
    mutationFn: (said: AiConsentState) =>
      api.put<AiConsent>(`/api/v1/contacts/${contactId}/ai-consent`, { consent: said }),
    onMutate: setChosen,
    onError: (error) => {
      setChosen(null);
      toastError(error);
    },
  });
  return (
    <>
      <Field label={texts.ai}>
        <Select<AiConsentState>
          value={chosen ?? consent}
          disabled={!mayWrite}
          options={states.map((state) => ({ value: state, label: texts[state] }))}
          onChange={(said) => record.mutate(said)}
        />
      </Field>
      {mayManage && <ContactActions contactId={contactId} />}
    </>
  );
}

function ContactActions({ contactId }: { contactId: string }) {
  const texts = useTexts(privacyTexts);
  const client = useQueryClient();
  const [passphrase, setPassphrase] = useState<string | null>(null);
  const [holds, setHolds] = useState(false);
  const [preview, setPreview] = useState<ErasurePreview | null>(null);
  const refresh = () => client.invalidateQueries({ queryKey: privacyKey });
  const start = useMutation({
    mutationFn: () => api.post<StartedExport>('/api/v1/privacy/exports', { contactId }),
    onSuccess: (started) => {
      setPassphrase(started.passphrase);
      toast({ text: texts.exporting, tone: 'success' });
      void refresh();
    },
    onError: toastError,
  });
  const look = useMutation({
    mutationFn: () => api.get<ErasurePreview>(`/api/v1/contacts/${contactId}/erasure-preview`),
    onSuccess: (found) => (found.held ? toast({ text: texts.eraseHeld, tone: 'danger' }) : setPreview(found)),
    onError: toastError,
  });
  return (
    <div className="mt-3 flex flex-wrap gap-2">
      <Button size="small" busy={start.isPending} onClick={() => start.mutate()}>
        {texts.exportContact}
      </Button>
      <Button size="small" onClick={() => setHolds(true)}>
        {texts.holdContact}
      </Button>
      <Button size="small" busy={look.isPending} onClick={() => look.mutate()}>
        {texts.erase}
      </Button>
      {passphrase !== null && (
        <PassphraseDialog passphrase={passphrase} onClose={() => setPassphrase(null)} />
      )}
      {holds && (
        <ReasonDialog
          title={texts.holdTitle}
          action={texts.holdContact}
          onSay={async (reason) => {
            await api.post('/api/v1/privacy/legal-holds', { contactId, reason });
            toast({ text: texts.holdSet, tone: 'success' });
            await refresh();
          }}
          onClose={() => setHolds(false)}
        />
      )}
      {preview && (
        <ConfirmDialog
          open
          danger
          onOpenChange={(open) => !open && setPreview(null)}
          title={texts.eraseTitle}
          text={texts.eraseText(
            preview.counts.reduce((sum, { rows }) => sum + rows, 0),
            preview.files,
          )}
          actionLabel={texts.erase}
          onConfirm={async () => {
            await api.post('/api/v1/privacy/erasures', { contactId });
            toast({ text: texts.erasing, tone: 'success' });
            await refresh();
          }}
        />
      )}
    </div>
  );
}
