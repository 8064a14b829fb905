// What models may cost: reserved before a call, settled after it, under the workspace's limit for the month (UTC).
//
// A call whose outcome is not known (it timed out, or its process was killed) may have been billed, so it counts as
// spent at the whole of its reservation: the books err on the side of having spent too much, never of spending more.
import type { Budget, BudgetInput } from '@parley/contract/models';
import { and, desc, eq, lte } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, SystemContext } from '../../core/context.ts';
import { defineEvent } from '../../core/events.ts';
import { newId } from '../../core/identifiers.ts';
import { defineJob } from '../../core/queue.ts';
import { budgets } from './tables.ts';

export const budgetChanged = defineEvent({
  type: 'budget.changed',
  doc: 'The limit of what models may cost in a month was changed.',
  payload: z.object({ month: z.string(), limitMicros: z.number().nullable() }),
});

/** A reservation that is older than this belongs to a process that is gone: no call takes so long. */
const orphanedAfterMs = 10 * 60_000;

export const releaseReservations = defineJob({
  name: 'inference.release-reservations',
  doc: 'Counts reservations as spent whose process is gone.',
  input: z.object({}),
  effect: 'system',
  retries: 0,
});

export interface Reservation {
  readonly id: string;
  readonly amountMicros: number;
}

/** The first day of the month, UTC. */
function monthOf(moment: Date): string {
  return `${moment.toISOString().slice(0, 7)}-01`;
}

// The row's lock makes concurrent reservations queue up here, and each sees the sum that the one before it left.
const hold = {
  name: 'budget_hold',
  text: `with held as (
      update budgets set reserved_micros = reserved_micros + $3
      where workspace_id = $1 and month = $2
        and (limit_micros is null or spent_micros + reserved_micros + $3 <= limit_micros)
      returning workspace_id, month
    )
    insert into reservations (id, workspace_id, month, amount_micros, purpose, created_at)
    select $4, workspace_id, month, $3, $5, $6 from held returning id`,
};

// A new month starts with the limit of the one before.
const openMonth = `insert into budgets (workspace_id, month, limit_micros)
  select $1, $2, (select limit_micros from budgets where workspace_id = $1 and month < $2 order by month desc limit 1)
  on conflict do nothing returning month`;

/** Holds money for one call, in a transaction of its own. Null when the month's limit has no room for it. */
export async function reserve(
  ctx: Context,
  amountMicros: number,
  purpose: string,
): Promise<Reservation | null> {
  const now = ctx.clock.date();
  const month = monthOf(now);
  const id = newId();
  return ctx.transaction(async (tx) => {
    const values = [tx.workspaceId, month, amountMicros, id, purpose, now];
    let rows = await tx.sql(hold, values);
    if (rows.length === 0) {
      await tx.sql(openMonth, [tx.workspaceId, month]);
      rows = await tx.sql(hold, values);
    }
    return rows.length > 0 ? { id, amountMicros } : null;
  });
}

/** Puts what a call did cost in the place of what was held for it. Doing it twice is doing it once. */
export async function settle(ctx: Context, reservation: Reservation, spentMicros: number): Promise<void> {
  await ctx.transaction((tx) =>
    tx.sql(
      {
        name: 'budget_settle',
        text: `with settled as (
            update reservations set settled_micros = $2, settled_at = $3
            where id = $1 and settled_at is null returning workspace_id, month, amount_micros
          )
          update budgets b set reserved_micros = b.reserved_micros - s.amount_micros, spent_micros = b.spent_micros + $2
          from settled s where b.workspace_id = s.workspace_id and b.month = s.month`,
      },
      [reservation.id, spentMicros, tx.clock.date()],
    ),
  );
}

/** Settles orphaned reservations of every workspace at their whole amount. Returns how many there were. */
export async function settleOrphans(ctx: SystemContext): Promise<number> {
  const now = ctx.clock.now();
  const rows = await ctx.system((queries) =>
    queries.sql<{ count: number }>(
      `with settled as (
         update reservations set settled_micros = amount_micros, settled_at = $1
         where settled_at is null and created_at < $2 returning workspace_id, month, amount_micros
       ), sums as (
         select workspace_id, month, sum(amount_micros)::bigint as amount, count(*)::int as count
         from settled group by workspace_id, month
       )
       update budgets b set reserved_micros = b.reserved_micros - s.amount, spent_micros = b.spent_micros + s.amount
       from sums s where b.workspace_id = s.workspace_id and b.month = s.month returning s.count`,
      [new Date(now), new Date(now - orphanedAfterMs)],
    ),
  );
  return rows.reduce((sum, row) => sum + row.count, 0);
}

export async function readBudget(ctx: Context): Promise<Budget> {
  const month = monthOf(ctx.clock.date());
  const [row] = await ctx.transaction((tx) =>
    tx.drizzle
      .select()
      .from(budgets)
      .where(and(eq(budgets.workspaceId, tx.workspaceId), lte(budgets.month, month)))
      .orderBy(desc(budgets.month))
      .limit(1),
  );
  const current = row?.month === month ? row : undefined;
  return {
    month: month.slice(0, 7),
    limitMicros: row?.limitMicros ?? null,
    spentMicros: current?.spentMicros ?? 0,
    reservedMicros: current?.reservedMicros ?? 0,
  };
}

/** Sets the limit of this month and of those that follow. One below what is spent already stops further calls. */
export async function setBudget(ctx: Context, input: BudgetInput): Promise<Budget> {
  const month = monthOf(ctx.clock.date());
  return ctx.transaction(async (tx) => {
    await tx.drizzle
      .insert(budgets)
      .values({ workspaceId: tx.workspaceId, month, ...input })
      .onConflictDoUpdate({ target: [budgets.workspaceId, budgets.month], set: input });
    tx.append(budgetChanged, { month: month.slice(0, 7), limitMicros: input.limitMicros });
    return readBudget(tx);
  });
}
