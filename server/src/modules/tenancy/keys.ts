// API keys: the way in for other systems. They belong to the workspace, and remember which user made them.
import { createHash, randomBytes } from 'node:crypto';
import type { ApiKey, CreateApiKey, CreatedApiKey, Role } from '@parley/contract/tenancy';
import { and, desc, eq, isNull, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { notFound } from '../../core/errors.ts';
import type { Principal } from '../../core/http.ts';
import { newId } from '../../core/identifiers.ts';
import type { Kernel } from '../../core/kernel.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { apiKeyCreated, apiKeyRevoked } from './events.ts';
import { permissionsOfRole } from './permissions.ts';
import { apiKeys } from './tables.ts';

const keyPrefix = 'pk_';

function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Makes an API key. The key itself is in the answer and nowhere else. */
export async function createKey(
  ctx: Context,
  input: Omit<CreateApiKey, 'role'> & { role: Role },
): Promise<CreatedApiKey> {
  const key = `${keyPrefix}${randomBytes(24).toString('base64url')}`;
  return ctx.transaction(async (tx) => {
    const row = {
      id: newId(),
      workspaceId: tx.workspaceId,
      name: input.name,
      prefix: key.slice(0, 10),
      hash: hashKey(key),
      role: input.role,
      createdBy: await makerOf(tx),
      createdAt: tx.clock.date(),
      expiresAt: input.expiresAt ? new Date(input.expiresAt) : null,
    };
    await tx.drizzle.insert(apiKeys).values(row);
    tx.append(apiKeyCreated, { apiKeyId: row.id, role: row.role });
    return { ...toApiKey({ ...row, lastUsedAt: null, revokedAt: null }), key };
  });
}

/** The user behind whoever acts: a key that is made with a key has the same maker, so that none slips away from them. */
async function makerOf(tx: TransactionContext): Promise<string | null> {
  const { kind, id } = tx.actor;
  if (kind === 'member') return id;
  if (kind !== 'api_key' || id === null) return null;
  const [key] = await tx.drizzle
    .select({ createdBy: apiKeys.createdBy })
    .from(apiKeys)
    .where(eq(apiKeys.id, id));
  return key?.createdBy ?? null;
}

export async function listKeys(ctx: Context, input: { limit: number; cursor?: string }) {
  const before = input.cursor ? decodeCursor(input.cursor, z.tuple([z.uuid()])) : null;
  const rows = await ctx.transaction((tx) =>
    tx.drizzle
      .select()
      .from(apiKeys)
      .where(
        and(
          eq(apiKeys.workspaceId, tx.workspaceId),
          isNull(apiKeys.revokedAt),
          before ? lt(apiKeys.id, before[0]) : undefined,
        ),
      )
      .orderBy(desc(apiKeys.id))
      .limit(input.limit + 1),
  );
  const { items, nextCursor } = toPage(rows, input.limit, (row) => [row.id]);
  return { items: items.map(toApiKey), nextCursor };
}

/** @throws ParleyError 404 */
export async function revokeKey(ctx: Context, keyId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .update(apiKeys)
      .set({ revokedAt: tx.clock.date() })
      .where(and(eq(apiKeys.id, keyId), isNull(apiKeys.revokedAt)))
      .returning({ id: apiKeys.id });
    if (rows.length === 0) throw notFound('API key');
    tx.append(apiKeyRevoked, { apiKeyId: keyId });
  });
}

/** Revokes every key that a user made, in the transaction that ends their membership. */
export async function revokeKeysMadeBy(tx: TransactionContext, userId: string): Promise<void> {
  const rows = await tx.drizzle
    .update(apiKeys)
    .set({ revokedAt: tx.clock.date() })
    .where(
      and(eq(apiKeys.workspaceId, tx.workspaceId), eq(apiKeys.createdBy, userId), isNull(apiKeys.revokedAt)),
    )
    .returning({ id: apiKeys.id });
  for (const { id } of rows) tx.append(apiKeyRevoked, { apiKeyId: id });
}

function toApiKey(row: typeof apiKeys.$inferSelect): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    role: row.role,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    expiresAt: row.expiresAt?.toISOString() ?? null,
  };
}

interface KeyRow {
  id: string;
  workspace_id: string;
  role: Role;
  stale: boolean;
}

const findKey = {
  name: 'api_key_find',
  text: `select id, workspace_id, role, coalesce(last_used_at < now() - interval '1 minute', true) as stale
    from api_keys where hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
};

/** Who an API key speaks for; null when it is none of ours, revoked or expired. */
export async function principalOfKey(kernel: Kernel, key: string): Promise<Principal | null> {
  const row = await kernel.database.asSystem(async (queries) => {
    const [found] = await queries.sql<KeyRow>(findKey, [hashKey(key)]);
    if (found?.stale) await queries.sql('update api_keys set last_used_at = now() where id = $1', [found.id]);
    return found;
  });
  if (!row) return null;
  return {
    workspaceId: row.workspace_id,
    actor: { kind: 'api_key', id: row.id, permissions: permissionsOfRole[row.role] },
  };
}
