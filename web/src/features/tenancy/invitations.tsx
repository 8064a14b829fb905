// Who was invited and has not come yet.
import type { CreatedInvitation, Invitation } from '@parley/contract/invitations';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Ellipsis, Send, Trash2 } from 'lucide-react';
import { api, newIdempotencyKey } from '../../lib/api.ts';
import { useNow } from '../../lib/now.ts';
import { queryKeys } from '../../lib/query.ts';
import { useTexts } from '../../lib/texts.ts';
import { Chip } from '../../ui/chip.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Table } from '../../ui/table.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { daysLeft } from './days-left.ts';
import { peopleTexts } from './people-texts.ts';
import { useRoles } from './roles.ts';

export function Invitations({ onInvited }: { onInvited: (invitation: CreatedInvitation) => void }) {
  const texts = useTexts(peopleTexts);
  const { labelOf, covers } = useRoles();
  const client = useQueryClient();
  const nowMs = useNow();
  const again = () => client.invalidateQueries({ queryKey: queryKeys.invitations });
  const invitations = useQuery({
    queryKey: queryKeys.invitations,
    queryFn: ({ signal }) => api.get<{ items: Invitation[] }>('/api/v1/invitations', { signal }),
  });
  const renew = useMutation({
    mutationFn: ({ id }: Invitation) =>
      api.post<CreatedInvitation>(`/api/v1/invitations/${id}/link`, undefined, {
        idempotencyKey: newIdempotencyKey(),
      }),
    onSuccess: onInvited,
    onError: toastError,
    onSettled: again,
  });
  const withdraw = useMutation({
    mutationFn: ({ id }: Invitation) => api.delete(`/api/v1/invitations/${id}`),
    onSuccess: (_, { email }) => toast({ text: texts.withdrawn(email) }),
    onError: toastError,
    onSettled: again,
  });
  const items = invitations.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <section className="mt-8">
      <h2 className="mb-1 font-semibold text-body">{texts.invitations}</h2>
      <Table
        caption={texts.invitations}
        rows={items}
        rowKey={({ id }) => id}
        columns={[
          {
            name: 'email',
            head: texts.email,
            cell: ({ email }) => <span className="block [overflow-wrap:anywhere]">{email}</span>,
          },
          { name: 'role', head: texts.role, cell: (invitation) => labelOf(invitation) },
          {
            name: 'expires',
            head: texts.itsLink,
            cell: ({ expiresAt }) => {
              const days = daysLeft(expiresAt, nowMs);
              if (days < 0) return <Chip tone="danger">{texts.expired}</Chip>;
              return <Chip tone={days < 2 ? 'warning' : 'neutral'}>{texts.expiresInDays(days)}</Chip>;
            },
          },
          {
            name: 'more',
            head: texts.more(''),
            headHidden: true,
            align: 'end',
            cell: (invitation) =>
              covers(invitation) ? (
                <Menu
                  align="end"
                  trigger={<IconButton label={texts.more(invitation.email)} icon={Ellipsis} />}
                  items={[
                    { label: texts.sendAgain, icon: Send, onSelect: () => renew.mutate(invitation) },
                    {
                      label: texts.withdraw,
                      icon: Trash2,
                      tone: 'danger',
                      onSelect: () => withdraw.mutate(invitation),
                    },
                  ]}
                />
              ) : null,
          },
        ]}
      />
    </section>
  );
}
