// What members and keys may do: the one place that decides it, and that sees to it that nobody gives more than they have.
import type { Role } from '@parley/contract/tenancy';
import type { TransactionContext } from '../../core/context.ts';
import type { Queries } from '../../core/database.ts';
import { ParleyError } from '../../core/errors.ts';
import type { ActorReference } from '../../core/events.ts';
import { ownersOnly, type Permission, permissions, permissionsOfRole } from './permissions.ts';

/** How a member, a key or an invitation stands in its table. */
export interface Grant {
  /** `own`: by a role of the workspace's own; `chosen`: of a key, by permissions of its own. */
  readonly role: Role | 'own' | 'chosen';
  /** Of the own role, or of the key. */
  readonly permissions: readonly string[] | null;
}

const everything: ReadonlySet<string> = new Set(Object.keys(permissions));
const nothing: ReadonlySet<Permission> = new Set();

/** One set for each combination: who may the same shares frames, caches and memory. */
const combinations = new Map<string, ReadonlySet<Permission>>();
const combinationsMax = 10_000;

function combination(names: readonly Permission[]): ReadonlySet<Permission> {
  const key = names.join(' ');
  let known = combinations.get(key);
  if (!known) {
    if (combinations.size >= combinationsMax) combinations.clear();
    known = new Set(names);
    combinations.set(key, known);
  }
  return known;
}

/** Of what was chosen, that which may be chosen: a permission that came only to owners later is in no own role. */
const choosable = (names: readonly string[]): Permission[] =>
  [...new Set(names)]
    .sort()
    .filter((name): name is Permission => Object.hasOwn(permissions, name) && !ownersOnly.has(name));

export function permissionsOf({ role, permissions: chosen }: Grant): ReadonlySet<Permission> {
  if (role !== 'own' && role !== 'chosen') return permissionsOfRole[role];
  return combination(choosable(chosen ?? []));
}

/**
 * A key does what it was made for, and never what the member who made it may not do themselves by now.
 * @param maker null: the operator, or somebody who is no member any more (see `keepKeysOf`)
 */
export function permissionsOfKey(key: Grant, maker: Grant | null): ReadonlySet<Permission> {
  const granted = permissionsOf(key);
  if (!maker) return granted;
  const limit = permissionsOf(maker);
  if (granted.isSubsetOf(limit)) return granted;
  return combination([...granted.intersection(limit)].sort());
}

interface GrantRow {
  readonly role: Grant['role'];
  readonly permissions: string[] | null;
}

export interface KeyGrantRow extends GrantRow {
  readonly maker_role: Grant['role'] | null;
  readonly maker_permissions: string[] | null;
}

/** What of a key says what it may do, for `keyPermissions`; with `keyGrantJoins` of a table `k`. */
export const keyGrantColumns = `k.role, coalesce(k.permissions, kr.permissions) as permissions,
  km.role as maker_role, kmr.permissions as maker_permissions`;
export const keyGrantJoins = `left join roles kr on kr.id = k.role_id
  left join members km on km.workspace_id = k.workspace_id and km.user_id = k.created_by
  left join roles kmr on kmr.id = km.role_id`;

export const keyPermissions = (row: KeyGrantRow): ReadonlySet<Permission> =>
  permissionsOfKey(row, row.maker_role && { role: row.maker_role, permissions: row.maker_permissions });

/** What a member may do now; null for who is none. Inside a transaction of the workspace, or as the system. */
export async function permissionsOfMember(
  queries: Pick<Queries, 'sql'>,
  workspaceId: string,
  userId: string,
): Promise<ReadonlySet<Permission> | null> {
  const [row] = await queries.sql<GrantRow>(
    `select m.role, r.permissions from members m left join roles r on r.id = m.role_id
     where m.workspace_id = $1 and m.user_id = $2`,
    [workspaceId, userId],
  );
  return row ? permissionsOf(row) : null;
}

/** What an actor may do now: not what they might when their request began. */
export async function permissionsOfActor(
  queries: Pick<Queries, 'sql'>,
  workspaceId: string,
  { kind, id }: ActorReference,
  now: Date,
): Promise<ReadonlySet<string>> {
  if (kind === 'system') return everything;
  if (id === null) return nothing;
  if (kind === 'member') return (await permissionsOfMember(queries, workspaceId, id)) ?? nothing;
  if (kind !== 'api_key') return nothing;
  const [row] = await queries.sql<KeyGrantRow>(
    `select ${keyGrantColumns} from api_keys k ${keyGrantJoins}
     where k.workspace_id = $1 and k.id = $2 and k.revoked_at is null
       and (k.expires_at is null or k.expires_at > $3)`,
    [workspaceId, id, now],
  );
  return row ? keyPermissions(row) : nothing;
}

/** Changes of who may do what follow one another in a workspace, so that nobody gives away what is being taken from them. */
export async function lockGrants(queries: Pick<Queries, 'sql'>, workspaceId: string): Promise<void> {
  await queries.sql('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`grants ${workspaceId}`]);
}

/** Begins such a change. Returns what the actor may do. @throws ParleyError 403 where what it needs was taken already */
export async function beginGranting(
  tx: TransactionContext,
  needed?: Permission,
): Promise<ReadonlySet<string>> {
  await lockGrants(tx, tx.workspaceId);
  const own = await permissionsOfActor(tx, tx.workspaceId, tx.actor, tx.clock.date());
  if (needed && !own.has(needed)) {
    throw new ParleyError({
      status: 403,
      code: 'forbidden',
      message: `This needs the permission ${needed}.`,
    });
  }
  return own;
}

/** Nobody gives, changes or takes what goes beyond what they may do themselves. @throws ParleyError 403 */
export function requireCovered(own: ReadonlySet<string>, wanted: ReadonlySet<string>): void {
  const beyond = [...wanted].filter((name) => !own.has(name)).sort();
  if (beyond.length === 0) return;
  throw new ParleyError({
    status: 403,
    code: 'beyond_own_permissions',
    message: `This goes beyond what you may do yourself: ${beyond.join(', ')}.`,
  });
}
