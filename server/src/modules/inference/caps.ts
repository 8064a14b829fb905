// The caps of a workspace, and what is spent under them now.
import { type Budget, type BudgetInput, type Cap, type CapInput, capInput } from '@parley/contract/budgets';
import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import {
  conflict,
  databaseErrorCode,
  notFound,
  uniqueViolation,
  validationError,
} from '../../core/errors.ts';
import { defineEvent } from '../../core/events.ts';
import { newId } from '../../core/identifiers.ts';
import { contactNames } from '../conversations/conversations.ts';
import { catalogueChanged } from './catalogue.ts';
import { startOf } from './holds.ts';
import type { StoredCap } from './runtime.ts';
import { budgetCaps } from './tables.ts';

export const budgetChanged = defineEvent({
  type: 'budget.changed',
  doc: 'A cap on what may be spent was set, changed or removed.',
  permission: 'assistant:read',
  payload: z.object({ capId: z.uuid(), change: z.enum(['set', 'removed']) }),
  audit: { target: 'budget_cap', id: 'capId' },
});

interface CountedCap extends StoredCap {
  readonly subjectName: string | null;
  readonly spent: string | number | null;
  readonly reserved: string | number | null;
  readonly warned: number;
  readonly reached: number;
}

interface CountersRow {
  cap_id: string;
  spent: string;
  reserved: string;
  warned: number;
  reached: number;
}

/** Every cap, with what counts against it now. */
export async function listCaps(ctx: Context): Promise<Cap[]> {
  const now = ctx.clock.date();
  return ctx.transaction(async (tx) => {
    const caps = await tx.drizzle.select().from(budgetCaps).where(eq(budgetCaps.workspaceId, tx.workspaceId));
    const counters = await tx.sql<CountersRow>(
      `select c.cap_id, sum(c.spent) as spent, sum(c.reserved) as reserved,
         count(*) filter (where c.warned)::int as warned, count(*) filter (where c.reached)::int as reached
       from budget_counters c join budget_caps b on b.id = c.cap_id
       where c.workspace_id = $1 and c.starts_on = case b.period when 'day' then $2::date else $3::date end
       group by c.cap_id`,
      [tx.workspaceId, startOf('day', now), startOf('month', now)],
    );
    const byCap = new Map(counters.map((row) => [row.cap_id, row]));
    const subjects = caps.flatMap(({ subjectId }) => (subjectId === null ? [] : [subjectId]));
    const names = await contactNames(tx, 'contact', subjects);
    return caps.map((cap) => {
      const subjectName = names.get(cap.subjectId ?? '') ?? null;
      return toCap({ ...cap, subjectName, ...figuresOf(cap, byCap.get(cap.id)) });
    });
  });
}

function figuresOf(cap: StoredCap, row: CountersRow | undefined) {
  const told = { warned: row?.warned ?? 0, reached: row?.reached ?? 0 };
  if (cap.scope === 'contact' && cap.subjectId === null) return { ...told, spent: null, reserved: null };
  return { ...told, spent: row?.spent ?? 0, reserved: row?.reserved ?? 0 };
}

/** @throws ParleyError 404 for a contact that is not here; 409 where there is such a cap already */
export async function createCap(ctx: Context, input: CapInput): Promise<Cap> {
  const id = newId();
  await storing(() =>
    ctx.transaction(async (tx) => {
      await checkSubject(tx, input);
      const { limit, ...rest } = input;
      const now = tx.clock.date();
      await tx.drizzle.insert(budgetCaps).values({
        id,
        workspaceId: tx.workspaceId,
        ...rest,
        limitAmount: limit,
        createdAt: now,
        updatedAt: now,
      });
      changed(tx, id, 'set');
    }),
  );
  return getCap(ctx, id);
}

