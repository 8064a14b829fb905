// Workspaces, their members and their API keys: who may come in, and to what.
import { createHash, randomBytes } from 'node:crypto';
import type { ApiKey, CreateApiKey, CreatedApiKey, Me, Role } from '@parley/contract/tenancy';
import { and, desc, eq, isNull, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor, Context, SystemContext } from '../../core/context.ts';
import type { Queries } from '../../core/database.ts';
import { notFound, ParleyError } from '../../core/errors.ts';
import { defineEvent } from '../../core/events.ts';
import type { Principal } from '../../core/http.ts';
import { newId } from '../../core/identifiers.ts';
import type { Kernel } from '../../core/kernel.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { permissionsOfRole } from './permissions.ts';
import { apiKeys } from './tables.ts';

export { permissions } from './permissions.ts';
export { signInPort } from './sign-in.ts';

export const apiKeyCreated = defineEvent({
  type: 'api_key.created',
  doc: 'An API key was made.',
  payload: z.object({ apiKeyId: z.uuid(), role: z.string() }),
});
export const apiKeyRevoked = defineEvent({
  type: 'api_key.revoked',
  doc: 'An API key was revoked; it stops working at once.',
  payload: z.object({ apiKeyId: z.uuid() }),
});

/** Makes a workspace with its first key-encryption data key. Returns its id. */
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
    if (input.ownerId) await addMember(queries, workspaceId, input.ownerId, 'owner');
  });
  return workspaceId;
}

async function addMember(queries: Queries, workspaceId: string, userId: string, role: Role): Promise<void> {
  await queries.sql('insert into members (workspace_id, user_id, role) values ($1, $2, $3)', [
    workspaceId,
    userId,
    role,
  ]);
}

export async function listWorkspaces(ctx: SystemContext): Promise<{ id: string; name: string }[]> {
  return ctx.system((queries) =>
    queries.sql('select workspace_id as id, name from workspaces order by created_at'),
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
      createdAt: tx.clock.date(),
      expiresAt: input.expiresAt ? new Date(input.expiresAt) : null,
    };
    await tx.drizzle.insert(apiKeys).values(row);
    tx.append(apiKeyCreated, { apiKeyId: row.id, role: row.role });
    return { ...toApiKey({ ...row, lastUsedAt: null, revokedAt: null }), key };
  });
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

function toApiKey(row: typeof apiKeys.$inferSelect): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    role: row.role,
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

interface Membership {
  id: string;
  name: string;
  role: Role;
}

async function membershipsOf(ctx: SystemContext, userId: string): Promise<Membership[]> {
  return ctx.system((queries) =>
    queries.sql<Membership>(
      `select w.workspace_id as id, w.name, m.role from members m join workspaces w using (workspace_id)
       where m.user_id = $1 order by m.created_at, w.workspace_id`,
      [userId],
    ),
  );
}

/** Who a signed-in user is in the workspace that they chose, or in their first. */
export async function principalOfUser(
  kernel: Kernel,
  userId: string,
  workspaceId: string | undefined,
): Promise<Principal> {
  const memberships = await membershipsOf(kernel.systemContext(), userId);
  const membership = workspaceId ? memberships.find(({ id }) => id === workspaceId) : memberships[0];
  if (workspaceId && !membership) throw notFound('workspace');
  const actor: Actor = {
    kind: 'member',
    id: userId,
    permissions: membership ? permissionsOfRole[membership.role] : new Set(),
  };
  return { actor, workspaceId: membership?.id ?? null };
}

export async function describeMe(kernel: Kernel, principal: Principal): Promise<Me> {
  const { actor, workspaceId } = principal;
  const ctx = kernel.systemContext();
  const permissions = [...actor.permissions].sort();
  if (actor.kind === 'api_key') {
    const [key] = await ctx.system((queries) =>
      queries.sql<{ id: string; name: string; prefix: string; role: Role; workspace_name: string }>(
        `select k.id, k.name, k.prefix, k.role, w.name as workspace_name
         from api_keys k join workspaces w using (workspace_id) where k.id = $1`,
        [actor.id],
      ),
    );
    if (!key || !workspaceId) throw notFound('API key');
    const workspace = { id: workspaceId, name: key.workspace_name, role: key.role };
    return {
      kind: 'api_key',
      user: null,
      apiKey: { id: key.id, name: key.name, prefix: key.prefix },
      workspace,
      workspaces: [workspace],
      permissions,
    };
  }
  const [user] = await ctx.system((queries) =>
    queries.sql<{ id: string; name: string; email: string }>(
      'select id, name, email from users where id = $1',
      [actor.id],
    ),
  );
  if (!user) throw new ParleyError({ status: 401, code: 'unauthenticated', message: 'Sign in again.' });
  const workspaces = await membershipsOf(ctx, user.id);
  return {
    kind: 'member',
    user,
    apiKey: null,
    workspace: workspaces.find(({ id }) => id === workspaceId) ?? null,
    workspaces,
    permissions,
  };
}
