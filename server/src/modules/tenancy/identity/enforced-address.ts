// Whom a workspace's enforced sign-in holds is told by the domain of their address: nobody leaves it by taking another one.
import type { Queries } from '../../../core/database.ts';

/** Whether a workspace of theirs enforces its sign-in for the domain of `from`, and not for that of `to`. As the system. */
export async function leavesEnforced(
  queries: Pick<Queries, 'sql'>,
  userId: string,
  from: string,
  to: string,
): Promise<boolean> {
  const rows = await queries.sql(
    `select 1 from members m join sso_connections c using (workspace_id) join sso_domains d using (workspace_id)
     where m.user_id = $1 and c.enforced and d.domain = split_part(lower($2), '@', 2) and not exists (
       select 1 from sso_domains o
       where o.workspace_id = m.workspace_id and o.domain = split_part(lower($3), '@', 2))`,
    [userId, from, to],
  );
  return rows.length > 0;
}
