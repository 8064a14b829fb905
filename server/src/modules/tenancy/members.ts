// Members: which users are in a workspace and what their roles let them do. A workspace keeps one owner at least, and
// nobody gives, changes or removes what goes beyond what they may do themselves: only owners make and change owners.
import type { ChangeMember, HeldRole, Member, Role } from '@parley/contract/tenancy';
import type { Context, SystemContext, TransactionContext } from '../../core/context.ts';
import {
  conflict,
  databaseErrorCode,
  notFound,
  ParleyError,
  uniqueViolation,
  validationError,
} from '../../core/errors.ts';
import { enrolByOperator } from './enrol.ts';
import { memberChanged, memberCreated, memberRemoved } from './events.ts';
import { beginGranting, permissionsOf, requireCovered } from './grants.ts';
import { unlinkByAddress } from './identity/links-by-address.ts';
import { keepKeysOf, revokeKeysMadeBy } from './keys.ts';
import { smsFactorDisabled } from './phone-numbers/events.ts';
import { tellOfNumber } from './phone-numbers/tell.ts';
import { readGrant } from './roles.ts';
import { signInPort } from './sign-in-port.ts';

interface MemberRow {
  user_id: string;
  name: string;
  email: string;
  role: HeldRole;
  role_id: string | null;
  role_name: string | null;
  created_at: Date | string;
}

function toMember(row: MemberRow): Member {
  return {
    userId: row.user_id,
    name: row.name,
    email: row.email,
    role: row.role,
    ownRole: row.role_id === null ? null : { id: row.role_id, name: row.role_name ?? '' },
    joinedAt: new Date(row.created_at).toISOString(),
  };
}

/**
 * The members of a workspace, or one of them, those who came first at the top. Users belong to no workspace: only the
 * system reads their names.
 */
export async function listMembers(
  ctx: SystemContext,
  workspaceId: string,
  userId: string | null = null,
): Promise<Member[]> {
  const rows = await ctx.system((queries) =>
    queries.sql<MemberRow>(
      `select m.user_id, u.name, u.email, m.role, m.role_id, r.name as role_name, m.created_at
       from members m join users u on u.id = m.user_id left join roles r on r.id = m.role_id
       where m.workspace_id = $1 and m.user_id = coalesce($2::text, m.user_id) order by m.created_at, m.user_id`,
      [workspaceId, userId],
    ),
  );
  return rows.map(toMember);
}

/** `password`: a first or another one, shown this once; null where theirs stays. */
export type CreatedMember = Member & { readonly password: string | null };

/**
 * Makes a user a member, for the operator: others invite. One who is new to this installation gets a first password, which is
 * in the answer and nowhere else. One who is known keeps their name, and their password as `enrolByOperator` says.
 * @throws ParleyError 400 `name_missing`; 409 `member_exists`, `address_unconfirmed` without `newPassword`
 */
export async function createMember(
  ctx: Context,
  input: { email: string; name?: string | undefined; role: Role; newPassword?: boolean | undefined },
): Promise<CreatedMember> {
  const { user, password, isNew } = await enrolByOperator(ctx, input, async (userId) => {
    if (await isMember(ctx, userId)) throw memberExists(null);
  });
  try {
    return await ctx.transaction(async (tx) => {
      requireCovered(await beginGranting(tx), permissionsOf({ role: input.role, permissions: null }));
      const createdAt = tx.clock.date();
      await tx.sql('insert into members (workspace_id, user_id, role, created_at) values ($1, $2, $3, $4)', [
        tx.workspaceId,
        user.id,
        input.role,
        createdAt,
      ]);
      if (input.role === 'owner') await unlinkByAddress(tx, tx.workspaceId, user.id);
      tx.append(memberCreated, { userId: user.id, role: input.role });
      const { id, name, email } = user;
      const member = toMember({
        user_id: id,
        name,
        email,
        role: input.role,
        role_id: null,
        role_name: null,
        created_at: createdAt,
      });
      return { ...member, password };
    });
  } catch (error) {
    if (isNew) {
      const withdrawn = ctx.use(signInPort).withdrawUser(user.id);
      await withdrawn.catch((failure: unknown) => {
        ctx.log.error({ err: failure, user: user.id }, 'a user who became no member could not be taken back');
      });
    }
    if (databaseErrorCode(error) !== uniqueViolation) throw error;
    throw memberExists(error);
  }
}

const memberExists = (cause: unknown) =>
  new ParleyError({
    status: 409,
    code: 'member_exists',
    message: 'They are a member of this workspace already.',
    cause,
  });

