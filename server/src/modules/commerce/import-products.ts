// Products from a table as text: each row by its stock code, so that the same file again changes nothing.
import { type ProductImport, productInput, productLimits } from '@parley/contract/commerce';
import { parse } from 'csv-parse/sync';
import type { Context, TransactionContext } from '../../core/context.ts';
import { validationError } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { productsImported } from './events.ts';

type Problem = ProductImport['problems'][number];
type Row = ReturnType<typeof productInput.parse>;

const COLUMNS = ['sku', 'name', 'description', 'price', 'currency', 'in_stock'] as const;
type Column = (typeof COLUMNS)[number];
const DELIMITERS = [',', ';', '\t'];
const ROWS_MAX = 50_000;
const ROWS_PER_STATEMENT = 1_000;
const PROBLEMS_MAX = 1_000;
const YES = new Set(['', 'yes', 'true', '1', 'sí', 'si', 'sim']);
const NO = new Set(['no', 'false', '0', 'não', 'nao']);

/**
 * Adds and changes products; rows with a problem are left out and told of. Columns: sku and name, and if there are description,
 * price ("12.50"), currency and in_stock. @throws ParleyError 400 for what is no such table, or too long a one
 */
export async function importProducts(ctx: Context, bytes: Uint8Array): Promise<ProductImport> {
  const { rows, problems, refused } = readRows(new TextDecoder().decode(bytes));
  return ctx.transaction(async (tx) => {
    let created = 0;
    let updated = 0;
    for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT) {
      const counts = await upsert(tx, rows.slice(at, at + ROWS_PER_STATEMENT));
      created += counts.created;
      updated += counts.updated;
    }
    if (created + updated > 0) tx.append(productsImported, { created, updated });
    const unchanged = rows.length - created - updated;
    return { created, updated, unchanged, refused, problems: problems.slice(0, PROBLEMS_MAX) };
  });
}

async function upsert(
  tx: TransactionContext,
  rows: readonly Row[],
): Promise<{ created: number; updated: number }> {
  const changed = await tx.sql<{ inserted: boolean }>(
    `insert into products (id, workspace_id, sku, name, description, price_minor, currency, in_stock, created_at, updated_at)
     select r.id, $1, r.sku, r.name, r.description, r."priceMinor", r.currency, r."inStock", $3, $3
     from jsonb_to_recordset($2::jsonb) as r(id uuid, sku text, name text, description text, "priceMinor" integer,
       currency text, "inStock" boolean)
     on conflict (workspace_id, sku) do update set name = excluded.name, description = excluded.description,
       price_minor = excluded.price_minor, currency = excluded.currency, in_stock = excluded.in_stock,
       updated_at = excluded.updated_at
     where (products.name, products.description, products.price_minor, products.currency, products.in_stock)
       is distinct from
       (excluded.name, excluded.description, excluded.price_minor, excluded.currency, excluded.in_stock)
     returning (created_at = updated_at and created_at = $3) as inserted`,
    [tx.workspaceId, JSON.stringify(rows.map((row) => ({ id: newId(), ...row }))), tx.clock.date()],
  );
  const created = changed.filter(({ inserted }) => inserted).length;
  return { created, updated: changed.length - created };
}

function readRows(text: string): { rows: Row[]; problems: Problem[]; refused: number } {
  const [firstLine = ''] = text.split(/\r?\n/, 1);
  const delimiter = DELIMITERS.toSorted((a, b) => firstLine.split(b).length - firstLine.split(a).length)[0];
  let table: string[][];
  try {
    table = parse(text, {
      delimiter,
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      to: ROWS_MAX + 2,
    });
  } catch {
    throw validationError('This file cannot be read as a table with a row for each product.');
  }
  const [header = [], ...lines] = table;
  const names = header.map((cell) => cell.trim().toLowerCase());
  if (!names.includes('sku') || !names.includes('name'))
    throw validationError('The first row names the columns, among them sku and name.');
  if (lines.length > ROWS_MAX) throw validationError(`A file has ${ROWS_MAX} products at most.`);
  const rows: Row[] = [];
  const problems: Problem[] = [];
  const seen = new Set<string>();
  let refused = 0;
  lines.forEach((line, at) => {
    const cell = (column: Column) => line[names.indexOf(column)]?.trim() ?? '';
    const found = problemsOf(cell);
    const sku = cell('sku');
    if (sku !== '' && seen.has(sku)) found.push({ column: 'sku', code: 'sku_repeated' });
    seen.add(sku);
    if (found.length > 0) {
      refused += 1;
      problems.push(...found.map((problem) => ({ row: at + 2, ...problem })));
      return;
    }
    rows.push(
      productInput.parse({
        sku,
        name: cell('name'),
        description: cell('description'),
        priceMinor: priceOf(cell('price')),
        currency: cell('currency').toUpperCase() || null,
        inStock: !NO.has(cell('in_stock').toLowerCase()),
      }),
    );
  });
  return { rows, problems, refused };
}

function problemsOf(cell: (column: Column) => string): Omit<Problem, 'row'>[] {
  const problems: Omit<Problem, 'row'>[] = [];
  for (const column of ['sku', 'name'] as const)
    if (cell(column) === '') problems.push({ column, code: 'missing' });
  for (const column of ['sku', 'name', 'description'] as const)
    if (cell(column).length > productLimits[column]) problems.push({ column, code: 'too_long' });
  const price = priceOf(cell('price'));
  if (cell('price') !== '' && (price === null || price > productLimits.priceMinorMax))
    problems.push({ column: 'price', code: 'not_a_price' });
  if (!/^(?:[a-z]{3})?$/i.test(cell('currency')))
    problems.push({ column: 'currency', code: 'not_a_currency' });
  const inStock = cell('in_stock').toLowerCase();
  if (!YES.has(inStock) && !NO.has(inStock)) problems.push({ column: 'in_stock', code: 'not_yes_or_no' });
  return problems;
}

/** "12", "12.5" and "12,50" in hundredths; null for anything else. */
function priceOf(text: string): number | null {
  const [, whole, part = ''] = /^(\d{1,9})(?:[.,](\d{1,2}))?$/.exec(text) ?? [];
  return whole === undefined ? null : 100 * Number(whole) + Number(part.padEnd(2, '0'));
}
