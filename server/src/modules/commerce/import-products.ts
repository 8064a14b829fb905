// Products from a table as text: each row by its stock code, so that the same file again changes nothing.
import type { ProductImport } from '@parley/contract/commerce';
import type { Context, TransactionContext } from '../../core/context.ts';
import { newId } from '../../core/identifiers.ts';
import { productsImported } from './events.ts';
import { type ProductColumn, type ProductRow, readProductTable } from './product-table.ts';

/** Each batch is a transaction: who is interrupted sends the file again. */
const BATCH_ROWS = 1_000;

/**
 * Adds and changes products; rows with a problem are left out and told of. Columns: sku and name, and if there are description,
 * price ("12.50"), currency and in_stock; what has no column stays as it is. @throws ParleyError 400 for what is no such table, or
 * too long a one, `too_many_columns`
 */
export async function importProducts(ctx: Context, bytes: Uint8Array): Promise<ProductImport> {
  const { columns, rows, refused, problems, ignoredColumns } = await readProductTable(bytes);
  let created = 0;
  let updated = 0;
  for (let at = 0; at < rows.length; at += BATCH_ROWS) {
    const batch = rows.slice(at, at + BATCH_ROWS);
    const counts = await ctx.transaction((tx) => upsert(tx, batch, columns));
    created += counts.created;
    updated += counts.updated;
  }
  const unchanged = rows.length - created - updated;
  return { created, updated, unchanged, refused, problems, ignoredColumns };
}

/** What a product has for a column of a file. */
const FIELDS: Readonly<Record<Exclude<ProductColumn, 'sku'>, string>> = {
  name: 'name',
  description: 'description',
  price: 'price_minor',
  currency: 'currency',
  in_stock: 'in_stock',
};

async function upsert(
  tx: TransactionContext,
  rows: readonly ProductRow[],
  columns: ReadonlySet<ProductColumn>,
): Promise<{ created: number; updated: number }> {
  const fields = Object.entries(FIELDS).flatMap(([column, field]) =>
    columns.has(column as ProductColumn) ? [field] : [],
  );
  const list = (prefix: string) => fields.map((field) => `${prefix}.${field}`).join(', ');
  const changed = await tx.sql<{ inserted: boolean }>(
    `insert into products (id, workspace_id, sku, name, description, price_minor, currency, in_stock, created_at, updated_at)
     select r.id, $1, r.sku, r.name, r.description, r."priceMinor", r.currency, r."inStock", $3, $3
     from jsonb_to_recordset($2::jsonb) as r(id uuid, sku text, name text, description text, "priceMinor" integer,
       currency text, "inStock" boolean)
     on conflict (workspace_id, sku) do update
       set ${fields.map((field) => `${field} = excluded.${field}`).join(', ')}, updated_at = excluded.updated_at
     where (${list('products')}) is distinct from (${list('excluded')})
     returning xmax = 0 as inserted`,
    [tx.workspaceId, JSON.stringify(rows.map((row) => ({ id: newId(), ...row }))), tx.clock.date()],
  );
  const created = changed.filter(({ inserted }) => inserted).length;
  const updated = changed.length - created;
  if (changed.length > 0) tx.append(productsImported, { created, updated });
  return { created, updated };
}
