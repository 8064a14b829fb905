// Rows that repeat a person's words or numbers without saying whose they are: raw webhook calls, sentences that a member made
// an example or a case of, chats of members with the assistant. They are found by their content, and deleted or emptied.
import type { Context, TransactionContext } from '../../core/context.ts';
import type { SealedColumn } from '../../core/rotation.ts';
import type { StoredTable } from '../../core/stored-tables.ts';
import { declaredTables } from './declared.ts';
import { finderOf, type Needle } from './needles.ts';
import { type FoundRow, TableSearch } from './search.ts';

/** A shorter sentence is also somebody else's. */
const textMin = 20;

/** By a name alone nothing is deleted: others have it too. Returns the files that go. @throws when the signal aborts */
export async function eraseCopies(
  ctx: Context,
  needles: readonly Needle[],
  signal: AbortSignal,
  guard: (tx: TransactionContext) => Promise<void>,
): Promise<string[]> {
  const telling = needles.filter(
    ({ what, value }) => what === 'address' || (what === 'text' && value.length >= textMin),
  );
  const find = finderOf(telling);
  const { tables, sealed } = ctx.use(declaredTables);
  const files: string[] = [];
  for (const table of tables) {
    if (!table.copies || telling.length === 0) continue;
    const search = new TableSearch(ctx, table, find);
    const take = async (tx: TransactionContext, found: FoundRow) => {
      await guard(tx);
      if (table.copies === 'empty') return empty(tx, found, table, sealed);
      await tx.sql(`delete from ${table.table} where workspace_id = $1 and ${same(table)}`, [
        tx.workspaceId,
        ...found.key,
      ]);
      if (table.files) files.push(`${table.files.folder}/${tx.workspaceId}/${found.key[0]}`);
    };
    for await (const _ of search.pages(take)) signal.throwIfAborted();
  }
  return files;
}

const same = ({ key }: StoredTable, from = 2) =>
  key.map((column, at) => `${column} = $${at + from}`).join(' and ');

/** Takes the words out where they stand; the row stays, for others hang on it. */
async function empty(
  tx: TransactionContext,
  found: FoundRow,
  table: StoredTable,
  sealed: readonly SealedColumn[],
): Promise<void> {
  for (const { name } of found.columns) {
    const column = sealed.find((one) => one.table === table.table && one.column === name);
    const [nullable] = await tx.sql(
      'select 1 from pg_attribute where attrelid = $1::regclass and attname = $2 and not attnotnull',
      [table.table, name],
    );
    const keys = Object.fromEntries(table.key.map((key, at) => [key, found.key[at] as string]));
    const value = nullable ? null : column ? tx.seal('…', column.place(keys)) : undefined;
    if (value === undefined) continue;
    await tx.sql(`update ${table.table} set ${name} = $2 where workspace_id = $1 and ${same(table, 3)}`, [
      tx.workspaceId,
      value,
      ...found.key,
    ]);
  }
}
