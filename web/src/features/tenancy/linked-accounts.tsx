// Who the member is elsewhere, and can sign in as: seen, linked, unlinked.
import type { LinkedAccounts as Linked, LinkedAccount } from '@parley/contract/identity';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { api } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { identityTexts } from './identity-texts.ts';

const path = '/api/v1/auth/accounts';
const accountsKey = ['linked-accounts'];

export function LinkedAccounts() {
  const texts = useTexts(identityTexts);
  const client = useQueryClient();
  const [search] = useSearchParams();
  const [asked, setAsked] = useState<LinkedAccount | null>(null);
  const accounts = useQuery({
    queryKey: accountsKey,
    queryFn: ({ signal }) => api.get<Linked>(path, { signal }),
  });
  const link = useMutation({
    mutationFn: (way: Linked['linkable'][number]) => api.post<{ url: string }>(path, { way }),
    onSuccess: ({ url }) => location.assign(url),
    onError: toastError,
  });
  if (accounts.isPending) return <SkeletonRows rows={1} />;
  if (accounts.isError) {
    return (
      <ErrorState error={accounts.error} title={texts.unreadable} onRetry={() => void accounts.refetch()} />
    );
  }
  const { items, linkable } = accounts.data;
  const problem = search.get('problem');
  return (
    <>
      <p role="status" className="mb-2 empty:hidden">
        {search.get('linked') && texts.linkDone}
        {problem && (problem === 'already_linked' ? texts.taken : texts.linkFailed)}
      </p>
      {items.length === 0 && <p className="text-text-muted">{texts.none}</p>}
      <ul>
        {items.map((item) => (
          <li key={item.id} className="flex items-center gap-3 border-line border-b py-2.5 last:border-0">
            <span className="min-w-0 grow">
              <span className="block truncate font-medium">{item.workspace?.name ?? texts[item.way]}</span>
              <span className="text-meta text-text-muted">
                {item.removable ? (
                  <>
                    {texts.since} <Time at={item.linkedAt} show="dayWithin" />
                  </>
                ) : (
                  texts.lastWay
                )}
              </span>
            </span>
            {item.removable && (
              <Button
                size="small"
                aria-label={`${texts.unlink}: ${texts[item.way]}`}
                onClick={() => setAsked(item)}
              >
                {texts.unlink}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {linkable.length > 0 && (
        <div className="mt-4 flex flex-wrap gap-2">
          {linkable.map((way) => (
            <Button
              key={way}
              busy={link.isPending && link.variables === way}
              onClick={() => link.mutate(way)}
            >
              {way === 'company' ? texts.linkCompany : texts.link(texts[way])}
            </Button>
          ))}
        </div>
      )}
      {asked && (
        <ConfirmDialog
          open
          onOpenChange={() => setAsked(null)}
          danger
          title={texts.unlinkTitle(texts[asked.way])}
          text={texts.unlinkText}
          actionLabel={texts.unlink}
          onConfirm={async () => {
            await api.delete(`${path}/${encodeURIComponent(asked.id)}`);
            await client.invalidateQueries({ queryKey: accountsKey });
            toast({ text: texts.unlinked, tone: 'success' });
          }}
        />
      )}
    </>
  );
}
