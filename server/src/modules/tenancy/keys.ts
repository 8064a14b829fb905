// API keys: the way in for other systems. They belong to the workspace, and remember which user made them: while that user
// is a member, a key may do nothing that they may not do themselves. What is made with a key ends with it (`key-makers.ts`).
import { createHash, randomBytes } from 'node:crypto';
import type {
  ApiKey,
  CreateApiKey,
  CreatedApiKey,
  KeyRole,
  Role,
  RotateApiKey,
} from '@parley/contract/tenancy';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { notFound } from '../../core/errors.ts';
import type { Principal } from '../../core/http.ts';
import { newId } from '../../core/identifiers.ts';
import type { Kernel } from '../../core/kernel.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { apiKeyCreated, apiKeyRevoked, apiKeyRotated } from './events.ts';
import {
  beginGranting,
  type KeyGrantRow,
  keyGrantColumns,
  keyGrantJoins,
  keyPermissions,
  permissionsOf,
  requireCovered,
} from './grants.ts';
import {
  actingKey,
  earlierEnd,
  endFamilyBy,
  readMakerKey,
  requireOfFamily,
  revokeFamily,
} from './key-makers.ts';
import { parsePermissions, readGrant } from './roles.ts';

const keyPrefix = 'pk_';
const hourMs = 3_600_000;

const newSecret = () => `${keyPrefix}${randomBytes(24).toString('base64url')}`;
const prefixOf = (secret: string) => secret.slice(0, 10);
const hashKey = (secret: string) => createHash('sha256').update(secret).digest('hex');

interface KeyRow extends KeyGrantRow {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly role: KeyRole;
  readonly role_id: string | null;
  readonly role_name: string | null;
  readonly created_by: string | null;
  readonly made_with: string | null;
  readonly created_at: Date | string;
  readonly last_used_at: Date | string | null;
  readonly expires_at: Date | string | null;
  readonly previous_prefix: string | null;
  readonly previous_until: Date | string | null;
}

const selectKeys = `select k.id, k.name, k.prefix, k.role_id, kr.name as role_name, k.created_by, k.made_with, k.created_at,
    k.last_used_at, k.expires_at, k.previous_prefix, k.previous_until, ${keyGrantColumns}
  from api_keys k ${keyGrantJoins} where k.workspace_id = $1 and k.revoked_at is null`;

const iso = (moment: Date | string | null) => (moment === null ? null : new Date(moment).toISOString());

function toApiKey(row: KeyRow, now: Date): ApiKey {
  const until = row.previous_until && new Date(row.previous_until);
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    role: row.role,
    ownRole: row.role_id === null ? null : { id: row.role_id, name: row.role_name ?? '' },
    permissions: [...keyPermissions(row)],
    createdBy: row.created_by,
    madeWith: row.made_with,
    createdAt: new Date(row.created_at).toISOString(),
    lastUsedAt: iso(row.last_used_at),
    expiresAt: iso(row.expires_at),
    previous:
      row.previous_prefix !== null && until && until > now
        ? { prefix: row.previous_prefix, until: until.toISOString() }
        : null,
  };
}

async function readKey(tx: TransactionContext, keyId: string): Promise<ApiKey> {
  const [row] = await tx.sql<KeyRow>(`${selectKeys} and k.id = $2`, [tx.workspaceId, keyId]);
  if (!row) throw notFound('API key');
  return toApiKey(row, tx.clock.date());
}

/**
 * Makes an API key. The key itself is in the answer and nowhere else.
 * @throws ParleyError 403 beyond one's own permissions, 400 for permissions that cannot be given, 404 for a role
 */
