// Roles of a workspace's own. They can be changed while they are in use, and that counts at once; so nobody makes one, or
// changes one, that goes beyond what they may do themselves.
import type { WorkspaceRole, WriteRole } from '@parley/contract/roles';
import type { OwnRole, Role } from '@parley/contract/tenancy';
import type { Context, TransactionContext } from '../../core/context.ts';
import {
  conflict,
  databaseErrorCode,
  notFound,
  ParleyError,
  uniqueViolation,
  validationError,
} from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { roleChanged, roleCreated, roleDeleted } from './events.ts';
import { beginGranting, permissionsOf, requireCovered } from './grants.ts';
import { ownersOnly, type Permission, permissions } from './permissions.ts';

const rolesMax = 50;

interface RoleRow {
  id: string;
  name: string;
  description: string;
  permissions: string[];
  created_at: Date | string;
  updated_at: Date | string;
  members: number | string;
  invitations: number | string;
  api_keys: number | string;
}

const selectRoles = `select r.id, r.name, r.description, r.permissions, r.created_at, r.updated_at,
    (select count(*) from members m where m.workspace_id = r.workspace_id and m.role_id = r.id) as members,
    (select count(*) from invitations i where i.workspace_id = r.workspace_id and i.role_id = r.id) as invitations,
    (select count(*) from api_keys k where k.workspace_id = r.workspace_id and k.role_id = r.id
       and k.revoked_at is null) as api_keys
  from roles r where r.workspace_id = $1`;

function toRole(row: RoleRow): WorkspaceRole {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    permissions: [...permissionsOf({ role: 'own', permissions: row.permissions })],
    inUse: {
      members: Number(row.members),
      invitations: Number(row.invitations),
      apiKeys: Number(row.api_keys),
    },
    createdAt: new Date(row.created_at).toISOString(),
    updatedAt: new Date(row.updated_at).toISOString(),
  };
}

/** By name. */
export async function listRoles(ctx: Context): Promise<WorkspaceRole[]> {
  const rows = await ctx.transaction((tx) =>
    tx.sql<RoleRow>(`${selectRoles} order by lower(r.name)`, [tx.workspaceId]),
  );
  return rows.map(toRole);
}

async function readRole(tx: TransactionContext, roleId: string): Promise<WorkspaceRole> {
  const [row] = await tx.sql<RoleRow>(`${selectRoles} and r.id = $2`, [tx.workspaceId, roleId]);
  if (!row) throw notFound('role');
  return toRole(row);
}

/** @throws ParleyError 400 for a permission that there is not, or that is the owners' alone */
export function parsePermissions(names: readonly string[], path: string): Permission[] {
  const wrong = names.filter((name) => !Object.hasOwn(permissions, name) || ownersOnly.has(name));
  if (wrong.length > 0) {
    throw validationError('Some permissions cannot be given.', [
      { path, message: `${wrong.join(', ')}: not among those that can be given` },
    ]);
  }
  return [...new Set(names as Permission[])].sort();
}

/** What is about to be given: the columns that say so, and what it allows. @throws ParleyError 404 */
export async function readGrant(
  tx: TransactionContext,
  input: { role?: Role | undefined; roleId?: string | undefined },
): Promise<{ role: Role | 'own'; roleId: string | null; ownRole: OwnRole; allows: ReadonlySet<Permission> }> {
  if (input.roleId === undefined) {
    if (!input.role) throw validationError('Say which role.');
    const allows = permissionsOf({ role: input.role, permissions: null });
    return { role: input.role, roleId: null, ownRole: null, allows };
  }
  const { id, name, permissions: chosen } = await readRole(tx, input.roleId);
  const allows = permissionsOf({ role: 'own', permissions: chosen });
  return { role: 'own', roleId: id, ownRole: { id, name }, allows };
}

const named = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (databaseErrorCode(error) !== uniqueViolation) throw error;
    throw new ParleyError({
      status: 409,
      code: 'role_exists',
      message: 'There is a role of that name already.',
      cause: error,
    });
  }
};

/** @throws ParleyError 409 `role_exists`, `roles_max`; 403 beyond one's own permissions */
export async function createRole(ctx: Context, input: WriteRole): Promise<WorkspaceRole> {
  const chosen = parsePermissions(input.permissions, 'body.permissions');
  return ctx.transaction(async (tx) => {
    requireCovered(await beginGranting(tx, 'roles:manage'), new Set(chosen));
    const known = await tx.sql<{ name: string }>('select name from roles where workspace_id = $1', [
      tx.workspaceId,
    ]);
    if (known.length >= rolesMax)
      throw conflict('roles_max', `A workspace has at most ${rolesMax} roles of its own.`);
    // Before the database says so: a transaction that failed in it is no use to anybody, and its answer could not be kept.
    if (known.some(({ name }) => name.toLowerCase() === input.name.toLowerCase()))
      throw conflict('role_exists', 'There is a role of that name already.');
    const id = newId();
    await tx.sql(
      `insert into roles (id, workspace_id, name, description, permissions, created_at, updated_at)
       values ($1, $2, $3, $4, $5, $6, $6)`,
      [id, tx.workspaceId, input.name, input.description ?? '', chosen, tx.clock.date()],
    );
    tx.append(roleCreated, { roleId: id, permissions: chosen });
    return readRole(tx, id);
  });
}

/** @throws ParleyError 404, 409 `role_exists`; 403 where it goes, or went, beyond one's own permissions */
export async function changeRole(ctx: Context, roleId: string, input: WriteRole): Promise<WorkspaceRole> {
  const chosen = parsePermissions(input.permissions, 'body.permissions');
  return named(() =>
    ctx.transaction(async (tx) => {
      const own = await beginGranting(tx, 'roles:manage');
      const before = await readRole(tx, roleId);
      requireCovered(own, new Set([...before.permissions, ...chosen]));
      await tx.sql(
        `update roles set name = $3, description = $4, permissions = $5, updated_at = $6
         where workspace_id = $1 and id = $2`,
        [tx.workspaceId, roleId, input.name, input.description ?? '', chosen, tx.clock.date()],
      );
      const [given, taken] = [new Set<string>(chosen), new Set<string>(before.permissions)];
      tx.append(roleChanged, {
        roleId,
        given: [...given].filter((name) => !taken.has(name)),
        taken: [...taken].filter((name) => !given.has(name)),
      });
      return readRole(tx, roleId);
    }),
  );
}

/** @throws ParleyError 404, 409 `role_in_use`; 403 where it goes beyond one's own permissions */
export async function deleteRole(ctx: Context, roleId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const own = await beginGranting(tx, 'roles:manage');
    const { permissions: chosen, inUse } = await readRole(tx, roleId);
    requireCovered(own, new Set(chosen));
    const { members, invitations, apiKeys } = inUse;
    if (members + invitations + apiKeys > 0) {
      throw conflict(
        'role_in_use',
        `The role is in use: members ${members}, invitations ${invitations}, API keys ${apiKeys}. Give them another one first.`,
      );
    }
    // Keys that were revoked are kept for the audit's sake; what they could do once, nobody asks any more.
    await tx.sql(
      `update api_keys set role = 'viewer', role_id = null where workspace_id = $1 and role_id = $2 and revoked_at is not null`,
      [tx.workspaceId, roleId],
    );
    await tx.sql('delete from roles where workspace_id = $1 and id = $2', [tx.workspaceId, roleId]);
    tx.append(roleDeleted, { roleId });
  });
}
