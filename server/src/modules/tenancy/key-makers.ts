// Keys that were made with keys. Such a key ends no later than the one that it was made with, and is revoked with it: else
// whoever has a key for an hour would have the workspace for as long as they like.
import type { TransactionContext } from '../../core/context.ts';
import { ParleyError } from '../../core/errors.ts';
import { apiKeyRevoked } from './events.ts';

type Moment = Date | string | null;

export interface MakerKey {
  readonly id: string;
  /** The user behind it. */
  readonly created_by: string | null;
  readonly expires_at: Moment;
}

export async function readMakerKey(tx: TransactionContext, keyId: string | null): Promise<MakerKey | null> {
  if (keyId === null) return null;
  const [row] = await tx.sql<MakerKey>(
    'select id, created_by, expires_at from api_keys where workspace_id = $1 and id = $2',
    [tx.workspaceId, keyId],
  );
  return row ?? null;
}

/** The key that acts; null where it is a member, or the operator. */
export const actingKey = ({ actor }: TransactionContext): string | null =>
  actor.kind === 'api_key' ? actor.id : null;

/** The earlier end; null: never. */
export function earlierEnd(one: Moment | undefined, other: Moment | undefined): Date | null {
  const ends = [one, other].flatMap((end) => (end ? [new Date(end).getTime()] : []));
  return ends.length === 0 ? null : new Date(Math.min(...ends));
}

const family = `with recursive family as (
    select id from api_keys where workspace_id = $1 and id = $2
    union
    select k.id from api_keys k join family f on k.made_with = f.id where k.workspace_id = $1
  )`;

/**
 * A secret outlives the key that asked for it, unless it is of that key's family.
 * @throws ParleyError 403 `not_made_with_this_key` for a key that rotates another than itself and those made with it
 */
export async function requireOfFamily(tx: TransactionContext, keyId: string): Promise<void> {
  const acting = actingKey(tx);
  if (acting === null) return;
  const rows = await tx.sql(`${family} select 1 from family where id = $3`, [tx.workspaceId, acting, keyId]);
  if (rows.length > 0) return;
  throw new ParleyError({
    status: 403,
    code: 'not_made_with_this_key',
    message: 'A key gives a new secret to itself and to keys that were made with it, and to no other.',
  });
}

/** What was made with it ends with it, also when its end is nearer now. */
export async function endFamilyBy(tx: TransactionContext, keyId: string, end: Date | null): Promise<void> {
  if (end === null) return;
  await tx.sql(
    `${family} update api_keys k set expires_at = $3 from family f
     where k.id = f.id and (k.expires_at is null or k.expires_at > $3)`,
    [tx.workspaceId, keyId, end],
  );
}

/** Revokes a key, and all that were made with it, by whichever way. */
export async function revokeFamily(tx: TransactionContext, keyId: string): Promise<void> {
  const rows = await tx.sql<{ id: string }>(
    `${family} update api_keys k set revoked_at = $3 from family f
     where k.id = f.id and k.revoked_at is null returning k.id`,
    [tx.workspaceId, keyId, tx.clock.date()],
  );
  for (const { id } of rows) tx.append(apiKeyRevoked, { apiKeyId: id });
}
