// Links to a workspace's own provider that nobody made themselves: the provider named a member's address.
import type { Queries } from '../../../core/database.ts';

/** For who becomes an owner: whoever set the provider could come as them. Owners link themselves. */
export async function unlinkByAddress(
  queries: Pick<Queries, 'sql'>,
  workspaceId: string,
  userId: string,
): Promise<void> {
  await queries.sql('delete from sso_identities where workspace_id = $1 and user_id = $2 and by_address', [
    workspaceId,
    userId,
  ]);
}
