// Workspaces, their members and their API keys: who may come in, and to what.
import type { HeldRole, KeyRole, Me, OwnRole } from '@parley/contract/tenancy';
import type { Actor, Context, SystemContext } from '../../core/context.ts';
import { notFound, ParleyError } from '../../core/errors.ts';
import type { Principal } from '../../core/http.ts';
import { newId } from '../../core/identifiers.ts';
import type { Kernel } from '../../core/kernel.ts';
import { permissionsOf } from './grants.ts';
import { lacksFactor, secondFactorRequired } from './second-factor/rule.ts';

export { type Reader, readersOf } from './account.ts';
export { tellKeysRotated, tellSigningKeyRotated } from './audit/operator-acts.ts';
export { countOldAudit, retireAudit } from './audit/retire.ts';
export { verifyChain } from './audit/verify.ts';
export { securityWatch } from './audit/watch.ts';
export { endAccess, ownersOf } from './end-access.ts';
export { memberRemoved } from './events.ts';
export { permissionsOfMember } from './grants.ts';
export { createKey, listKeys, revokeKey } from './keys.ts';
export { createMember } from './members.ts';
export { listByOperator, makeByOperator } from './operator-workspaces.ts';
export { isEasyPassword } from './password-rules.ts';
export { areaOf, ownersOnly, type Permission, permissions } from './permissions.ts';
export {
  type CodeSender,
  type CodeText,
  type CodeToSend,
  resendSeconds,
} from './phone-numbers/code-sender.ts';
export { resetByOperator } from './second-factor/reset.ts';
export { signInPort } from './sign-in-port.ts';
export { signingKeys } from './tokens/signing-keys.ts';
export { timeZoneOf } from './workspace.ts';

/** Makes a workspace with its first data key, for the first start; nothing is told of it. Returns its id. */
export async function createWorkspace(
  kernel: Kernel,
  input: { name: string; defaultCountry: string | null; ownerId: string | null },
): Promise<string> {
  const workspaceId = newId();
  await kernel.database.asSystem(async (queries) => {
    await queries.sql('insert into workspaces (workspace_id, name, default_country) values ($1, $2, $3)', [
      workspaceId,
      input.name,
      input.defaultCountry,
    ]);
    await kernel.keyring.addVersion(queries, workspaceId);
    if (!input.ownerId) return;
    await queries.sql("insert into members (workspace_id, user_id, role) values ($1, $2, 'owner')", [
      workspaceId,
      input.ownerId,
    ]);
  });
  return workspaceId;
}

/** Not those that are being erased. */
export async function listWorkspaces(ctx: SystemContext): Promise<{ id: string; name: string }[]> {
  return ctx.system((queries) =>
    queries.sql(
      `select w.workspace_id as id, w.name from workspaces w
       where exists (select 1 from workspace_keys k where k.workspace_id = w.workspace_id) order by w.created_at`,
    ),
  );
}

export async function hasUsers(ctx: SystemContext): Promise<boolean> {
  const rows = await ctx.system((queries) => queries.sql('select 1 from users limit 1'));
  return rows.length > 0;
}

/** The workspace's country, by which its people write national numbers. */
export async function defaultCountry(ctx: Context): Promise<string | null> {
  const [row] = await ctx.transaction((tx) =>
    tx.sql<{ default_country: string | null }>(
      'select default_country from workspaces where workspace_id = $1',
      [tx.workspaceId],
    ),
  );
  return row?.default_country ?? null;
}

interface Membership {
  readonly id: string;
  readonly name: string;
  readonly role: HeldRole;
  readonly ownRole: OwnRole;
}

interface MembershipRow {
  readonly id: string;
  readonly name: string;
  readonly role: HeldRole;
  readonly role_id: string | null;
  readonly role_name: string | null;
  readonly permissions: string[] | null;
  /** The workspace wants a second factor, and the user has none. Who comes by its own sign-in has shown there who they are. */
  readonly lacks_factor: boolean;
  readonly needs_sso: boolean;
}

