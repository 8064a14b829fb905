// The end of a workspace for everybody who could come in: members, keys, tokens and sessions that reached it alone.
import type { Queries } from '../../core/database.ts';
import { type Reader, readersOf } from './account.ts';

/** In a system transaction. */
export async function ownersOf(
  queries: Pick<Queries, 'sql'>,
  workspaceId: string,
): Promise<{ workspace: string | null; owners: Reader[] }> {
  const rows = await queries.sql<{ name: string; user_id: string | null }>(
    `select w.name, m.user_id from workspaces w
     left join members m on m.workspace_id = w.workspace_id and m.role = 'owner'
     where w.workspace_id = $1 order by m.created_at, m.user_id`,
    [workspaceId],
  );
  const ids = rows.flatMap(({ user_id }) => user_id ?? []);
  return { workspace: rows[0]?.name ?? null, owners: await readersOf(queries, ids) };
}

/** In a system transaction. The accounts of the members stay; the workspace has no name any more. */
export async function endAccess(queries: Pick<Queries, 'sql'>, workspaceId: string): Promise<void> {
  for (const statement of [
    'delete from sessions where only_workspace = $1',
    'delete from token_families where only_workspace = $1',
    'delete from api_keys where workspace_id = $1',
    'delete from invitations where workspace_id = $1',
    'delete from members where workspace_id = $1',
    "update workspaces set name = '' where workspace_id = $1",
  ])
    await queries.sql(statement, [workspaceId]);
}
