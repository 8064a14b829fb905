import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { loadConfig } from '../../core/config.ts';
import { openDatabase } from '../../core/database.ts';
import { defineJob, work } from '../../core/queue.ts';
import type { AnyCommand, CommandHost } from '../command.ts';
import { examineDatabase } from '../doctor/database.ts';
import type { Finding } from '../doctor/finding.ts';
import { examineDataFolder, examineNode } from '../doctor/installation.ts';
import { localHost, serverHost } from '../host.ts';
import { doctorCommand } from './doctor.ts';

const doomed = defineJob({
  name: 'test.doomed',
  doc: 'Fails every time.',
  input: z.object({}),
  effect: 'external',
  retries: 0,
});

let app: TestApp;
let twilio: TestTwilio;
let workspace: TestWorkspace;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-doctor-'));
  twilio = await startTwilio();
  app = await startTestApp({
    environment: twilio.environment,
    modules: [
      {
        name: 'test',
        jobs: [
          work(doomed, async () => {
            throw new Error('it was planted');
          }),
        ],
      },
    ],
  });
  workspace = await app.workspace();
});
afterAll(async () => {
  await app.close();
  await twilio.close();
  await rm(folder, { recursive: true, force: true });
});

const never = new AbortController().signal;

async function examine(host: CommandHost = serverHost(app.app, null, never)) {
  const output = (await (doctorCommand as AnyCommand).run(host, {}, () => undefined)) as {
    problems: number;
    warnings: number;
    findings: Finding[];
  };
  expect(doctorCommand.failed?.(output as never)).toBe(output.problems > 0);
  return output.findings;
}

const wrong = (findings: readonly Finding[]) =>
  findings
    .filter(({ level }) => level !== 'ok')
    .map(({ area, level, message }) => `${level} ${area}: ${message}`);

const inDatabase = (statement: string, values: unknown[] = []) =>
  app.kernel.database.asOwner((queries) => queries.sql(statement, values));

test('a sound installation has no problem, and every finding that is one says how to mend it', async () => {
  const findings = await examine();
  expect(wrong(findings)).toEqual([]);
  expect(findings.map(({ area }) => area)).toEqual(
    expect.arrayContaining(['node', 'data folder', 'database', 'schema', 'keys', 'redis', 'queue']),
  );
});

test('a provider that must reach an address that only this machine can reach is a problem', async () => {
  await twilio.connectTwilio(workspace);
  const findings = await examine();
  expect(wrong(findings)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^problem public address: .+ cannot be reached from outside/),
    ]),
  );
  for (const { level, mend } of findings) if (level !== 'ok') expect(mend).toBeTruthy();
});

test('a job that failed for the last time is a warning', async () => {
  await workspace.ctx.transaction(async (tx) => tx.enqueue(doomed, {}));
  await app.until('the dead letter', async () => (await app.kernel.queue.deadLetters()).length > 0);
  expect(wrong(await examine())).toContain('warning queue: 1 job has failed for the last time.');
});

test('a migration that is missing or was changed after it was applied is a problem', async () => {
  const [newest] = (await inDatabase(
    'select number, checksum from schema_migrations order by number desc limit 1',
  )) as { number: number; checksum: string }[];
  await inDatabase("update schema_migrations set checksum = 'another' where number = $1", [newest?.number]);
  expect(wrong(await examine())).toEqual(
    expect.arrayContaining([expect.stringMatching(/^problem schema: Migration \d+ \w+ was changed/)]),
  );
  await inDatabase('delete from schema_migrations where number = $1', [newest?.number]);
  expect(wrong(await examine())).toEqual([
    expect.stringMatching(/^problem schema: 1 migration was not applied: \d+/),
  ]);
  await inDatabase("insert into schema_migrations (number, name, checksum) values ($1, 'restored', $2)", [
    newest?.number,
    newest?.checksum,
  ]);
});

test('a key that the secret does not open is a problem, a rotation that was broken off a warning', async () => {
  await inDatabase('update workspace_keys set version = version + 1, current_from = now()');
  await inDatabase(
    `insert into workspace_keys (workspace_id, version, wrapped, wrapper_id)
     select workspace_id, version - 1, wrapped, wrapper_id from workspace_keys`,
  );
  expect(wrong(await examine())).toContain(
    'warning keys: The keys of 1 workspaces are being rotated, or the rotation was broken off.',
  );
  await inDatabase('delete from workspace_keys where version = 2');
  const stranger = await app.workspace({ name: 'Stranger' });
  await inDatabase(
    "update workspace_keys set wrapper_id = 'a wrapper of another secret' where workspace_id = $1",
    [stranger.id],
  );
  app.kernel.keyring.forget(stranger.id);
  expect(wrong(await examine())).toEqual(
    expect.arrayContaining([expect.stringContaining('problem keys: PARLEY_SECRET is not the one')]),
  );
});

test('a secret that others can read, or that is gone while data is there, is a problem', async () => {
  const config = loadConfig({ PARLEY_DATA: folder });
  await chmod(folder, 0o755);
  await writeFile(join(folder, 'secret'), 'x'.repeat(64));
  await chmod(join(folder, 'secret'), 0o644);
  expect(wrong(await examineDataFolder(config))).toEqual([
    expect.stringContaining('warning data folder: Every user of this machine can look into'),
    expect.stringMatching(/problem data folder: .+secret can be read by others \(mode 644\)/),
  ]);
  await rm(join(folder, 'secret'));
  await writeFile(join(folder, 'database'), '');
  await chmod(folder, 0o700);
  expect(wrong(await examineDataFolder(config))).toEqual([
    expect.stringMatching(/problem data folder: .+secret is missing/),
  ]);
});

test('an old Node is a problem', () => {
  expect(wrong(examineNode('20.19.0'))).toEqual([expect.stringContaining('Node 20.19.0 is too old')]);
});

test('a database that cannot be reached is a problem in plain words, and the rest is looked at all the same', async () => {
  const config = loadConfig({ PARLEY_DATA: folder, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' });
  const host = localHost(config, never, 'a test');
  const findings = await examine(host);
  await host.close();
  expect(wrong(findings)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^problem database: PostgreSQL at 127.0.0.1:1 cannot be reached/),
    ]),
  );
  expect(findings.some(({ area }) => area === 'node')).toBe(true);
});

test('a server that gives up durability is a problem; of the embedded database it is said what it does not survive', async () => {
  const { databaseUrl } = app;
  if (!databaseUrl) {
    const findings = await examineDatabase(app.kernel.database);
    expect(findings.some(({ message }) => message.includes('not a power cut'))).toBe(true);
    return;
  }
  await inDatabase(`alter database ${new URL(databaseUrl).pathname.slice(1)} set synchronous_commit = off`);
  const fresh = await openDatabase({
    url: databaseUrl,
    dataDirectory: '',
    poolMax: 2,
    onError: () => undefined,
  });
  expect(wrong(await examineDatabase(fresh))).toEqual([
    expect.stringContaining('problem database: PostgreSQL runs with synchronous_commit off'),
  ]);
  await fresh.close();
});