/** @throws ParleyError 404, 409 */
export async function updateCap(ctx: Context, capId: string, input: CapInput): Promise<Cap> {
  await storing(() =>
    ctx.transaction(async (tx) => {
      const [before] = await tx.drizzle.select().from(budgetCaps).where(eq(budgetCaps.id, capId));
      if (!before) throw notFound('cap');
      await checkSubject(tx, input);
      const { limit, ...rest } = input;
      await tx.drizzle
        .update(budgetCaps)
        .set({ ...rest, limitAmount: limit, updatedAt: tx.clock.date() })
        .where(eq(budgetCaps.id, capId));
      const isAnother =
        before.scope !== input.scope || before.period !== input.period || before.unit !== input.unit;
      // What was counted in other units or days says nothing now; under another limit, it may be told anew.
      await tx.sql(
        isAnother
          ? 'delete from budget_counters where cap_id = $1'
          : 'update budget_counters set warned = false, reached = false where cap_id = $1',
        [capId],
      );
      changed(tx, capId, 'set');
    }),
  );
  return getCap(ctx, capId);
}

/** @throws ParleyError 404 */
export async function deleteCap(ctx: Context, capId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const rows = await tx.drizzle.delete(budgetCaps).where(eq(budgetCaps.id, capId)).returning();
    if (rows.length === 0) throw notFound('cap');
    changed(tx, capId, 'removed');
  });
}

/** @throws ParleyError 404 */
export async function getCap(ctx: Context, capId: string): Promise<Cap> {
  const found = (await listCaps(ctx)).find(({ id }) => id === capId);
  if (!found) throw notFound('cap');
  return found;
}

async function storing(store: () => Promise<void>): Promise<void> {
  try {
    await store();
  } catch (error) {
    if (databaseErrorCode(error) !== uniqueViolation) throw error;
    throw conflict('cap_exists', 'There is such a cap already: change that one.');
  }
}

async function checkSubject(tx: TransactionContext, input: CapInput): Promise<void> {
  if (input.subjectId === null) return;
  if (input.scope !== 'contact') {
    throw validationError('Only the cap of a contact names somebody.', [
      { path: 'body.subjectId', message: 'must be null for this scope' },
    ]);
  }
  const rows = await tx.sql('select 1 from contacts where id = $1', [input.subjectId]);
  if (rows.length === 0) throw notFound('contact');
}

function changed(tx: TransactionContext, capId: string, change: 'set' | 'removed'): void {
  tx.append(budgetChanged, { capId, change });
  catalogueChanged(tx);
}

function toCap({
  workspaceId: _,
  limitAmount,
  createdAt: __,
  updatedAt,
  spent,
  reserved,
  ...cap
}: CountedCap): Cap {
  const whole = (value: string | number | null) => (value === null ? null : Number(value));
  return {
    ...cap,
    limit: limitAmount,
    spent: whole(spent),
    reserved: whole(reserved),
    updatedAt: updatedAt.toISOString(),
  };
}

const isMonthly = (cap: { scope: string; period: string; unit: string }) =>
  cap.scope === 'workspace' && cap.period === 'month' && cap.unit === 'money';

/** What models may cost in a month, the cap that most workspaces have, and what they did. */
export async function readBudget(ctx: Context): Promise<Budget> {
  const month = startOf('month', ctx.clock.date());
  return ctx.transaction(async (tx) => {
    const caps = await tx.drizzle.select().from(budgetCaps).where(eq(budgetCaps.workspaceId, tx.workspaceId));
    const [sums] = await tx.sql<{ spent: string; reserved: string }>(
      `select coalesce(sum(cost_micros) filter (where settled_at is not null), 0) as spent,
         coalesce(sum(reserved_micros) filter (where settled_at is null), 0) as reserved
       from ledger where workspace_id = $1 and created_at >= $2::date::timestamp at time zone 'UTC'`,
      [tx.workspaceId, month],
    );
    return {
      month: month.slice(0, 7),
      limitMicros: caps.find(isMonthly)?.limitAmount ?? null,
      spentMicros: Number(sums?.spent ?? 0),
      reservedMicros: Number(sums?.reserved ?? 0),
    };
  });
}

/** Sets the limit of every month, or removes it. One below what is spent already stops further calls. */
export async function setBudget(ctx: Context, { limitMicros }: BudgetInput): Promise<Budget> {
  const existing = (await listCaps(ctx)).find(isMonthly);
  if (limitMicros === null) {
    if (existing) await deleteCap(ctx, existing.id);
  } else if (existing) {
    await updateCap(ctx, existing.id, { ...capInput.parse(existing), limit: limitMicros });
  } else {
    await createCap(
      ctx,
      capInput.parse({ scope: 'workspace', period: 'month', unit: 'money', limit: limitMicros }),
    );
  }
  return readBudget(ctx);
}
