// A database of its own for every test app: a copy of one that was migrated once.
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import pg from 'pg';
import { type Database, openDatabase } from '../src/core/database.ts';
import { migrateUp } from '../src/core/migrations.ts';

const templateFileKey = 'PARLEY_TEST_TEMPLATE';
const templateDatabase = `parley_template_${process.env.PARLEY_TEST_RUN ?? 'local'}`;

export const testDatabaseUrl = process.env.TEST_DATABASE_URL || undefined;
export const testRedisUrl = process.env.TEST_REDIS_URL || undefined;

const fail = (error: unknown) => {
  throw error;
};

function urlOf(name: string): string {
  const url = new URL(testDatabaseUrl as string);
  url.pathname = `/${name}`;
  return url.href;
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: testDatabaseUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

const insufficientPrivilege = '42501';

/** Whoever is connected is sent away, but for autovacuum: that is the server's own, and has its work done in a moment. */
async function dropDatabase(name: string, triesLeft = 50): Promise<void> {
  try {
    await onServer(`drop database if exists ${name} with (force)`);
  } catch (error) {
    if (triesLeft === 0 || (error as { code?: string }).code !== insufficientPrivilege) throw error;
    await new Promise((resolve) => setTimeout(resolve, 100));
    await dropDatabase(name, triesLeft - 1);
  }
}

/** A copy is loaded in half of the time without the databases that nobody connects to, and with nothing to recover. */
const slimming = [
  'update pg_database set datistemplate = false',
  'drop database template0',
  'drop database template1',
  'checkpoint',
];

/** Makes the template, once for a whole run. `prepare` brings it to the state in which every test starts. */
export async function makeTemplate(
  file: string,
  prepare: (database: Database) => Promise<void>,
): Promise<void> {
  if (testDatabaseUrl) {
    await dropDatabase(templateDatabase);
    await onServer(`create database ${templateDatabase}`);
    const database = await openDatabase({
      url: urlOf(templateDatabase),
      dataDirectory: '',
      poolMax: 4,
      onError: fail,
    });
    await migrateUp(database);
    await prepare(database);
    await database.close();
    return;
  }
  const database = await openDatabase({
    url: undefined,
    dataDirectory: 'memory://',
    poolMax: 1,
    onError: fail,
  });
  await migrateUp(database);
  await prepare(database);
  if (database.engine.kind === 'embedded') {
    for (const statement of slimming) await database.execute(statement);
    const dump = await database.engine.pglite.dumpDataDir('none');
    await writeFile(file, Buffer.from(await dump.arrayBuffer()));
    process.env[templateFileKey] = file;
  }
  await database.close();
}

export async function dropTemplate(): Promise<void> {
  if (testDatabaseUrl) await dropDatabase(templateDatabase);
}

export interface TestDatabase {
  /** For a second process or app on the same data; undefined when embedded. */
  readonly url: string | undefined;
  open(): Promise<Database>;
  drop(): Promise<void>;
}

/** A fresh copy of the template. */
export async function copyTemplate(onError: (error: unknown) => void): Promise<TestDatabase> {
  if (testDatabaseUrl) {
    const name = `parley_test_${randomUUID().replaceAll('-', '')}`;
    await onServer(`create database ${name} template ${templateDatabase}`);
    return {
      url: urlOf(name),
      open: () => openDatabase({ url: urlOf(name), dataDirectory: '', poolMax: 5, onError }),
      drop: () => dropDatabase(name),
    };
  }
  const file = process.env[templateFileKey];
  if (!file) throw new Error('the test template was not made: run the tests by vitest');
  const bytes = await readFile(file);
  return {
    url: undefined,
    open: () =>
      openDatabase({
        url: undefined,
        dataDirectory: 'memory://',
        poolMax: 1,
        onError,
        loadDataDir: new Blob([bytes]),
      }),
    drop: async () => undefined,
  };
}