export async function createKey(
  ctx: Context,
  input: Omit<CreateApiKey, 'role'> & { role?: Role | undefined },
): Promise<CreatedApiKey> {
  const chosen = input.permissions && parsePermissions(input.permissions, 'body.permissions');
  const key = newSecret();
  return ctx.transaction(async (tx) => {
    const own = await beginGranting(tx);
    const { role, roleId, allows } = chosen
      ? { role: 'chosen', roleId: null, allows: new Set(chosen) }
      : await readGrant(tx, input);
    requireCovered(own, allows);
    const maker = await readMakerKey(tx, actingKey(tx));
    const id = newId();
    const expiresAt = earlierEnd(input.expiresAt, maker?.expires_at);
    await tx.sql(
      `insert into api_keys (id, workspace_id, name, prefix, hash, role, role_id, permissions, created_by, made_with,
         created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        id,
        tx.workspaceId,
        input.name,
        prefixOf(key),
        hashKey(key),
        role,
        roleId,
        chosen ?? null,
        // With a key: the same user, so that none slips away from them.
        maker ? maker.created_by : tx.actor.kind === 'member' ? tx.actor.id : null,
        maker?.id ?? null,
        tx.clock.date(),
        expiresAt,
      ],
    );
    tx.append(apiKeyCreated, {
      apiKeyId: id,
      role,
      ...(roleId ? { roleId } : {}),
      ...(chosen ? { permissions: chosen } : {}),
      expiresAt: expiresAt?.toISOString() ?? null,
    });
    return { ...(await readKey(tx, id)), key };
  });
}

export async function listKeys(ctx: Context, input: { limit: number; cursor?: string }) {
  const before = input.cursor ? decodeCursor(input.cursor, z.tuple([z.uuid()])) : null;
  const rows = await ctx.transaction((tx) =>
    tx.sql<KeyRow>(`${selectKeys} and ($2::uuid is null or k.id < $2) order by k.id desc limit $3`, [
      tx.workspaceId,
      before?.[0] ?? null,
      input.limit + 1,
    ]),
  );
  const { items, nextCursor } = toPage(rows, input.limit, (row) => [row.id]);
  const now = ctx.clock.date();
  return { items: items.map((row) => toApiKey(row, now)), nextCursor };
}

/**
 * Gives a key another secret, which is in the answer and nowhere else. The one before works until the overlap has passed;
 * of an earlier rotation, that one ends now. When it ends is not for the key itself to say.
 * @throws ParleyError 404, 403 where the key was made for more than one may do oneself, or is another key's to rotate
 */
export async function rotateKey(ctx: Context, keyId: string, input: RotateApiKey): Promise<CreatedApiKey> {
  const key = newSecret();
  const { overlapHours = 24, expiresAt } = input;
  return ctx.transaction(async (tx) => {
    const own = await beginGranting(tx);
    const [row] = await tx.sql<KeyRow>(`${selectKeys} and k.id = $2`, [tx.workspaceId, keyId]);
    if (!row) throw notFound('API key');
    // What it was made for, not what is left of it while its maker may do less.
    requireCovered(own, permissionsOf(row));
    await requireOfFamily(tx, keyId);
    const asked = expiresAt === undefined || actingKey(tx) === keyId ? row.expires_at : expiresAt;
    const end = earlierEnd(asked, (await readMakerKey(tx, row.made_with))?.expires_at);
    const now = tx.clock.date();
    const overlaps = overlapHours > 0;
    await tx.sql(
      `update api_keys set previous_hash = case when $5 then hash end, previous_prefix = case when $5 then prefix end,
         previous_until = $6, hash = $3, prefix = $4, expires_at = $7
       where workspace_id = $1 and id = $2`,
      [
        tx.workspaceId,
        keyId,
        hashKey(key),
        prefixOf(key),
        overlaps,
        overlaps ? new Date(now.getTime() + overlapHours * hourMs) : null,
        end,
      ],
    );
    await endFamilyBy(tx, keyId, end);
    tx.append(apiKeyRotated, { apiKeyId: keyId, overlapHours });
    return { ...(await readKey(tx, keyId)), key };
  });
}

/** With all that were made with it. @throws ParleyError 404, 403 where the key was made for more than one may do oneself */
export async function revokeKey(ctx: Context, keyId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const own = await beginGranting(tx);
    const [row] = await tx.sql<KeyRow>(`${selectKeys} and k.id = $2`, [tx.workspaceId, keyId]);
    if (!row) throw notFound('API key');
    requireCovered(own, permissionsOf(row));
    await revokeFamily(tx, keyId);
  });
}

/** Revokes every key that a user made, in the transaction that ends their membership. */
export async function revokeKeysMadeBy(tx: TransactionContext, userId: string): Promise<void> {
  const rows = await tx.sql<{ id: string }>(
    `update api_keys set revoked_at = $3 where workspace_id = $1 and created_by = $2 and revoked_at is null returning id`,
    [tx.workspaceId, userId, tx.clock.date()],
  );
  for (const { id } of rows) tx.append(apiKeyRevoked, { apiKeyId: id });
}

/**
 * The keys that a user made stay when they go, in the transaction that ends their membership: from then on nobody's
 * permissions limit them, so what they may do at this moment is all that they ever may.
 */
export async function keepKeysOf(tx: TransactionContext, userId: string): Promise<void> {
  const rows = await tx.sql<KeyGrantRow & { id: string }>(
    `select k.id, ${keyGrantColumns} from api_keys k ${keyGrantJoins}
     where k.workspace_id = $1 and k.created_by = $2 and k.revoked_at is null`,
    [tx.workspaceId, userId],
  );
  for (const row of rows) {
    const [may, madeFor] = [keyPermissions(row), permissionsOf(row)];
    if (madeFor.isSubsetOf(may)) continue;
    await tx.sql(
      `update api_keys set role = 'chosen', role_id = null, permissions = $3 where workspace_id = $1 and id = $2`,
      [tx.workspaceId, row.id, [...may].sort()],
    );
  }
}

interface FoundKey extends KeyGrantRow {
  readonly id: string;
  readonly workspace_id: string;
  /** The start of its hash, by which a key's two secrets are told apart. */
  readonly secret_stamp: string;
  readonly stale: boolean;
}

const findKey = {
  name: 'api_key_find_2',
  text: `select k.id, k.workspace_id, left($1, 16) as secret_stamp,
      coalesce(k.last_used_at < $2::timestamptz - interval '1 minute', true) as stale, ${keyGrantColumns}
    from api_keys k ${keyGrantJoins}
    where (k.hash = $1 or (k.previous_hash = $1 and k.previous_until > $2)) and k.revoked_at is null
      and (k.expires_at is null or k.expires_at > $2)`,
};

/** Who an API key speaks for; null when it is none of ours, revoked or expired. */
export async function principalOfKey(
  kernel: Kernel,
  key: string,
): Promise<(Principal & { readonly secretStamp: string }) | null> {
  const now = kernel.clock.date();
  const row = await kernel.database.asSystem(async (queries) => {
    const [found] = await queries.sql<FoundKey>(findKey, [hashKey(key), now]);
    if (found?.stale)
      await queries.sql('update api_keys set last_used_at = $2 where id = $1', [found.id, now]);
    return found;
  });
  if (!row) return null;
  return {
    workspaceId: row.workspace_id,
    actor: { kind: 'api_key', id: row.id, permissions: keyPermissions(row) },
    secretStamp: row.secret_stamp,
  };
}
