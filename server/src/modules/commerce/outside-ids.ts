// How a shop calls somebody who is no contact. It may be their address, and it is only ever compared: what rests is its hash,
// under a key of the workspace's own that rests sealed.
import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, SystemContext, TransactionContext } from '../../core/context.ts';
import { keyedHash, newDataKey } from '../../core/crypto.ts';
import { defineJob } from '../../core/queue.ts';
import { outsideIdKeys } from './tables.ts';

export const outsideIdKeyPlace = (workspaceId: string) => `outside_id_keys.key:${workspaceId}`;

/** HMAC-SHA256 (RFC 2104), hexadecimal: 64 characters. */
export async function hashOutsideId(tx: TransactionContext, outsideId: string): Promise<string> {
  return keyedHash((await findKey(tx)) ?? (await makeKey(tx)), outsideId);
}

async function findKey(tx: TransactionContext): Promise<Buffer | null> {
  const [row] = await tx.drizzle
    .select({ key: outsideIdKeys.key })
    .from(outsideIdKeys)
    .where(eq(outsideIdKeys.workspaceId, tx.workspaceId));
  return row ? tx.open(row.key, outsideIdKeyPlace(tx.workspaceId)) : null;
}

async function makeKey(tx: TransactionContext): Promise<Buffer> {
  const key = tx.seal(newDataKey(), outsideIdKeyPlace(tx.workspaceId));
  await tx.drizzle.insert(outsideIdKeys).values({ workspaceId: tx.workspaceId, key }).onConflictDoNothing();
  // Of two that make one at a time, the first one's holds.
  const made = await findKey(tx);
  if (!made) throw new Error('the key of outside ids is not there');
  return made;
}

export const hashOutsideIds = defineJob({
  name: 'commerce.hash_outside_ids',
  doc: 'Hashes the ids of people that a version before kept as they were written.',
  input: z.object({}),
  effect: 'system',
});

const BATCH = 1_000;

/** The job. */
export async function hashPlainOutsideIds(ctx: SystemContext): Promise<void> {
  const found = await ctx.system((queries) =>
    queries.sql<{ workspace_id: string }>(
      'select distinct workspace_id from interactions where outside_id is not null',
    ),
  );
  for (const { workspace_id } of found) while (await hashSome(ctx.workspace(workspace_id))) {}
}

/** Whether there may be more. */
async function hashSome(ctx: Context): Promise<boolean> {
  return ctx.transaction(async (tx) => {
    const rows = await tx.sql<{ id: string; outside_id: string }>(
      `select id, outside_id from interactions where workspace_id = $1 and outside_id is not null
       limit ${BATCH} for update skip locked`,
      [tx.workspaceId],
    );
    const hashed: { id: string; hash: string }[] = [];
    for (const { id, outside_id } of rows) hashed.push({ id, hash: await hashOutsideId(tx, outside_id) });
    await tx.sql(
      `update interactions i set outside_id = null, outside_hash = r.hash
       from jsonb_to_recordset($1::jsonb) as r(id uuid, hash text) where i.id = r.id`,
      [JSON.stringify(hashed)],
    );
    return rows.length === BATCH;
  });
}