/** @param only the one workspace that a session reaches */
async function membershipsOf(
  ctx: SystemContext,
  userId: string,
  only: string | null | undefined,
): Promise<MembershipRow[]> {
  return ctx.system((queries) =>
    queries.sql<MembershipRow>(
      `select w.workspace_id as id, w.name, m.role, m.role_id, r.name as role_name, r.permissions,
         $2::uuid is null and ${lacksFactor('w.second_factor', 'm.user_id')} as lacks_factor,
         parley_needs_sso(m.workspace_id, m.user_id, m.role, $2) as needs_sso
       from members m join workspaces w using (workspace_id) left join roles r on r.id = m.role_id
       where m.user_id = $1 and ($2::uuid is null or m.workspace_id = $2) order by m.created_at, w.workspace_id`,
      [userId, only ?? null],
    ),
  );
}

const ownRoleOf = (row: { role_id: string | null; role_name: string | null }): OwnRole =>
  row.role_id === null ? null : { id: row.role_id, name: row.role_name ?? '' };

const toMembership = (row: MembershipRow): Membership => ({
  id: row.id,
  name: row.name,
  role: row.role,
  ownRole: ownRoleOf(row),
});

/** Who a signed-in user is in the workspace that they chose, or in their first. */
export async function principalOfUser(
  kernel: Kernel,
  userId: string,
  workspaceId: string | undefined,
  only: string | null,
): Promise<Principal> {
  const memberships = await membershipsOf(kernel.systemContext(), userId, only);
  const membership = workspaceId
    ? memberships.find(({ id }) => id === workspaceId)
    : memberships.find(({ needs_sso: needsSso }) => !needsSso);
  if (workspaceId && !membership) throw notFound('workspace');
  if (membership?.needs_sso) {
    throw new ParleyError({
      status: 403,
      code: 'sso_required',
      message: only
        ? 'An owner links the company’s sign-in first: sign in with your password, and link it in the settings.'
        : 'This workspace is entered by its company’s sign-in only.',
    });
  }
  const actor: Actor = {
    kind: 'member',
    id: userId,
    permissions: membership ? permissionsOf(membership) : new Set(),
  };
  return {
    actor,
    workspaceId: membership?.id ?? null,
    ...(membership?.lacks_factor ? { refusal: secondFactorRequired() } : {}),
  };
}

interface KeyOfMe {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly role: KeyRole;
  readonly role_id: string | null;
  readonly role_name: string | null;
  readonly workspace_name: string;
}

export async function describeMe(kernel: Kernel, principal: Principal): Promise<Me> {
  const { actor, workspaceId } = principal;
  const ctx = kernel.systemContext();
  const permissions = [...actor.permissions].sort();
  if (actor.kind === 'api_key') {
    const [key] = await ctx.system((queries) =>
      queries.sql<KeyOfMe>(
        `select k.id, k.name, k.prefix, k.role, k.role_id, r.name as role_name, w.name as workspace_name
         from api_keys k join workspaces w using (workspace_id) left join roles r on r.id = k.role_id where k.id = $1`,
        [actor.id],
      ),
    );
    if (!key || !workspaceId) throw notFound('API key');
    const workspace = { id: workspaceId, name: key.workspace_name, role: key.role, ownRole: ownRoleOf(key) };
    return {
      kind: 'api_key',
      user: null,
      apiKey: { id: key.id, name: key.name, prefix: key.prefix },
      workspace,
      workspaces: [workspace],
      permissions,
      needsSecondFactor: false,
      byCompany: false,
    };
  }
  const [user] = await ctx.system((queries) =>
    queries.sql<{ id: string; name: string; email: string }>(
      'select id, name, email from users where id = $1',
      [actor.id],
    ),
  );
  if (!user) throw new ParleyError({ status: 401, code: 'unauthenticated', message: 'Sign in again.' });
  const memberships = await membershipsOf(ctx, user.id, principal.onlyWorkspace);
  const workspaces = memberships.filter(({ needs_sso: needsSso }) => !needsSso).map(toMembership);
  return {
    kind: 'member',
    user,
    apiKey: null,
    workspace: workspaces.find(({ id }) => id === workspaceId) ?? null,
    workspaces,
    permissions,
    needsSecondFactor: principal.refusal !== undefined,
    byCompany: Boolean(principal.onlyWorkspace),
  };
}
