// How long a workspace keeps what: its rules, and what would go by them.
import {
  type Retention,
  type RetentionPreview,
  type RetentionQuery,
  retentionKinds,
} from '@parley/contract/privacy';
import { eq } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../core/context.ts';
import { declaredTables } from './declared.ts';
import { retentionChanged } from './events.ts';
import { heldNow } from './holds.ts';
import { type Rule, stepsOf } from './old-rows.ts';
import { retentionRules } from './tables.ts';

const dayMs = 86_400_000;

export async function readRetention(ctx: Context): Promise<Retention> {
  const rows = await ctx.transaction((tx) =>
    tx.drizzle.select().from(retentionRules).where(eq(retentionRules.workspaceId, tx.workspaceId)),
  );
  const days = new Map(rows.map((row) => [row.kind, row.days]));
  return Object.fromEntries(retentionKinds.map((kind) => [kind, days.get(kind) ?? null])) as Retention;
}

/** Replaces all rules. What is held is no obstacle: it stays whatever they say. */
export async function changeRetention(ctx: Context, wanted: Retention): Promise<Retention> {
  return ctx.transaction(async (tx) => {
    await tx.sql("select pg_advisory_xact_lock(hashtext('retention_rules'), hashtext($1))", [tx.workspaceId]);
    const before = await readRetention(tx);
    const changes = retentionKinds
      .filter((kind) => before[kind] !== wanted[kind])
      .map((kind) => ({ kind, days: wanted[kind], previous: before[kind] }));
    for (const { kind, days } of changes) {
      if (days === null) {
        await tx.sql('delete from retention_rules where workspace_id = $1 and kind = $2', [
          tx.workspaceId,
          kind,
        ]);
        continue;
      }
      const values = { days, updatedAt: tx.clock.date() };
      await tx.drizzle
        .insert(retentionRules)
        .values({ workspaceId: tx.workspaceId, kind, ...values })
        .onConflictDoUpdate({ target: [retentionRules.workspaceId, retentionRules.kind], set: values });
    }
    if (changes.length > 0) tx.append(retentionChanged, { changes });
    return wanted;
  });
}

/** The rules that are in force, as of now. */
export function rulesOf(retention: Partial<Retention>, now: number): Rule[] {
  return retentionKinds.flatMap((kind) => {
    const days = retention[kind] ?? null;
    return days === null ? [] : [{ kind, days, before: new Date(now - days * dayMs) }];
  });
}

/** What would go by these rules, if they held. Nothing is changed. */
export async function previewRetention(ctx: Context, query: RetentionQuery): Promise<RetentionPreview> {
  const { tables } = ctx.use(declaredTables);
  return ctx.transaction(async (tx) => {
    const held = await heldNow(tx);
    const items = [];
    for (const rule of rulesOf(query, tx.clock.now())) {
      const { rows, oldest } = await count(tx, rule);
      const { kind, days, before } = rule;
      items.push({ kind, days, before: before.toISOString(), rows, oldest: oldest?.toISOString() ?? null });
    }
    return { items, held: held.everything };

    async function count(tx: TransactionContext, rule: Rule) {
      const sum = { rows: 0, oldest: null as Date | null };
      if (held.everything) return sum;
      for (const step of stepsOf(tables, rule.kind)) {
        const { rows, oldest } = await step.count(tx, rule, held);
        sum.rows += rows;
        if (oldest && (!sum.oldest || oldest < sum.oldest)) sum.oldest = oldest;
      }
      return sum;
    }
  });
}
