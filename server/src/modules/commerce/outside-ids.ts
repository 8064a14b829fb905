// How a shop calls somebody who is no contact. It may be their address, and it is only ever compared: what rests is its hash,
// under a key of the workspace's own that rests sealed.
import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, SystemContext, TransactionContext } from '../../core/context.ts';
import { keyedHash, newDataKey, unlessGone } from '../../core/crypto.ts';
import { defineJob, type JobRun } from '../../core/queue.ts';
import { outsideIdKeys } from './tables.ts';

export const outsideIdKeyPlace = (workspaceId: string) => `outside_id_keys.key:${workspaceId}`;

/** HMAC-SHA256 (RFC 2104), hexadecimal: 64 characters. */
export async function hashOutsideId(tx: TransactionContext, outsideId: string): Promise<string> {
  return keyedHash(await keyOf(tx), outsideId);
}

const keyOf = async (tx: TransactionContext): Promise<Buffer> => (await findKey(tx)) ?? makeKey(tx);

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
/** Within the job's time; the next one goes on. */
const WORK_MS = 60_000;

/** The job. @throws when its signal aborts; @param run.workMs after so long no other batch is begun */
export async function hashPlainOutsideIds(
  ctx: SystemContext,
  _: unknown,
  { signal, workMs = WORK_MS }: Pick<JobRun, 'signal'> & { readonly workMs?: number },
): Promise<void> {
  const endsAt = performance.now() + workMs;
  const found = await ctx.system((queries) =>
    queries.sql<{ workspace_id: string }>(
      'select distinct workspace_id from interactions where outside_id is not null',
    ),
  );
  for (const { workspace_id } of found)
    do {
      signal.throwIfAborted();
      if (performance.now() > endsAt) return;
    } while (await unlessGone(hashSome(ctx.workspace(workspace_id), 'skip locked')));
}

/** Until none of this workspace's is plain; waits for those that the job has just now. @throws when the signal aborts */
export async function hashPlainOutsideIdsOf(ctx: Context, signal?: AbortSignal): Promise<void> {
  do signal?.throwIfAborted();
  while (await hashSome(ctx, ''));
}

/** Whether there may be more. */
async function hashSome(ctx: Context, ofLocked: 'skip locked' | ''): Promise<boolean> {
  return ctx.transaction(async (tx) => {
    const rows = await tx.sql<{ id: string; outside_id: string }>(
      `select id, outside_id from interactions where workspace_id = $1 and outside_id is not null
       limit ${BATCH} for update ${ofLocked}`,
      [tx.workspaceId],
    );
    if (rows.length === 0) return false;
    const key = await keyOf(tx);
    const hashed = rows.map(({ id, outside_id }) => ({ id, hash: keyedHash(key, outside_id) }));
    await tx.sql(
      `update interactions i set outside_id = null, outside_hash = r.hash
       from jsonb_to_recordset($1::jsonb) as r(id uuid, hash text) where i.id = r.id`,
      [JSON.stringify(hashed)],
    );
    return rows.length === BATCH;
  });
}

/** Deletes what was recorded of somebody by these ids of theirs. Returns how many interactions. */
export async function forgetOutsideIds(
  tx: TransactionContext,
  outsideIds: readonly string[],
  limit: number,
): Promise<number> {
  const key = await findKey(tx);
  const hashes = key ? outsideIds.map((id) => keyedHash(key, id)) : [];
  const rows = await tx.sql(
    `delete from interactions where id in (
       select id from interactions where workspace_id = $1 and (outside_hash = any($2) or outside_id = any($3)) limit $4)
     returning 1 as one`,
    [tx.workspaceId, hashes, outsideIds, limit],
  );
  return rows.length;
}
