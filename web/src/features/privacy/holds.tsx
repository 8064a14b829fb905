// Legal holds: what must not be deleted, and why.
import type { LegalHold } from '@parley/contract/privacy';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { formatPhone } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { privacyKey, useHolds } from './queries.ts';
import { ReasonDialog } from './reason-dialog.tsx';
import { privacyTexts } from './texts.ts';

export function Holds() {
  const texts = useTexts(privacyTexts);
  const mayManage = useCan('privacy:manage');
  const client = useQueryClient();
  const list = useHolds();
  const [asked, setAsked] = useState<'new' | LegalHold | null>(null);
  if (list.isPending) return <SkeletonRows rows={2} />;
  if (list.isError)
    return <ErrorState error={list.error} title={texts.unreadable} onRetry={() => void list.refetch()} />;
  const { items } = list.data;
  const holdsAll = items.some(({ contact, ended }) => contact === null && ended === null);
  const button = mayManage && !holdsAll && <Button onClick={() => setAsked('new')}>{texts.holdAll}</Button>;
  return (
    <>
      {items.length === 0 ? (
        <p className="mb-4 text-text-muted">{texts.noHolds}</p>
      ) : (
        <ul className="mb-4 divide-y divide-line">
          {items.map((hold) => (
            <li key={hold.id} className="flex flex-wrap items-center gap-3 py-3">
              <span className="min-w-0 flex-1 basis-48">
                <span className="block font-medium">{nameOf(hold, texts)}</span>
                <span className="block break-words text-meta text-text-muted">
                  {hold.reason} · {texts.since} <Time at={hold.setAt} show="dayWithin" />
                </span>
              </span>
              {hold.ended ? (
                <Chip tone="neutral">{texts.ended}</Chip>
              ) : (
                mayManage && (
                  <Button size="small" onClick={() => setAsked(hold)}>
                    {texts.endHold}
                  </Button>
                )
              )}
            </li>
          ))}
        </ul>
      )}
      {button}
      {asked !== null && (
        <ReasonDialog
          title={asked === 'new' ? texts.holdTitle : texts.endTitle}
          action={asked === 'new' ? texts.holdAll : texts.endHold}
          onSay={async (reason) => {
            if (asked === 'new') await api.post('/api/v1/privacy/legal-holds', { contactId: null, reason });
            else await api.put(`/api/v1/privacy/legal-holds/${asked.id}/end`, { reason });
            await client.invalidateQueries({ queryKey: privacyKey });
          }}
          onClose={() => setAsked(null)}
        />
      )}
    </>
  );
}

const nameOf = (
  { contact }: LegalHold,
  texts: { readonly onWorkspace: string; readonly goneContact: string },
): string =>
  contact === null
    ? texts.onWorkspace
    : (contact.name ?? (contact.address === null ? texts.goneContact : formatPhone(contact.address)));
