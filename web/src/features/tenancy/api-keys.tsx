// Keys for programs: what they are for, what they may, when they were last used; made and revoked here.
import type { ApiKey } from '@parley/contract/tenancy';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Ellipsis, KeyRound, Plus, RefreshCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { useFormat } from '../../lib/format.ts';
import { useNow } from '../../lib/now.ts';
import { queryKeys } from '../../lib/query.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { toast } from '../../ui/toast.tsx';
import { daysLeft } from './days-left.ts';
import { MakeKey } from './make-key.tsx';
import { peopleTexts } from './people-texts.ts';
import { useRoles } from './roles.ts';
import { RotateKey } from './rotate-key.tsx';

const firstCursor: string | null = null;
/** From here on it is time to think of a new one. */
const soonDays = 14;

export function ApiKeys() {
  const texts = useTexts(peopleTexts);
  const shared = useTexts(sharedTexts);
  const mayManage = useCan('keys:manage');
  const [making, setMaking] = useState(false);
  const keys = useInfiniteQuery({
    queryKey: queryKeys.apiKeys,
    queryFn: ({ pageParam, signal }) =>
      api.get<{ items: ApiKey[]; nextCursor: string | null }>('/api/v1/api-keys', {
        query: { cursor: pageParam },
        signal,
      }),
    initialPageParam: firstCursor,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    enabled: mayManage,
  });

  if (!mayManage) return <EmptyState icon={KeyRound} title={texts.mayNotKeys} />;
  if (keys.isPending) return <SkeletonRows rows={3} />;
  if (keys.isError)
    return <ErrorState error={keys.error} title={texts.noKeysRead} onRetry={() => void keys.refetch()} />;
  const items = keys.data.pages.flatMap((page) => page.items);
  const make = (
    <Button variant="primary" icon={Plus} onClick={() => setMaking(true)}>
      {texts.makeKey}
    </Button>
  );
  return (
    <>
      {items.length === 0 ? (
        <EmptyState icon={KeyRound} title={texts.noKeys} text={texts.noKeysText} action={make} />
      ) : (
        <>
          <div className="mb-2 flex justify-end">{make}</div>
          <KeyTable items={items} />
          {keys.hasNextPage && (
            <Button className="mt-4" busy={keys.isFetchingNextPage} onClick={() => void keys.fetchNextPage()}>
              {shared.showMore}
            </Button>
          )}
        </>
      )}
      {making && <MakeKey onClose={() => setMaking(false)} />}
    </>
  );
}

function KeyTable({ items }: { items: readonly ApiKey[] }) {
  const texts = useTexts(peopleTexts);
  const { labelOf } = useRoles();
  const [rotating, setRotating] = useState<ApiKey | null>(null);
  const client = useQueryClient();
  const nowMs = useNow();
  const format = useFormat();
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  return (
    <>
      <Table
        caption={texts.keys}
        rows={items}
        rowKey={(key) => key.id}
        columns={[
          {
            name: 'name',
            head: texts.keyName,
            cell: (key) => (
              <span className="min-w-0">
                <span className="block truncate font-medium">{key.name}</span>
                <code className="text-meta text-text-muted">{key.prefix}…</code>
                {key.previous && (
                  <span className="block text-meta text-text-muted">
                    <code>{key.previous.prefix}…</code>{' '}
                    <Chip tone="info">{texts.previousUntil(format.distance(key.previous.until, nowMs))}</Chip>
                  </span>
                )}
              </span>
            ),
          },
          {
            name: 'role',
            head: texts.keyMay,
            cell: (key) => (
              <span>
                {labelOf(key)}
                <span className="block text-meta text-text-muted" title={key.permissions.join(', ')}>
                  {texts.permissionCount(key.permissions.length)}
                </span>
              </span>
            ),
          },
          {
            name: 'used',
            head: texts.lastUsed,
            cell: (key) => (key.lastUsedAt ? <Time at={key.lastUsedAt} show="distance" /> : texts.notUsed),
          },
          { name: 'made', head: texts.made, cell: (key) => <Time at={key.createdAt} show="day" /> },
          {
            name: 'expires',
            head: texts.keyState,
            cell: ({ expiresAt }) => {
              if (!expiresAt) return <Chip tone="success">{texts.keyActive}</Chip>;
              const days = daysLeft(expiresAt, nowMs);
              if (days < 0) return <Chip tone="danger">{texts.expired}</Chip>;
              return <Chip tone={days <= soonDays ? 'warning' : 'success'}>{texts.expiresInDays(days)}</Chip>;
            },
          },
          {
            name: 'revoke',
            head: texts.revoke,
            headHidden: true,
            align: 'end',
            cell: (key) => (
              <Menu
                align="end"
                trigger={<IconButton label={texts.more(key.name)} icon={Ellipsis} />}
                items={[
                  { label: texts.rotate, icon: RefreshCw, onSelect: () => setRotating(key) },
                  { label: texts.revoke, icon: Trash2, tone: 'danger', onSelect: () => setRevoking(key) },
                ]}
              />
            ),
          },
        ]}
      />
      {rotating && <RotateKey apiKey={rotating} onClose={() => setRotating(null)} />}
      {revoking && (
        <ConfirmDialog
          open
          onOpenChange={() => setRevoking(null)}
          danger
          title={texts.revokeTitle(revoking.name)}
          text={texts.revokeText}
          actionLabel={texts.revoke}
          onConfirm={async () => {
            await api.delete(`/api/v1/api-keys/${revoking.id}`);
            await client.invalidateQueries({ queryKey: queryKeys.apiKeys });
            toast({ text: texts.revoked(revoking.name) });
          }}
        />
      )}
    </>
  );
}
