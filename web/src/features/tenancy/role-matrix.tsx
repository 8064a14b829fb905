// Who may do what: areas of permissions down, roles across.
import type { WorkspaceRole } from '@parley/contract/roles';
import { useQueryClient } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { Check, Ellipsis, Minus, Pencil, Plus, Trash2 } from 'lucide-react';
import { Fragment, useState } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useCan, useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { toast } from '../../ui/toast.tsx';
import { peopleTexts } from './people-texts.ts';
import { byArea, usePermissionWords } from './permission-words.ts';
import { RoleEditor } from './role-editor.tsx';
import { builtinRoles, useOwnRoles, usePermissionTable, useRoles } from './roles.ts';

export function RoleMatrix() {
  const texts = useTexts(peopleTexts);
  const mayManage = useCan('roles:manage');
  const own = useOwnRoles();
  const table = usePermissionTable();
  const [editing, setEditing] = useState<WorkspaceRole | 'new' | null>(null);
  const [deleting, setDeleting] = useState<WorkspaceRole | null>(null);
  const client = useQueryClient();
  if (own.isPending || table.isPending) return <SkeletonRows rows={8} />;
  const error = own.error ?? table.error;
  if (error || !own.data || !table.data) {
    return (
      <ErrorState
        error={error}
        title={texts.noRolesRead}
        onRetry={() => {
          void own.refetch();
          void table.refetch();
        }}
      />
    );
  }
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-[68ch] text-meta text-text-muted">{texts.rolesIntro}</p>
        {mayManage && (
          <Button variant="primary" icon={Plus} onClick={() => setEditing('new')}>
            {texts.makeRole}
          </Button>
        )}
      </div>
      {/* Scrolls on its own, and by keyboard: more roles than fit beside one another. */}
      <section
        aria-label={texts.roles}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard
        tabIndex={0}
        className="focus-inside -mx-1 overflow-x-auto px-1"
      >
        <Matrix onEdit={setEditing} onDelete={setDeleting} />
      </section>
      {editing && <RoleEditor role={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
      {deleting && (
        <ConfirmDialog
          open
          onOpenChange={() => setDeleting(null)}
          danger
          title={texts.deleteRoleTitle(deleting.name)}
          text={texts.deleteRoleText}
          actionLabel={texts.deleteRole}
          onConfirm={async () => {
            await api.delete(`/api/v1/roles/${deleting.id}`);
            await client.invalidateQueries({ queryKey: queryKeys.roles });
            toast({ text: texts.roleDeleted(deleting.name) });
          }}
        />
      )}
    </>
  );
}

interface MatrixProps {
  onEdit: (role: WorkspaceRole) => void;
  onDelete: (role: WorkspaceRole) => void;
}

function Matrix({ onEdit, onDelete }: MatrixProps) {
  const texts = useTexts(peopleTexts);
  const words = usePermissionWords();
  const { words: roleWords } = useRoles();
  const { permissions } = useSession();
  const mayManage = useCan('roles:manage');
  const own = useOwnRoles().data?.items ?? [];
  const items = usePermissionTable().data?.items ?? [];
  const columns = builtinRoles.length + own.length + 1;
  const sticky = 'sticky left-0 z-10 bg-surface text-left';
  return (
    <table className="w-full border-collapse text-body">
      <caption className="sr-only">{texts.rolesIntro}</caption>
      <thead>
        <tr>
          <th scope="col" className={clsx(sticky, 'min-w-44 py-2 pr-3 phone:min-w-30 phone:pr-1')}>
            <span className="sr-only">{texts.roleMeans}</span>
          </th>
          {builtinRoles.map((role) => (
            <th
              key={role}
              scope="col"
              className="px-2 py-2 font-medium text-meta text-text-muted phone:px-1.5"
            >
              {roleWords[role].label}
            </th>
          ))}
          {own.map((role) => (
            <th key={role.id} scope="col" className="px-2 py-2 font-medium text-meta">
              <span className="flex items-center justify-center gap-0.5">
                <span className="max-w-28 truncate" title={role.description || role.name}>
                  {role.name}
                </span>
                {mayManage && role.permissions.every((name) => permissions.has(name)) && (
                  <Menu
                    align="end"
                    trigger={<IconButton size="small" label={texts.more(role.name)} icon={Ellipsis} />}
                    items={[
                      { label: texts.changeShort, icon: Pencil, onSelect: () => onEdit(role) },
                      {
                        label: texts.deleteRole,
                        icon: Trash2,
                        tone: 'danger',
                        onSelect: () => onDelete(role),
                      },
                    ]}
                  />
                )}
              </span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {byArea(items).map(([area, inArea]) => (
          <Fragment key={area}>
            <tr>
              <th
                scope="rowgroup"
                colSpan={columns}
                className={clsx(sticky, 'border-line border-b pt-4 pb-1 font-semibold text-body')}
              >
                {words.area(area)}
              </th>
            </tr>
            {inArea.map((permission) => (
              <tr key={permission.name} className="border-line border-b">
                <th scope="row" className={clsx(sticky, 'py-1.5 pr-3 font-normal text-meta phone:pr-1')}>
                  {words.permission(permission)}
                </th>
                {builtinRoles.map((role) => (
                  <Cell key={role} may={permission.roles.includes(role)} />
                ))}
                {own.map((role) => (
                  <Cell key={role.id} may={role.permissions.includes(permission.name)} />
                ))}
              </tr>
            ))}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

function Cell({ may }: { may: boolean }) {
  const texts = useTexts(peopleTexts);
  const Icon = may ? Check : Minus;
  return (
    <td className="px-2 py-1.5 text-center">
      <Icon
        size={16}
        role="img"
        aria-label={may ? texts.may : texts.mayNot}
        className={clsx('inline', may ? 'text-accent-text' : 'text-text-muted opacity-50')}
      />
    </td>
  );
}
