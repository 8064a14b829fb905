// Searches every table of a workspace, and every file of it, for what tells of a person: sealed columns are opened, page by
// page. For the check after an erasure, for copies that name nobody, and for the operator.
import type { SearchReport } from '@parley/contract/privacy';
import type { Context, TransactionContext } from '../../core/context.ts';
import { CryptoError, fileVault } from '../../core/crypto.ts';
import type { SealedColumn } from '../../core/rotation.ts';
import { storagePort } from '../../core/storage.ts';
import type { StoredTable } from '../../core/stored-tables.ts';
import { declaredTables } from './declared.ts';
import { workspaceSearched } from './events.ts';
import { privacyHost } from './host.ts';
import { type Finder, finderOf, type Needle, patternsOf } from './needles.ts';

const pageLength = 200;

interface Column {
  readonly name: string;
  readonly isBytes: boolean;
  readonly sealed: SealedColumn | undefined;
}

export interface FoundRow {
  readonly table: string;
  /** Its key, as text. */
  readonly key: readonly string[];
  readonly columns: readonly { readonly name: string; readonly what: ReadonlySet<Needle['what']> }[];
}

interface Page {
  readonly rows: number;
  readonly unreadable: number;
  readonly found: readonly FoundRow[];
  readonly last: readonly string[] | null;
}

/** The columns that can hold words. */
async function columnsOf(
  tx: TransactionContext,
  table: string,
  sealed: readonly SealedColumn[],
): Promise<Column[]> {
  const rows = await tx.sql<{ name: string; type: string }>(
    `select a.attname::text as name, format_type(a.atttypid, null) as type from pg_attribute a
     where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attname <> 'workspace_id'
       and format_type(a.atttypid, null) in ('text', 'text[]', 'jsonb', 'json', 'bytea', 'character varying')`,
    [table],
  );
  return rows.map(({ name, type }) => ({
    name,
    isBytes: type === 'bytea',
    sealed: sealed.find((one) => one.table === table && one.column === name),
  }));
}

export class TableSearch {
  readonly #ctx: Context;
  readonly #table: StoredTable;
  readonly #find: Finder;
  readonly #sealed: readonly SealedColumn[];
  readonly #where: string;

  /** @param where a condition over the row `t` */
  constructor(ctx: Context, table: StoredTable, find: Finder, where = 'true') {
    this.#where = where;
    this.#ctx = ctx;
    this.#table = table;
    this.#find = find;
    this.#sealed = ctx.use(declaredTables).sealed;
  }

  /** Page by page; `each` may change what was found in the transaction that found it. */
  async *pages(each?: (tx: TransactionContext, found: FoundRow) => Promise<void>): AsyncGenerator<Page> {
    let after: readonly string[] | null = null;
    do {
      const page: Page = await this.#ctx.transaction(async (tx) => {
        const one = await this.#read(tx, after);
        for (const row of one.found) await each?.(tx, row);
        return one;
      });
      yield page;
      after = page.last;
    } while (after);
  }

  async #read(tx: TransactionContext, after: readonly string[] | null): Promise<Page> {
    const { table, key } = this.#table;
    const columns = await columnsOf(tx, table, this.#sealed);
    const named = [...new Set([...key, ...columns.flatMap(({ sealed }) => sealed?.key ?? [])])];
    const beyond = after ? `and (${key.join(', ')}) > (${key.map((_, at) => `$${at + 2}`).join(', ')})` : '';
    const rows = await tx.sql<Record<string, unknown>>(
      `select ${[
        ...named.map((name) => `t.${name}::text as "key:${name}"`),
        ...columns.map(({ name, isBytes }) => `t.${name}${isBytes ? '' : '::text'} as "${name}"`),
      ].join(', ')}
       from ${table} t where t.workspace_id = $1 and (${this.#where}) ${beyond} order by ${key.map((name) => `t.${name}`).join(', ')}
       limit ${pageLength}`,
      [tx.workspaceId, ...(after ?? [])],
    );
    let unreadable = 0;
    const found: FoundRow[] = [];
    for (const row of rows) {
      const keys = Object.fromEntries(named.map((name) => [name, String(row[`key:${name}`])]));
      const hits = [];
      for (const column of columns) {
        const text = wordsOf(tx, row[column.name], column, keys);
        if (text === null) unreadable += 1;
        const what = this.#find(text ?? '');
        if (what.size > 0) hits.push({ name: column.name, what });
      }
      if (hits.length > 0) found.push({ table, key: key.map((name) => keys[name] as string), columns: hits });
    }
    const last = rows.length === pageLength ? rows.at(-1) : undefined;
    return {
      rows: rows.length,
      unreadable,
      found,
      last: last ? key.map((name) => String(last[`key:${name}`])) : null,
    };
  }
}

