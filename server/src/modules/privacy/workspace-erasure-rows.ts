// Deletes the rows of a workspace, table by table: by key, in bounded batches, what hangs on others before what it hangs on.
import type { Database, Queries } from '../../core/database.ts';
import type { StoredTable } from '../../core/stored-tables.ts';

/** So that no batch takes more along, by a foreign key, than itself. */
export async function childrenFirst(
  database: Database,
  tables: readonly StoredTable[],
): Promise<readonly StoredTable[]> {
  const links = await database.asSystem((queries) =>
    queries.sql<{ child: string; parent: string }>(
      `select conrelid::regclass::text as child, confrelid::regclass::text as parent from pg_constraint
       where contype = 'f' and conrelid <> confrelid and connamespace = 'public'::regnamespace`,
    ),
  );
  const known = new Map(tables.map((table) => [table.table, table]));
  const ordered: StoredTable[] = [];
  const seen = new Set<string>();
  const visit = (name: string) => {
    const table = known.get(name);
    if (!table || seen.has(name)) return;
    seen.add(name);
    for (const { child, parent } of links) if (parent === name) visit(child);
    ordered.push(table);
  };
  for (const { table } of tables) visit(table);
  return ordered;
}

const actAs = (role: 'parley_eraser' | 'parley_system', workspaceId: string) =>
  `select set_config('role', '${role}', true), set_config('app.workspace_id', '${workspaceId}', true)`;

/**
 * One batch, as the role that may delete in this workspace and nowhere else.
 * @param after the last key of the batch before
 */
export async function deleteBatch(
  queries: Queries,
  workspaceId: string,
  { table, key }: StoredTable,
  after: readonly string[] | null,
  limit: number,
): Promise<{ rows: number; last: readonly string[] | null }> {
  const keys = key.map((column) => `t.${column}`).join(', ');
  const same = key.map((column) => `g.${column} = d.${column}`).join(' and ');
  const beyond = after ? `and (${keys}) > (${key.map((_, at) => `$${at + 2}`).join(', ')})` : '';
  await queries.sql(actAs('parley_eraser', workspaceId));
  const [found] = await queries.sql<{ rows: number; last: string[] | null }>(
    `with doomed as materialized (
       select ${keys}, row_number() over (order by ${keys}) as place_ from ${table} t
       where t.workspace_id = $1 ${beyond} order by ${keys} limit ${limit}
     ), gone as (delete from ${table} g using doomed d where g.workspace_id = $1 and ${same})
     select count(*)::int as rows,
       (array_agg(array[${key.map((column) => `${column}::text`).join(', ')}] order by place_ desc))[1:1] as last
     from doomed`,
    [workspaceId, ...(after ?? [])],
  );
  await queries.sql(actAs('parley_system', ''));
  return { rows: found?.rows ?? 0, last: found?.last?.flat() ?? null };
}
