// Remembers in the event log how far the demo's stories were told, so that they are told once, and to their end.
import { z } from 'zod';
import type { Context } from '../../core/context.ts';
import { defineEvent } from '../../core/events.ts';

export const storiesBegun = defineEvent({
  type: 'demo_stories.begun',
  doc: 'The demo workspace is being filled with the stories of its contacts.',
  permission: 'conversations:read',
  payload: z.object({}),
});
export const storiesTold = defineEvent({
  type: 'demo_stories.told',
  doc: 'The stories of the demo workspace are all there.',
  permission: 'conversations:read',
  payload: z.object({}),
});

/**
 * Whether the stories are to be told: where nobody has said anything yet, and where they were broken off. From then on
 * they count as begun.
 */
export async function beginStories(ctx: Context): Promise<boolean> {
  return ctx.transaction(async (tx) => {
    const [row] = await tx.sql<{ begun: boolean; told: boolean; used: boolean }>(
      `select exists (select 1 from events where workspace_id = $1 and type = $2) as begun,
         exists (select 1 from events where workspace_id = $1 and type = $3) as told,
         exists (select 1 from conversations where workspace_id = $1) as used`,
      [tx.workspaceId, storiesBegun.type, storiesTold.type],
    );
    if (!row || row.told || (row.used && !row.begun)) return false;
    if (!row.begun) tx.append(storiesBegun, {});
    return true;
  });
}

export async function endStories(ctx: Context): Promise<void> {
  await ctx.transaction(async (tx) => tx.append(storiesTold, {}));
}
