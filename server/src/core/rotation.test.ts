import type { Conversation } from '@parley/contract/conversations';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readColumns } from '../../test/catalogue.ts';
import { startTestApp, type TestApp, type TestWorkspace } from '../../test/harness.ts';
import { startTwilio, type TestTwilio } from '../../test/twilio.ts';
import { modules } from '../app.ts';
import { CryptoError, keyVersionOf, secretKeyWrapper } from './crypto.ts';
import { Keyring } from './keyring.ts';
import { type RotationOptions, type RotationReport, rotateKeys, type SealedColumn } from './rotation.ts';

const columns = modules.flatMap((module) => module.sealed ?? []);
const ofInstallation = modules.flatMap((module) => module.sealedByInstallation ?? []);
/** Wrapped by the key-encryption key: wrapped anew, never sealed anew. */
const wrapped = ['workspace_keys.wrapped'];
/** Of the installation, for minutes or days: what the secret before sealed is opened too, and nothing is sealed anew. */
const installations = ['mails.sealed', 'account_asks.sealed', 'sign_in_flows.sealed'];
/** Numbers of passages under keyed hashes; hashes of codes with their salt. */
const unsealed = ['knowledge_postings.postings', 'backup_codes.hash', 'backup_codes.salt'];
/** The smallest PNG that is one. */
const picture =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let app: TestApp;
let twilio: TestTwilio;
let workspace: TestWorkspace;
let number = '';

beforeAll(async () => {
  twilio = await startTwilio();
  app = await startTestApp({ environment: twilio.environment });
  workspace = await app.workspace();
  const { address } = await twilio.connectTwilio(workspace);
  number = address;
});
afterAll(async () => {
  await app.close();
  await twilio.close();
});

interface SealedRow {
  readonly column: string;
  readonly key: Record<string, string>;
  readonly value: Uint8Array;
}

async function readSealed(): Promise<SealedRow[]> {
  const found: SealedRow[] = [];
  for (const { table, column, key } of columns) {
    const rows = await app.kernel.database.asSystem((queries) =>
      queries.sql<Record<string, string> & { sealed: Uint8Array }>(
        `select ${key.map((name) => `${name}::text as ${name}`).join(', ')}, ${column} as sealed
         from ${table} where workspace_id = $1 and ${column} is not null`,
        [workspace.id],
      ),
    );
    found.push(
      ...rows.map(({ sealed, ...rest }) => ({ column: `${table}.${column}`, key: rest, value: sealed })),
    );
  }
  return found;
}

/** Opens every sealed value of the workspace at the place that its list says. */
async function openEverything(): Promise<{ versions: number[]; columns: string[] }> {
  const vault = await workspace.ctx.vault();
  const rows = await readSealed();
  for (const { column, key, value } of rows) {
    const list = columns.find((candidate) => `${candidate.table}.${candidate.column}` === column);
    vault.open(value, list?.place(key) ?? '');
  }
  return {
    versions: [...new Set(rows.map(({ value }) => keyVersionOf(value)))].sort(),
    columns: [...new Set(rows.map(({ column }) => column))].sort(),
  };
}

const rotate = (options: Partial<RotationOptions> = {}, what: readonly SealedColumn[] = columns) =>
  rotateKeys(app.kernel, what, { announceMs: 200, settleMs: 400, ...options });

async function writeOneOfEach(): Promise<void> {
  const admin = workspace.as('admin');
  const { body: key } = await admin.post<{ id: string }>(
    '/api/v1/api-keys',
    { name: 'kept', role: 'viewer' },
    { 'idempotency-key': 'the same again' },
  );
  expect(key.id).toBeDefined();
  await admin.post('/api/v1/knowledge', { title: 'Hours', content: 'We open at nine.' });
  await admin.post('/api/v1/models', {
    name: 'Ours',
    baseUrl: 'https://models.example.com/v1',
    model: 'small',
    apiKey: 'a key of the model',
  });
  await twilio.simulator.text({
    from: '+15551230001',
    to: number,
    body: 'a picture',
    media: [{ contentType: 'image/png', base64: picture }],
  });
  await app.event('message.received');
  const { body: conversations } = await admin.get<{ items: Conversation[] }>('/api/v1/conversations');
  await admin.put(`/api/v1/conversations/${conversations.items[0]?.id}/consent`, {
    optedOut: true,
    reason: 'said so on the telephone',
  });
  await app.until('the picture', async () => {
    const rows = await app.kernel.database.asSystem((queries) =>
      queries.sql("select 1 from message_media where status = 'stored'"),
    );
    return rows.length > 0;
  });
}

test('every column that holds bytes is in the list of its module, or known to hold none that are sealed', async () => {
  const bytes = (await readColumns(app.kernel.database)).filter(({ type }) => type === 'bytea');
  const listed = [...columns, ...ofInstallation].map(({ table, column }) => `${table}.${column}`);
  expect(bytes.map(({ table, column }) => `${table}.${column}`).sort()).toEqual(
    [...listed, ...wrapped, ...installations, ...unsealed].sort(),
  );
});

