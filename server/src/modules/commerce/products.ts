// Products: what a shop sells, as its assistant and its recommendations know it.
import type { Product, ProductChange, ProductInput } from '@parley/contract/commerce';
import { and, desc, eq, isNotNull, isNull, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { conflict, notFound } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { productChanged } from './events.ts';
import { products } from './tables.ts';

export type ProductRow = typeof products.$inferSelect;

interface ProductList {
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Only archived ones, or only others; both unless given. */
  readonly archived?: boolean | undefined;
}

/** Newest first. */
export async function listProducts(ctx: Context, { limit, cursor, archived }: ProductList) {
  const before = cursor ? decodeCursor(cursor, z.tuple([z.uuid()])) : null;
  return ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .select()
      .from(products)
      .where(
        and(
          eq(products.workspaceId, tx.workspaceId),
          before ? lt(products.id, before[0]) : undefined,
          archived === undefined ? undefined : (archived ? isNotNull : isNull)(products.archivedAt),
        ),
      )
      .orderBy(desc(products.id))
      .limit(limit + 1);
    const { items, nextCursor } = toPage(rows, limit, (row) => [row.id]);
    return { items: items.map(toProduct), nextCursor };
  });
}

/** @throws ParleyError 404 */
export async function getProduct(ctx: Context, id: string): Promise<Product> {
  return ctx.transaction(async (tx) => toProduct(await findProduct(tx, id)));
}

/** @throws ParleyError 409 `sku_taken` */
export async function createProduct(ctx: Context, input: ProductInput): Promise<Product> {
  return ctx.transaction(async (tx) => {
    const now = tx.clock.date();
    const [row] = await tx.drizzle
      .insert(products)
      .values({ id: newId(), workspaceId: tx.workspaceId, ...input, createdAt: now, updatedAt: now })
      .onConflictDoNothing()
      .returning();
    if (!row) throw conflict('sku_taken', 'There is a product with this stock code already.');
    tx.append(productChanged, { productId: row.id, change: 'created' });
    return toProduct(row);
  });
}

/** @throws ParleyError 404 */
export async function changeProduct(ctx: Context, id: string, input: ProductChange): Promise<Product> {
  return ctx.transaction(async (tx) => {
    const before = await findProduct(tx, id);
    const changes = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
    if (Object.keys(changes).length === 0) return toProduct(before);
    return update(tx, id, changes, 'updated');
  });
}

/** An archived product is recommended to nobody; what was done with it stays. @throws ParleyError 404 */
export async function archiveProduct(ctx: Context, id: string): Promise<Product> {
  return ctx.transaction(async (tx) => {
    const before = await findProduct(tx, id);
    if (before.archivedAt) return toProduct(before);
    return update(tx, id, { archivedAt: tx.clock.date() }, 'archived');
  });
}

/** @throws ParleyError 404 */
export async function restoreProduct(ctx: Context, id: string): Promise<Product> {
  return ctx.transaction(async (tx) => {
    const before = await findProduct(tx, id);
    if (!before.archivedAt) return toProduct(before);
    return update(tx, id, { archivedAt: null }, 'restored');
  });
}

async function update(
  tx: TransactionContext,
  id: string,
  changes: Partial<ProductRow>,
  change: 'updated' | 'archived' | 'restored',
): Promise<Product> {
  const [row] = await tx.drizzle
    .update(products)
    .set({ ...changes, updatedAt: tx.clock.date() })
    .where(eq(products.id, id))
    .returning();
  if (!row) throw notFound('product');
  tx.append(productChanged, { productId: id, change });
  return toProduct(row);
}

async function findProduct(tx: TransactionContext, id: string): Promise<ProductRow> {
  const [row] = await tx.drizzle.select().from(products).where(eq(products.id, id));
  if (!row) throw notFound('product');
  return row;
}

export function toProduct({ workspaceId: _, ...row }: ProductRow): Product {
  return {
    ...row,
    archivedAt: row.archivedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
