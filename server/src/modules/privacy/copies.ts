// Rows that repeat a person's words or numbers without saying whose they are: raw webhook calls, sentences that a member made
// an example or a case of, chats of members with the assistant. They are found by their content, and deleted or emptied.
import type { Context, TransactionContext } from '../../core/context.ts';
import type { SealedColumn } from '../../core/rotation.ts';
import { type StoredTable, withOthers } from '../../core/stored-tables.ts';
import { declaredTables } from './declared.ts';
import { heldNow } from './holds.ts';
import { finderOf, type Needle, needlesOf } from './needles.ts';
import { type FoundRow, TableSearch } from './search.ts';

/** A shorter sentence is also somebody else's. */
const textMin = 20;

interface Erased {
  readonly contactId: string;
  readonly needles: readonly Needle[];
}

/** By each transaction that deletes or empties a row. */
interface Calls {
  /** First. @throws where it must not */
  readonly guard: (tx: TransactionContext) => Promise<void>;
  /** Which file has no row any more. */
  readonly lost: (tx: TransactionContext, file: string) => Promise<void>;
}

/**
 * By a name alone nothing is deleted, and by a sentence only what nobody else has said too: what hangs on another contact, or
 * names one that is held, stays. @throws when the signal aborts
 */
export async function eraseCopies(
  ctx: Context,
  { contactId, needles }: Erased,
  signal: AbortSignal,
  { guard, lost }: Calls,
): Promise<void> {
  const find = finderOf([
    ...needles.filter(({ what }) => what === 'address'),
    ...(await saidByNobodyElse(ctx, needles, signal)),
  ]);
  const held = finderOf(await ctx.transaction(needlesOfHeld));
  const { tables, sealed } = ctx.use(declaredTables);
  for (const table of tables) {
    if (!table.copies) continue;
    const search = new TableSearch(ctx, table, (text) => (held(text).size > 0 ? keep : find(text)));
    const take = async (tx: TransactionContext, found: FoundRow) => {
      await guard(tx);
      if (found.columns.some(({ what }) => what === keep) || !(await isFree(tx, table, found, contactId)))
        return;
      if (table.copies === 'empty') return empty(tx, found, table, sealed);
      await tx.sql(`delete from ${table.table} t where t.workspace_id = $1 and ${same(table)}`, [
        tx.workspaceId,
        ...found.key,
      ]);
      if (table.files) await lost(tx, `${table.files.folder}/${tx.workspaceId}/${found.key[0]}`);
    };
    for await (const _ of search.pages(take)) signal.throwIfAborted();
  }
}

/** Stands for a column that names somebody who is held. */
const keep: ReadonlySet<Needle['what']> = new Set(['name']);

/** Whether nobody works on a row and it hangs on nobody else; locks it. */
async function isFree(
  tx: TransactionContext,
  table: StoredTable,
  { key }: FoundRow,
  contactId: string,
): Promise<boolean> {
  // In two statements: one that waited for the lock would see what hangs on the row as it was before.
  await tx.sql(
    `select 1 from ${table.table} t where t.workspace_id = $1 and ${same(table)} for update of t`,
    [tx.workspaceId, ...key],
  );
  const others = table.ofPeople ? withOthers(table.ofPeople, key.length + 2) : null;
  const rows = await tx.sql(
    `select 1 from ${table.table} t where t.workspace_id = $1 and ${same(table)}
       and not (${table.waits ?? 'false'}) ${others ? `and (${others}) is not true` : ''}`,
    [tx.workspaceId, ...key, ...(others ? [contactId] : [])],
  );
  return rows.length > 0;
}

/** The sentences that stand in no message that is left. */
async function saidByNobodyElse(
  ctx: Context,
  needles: readonly Needle[],
  signal: AbortSignal,
): Promise<readonly Needle[]> {
  const left = new Set(needles.filter(({ what, value }) => what === 'text' && value.length >= textMin));
  const messages = ctx.use(declaredTables).tables.find(({ table }) => table === 'messages');
  if (!messages || left.size === 0) return [...left];
  const strike = (text: string) => {
    for (const needle of left) if (text.includes(needle.value)) left.delete(needle);
    return none;
  };
  for await (const _ of new TableSearch(ctx, messages, strike).pages()) signal.throwIfAborted();
  return [...left];
}

const none: ReadonlySet<Needle['what']> = new Set();

/** The addresses of those who are held. */
async function needlesOfHeld(tx: TransactionContext): Promise<Needle[]> {
  const { contactIds } = await heldNow(tx);
  if (contactIds.length === 0) return [];
  const points = await tx.sql<{ address: string; address_original: string }>(
    'select address, address_original from contact_points where workspace_id = $1 and contact_id = any($2)',
    [tx.workspaceId, contactIds],
  );
  return needlesOf({
    addresses: points.flatMap((point) => [point.address, point.address_original]),
    names: [],
    texts: [],
  });
}

/** Whether a row that somebody works on tells of this person. */
export async function isAwaited(
  ctx: Context,
  needles: readonly Needle[],
  signal: AbortSignal,
): Promise<boolean> {
  const find = finderOf(needles.filter(({ what }) => what === 'address'));
  for (const table of ctx.use(declaredTables).tables) {
    if (!table.waits) continue;
    for await (const { found } of new TableSearch(ctx, table, find, table.waits).pages()) {
      signal.throwIfAborted();
      if (found.length > 0) return true;
    }
  }
  return false;
}

const same = ({ key }: StoredTable, from = 2) =>
  key.map((column, at) => `t.${column} = $${at + from}`).join(' and ');

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
    await tx.sql(`update ${table.table} t set ${name} = $2 where t.workspace_id = $1 and ${same(table, 3)}`, [
      tx.workspaceId,
      value,
      ...found.key,
    ]);
  }
}
