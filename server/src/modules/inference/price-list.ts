// What providers ask, by the name that a model has there: one list that a workspace keeps for all of its models.
import type { PriceList } from '@parley/contract/models';
import { asc, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Context } from '../../core/context.ts';
import { defineEvent } from '../../core/events.ts';
import { catalogueChanged } from './catalogue.ts';
import { modelPrices } from './tables.ts';

export const pricesChanged = defineEvent({
  type: 'price_list.changed',
  doc: 'What the workspace says that its models cost was changed.',
  permission: 'assistant:read',
  payload: z.object({}),
  audit: { target: 'price_list', id: null },
});

export async function readPrices(ctx: Context): Promise<PriceList> {
  const rows = await ctx.transaction((tx) =>
    tx.drizzle
      .select()
      .from(modelPrices)
      .where(eq(modelPrices.workspaceId, tx.workspaceId))
      .orderBy(asc(modelPrices.model)),
  );
  return { items: rows.map(({ workspaceId: _, ...item }) => item) };
}

/** Sets the whole list. */
export async function setPrices(ctx: Context, { items }: PriceList): Promise<PriceList> {
  return ctx.transaction(async (tx) => {
    await tx.drizzle.delete(modelPrices).where(eq(modelPrices.workspaceId, tx.workspaceId));
    if (items.length > 0) {
      const rows = items.map((item) => ({ workspaceId: tx.workspaceId, ...item }));
      await tx.drizzle.insert(modelPrices).values(rows);
    }
    tx.append(pricesChanged, {});
    catalogueChanged(tx);
    return readPrices(tx);
  });
}
