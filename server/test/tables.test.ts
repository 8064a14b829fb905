import { readdir } from 'node:fs/promises';
import { is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { modules } from '../src/app.ts';
import type { Database } from '../src/core/database.ts';
import { type CatalogueColumn, readColumns } from './catalogue.ts';
import { copyTemplate, type TestDatabase } from './database.ts';

const modulesFolder = new URL('../src/modules/', import.meta.url);

let copy: TestDatabase;
let database: Database;
let columns: Map<string, CatalogueColumn[]>;
beforeAll(async () => {
  copy = await copyTemplate(() => undefined);
  database = await copy.open();
  columns = Map.groupBy(await readColumns(database), (column) => column.table);
});
afterAll(async () => {
  await database.close();
  await copy.drop();
});

async function readDrizzleTables(): Promise<PgTable[]> {
  const files = (await readdir(modulesFolder, { recursive: true })).filter((file) =>
    /(^|\/)tables\.ts$/.test(file),
  );
  const modules = await Promise.all(files.map((file) => import(new URL(file, modulesFolder).href)));
  return modules.flatMap((module: Record<string, unknown>) =>
    Object.values(module).filter((value): value is PgTable => is(value, PgTable)),
  );
}

/** What the code believes of a column and what the database says, in the same words. */
const describeColumn = (name: string, type: string, notNull: boolean) =>
  `${name} ${type === 'timestamp with time zone' ? 'timestamptz' : type}${notNull ? ' not null' : ''}`;

it('every Drizzle table has the columns, types and nullability of its table in the database', async () => {
  const tables = await readDrizzleTables();
  expect(tables.length).toBeGreaterThan(5);
  for (const table of tables) {
    const config = getTableConfig(table);
    const believed = config.columns.map((column) =>
      describeColumn(column.name, column.getSQLType(), column.notNull),
    );
    const actual = (columns.get(config.name) ?? []).map((column) =>
      describeColumn(column.column, column.type, column.notNull),
    );
    expect({ table: config.name, columns: believed.sort() }).toEqual({
      table: config.name,
      columns: actual.sort(),
    });
  }
});

it('a default that the code counts on is one that the database has', async () => {
  for (const table of await readDrizzleTables()) {
    const config = getTableConfig(table);
    const actual = new Map((columns.get(config.name) ?? []).map((column) => [column.column, column]));
    for (const column of config.columns) {
      if (!column.hasDefault || column.defaultFn) continue;
      const found = actual.get(column.name);
      expect({
        column: `${config.name}.${column.name}`,
        default: Boolean(found?.hasDefault || found?.identity),
      }).toEqual({
        column: `${config.name}.${column.name}`,
        default: true,
      });
    }
  }
});

it('a module says of every table with a workspace what it keeps of people, and by which key its rows are found', async () => {
  const tables = [...columns].filter(
    ([table, list]) => table !== 'workspace_erasures' && list.some(({ column }) => column === 'workspace_id'),
  );
  const declared = modules.flatMap((module) => module.stored ?? []);
  expect(declared.map(({ table }) => table).sort()).toEqual(tables.map(([table]) => table).sort());
  const keys = await database.asOwner((queries) =>
    queries.sql<{ table: string; columns: string[] }>(
      `select i.indrelid::regclass::text as "table", array_agg(a.attname::text order by k.place) as columns
       from pg_index i, unnest(i.indkey) with ordinality k(number, place), pg_attribute a
       where i.indisprimary and a.attrelid = i.indrelid and a.attnum = k.number group by i.indrelid`,
    ),
  );
  const keyOf = new Map(
    keys.map((key): [string, string[]] => [
      key.table,
      key.columns.length > 1 ? key.columns.filter((column) => column !== 'workspace_id') : key.columns,
    ]),
  );
  expect(declared.map(({ table, key }) => [table, key])).toEqual(
    declared.map(({ table }) => [table, keyOf.get(table)]),
  );
});
