// What the operator does with the whole installation is told to each workspace in it: its keys are its own matter.
import { commandOrigin } from '../../../core/audit.ts';
import { systemActor } from '../../../core/context.ts';
import type { EventDefinition } from '../../../core/events.ts';
import { newId } from '../../../core/identifiers.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { keysRotated, signingKeyRotated } from './events.ts';

async function tellAll<Payload>(
  kernel: Kernel,
  event: EventDefinition<Payload>,
  payload: Payload,
): Promise<void> {
  const rows = await kernel.database.asSystem((queries) =>
    queries.sql<{ workspace_id: string }>(
      'select distinct workspace_id from workspaces join workspace_keys using (workspace_id) order by workspace_id',
    ),
  );
  const requestId = newId();
  for (const { workspace_id: workspaceId } of rows) {
    const ctx = kernel.context({ workspaceId, actor: systemActor, requestId, origin: commandOrigin });
    await ctx.transaction(async (tx) => tx.append(event, payload));
  }
}

export const tellKeysRotated = (kernel: Kernel, finished: boolean): Promise<void> =>
  tellAll(kernel, keysRotated, { finished });

export const tellSigningKeyRotated = (kernel: Kernel, forgot: boolean): Promise<void> =>
  tellAll(kernel, signingKeyRotated, { forgot });