/** Null where a sealed value cannot be opened. */
function wordsOf(
  tx: TransactionContext,
  value: unknown,
  { isBytes, sealed }: Column,
  keys: Readonly<Record<string, string>>,
): string | null {
  if (value === null || value === undefined) return '';
  if (!isBytes) return String(value);
  const bytes = value as Uint8Array;
  if (!sealed) return Buffer.from(bytes).toString('utf8');
  try {
    return tx.openText(bytes, sealed.place(keys));
  } catch (error) {
    if (error instanceof CryptoError) return null;
    throw error;
  }
}

/** @throws when the signal aborts */
export async function searchEverything(
  ctx: Context,
  needles: readonly Needle[],
  signal?: AbortSignal,
): Promise<SearchReport> {
  const { tables } = ctx.use(declaredTables);
  const find = finderOf(needles);
  const report = { tables: 0, rows: 0, files: 0, unreadable: 0 };
  const found = new Map<string, SearchReport['found'][number]>();
  const note = (place: string, what: Iterable<Needle['what']>, rows = 1) => {
    for (const one of what) {
      const known = found.get(`${place} ${one}`) ?? { place, what: one, rows: 0 };
      found.set(`${place} ${one}`, { ...known, rows: known.rows + rows });
    }
  };
  for (const table of tables) {
    // Closed to the application: wrapped keys, and nothing else.
    if (table.table === 'workspace_keys') continue;
    report.tables += 1;
    for await (const page of new TableSearch(ctx, table, find).pages()) {
      signal?.throwIfAborted();
      report.rows += page.rows;
      report.unreadable += page.unreadable;
      for (const row of page.found) note(row.table, new Set(row.columns.flatMap(({ what }) => [...what])));
    }
    for await (const what of searchFiles(ctx, table, find)) {
      signal?.throwIfAborted();
      report.files += 1;
      if (what === null) report.unreadable += 1;
      else note(`${table.files?.folder}/`, what);
    }
  }
  for (const what of ['address', 'name', 'text'] as const) {
    const patterns = patternsOf(needles.filter((needle) => needle.what === what));
    if (patterns.length === 0) continue;
    for (const { table, rows } of await ctx.use(privacyHost).searchOutside(patterns)) {
      if (what === needles[0]?.what) report.tables += 1;
      if (rows > 0) note(table, [what], rows);
    }
  }
  return { ...report, found: [...found.values()] };
}

/** What is found in each file of a table; null for one that cannot be opened. */
async function* searchFiles(
  ctx: Context,
  { table, files }: StoredTable,
  find: Finder,
): AsyncGenerator<ReadonlySet<Needle['what']> | null> {
  if (!files || files.locked) return;
  const vault = await ctx.vault();
  for await (const keys of ctx.use(storagePort).list(`${files.folder}/${ctx.workspaceId}`)) {
    const ids = keys.map((key) => key.slice(key.lastIndexOf('/') + 1));
    const rows = await ctx.transaction((tx) =>
      tx.sql<{ id: string; file_key: Uint8Array | null }>(
        `select id::text as id, file_key from ${table} where workspace_id = $1 and id::text = any($2)`,
        [ctx.workspaceId, ids],
      ),
    );
    const keyOf = new Map(rows.map((row) => [row.id, row.file_key]));
    for (const [index, id] of ids.entries()) {
      const stored = await ctx.use(storagePort).get(keys[index] as string);
      if (!stored) continue;
      const sealedKey = keyOf.get(id);
      try {
        if (!sealedKey) throw new CryptoError('no row knows this file');
        const key = vault.open(sealedKey, `${table}.file_key:${id}`);
        const body = fileVault(ctx.workspaceId, key).open(stored, `${table}.file:${id}`);
        yield find(body.toString('utf8'));
      } catch (error) {
        if (!(error instanceof CryptoError)) throw error;
        yield null;
      }
    }
  }
}

/** For the operator, who sees where it stands: the workspace is told. @throws when the signal aborts */
export async function searchForOperator(
  ctx: Context,
  text: string,
  signal: AbortSignal,
): Promise<SearchReport> {
  const report = await searchEverything(ctx, [{ what: 'text', value: text }], signal);
  await ctx.transaction(async (tx) => tx.append(workspaceSearched, { places: report.found.length }));
  return report;
}
