// Who is in the workspace, with what role; adding, changing and removing them.
import type { Member } from '@parley/contract/tenancy';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Ellipsis, KeyRound, LogOut, ShieldOff, UserMinus, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useCan, useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Chip } from '../../ui/chip.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { Select } from '../../ui/select.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { Invitations } from './invitations.tsx';
import { Invite, useInvited } from './invite.tsx';
import { peopleTexts } from './people-texts.ts';
import { choiceOf, grantOf, type RoleChoice, useRoles } from './roles.ts';
import { secondFactorTexts } from './second-factor-texts.ts';

export function Members() {
  const texts = useTexts(peopleTexts);
  const { mayOf, covers } = useRoles();
  const { user } = useSession();
  const mayManage = useCan('members:manage');
  const mayHandOver = useCan('owners:manage');
  const invited = useInvited();
  const [adding, setAdding] = useState(false);
  const [handing, setHanding] = useState<Member | null>(null);
  const [leaving, setLeaving] = useState<Member | null>(null);
  const [resetting, setResetting] = useState<Member | null>(null);
  const factor = useTexts(secondFactorTexts);
  const members = useQuery({
    queryKey: [...queryKeys.members, 'list'],
    queryFn: ({ signal }) => api.get<{ items: Member[] }>('/api/v1/members', { signal }),
  });

  if (members.isPending) return <SkeletonRows rows={4} avatar />;
  if (members.isError) {
    return (
      <ErrorState error={members.error} title={texts.noMembers} onRetry={() => void members.refetch()} />
    );
  }
  return (
    <>
      <div className="mb-2 flex flex-wrap items-center justify-between gap-3">
        <p className="text-meta text-text-muted">{mayManage ? '' : texts.mayNotManage}</p>
        {mayManage && (
          <Button variant="primary" icon={UserPlus} onClick={() => setAdding(true)}>
            {texts.invite}
          </Button>
        )}
      </div>
      <Table
        caption={texts.members}
        rows={members.data.items}
        rowKey={(member) => member.userId}
        columns={[
          {
            name: 'name',
            head: texts.name,
            cell: (member) => (
              <span className="flex min-w-0 items-center gap-3">
                <Avatar name={member.name} kind="member" />
                <span className="min-w-0">
                  <span className="flex items-center gap-2 font-medium">
                    <span className="truncate">{member.name}</span>
                    {member.userId === user.id && <Chip tone="accent">{texts.you}</Chip>}
                  </span>
                  <span className="block truncate text-meta text-text-muted">{member.email}</span>
                </span>
              </span>
            ),
          },
          {
            name: 'role',
            head: texts.role,
            cell: (member) => <RoleOf member={member} />,
          },
          {
            name: 'may',
            head: texts.roleMeans,
            headHidden: true,
            cell: (member) => <span className="text-meta text-text-muted">{mayOf(member)}</span>,
          },
          { name: 'joined', head: texts.joined, cell: (member) => <Time at={member.joinedAt} show="day" /> },
          {
            name: 'more',
            head: texts.more(''),
            headHidden: true,
            align: 'end',
            cell: (member) => {
              const isSelf = member.userId === user.id;
              if (!isSelf && !(mayManage && covers(member))) return null;
              return (
                <Menu
                  align="end"
                  trigger={<IconButton label={texts.more(member.name)} icon={Ellipsis} />}
                  items={[
                    ...(mayHandOver && !isSelf
                      ? [{ label: texts.handOver, icon: KeyRound, onSelect: () => setHanding(member) }]
                      : []),
                    ...(isSelf
                      ? []
                      : [{ label: factor.reset, icon: ShieldOff, onSelect: () => setResetting(member) }]),
                    {
                      label: isSelf ? texts.leave : texts.remove,
                      icon: isSelf ? LogOut : UserMinus,
                      tone: 'danger',
                      onSelect: () => setLeaving(member),
                    },
                  ]}
                />
              );
            },
          },
        ]}
      />
      {mayManage && <Invitations onInvited={invited.tell} />}
      {adding && <Invite onClose={() => setAdding(false)} onInvited={invited.tell} />}
      {invited.dialog}
      {handing && <HandOver member={handing} onClose={() => setHanding(null)} />}
      <ConfirmDialog
        open={resetting !== null}
        onOpenChange={(open) => !open && setResetting(null)}
        danger
        title={factor.resetTitle(resetting?.name ?? '')}
        text={factor.resetText}
        actionLabel={factor.reset}
        onConfirm={async () => {
          await api.delete(`/api/v1/members/${resetting?.userId}/second-factor`);
          toast({ text: factor.resetDone(resetting?.name ?? ''), tone: 'success' });
        }}
      />
      {leaving && <RemoveMember member={leaving} onClose={() => setLeaving(null)} />}
    </>
  );
}

function RoleOf({ member }: { member: Member }) {
  const texts = useTexts(peopleTexts);
  const { labelOf, choices, covers } = useRoles();
  const client = useQueryClient();
  const mayManage = useCan('members:manage');
  const change = useMutation({
    mutationFn: (choice: RoleChoice) => api.put<Member>(`/api/v1/members/${member.userId}`, grantOf(choice)),
    onSuccess: (changed) =>
      toast({ text: texts.roleChanged(changed.name, labelOf(changed)), tone: 'success' }),
    onError: toastError,
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.members }),
  });
  const present = choiceOf(member);
  if (!mayManage || present === null || !covers(member)) return <span>{labelOf(member)}</span>;
  return (
    <Select
      aria-label={texts.changeRole(member.name)}
      value={change.isPending ? change.variables : present}
      options={choices}
      onChange={(choice) => change.mutate(choice)}
      className="w-40"
    />
  );
}

function HandOver({ member, onClose }: { member: Member; onClose: () => void }) {
  const texts = useTexts(peopleTexts);
  const client = useQueryClient();
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      danger
      title={texts.handOverTitle(member.name)}
      text={texts.handOverText(member.name)}
      actionLabel={texts.handOver}
      onConfirm={async () => {
        await api.put('/api/v1/workspace/ownership', { userId: member.userId });
        toast({ text: texts.handedOver(member.name), tone: 'success' });
        await client.invalidateQueries({ queryKey: queryKeys.me });
        await client.invalidateQueries({ queryKey: queryKeys.members });
      }}
    />
  );
}

function RemoveMember({ member, onClose }: { member: Member; onClose: () => void }) {
  const texts = useTexts(peopleTexts);
  const { user } = useSession();
  const client = useQueryClient();
  const [revokeKeys, setRevokeKeys] = useState(false);
  const isSelf = member.userId === user.id;
  const remove = async () => {
    if (isSelf) {
      await api.delete('/api/v1/members/me');
      // Another workspace of theirs, or the page that says that there is none.
      location.assign('/');
      return;
    }
    await api.delete(`/api/v1/members/${member.userId}`, { query: { revokeKeys } });
    await client.invalidateQueries({ queryKey: queryKeys.members });
    toast({ text: texts.removed(member.name) });
  };
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      danger
      title={isSelf ? texts.leaveTitle : texts.removeTitle(member.name)}
      text={
        isSelf ? (
          texts.leaveText
        ) : (
          <>
            {texts.removeText}
            <Checkbox
              className="mt-3 text-text"
              label={texts.revokeKeysToo}
              checked={revokeKeys}
              onChange={setRevokeKeys}
            />
          </>
        )
      }
      actionLabel={isSelf ? texts.leave : texts.remove}
      onConfirm={remove}
    />
  );
}
