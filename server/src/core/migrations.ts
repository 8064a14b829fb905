// Numbered migrations with a way up and a way down, each in one transaction with the record of it.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Database, Queries } from './database.ts';

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly up: string;
  readonly down: string;
  readonly checksum: string;
}

export interface MigrationState {
  readonly number: number;
  readonly name: string;
  readonly appliedAt: Date | null;
  /** The file was changed after it was applied. */
  readonly changed: boolean;
}

const folder = fileURLToPath(new URL('../../migrations/', import.meta.url));
const lockKey = 7_266_531;

/** Reads `NNNN_name.sql` files: `-- migrate:up`, then `-- migrate:down`, as dbmate writes them. */
export async function readMigrations(directory = folder): Promise<Migration[]> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file, index) => {
      const [, number, name] = /^(\d{4})_([a-z0-9_]+)\.sql$/.exec(file) ?? [];
      if (Number(number) !== index + 1 || !name) throw new Error(`migration ${file} is out of line`);
      const text = await readFile(`${directory}/${file}`, 'utf8');
      const [, up, down] = /^-- migrate:up\n([\s\S]*)\n-- migrate:down\n([\s\S]*)$/.exec(text) ?? [];
      if (up === undefined || down === undefined)
        throw new Error(`migration ${file} lacks its up or its down`);
      return { number: index + 1, name, up, down, checksum: createHash('sha256').update(text).digest('hex') };
    }),
  );
}

async function prepare(database: Database): Promise<void> {
  // `if not exists` alone does not help processes that look at the same moment: they queue up here. Roles belong to
  // the whole server, so two databases may still race to make them.
  await database.execute(`
    select pg_advisory_xact_lock(${lockKey});
    do $$ begin
      begin create role parley_app nologin; exception when duplicate_object or unique_violation then null; end;
      begin create role parley_eraser nologin; exception when duplicate_object or unique_violation then null; end;
      begin create role parley_system nologin; exception when duplicate_object or unique_violation then null; end;
      begin
        execute format('grant parley_app, parley_system, parley_eraser to %I', current_user);
      exception when others then null; end;
    end $$;
    create table if not exists schema_migrations (
      number integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now()
    );`);
}

async function script(queries: Queries, text: string): Promise<void> {
  for (const statement of splitStatements(text)) await queries.sql(statement);
}

/** Splits a script at semicolons that stand outside quotes, dollar quotes and comments. */
export function splitStatements(text: string): string[] {
  const statements: string[] = [];
  const token = /--[^\n]*|'(?:[^']|'')*'|\$([a-z_]*)\$[\s\S]*?\$\1\$|;/g;
  let start = 0;
  for (const match of text.matchAll(token)) {
    if (match[0] !== ';') continue;
    statements.push(text.slice(start, match.index));
    start = match.index + 1;
  }
  statements.push(text.slice(start));
  return statements
    .map((statement) => statement.trim())
    .filter((statement) => statement.replace(/--[^\n]*/g, '').trim());
}

async function applied(queries: Queries): Promise<Map<number, { checksum: string; applied_at: Date }>> {
  const rows = await queries.sql<{ number: number; checksum: string; applied_at: Date }>(
    'select number, checksum, applied_at from schema_migrations order by number',
  );
  return new Map(rows.map((row) => [row.number, row]));
}

/** Applies what is missing, up to `target` (all). Several processes may call it at once: one does the work. */
export async function migrateUp(
  database: Database,
  target = Number.POSITIVE_INFINITY,
  migrations?: Migration[],
): Promise<number> {
  await prepare(database);
  let count = 0;
  for (const migration of migrations ?? (await readMigrations())) {
    if (migration.number > target) break;
    count += await database.asOwner(async (queries) => {
      await queries.sql('select pg_advisory_xact_lock($1)', [lockKey]);
      if ((await applied(queries)).has(migration.number)) return 0;
      await script(queries, migration.up);
      await queries.sql('insert into schema_migrations (number, name, checksum) values ($1, $2, $3)', [
        migration.number,
        migration.name,
        migration.checksum,
      ]);
      return 1;
    });
  }
  return count;
}

/** Undoes migrations, newest first, until `target` is the last one applied. */
export async function migrateDown(
  database: Database,
  target: number,
  migrations?: Migration[],
): Promise<number> {
  await prepare(database);
  let count = 0;
  for (const migration of (migrations ?? (await readMigrations())).toReversed()) {
    if (migration.number <= target) break;
    count += await database.asOwner(async (queries) => {
      await queries.sql('select pg_advisory_xact_lock($1)', [lockKey]);
      if (!(await applied(queries)).has(migration.number)) return 0;
      await script(queries, migration.down);
      await queries.sql('delete from schema_migrations where number = $1', [migration.number]);
      return 1;
    });
  }
  return count;
}

export async function migrationStatus(database: Database): Promise<MigrationState[]> {
  await prepare(database);
  const done = await database.asOwner(applied);
  return (await readMigrations()).map((migration) => {
    const row = done.get(migration.number);
    return {
      number: migration.number,
      name: migration.name,
      appliedAt: row ? new Date(row.applied_at) : null,
      changed: row !== undefined && row.checksum !== migration.checksum,
    };
  });
}
