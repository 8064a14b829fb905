// What a user does with their account, or somebody else with it, is told in each workspace that they are in.
import type { Origin } from '../../core/context.ts';
import type { Queries } from '../../core/database.ts';
import type { ActorReference, EventDefinition } from '../../core/events.ts';
import type { Kernel } from '../../core/kernel.ts';

/** A user is hardly in more: so many workspaces are told. */
const workspacesMax = 100;

/** Tells an event, with what it says besides whose account it is. */
export type TellOfAccount = <Payload extends { userId: string }>(
  event: EventDefinition<Payload>,
  ...more: { userId: string } extends Payload ? [] : [Omit<Payload, 'userId'>]
) => void;

/**
 * A transaction in which `tell` tells the workspaces of a user what the user did, or `actor` with their account.
 * @param onlyWorkspace all that the session reaches that did it: nobody else hears of it
 */
export async function inAccount<T>(
  kernel: Kernel,
  userId: string,
  origin: Origin,
  work: (queries: Queries, tell: TellOfAccount) => Promise<T>,
  actor: ActorReference = { kind: 'member', id: userId },
  onlyWorkspace: string | null = null,
): Promise<T> {
  const rows = await kernel.database.asSystem((queries) =>
    queries.sql<{ workspace_id: string }>(
      `select workspace_id from members join workspace_keys using (workspace_id)
       where user_id = $1 and ($2::uuid is null or workspace_id = $2)
       group by workspace_id order by workspace_id limit ${workspacesMax}`,
      [userId, onlyWorkspace],
    ),
  );
  const workspaces = rows.map((row) => row.workspace_id);
  return kernel.systemTransaction(
    (queries, _enqueue, tell) =>
      work(queries, (event, ...[more]) => {
        for (const workspaceId of workspaces)
          tell({ workspaceId, actor, origin }, event as EventDefinition<object>, { userId, ...more });
      }),
    workspaces,
  );
}
