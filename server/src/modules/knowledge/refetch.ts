// Pages and sitemaps whose time has come are read again.
import type { SystemContext } from '../../core/context.ts';
import { findDataOrNull } from './store.ts';
import { queueReading } from './training-data.ts';

/** What is left goes with the next minutes. */
const queuedMax = 200;

/** The `knowledge.refetch` job. Returns how many were asked for. */
export async function queueDueReadings(ctx: SystemContext): Promise<number> {
  const due = await ctx.system((queries) =>
    queries.sql<{ id: string; workspace_id: string }>(
      `select id, workspace_id from training_data
       where next_fetch_at <= $1 and state not in ('queued', 'reading') order by next_fetch_at limit ${queuedMax}`,
      [ctx.clock.date()],
    ),
  );
  for (const { id, workspace_id } of due) {
    await ctx.transactionIn(workspace_id, async (tx) => {
      const row = await findDataOrNull(tx, id, true);
      if (row?.nextFetchAt && row.nextFetchAt.getTime() <= tx.clock.now()) await queueReading(tx, row);
    });
  }
  return due.length;
}
