import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dumpCatalogue } from '../../test/catalogue.ts';
import { copyTemplate, type TestDatabase } from '../../test/database.ts';
import type { Database } from './database.ts';
import {
  type Migration,
  migrateDown,
  migrateUp,
  migrationStatus,
  readMigrations,
  splitStatements,
} from './migrations.ts';

let copy: TestDatabase;
let database: Database;
let migrations: Migration[];
beforeAll(async () => {
  copy = await copyTemplate(() => undefined);
  database = await copy.open();
  migrations = await readMigrations();
});
afterEach(() => migrateUp(database));
afterAll(async () => {
  await database.close();
  await copy.drop();
});

describe('the migrations', () => {
  it('go up and down through every prefix and leave the catalogue as it was', async () => {
    const whole = await dumpCatalogue(database);
    await migrateDown(database, 0);
    let before = await dumpCatalogue(database);
    expect(before).toEqual([]);
    for (const { number } of migrations) {
      expect(await migrateUp(database, number)).toBe(1);
      const after = await dumpCatalogue(database);
      expect(await migrateDown(database, number - 1)).toBe(1);
      expect(await dumpCatalogue(database)).toEqual(before);
      expect(await migrateUp(database, number)).toBe(1);
      expect(await dumpCatalogue(database)).toEqual(after);
      before = after;
    }
    expect(before).toEqual(whole);
    expect(await migrateDown(database, 0)).toBe(migrations.length);
    expect(await dumpCatalogue(database)).toEqual([]);
    expect(await migrateUp(database)).toBe(migrations.length);
    expect(await dumpCatalogue(database)).toEqual(whole);
    // Longer with every migration.
  }, 240_000);

  it('that are applied already are not applied again', async () => {
    const whole = await dumpCatalogue(database);
    expect(await migrateUp(database)).toBe(0);
    expect(await dumpCatalogue(database)).toEqual(whole);
    const status = await migrationStatus(database);
    expect(status.map((state) => state.number)).toEqual(migrations.map((migration) => migration.number));
    expect(status.every((state) => state.appliedAt && !state.changed)).toBe(true);
  });

  it('are applied once when several processes start at the same time', async () => {
    const whole = await dumpCatalogue(database);
    const others =
      database.kind === 'postgres' ? await Promise.all(Array.from({ length: 5 }, () => copy.open())) : [];
    // Connected beforehand, so that all of them look at the same moment.
    await Promise.all(others.map((other) => other.asOwner((queries) => queries.sql('select 1'))));
    await migrateDown(database, 0);
    await database.execute('drop table schema_migrations');
    const counts = await Promise.all([database, ...others].map((each) => migrateUp(each)));
    await Promise.all(others.map((other) => other.close()));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(migrations.length);
    expect(await dumpCatalogue(database)).toEqual(whole);
  });

  it('that fail leave nothing half done', async () => {
    const whole = await dumpCatalogue(database);
    const broken: Migration = {
      number: migrations.length + 1,
      name: 'broken',
      up: 'create table half_done (id integer);\nselect no_such_function();',
      down: '',
      checksum: '',
    };
    await expect(migrateUp(database, undefined, [...migrations, broken])).rejects.toThrow();
    expect(await dumpCatalogue(database)).toEqual(whole);
    expect(await migrationStatus(database)).toHaveLength(migrations.length);
  });

  it('whose file changed after it was applied are reported', async () => {
    await database.asOwner((queries) =>
      queries.sql("update schema_migrations set checksum = 'another' where number = 2"),
    );
    const status = await migrationStatus(database);
    expect(status.filter((state) => state.changed).map((state) => state.number)).toEqual([2]);
    await database.asOwner((queries) =>
      queries.sql('update schema_migrations set checksum = $1 where number = 2', [migrations[1]?.checksum]),
    );
  });
});

describe('a folder of migrations', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-migrations-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is refused when a number is missing, or a file lacks its way down', async () => {
    await cp(
      fileURLToPath(new URL('../../migrations/0001_core.sql', import.meta.url)),
      `${folder}/0001_core.sql`,
    );
    expect(await readMigrations(folder)).toHaveLength(1);
    await writeFile(`${folder}/0003_gap.sql`, '-- migrate:up\nselect 1;\n-- migrate:down\nselect 1;\n');
    await expect(readMigrations(folder)).rejects.toThrow('0003_gap.sql is out of line');
    await rm(`${folder}/0003_gap.sql`);
    await writeFile(`${folder}/0002_one_way.sql`, '-- migrate:up\nselect 1;\n');
    await expect(readMigrations(folder)).rejects.toThrow('lacks');
  });
});

it('cuts a script at the semicolons that end statements, and at no other', () => {
  const script = [
    "insert into t values ('a;b', 'it''s; fine');",
    '-- a comment; with one',
    'create function f() returns void language plpgsql as $$ begin perform 1; end $$;',
    "do $body$ begin execute 'x;y'; end $body$;",
    'select 1',
  ].join('\n');
  const statements = splitStatements(script);
  expect(statements).toHaveLength(4);
  expect(statements[1]).toContain('perform 1; end $$');
  expect(statements[3]).toBe('select 1');
  expect(splitStatements('-- nothing;\n;;\n')).toEqual([]);
});