async function isMember(ctx: Context, userId: string): Promise<boolean> {
  const rows = await ctx.transaction((tx) =>
    tx.sql('select 1 from members where workspace_id = $1 and user_id = $2', [tx.workspaceId, userId]),
  );
  return rows.length > 0;
}

/** Gives a member another role. @throws ParleyError 404, 403 beyond one's own permissions, 409 `last_owner` */
export async function changeMember(ctx: Context, userId: string, input: ChangeMember): Promise<void> {
  await ctx.transaction(async (tx) => {
    const own = await beginGranting(tx, 'members:manage');
    const { target, owners } = await lockMember(tx, userId);
    const next = await readGrant(tx, input);
    if (target.role === next.role && target.role_id === next.roleId) return;
    requireCovered(own, permissionsOf(target));
    requireCovered(own, next.allows);
    if (target.role === 'owner') requireAnotherOwner(owners);
    await tx.sql('update members set role = $3, role_id = $4 where workspace_id = $1 and user_id = $2', [
      tx.workspaceId,
      userId,
      next.role,
      next.roleId,
    ]);
    if (next.role === 'owner') await unlinkByAddress(tx, tx.workspaceId, userId);
    tx.append(memberChanged, {
      userId,
      role: next.role,
      previous: target.role,
      ...(next.roleId ? { roleId: next.roleId } : {}),
      ...(target.role_id ? { previousRoleId: target.role_id } : {}),
    });
  });
}

/**
 * Ends a membership; the user and what they are elsewhere stay. Members may always leave.
 * @throws ParleyError 404, 403 for one who may more than whoever removes them, 409 `last_owner`
 */
export async function removeMember(
  ctx: Context,
  userId: string,
  input: { revokeKeys: boolean },
): Promise<void> {
  await ctx.transaction(async (tx) => {
    const isSelf = tx.actor.kind === 'member' && tx.actor.id === userId;
    const own = await beginGranting(tx, isSelf ? undefined : 'members:manage');
    const { target, owners } = await lockMember(tx, userId);
    if (!isSelf) requireCovered(own, permissionsOf(target));
    if (target.role === 'owner') requireAnotherOwner(owners);
    if (input.revokeKeys) await revokeKeysMadeBy(tx, userId);
    else await keepKeysOf(tx, userId);
    await tellLostFactor(tx, userId);
    await tx.sql('delete from members where workspace_id = $1 and user_id = $2', [tx.workspaceId, userId]);
    tx.append(memberRemoved, {
      userId,
      role: target.role,
      ...(target.role_id ? { roleId: target.role_id } : {}),
    });
  });
}

/**
 * A member's numbers go with them, and one may be a second factor of the account: its user hears of it, and backup codes are
 * asked for from then on (`asksSecondFactor`).
 */
async function tellLostFactor(tx: TransactionContext, userId: string): Promise<void> {
  const lost = await tx.sql(
    'select 1 from member_phone_numbers where workspace_id = $1 and user_id = $2 and second_factor',
    [tx.workspaceId, userId],
  );
  if (lost.length === 0) return;
  tx.append(smsFactorDisabled, { userId });
  tx.enqueue(tellOfNumber, { workspaceId: tx.workspaceId, userId, news: 'factor_lost' });
}

/** @throws ParleyError 400 for an API key, 409 `last_owner` */
export async function leaveWorkspace(ctx: Context): Promise<void> {
  const { actor } = ctx;
  if (actor.kind !== 'member' || actor.id === null) {
    throw validationError('An API key is no member: revoke it instead.');
  }
  await removeMember(ctx, actor.id, { revokeKeys: false });
}

interface LockedMember {
  readonly target: {
    readonly user_id: string;
    readonly role: HeldRole;
    readonly role_id: string | null;
    /** Of the own role. */
    readonly permissions: string[] | null;
  };
  /** How many owners there are; all of them are locked, so that two cannot demote each other at the same time. */
  readonly owners: number;
}

async function lockMember(tx: TransactionContext, userId: string): Promise<LockedMember> {
  const rows = await tx.sql<LockedMember['target']>(
    `select m.user_id, m.role, m.role_id, r.permissions from members m left join roles r on r.id = m.role_id
     where m.workspace_id = $1 and (m.user_id = $2 or m.role = 'owner') order by m.user_id for update of m`,
    [tx.workspaceId, userId],
  );
  const target = rows.find((row) => row.user_id === userId);
  if (!target) throw notFound('member');
  return { target, owners: rows.filter((row) => row.role === 'owner').length };
}

function requireAnotherOwner(owners: number): void {
  if (owners > 1) return;
  throw conflict('last_owner', 'A workspace keeps one owner: make somebody else an owner first.');
}
