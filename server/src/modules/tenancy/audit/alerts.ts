// What owners and admins should look at, until one of them puts it away.
import type { SecurityAlert } from '@parley/contract/audit';
import type { Context } from '../../../core/context.ts';
import { notFound } from '../../../core/errors.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { alertDismissed } from './events.ts';
import { namesOf } from './names.ts';

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly target_kind: string;
  readonly target_id: string;
  readonly times: number;
  readonly first_at: Date | string;
  readonly last_at: Date | string;
  readonly entry_number: string | number;
}

/** There is one for each thing: more than these, and nobody looks at them one by one. */
const shownMax = 50;
const iso = (moment: Date | string) => new Date(moment).toISOString();

/** Those that nobody has dismissed, the newest first. */
export async function listAlerts(kernel: Kernel, ctx: Context): Promise<SecurityAlert[]> {
  const rows = await ctx.transaction((tx) =>
    tx.sql<Row>(
      `select id, kind, target_kind, target_id, times, first_at, last_at, entry_number from security_alerts
       where workspace_id = $1 and dismissed_at is null order by last_at desc, id limit ${shownMax}`,
      [tx.workspaceId],
    ),
  );
  const names = await namesOf(
    kernel,
    ctx.workspaceId,
    rows.map((row) => ({ kind: row.target_kind, id: row.target_id })),
  );
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    target: {
      kind: row.target_kind,
      id: row.target_id || null,
      name: names(row.target_kind, row.target_id),
    },
    times: row.times,
    firstAt: iso(row.first_at),
    lastAt: iso(row.last_at),
    entryNumber: Number(row.entry_number),
  }));
}

/** One that is dismissed already stays so. @throws ParleyError 404 */
export async function dismissAlert(ctx: Context, alertId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const [row] = await tx.sql<{ kind: string; dismissed_at: unknown }>(
      'select kind, dismissed_at from security_alerts where id = $1 for update',
      [alertId],
    );
    if (!row) throw notFound('alert');
    if (row.dismissed_at !== null) return;
    await tx.sql('update security_alerts set dismissed_at = $2 where id = $1', [alertId, tx.clock.date()]);
    tx.append(alertDismissed, { alertId, kind: row.kind });
  });
}