test('keys are rotated while traffic goes on, stopped in the middle and gone on with: everything opens', async () => {
  await writeOneOfEach();
  for (let index = 0; index < 30; index += 1) {
    await twilio.simulator.text({ from: '+15551230001', to: number, body: `before ${index}` });
  }
  await app.settled();
  expect((await openEverything()).versions).toEqual([1]);

  let goesOn = true;
  let sent = 0;
  const traffic = (async () => {
    while (goesOn) {
      const from = `+1555123${String(1000 + (sent % 7))}`;
      const { answer } = await twilio.simulator.text({ from, to: number, body: `meanwhile ${sent}` });
      expect(answer?.status).toBe(200);
      sent += 1;
    }
  })();

  const stopping = new AbortController();
  let looked = 0;
  // Says stop in the middle of the work, whatever the machine's speed.
  const stoppingColumns = columns.map((column) => ({
    ...column,
    place: (row: Readonly<Record<string, string>>) => {
      looked += 1;
      if (looked === 20) stopping.abort();
      return column.place(row);
    },
  }));
  let second: RotationReport;
  try {
    const first = await rotate({ batchSize: 1, signal: stopping.signal }, stoppingColumns);
    expect(first).toMatchObject({ finished: false });
    expect((await openEverything()).versions).toEqual([1, 2]);
    second = await rotate({ batchSize: 20 });
  } finally {
    goesOn = false;
    await traffic;
  }
  expect(second).toMatchObject({ finished: true, unreadable: 0, versionsDestroyed: 1, workspaces: 1 });
  expect(second.resealed).toBeGreaterThan(0);
  await app.settled();

  const opened = await openEverything();
  expect(opened.versions).toEqual([2]);
  // Each list's places are those that the code seals for.
  expect(opened.columns).toEqual(
    expect.arrayContaining([
      'channels.credentials',
      'consent_events.reason',
      'deliveries.payload',
      'idempotency_keys.response',
      'message_media.file_key',
      'message_media.provider_url',
      'messages.content',
      'models.api_key',
      'training_data.origin',
      'training_documents.content',
    ]),
  );
  const failures = app.logged.filter((line) => line.includes('CryptoError'));
  expect(failures).toEqual([]);
}, 120_000);

test('what was promised before a rotation is kept after it', async () => {
  const again = await workspace
    .as('admin')
    .post('/api/v1/api-keys', { name: 'kept', role: 'viewer' }, { 'idempotency-key': 'the same again' });
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  const { body } = await workspace.as('viewer').get<{ items: Conversation[] }>('/api/v1/conversations');
  expect(body.items.length).toBeGreaterThan(0);
});

test('a value that no key opens is left as it is, and its workspace keeps the older key', async () => {
  await app.kernel.database.asSystem((queries) =>
    queries.sql(
      `update messages set content = set_byte(content, 30, get_byte(content, 30) # 255)
       where id = (select id from messages where workspace_id = $1 order by id limit 1)`,
      [workspace.id],
    ),
  );
  expect(await rotate()).toMatchObject({ finished: true, unreadable: 1, versionsDestroyed: 0 });
  await app.kernel.database.asSystem((queries) =>
    queries.sql(
      'delete from messages where id = (select id from messages where workspace_id = $1 order by id limit 1)',
      [workspace.id],
    ),
  );
  expect(await rotate()).toMatchObject({ finished: true, unreadable: 0, versionsDestroyed: 1 });
}, 60_000);

test('a new secret wraps the keys anew, after which the old one is not needed', async () => {
  const { database, bus, secret } = app.kernel;
  const [older, newer] = [
    secretKeyWrapper(secret),
    secretKeyWrapper('the secret after that one, long enough'),
  ];
  expect(await new Keyring(database, [newer, older], bus).rewrapAll()).toBe(1);
  const vault = await new Keyring(database, [newer], bus).vault(workspace.id);
  expect(vault.currentVersion).toBe(3);
  await expect(new Keyring(database, [older], bus).vault(workspace.id)).rejects.toThrow('PARLEY_SECRET');
  expect(await new Keyring(database, [older, newer], bus).rewrapAll()).toBe(1);
});

test('when the keys of a workspace are destroyed, nothing of it opens and its neighbours notice nothing', async () => {
  const neighbour = await app.workspace({ name: 'Neighbour' });
  await app.kernel.keyring.destroy(workspace.id);
  await expect(openEverything()).rejects.toBeInstanceOf(CryptoError);
  const answer = await workspace.as('admin').get('/api/v1/knowledge');
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(await neighbour.as('admin').get('/api/v1/api-keys')).toMatchObject({ status: 200 });
});
