// Webhook calls that could not be understood when they came: they are kept, and worked off again when asked.
import { z } from 'zod';
import { systemActor } from '../../core/context.ts';
import { defineCommand } from '../command.ts';

export const deliveriesReplayCommand = defineCommand({
  name: 'deliveries replay',
  description: 'Work off again the webhook calls that could not be understood',
  place: 'anywhere',
  input: z.object({
    limit: z.coerce
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(1000)
      .describe('how many at most, oldest first'),
  }),
  run: async (host, { limit }) => {
    const { deliveryReceived } = await import('../../modules/channels/channels.ts');
    const { kernel } = await host.app();
    const rows = await kernel.database.asSystem((queries) =>
      queries.sql<{ id: string; workspace_id: string; request_id: string }>(
        "select id, workspace_id, request_id from deliveries where status = 'failed' order by received_at limit $1",
        [limit],
      ),
    );
    for (const { id, workspace_id: workspaceId, request_id: requestId } of rows) {
      const ctx = kernel.context({ workspaceId, actor: systemActor, requestId });
      await ctx.transaction(async (tx) => tx.enqueue(deliveryReceived, { deliveryIds: [id], postponed: 0 }));
    }
    return { replayed: rows.length };
  },
  print: ({ replayed }) =>
    `${replayed} webhook call${replayed === 1 ? ' is' : 's are'} worked off again; "npm run parley -- doctor" tells whether any failed anew.`,
});
