// Browsers in which a user is not asked for the second factor for thirty days. Each keeps a token in a cookie, which changes
// with every sign-in; the password is asked for all the same.
import { createHash, randomBytes } from 'node:crypto';
import type { RememberedDevice } from '@parley/contract/second-factor';
import type { Queries } from '../../../core/database.ts';
import { notFound } from '../../../core/errors.ts';
import { newId } from '../../../core/identifiers.ts';
import type { Kernel } from '../../../core/kernel.ts';

export const rememberedDays = 30;

const lifeMs = rememberedDays * 86_400_000;
const hashToken = (token: string) => createHash('sha256').update(token).digest('hex');
const newToken = () => randomBytes(32).toString('base64url');

/** @returns the token for the cookie */
export async function rememberDevice(kernel: Kernel, userId: string, device: string | null): Promise<string> {
  const token = newToken();
  const now = kernel.clock.date();
  await kernel.database.asSystem((queries) =>
    queries.sql(
      `insert into remembered_devices (id, user_id, token_hash, device, created_at, last_used_at, expires_at)
       values ($1, $2, $3, $4, $5, $5, $6)`,
      [newId(), userId, hashToken(token), device, now, new Date(now.getTime() + lifeMs)],
    ),
  );
  return token;
}

/** @returns the token for the cookie from now on; null where the browser is none that the user had remembered */
export async function recogniseDevice(kernel: Kernel, userId: string, token: string): Promise<string | null> {
  const next = newToken();
  const known = await kernel.database.asSystem((queries) =>
    queries.sql(
      `update remembered_devices set token_hash = $3, last_used_at = $4
       where user_id = $1 and token_hash = $2 and expires_at > $4 returning 1 as one`,
      [userId, hashToken(token), hashToken(next), kernel.clock.date()],
    ),
  );
  return known.length > 0 ? next : null;
}

/** The one that was used last comes first. */
export async function listRemembered(
  kernel: Kernel,
  queries: Queries,
  userId: string,
): Promise<RememberedDevice[]> {
  const rows = await queries.sql<{
    id: string;
    device: string | null;
    created_at: Date | string;
    last_used_at: Date | string;
    expires_at: Date | string;
  }>(
    `select id, device, created_at, last_used_at, expires_at from remembered_devices
     where user_id = $1 and expires_at > $2 order by last_used_at desc, id limit 100`,
    [userId, kernel.clock.date()],
  );
  return rows.map((row) => ({
    id: row.id,
    device: row.device,
    rememberedAt: new Date(row.created_at).toISOString(),
    lastUsedAt: new Date(row.last_used_at).toISOString(),
    expiresAt: new Date(row.expires_at).toISOString(),
  }));
}

/** @throws ParleyError 404 */
export async function forgetDevice(kernel: Kernel, userId: string, id: string): Promise<void> {
  const gone = await kernel.database.asSystem((queries) =>
    queries.sql('delete from remembered_devices where user_id = $1 and id = $2 returning 1 as one', [
      userId,
      id,
    ]),
  );
  if (gone.length === 0) throw notFound('remembered device');
}

export async function forgetDevices(queries: Queries, userId: string): Promise<void> {
  await queries.sql('delete from remembered_devices where user_id = $1', [userId]);
}

export async function forgetExpired(queries: Queries, now: Date): Promise<void> {
  await queries.sql('delete from remembered_devices where expires_at < $1', [now]);
}
