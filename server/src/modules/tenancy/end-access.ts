// The end of a workspace for everybody who could come in: members, keys, tokens and sessions that reached it alone.
import type { Queries } from '../../core/database.ts';

export interface Owner {
  readonly email: string;
  readonly language: 'en' | 'es' | 'pt';
}

/** In a system transaction. */
export async function ownersOf(
  queries: Pick<Queries, 'sql'>,
  workspaceId: string,
): Promise<{ workspace: string | null; owners: Owner[] }> {
  const rows = await queries.sql<{ name: string; email: string | null; language: Owner['language'] | null }>(
    `select w.name, u.email, p.language from workspaces w
     left join members m on m.workspace_id = w.workspace_id and m.role = 'owner' left join users u on u.id = m.user_id
     left join user_preferences p on p.user_id = u.id where w.workspace_id = $1 order by m.created_at, u.id`,
    [workspaceId],
  );
  return {
    workspace: rows[0]?.name ?? null,
    owners: rows.flatMap(({ email, language }) => (email ? [{ email, language: language ?? 'en' }] : [])),
  };
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
