// Roles in words, those that come with Parley and the workspace's own, and who may give which.
import type { ListedPermission, WorkspaceRole } from '@parley/contract/roles';
import type { KeyRole, OwnRole, Role } from '@parley/contract/tenancy';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { peopleTexts } from './people-texts.ts';

export const builtinRoles: readonly Role[] = ['owner', 'admin', 'agent', 'viewer'];

interface Held {
  readonly role: KeyRole;
  readonly ownRole: OwnRole;
}

/** What a list of roles offers: one that comes with Parley, or one of the workspace's own by its id. */
export type RoleChoice = Role | `own:${string}`;

export const choiceOf = ({ role, ownRole }: Held): RoleChoice | null => {
  if (ownRole) return `own:${ownRole.id}`;
  return role === 'own' || role === 'chosen' ? null : role;
};

export const grantOf = (choice: RoleChoice): { role: Role } | { roleId: string } =>
  choice.startsWith('own:') ? { roleId: choice.slice(4) } : { role: choice as Role };

export function useOwnRoles() {
  return useQuery({
    queryKey: queryKeys.roles,
    queryFn: ({ signal }) => api.get<{ items: WorkspaceRole[] }>('/api/v1/roles', { signal }),
  });
}

export function usePermissionTable() {
  return useQuery({
    queryKey: queryKeys.permissions,
    queryFn: ({ signal }) => api.get<{ items: ListedPermission[] }>('/api/v1/permissions', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useRoles() {
  const texts = useTexts(peopleTexts);
  const { permissions } = useSession();
  const ownRoles = useOwnRoles().data?.items ?? [];
  const table = usePermissionTable().data?.items ?? [];
  const words: Readonly<Record<Role, { label: string; may: string }>> = {
    owner: { label: texts.owner, may: texts.ownerMay },
    admin: { label: texts.admin, may: texts.adminMay },
    agent: { label: texts.agent, may: texts.agentMay },
    viewer: { label: texts.viewer, may: texts.viewerMay },
  };
  const permissionsOfChoice = (choice: RoleChoice): string[] =>
    choice.startsWith('own:')
      ? (ownRoles.find(({ id }) => id === choice.slice(4))?.permissions ?? [])
      : table.filter(({ roles }) => roles.includes(choice as Role)).map(({ name }) => name);
  const labelOf = ({ role, ownRole }: Held): string => {
    if (ownRole) return ownRole.name;
    return role === 'own' || role === 'chosen' ? texts.chosen : words[role].label;
  };
  const mayOf = ({ role, ownRole }: Held): string => {
    if (ownRole) return ownRoles.find(({ id }) => id === ownRole.id)?.description ?? '';
    return role === 'own' || role === 'chosen' ? '' : words[role].may;
  };
  const choices: { value: RoleChoice; label: string; may: string }[] = [
    ...builtinRoles.map((role) => ({ value: role as RoleChoice, ...words[role] })),
    ...ownRoles.map(({ id, name, description }) => ({
      value: `own:${id}` as const,
      label: name,
      may: description,
    })),
  ].filter(
    // Nobody gives more than they have; the server says so too.
    ({ value }) => table.length > 0 && permissionsOfChoice(value).every((name) => permissions.has(name)),
  );
  return {
    words,
    labelOf,
    mayOf,
    /** Those that whoever is signed in may give. */
    choices,
    /** What a choice allows. */
    permissionsOfChoice,
    /** Whether whoever is signed in may change what somebody has who may do this. */
    covers: (held: Held) => {
      const choice = choiceOf(held);
      return choice !== null && choices.some(({ value }) => value === choice);
    },
  };
}
