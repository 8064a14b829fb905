// What a user does with their account, or somebody else with it, is told in each workspace that they are in.
import type { Origin } from '../../core/context.ts';
import type { Queries } from '../../core/database.ts';
import type { ActorReference, EventDefinition } from '../../core/events.ts';
import type { Kernel } from '../../core/kernel.ts';

/** A user is hardly in more: so many workspaces are told. */
const workspacesMax = 100;

/** A transaction in which `tell` tells the workspaces of a user what the user did, or `actor` with their account. */
export async function inAccount<T>(
  kernel: Kernel,
  userId: string,
  origin: Origin,
  work: (queries: Queries, tell: (event: EventDefinition<{ userId: string }>) => void) => Promise<T>,
  actor: ActorReference = { kind: 'member', id: userId },
): Promise<T> {
  const rows = await kernel.database.asSystem((queries) =>
    queries.sql<{ workspace_id: string }>(
      `select workspace_id from members join workspace_keys using (workspace_id) where user_id = $1
       group by workspace_id order by workspace_id limit ${workspacesMax}`,
      [userId],
    ),
  );
  const workspaces = rows.map((row) => row.workspace_id);
  return kernel.systemTransaction(
    (queries, _enqueue, tell) =>
      work(queries, (event) => {
        for (const workspaceId of workspaces) tell({ workspaceId, actor, origin }, event, { userId });
      }),
    workspaces,
  );
}
