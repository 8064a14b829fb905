// The end of a workspace's channels: nothing comes in on them any more, and nothing goes out.
import type { Queries } from '../../core/database.ts';

/** Numbers that a provider still charges for, or is just now being asked about. */
export async function rentedNumbers(queries: Pick<Queries, 'sql'>, workspaceId: string): Promise<string[]> {
  const rows = await queries.sql<{ number: string }>(
    `select phone_number as number from number_orders
     where workspace_id = $1 and status in ('pending', 'bought', 'releasing') order by id`,
    [workspaceId],
  );
  return rows.map(({ number }) => number);
}

/** In a system transaction; publish `channelsTopic` after its commit. A webhook of them is one of an unknown number then. */
export async function disconnectAll(
  queries: Pick<Queries, 'sql'>,
  workspaceId: string,
  now: Date,
): Promise<void> {
  await queries.sql(
    'update channels set deleted_at = $2, updated_at = $2 where workspace_id = $1 and deleted_at is null',
    [workspaceId, now],
  );
}
