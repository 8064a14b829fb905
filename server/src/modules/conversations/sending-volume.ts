// Looks every hour whether a workspace sent far more than it usually does: a stolen key or a loop shows like that, and costs
// money and reputation. It stops nothing: budgets do.
import { z } from 'zod';
import type { SystemContext } from '../../core/context.ts';
import { defineEvent } from '../../core/events.ts';
import { defineJob } from '../../core/queue.ts';

/** A busy hour is two or three times the usual one. */
const timesUsual = 10;
/** Fewer than this in an hour are no flood, whatever is usual. */
const perHourMin = 100;
/** What a workspace does on its first day is not yet what it usually does. */
const historyHoursMin = 24;
const historyHours = 7 * 24;
const hourMs = 3_600_000;

export const sendingExceeded = defineEvent({
  type: 'workspace.sent_much',
  doc: `The workspace sent more than ${timesUsual} times what it sends in a usual hour, and at least ${perHourMin} messages; looked at every hour.`,
  permission: 'audit:read',
  payload: z.object({ messages: z.number().int(), usualPerHour: z.number() }),
  audit: { target: 'workspace', id: null, alerts: () => true },
});

export const watchSending = defineJob({
  name: 'conversations.watch_sending',
  doc: 'Tells owners and admins where a workspace sent far more in the last hour than it usually does.',
  input: z.object({}),
  effect: 'system',
});

const sent = "direction = 'outbound' and status not in ('draft', 'pending')";

/** Looks at the last full hour. Told once for each hour, however often it runs. */
export async function lookAtSending(ctx: SystemContext): Promise<void> {
  const end = new Date(ctx.clock.now() - (ctx.clock.now() % hourMs));
  const start = new Date(end.getTime() - hourMs);
  const busy = await ctx.system((queries) =>
    queries.sql<{ workspace_id: string; count: number }>(
      `select workspace_id, count(*)::int as count from messages
       where ${sent} and created_at >= $1 and created_at < $2
       group by workspace_id having count(*) >= ${perHourMin}`,
      [start, end],
    ),
  );
  for (const { workspace_id: workspaceId, count } of busy) {
    await ctx.transactionIn(workspaceId, async (tx) => {
      const [before] = await tx.sql<{ count: number; since: Date | string | null; told: boolean }>(
        `select count(*)::int as count, min(created_at) as since,
           exists (select 1 from audit_entries where workspace_id = $1 and action = $4 and occurred_at >= $5) as told
         from messages where workspace_id = $1 and ${sent} and created_at >= $2 and created_at < $3`,
        [workspaceId, new Date(start.getTime() - historyHours * hourMs), start, sendingExceeded.type, end],
      );
      if (!before?.since || before.told) return;
      const hours = (start.getTime() - new Date(before.since).getTime()) / hourMs;
      if (hours < historyHoursMin) return;
      const usualPerHour = Math.round((before.count / hours) * 10) / 10;
      if (count >= timesUsual * usualPerHour) tx.append(sendingExceeded, { messages: count, usualPerHour });
    });
  }
}
