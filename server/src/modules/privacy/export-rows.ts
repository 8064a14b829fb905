// The rows of a table as an export has them: page by page, sealed columns opened, without what its module leaves out.
import type { Context, TransactionContext } from '../../core/context.ts';
import { CryptoError } from '../../core/crypto.ts';
import type { SealedColumn } from '../../core/rotation.ts';
import { type StoredTable, withPeople } from '../../core/stored-tables.ts';
import { declaredTables } from './declared.ts';

const pageLength = 500;
/** Means nothing outside of this installation: whose rows they are, and how a file of theirs rests here. */
const never = new Set(['workspace_id', 'file_key', 'storage_key']);

/** What an export of a contact, or of the whole workspace where there is none, has in it. */
export function exportedTables(ctx: Pick<Context, 'use'>, contactId: string | null) {
  return ctx
    .use(declaredTables)
    .tables.filter((table) => table.exported && (contactId === null || table.ofPeople !== undefined));
}

export type ExportedRow = Readonly<Record<string, unknown>>;

const condition = (table: StoredTable, contactId: string | null) =>
  contactId === null ? '' : `and (${withPeople(table.ofPeople ?? 'false', 2)})`;

export async function countRows(
  tx: TransactionContext,
  table: StoredTable,
  contactId: string | null,
): Promise<number> {
  const [found] = await tx.sql<{ rows: number }>(
    `select count(*)::int as rows from ${table.table} t where t.workspace_id = $1 ${condition(table, contactId)}`,
    [tx.workspaceId, ...(contactId === null ? [] : [[contactId]])],
  );
  return found?.rows ?? 0;
}

/** In the order of their key. What cannot be opened is null, and said to be unreadable. */
export async function* exportRows(
  ctx: Context,
  table: StoredTable,
  sealed: readonly SealedColumn[],
  contactId: string | null,
): AsyncGenerator<readonly ExportedRow[]> {
  const { key, exported } = table;
  const left = new Set([...never, ...(exported?.omit ?? [])]);
  const own = sealed.filter((one) => one.table === table.table);
  const named = [...new Set([...key, ...own.flatMap((one) => one.key)])];
  const people = contactId === null ? [] : [[contactId]];
  let after: readonly string[] | null = null;
  do {
    const rows: Record<string, unknown>[] = await ctx.transaction(async (tx) => {
      const beyond = after
        ? `and (${key.map((name) => `t.${name}`).join(', ')}) > (${key.map((_, at) => `$${at + 2 + people.length}`).join(', ')})`
        : '';
      const found = await tx.sql<Record<string, unknown>>(
        `select ${named.map((name) => `t.${name}::text as "key:${name}"`).join(', ')}, t.* from ${table.table} t
         where t.workspace_id = $1 ${condition(table, contactId)} ${beyond}
         order by ${key.map((name) => `t.${name}`).join(', ')} limit ${pageLength}`,
        [tx.workspaceId, ...people, ...(after ?? [])],
      );
      return found.map((row) => open(tx, row, own));
    });
    const last = rows.length === pageLength ? rows.at(-1) : undefined;
    after = last ? key.map((name) => String(last[`key:${name}`])) : null;
    yield rows.map((row) =>
      Object.fromEntries(Object.entries(row).filter(([name]) => !left.has(name) && !name.startsWith('key:'))),
    );
  } while (after);
}

function open(
  tx: TransactionContext,
  row: Record<string, unknown>,
  sealed: readonly SealedColumn[],
): Record<string, unknown> {
  const keys = Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) =>
      name.startsWith('key:') ? [[name.slice(4), String(value)]] : [],
    ),
  );
  const opened: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    const column = sealed.find((one) => one.column === name);
    if (value instanceof Date) opened[name] = value.toISOString();
    else if (!(value instanceof Uint8Array)) opened[name] = value;
    else if (!column) opened[name] = Buffer.from(value).toString('base64');
    else {
      try {
        opened[name] = tx.openText(value, column.place(keys));
      } catch (error) {
        if (!(error instanceof CryptoError)) throw error;
        opened[name] = null;
        opened[`${name}_unreadable`] = true;
      }
    }
  }
  return opened;
}
