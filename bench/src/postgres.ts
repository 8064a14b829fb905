// A PostgreSQL of our own, as it comes: fsync on, synchronous_commit on. Or the one in BENCH_DATABASE_URL.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './processes.ts';

export interface Postgres {
  /** Makes an empty database and returns its URL. */
  database(name: string): Promise<string>;
  /** Stops the server at once, as a crash would, and starts it again; null where it is not ours. */
  readonly crash: (() => Promise<void>) | null;
  close(): Promise<void>;
}

function binaries(): string | null {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : [];
  const found = versions
    .map((version) => join(root, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
  return found ?? null;
}

/** PostgreSQL refuses to run as root: there it runs as the user `postgres`. */
function asServerUser(command: string, parameters: readonly string[]): [string, string[]] {
  return process.getuid?.() === 0
    ? [
        'su',
        ['postgres', '-s', '/bin/sh', '-c', [command, ...parameters].map((word) => `'${word}'`).join(' ')],
      ]
    : [command, [...parameters]];
}

function run(command: string, ...parameters: string[]): void {
  execFileSync(...asServerUser(command, parameters), { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** @throws Error where there is no PostgreSQL to be had. */
export async function startPostgres(): Promise<Postgres> {
  const given = process.env.BENCH_DATABASE_URL;
  if (given)
    return { database: (name) => createDatabase(given, name), crash: null, close: async () => undefined };
  const bin = binaries();
  if (!bin) {
    throw new Error(
      'This needs PostgreSQL: install its server package, or set BENCH_DATABASE_URL to one that may be filled.',
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'parley-postgres-'));
  if (process.getuid?.() === 0) execFileSync('chown', ['postgres', folder]);
  const data = join(folder, 'data');
  run(join(bin, 'initdb'), '-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8');
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const start = async () => {
    const options = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c max_connections=200 ${process.env.PG_EXTRA ?? ''}`;
    const [command, parameters] = asServerUser(join(bin, 'pg_ctl'), [
      '-D',
      data,
      '-l',
      join(folder, 'log'),
      '-o',
      options,
      '-w',
      'start',
    ]);
    await new Promise<void>((resolve, reject) => {
      const child = spawn(command, parameters, { stdio: 'ignore' });
      child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error('PostgreSQL did not start'))));
    });
  };
  await start();
  return {
    database: (name) => createDatabase(url, name),
    crash: async () => {
      run(join(bin, 'pg_ctl'), '-D', data, '-m', 'immediate', '-w', 'stop');
      await start();
    },
    close: async () => {
      run(join(bin, 'pg_ctl'), '-D', data, '-m', 'fast', '-w', 'stop');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function createDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(`drop database if exists "${name}" with (force)`);
  await client.query(`create database "${name}"`);
  await client.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
