import { createHash } from 'node:crypto';
import type { DataExport, ExportLink, StartedExport } from '@parley/contract/privacy';
import { BlobReader, configure, type FileEntry, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, startTestApp, type TestApp } from '../../../test/harness.ts';
import { type MailServer, startMailServer } from '../../../test/mail-server.ts';
import { addMember, makeStale } from '../../../test/members.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { signIn } from '../../../test/signed-in.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { fixedClock } from '../../core/clock.ts';
import { storagePort } from '../../core/storage.ts';
import { removeOldExports, runTellExportReady } from './exports.ts';

configure({ useWebWorkers: false });
const path = '/api/v1/privacy/exports';
let twilio: TestTwilio;
let mails: MailServer;
let test: TestApp;
let inbox: Inbox;
let contactId: string;
beforeAll(async () => {
  [twilio, mails] = [await startTwilio(), await startMailServer()];
  test = await startTestApp({ environment: { ...twilio.environment, SMTP_URL: mails.url } });
  inbox = await openInbox(test, twilio);
  for (const [from, body] of [
    ['+15557310001', 'the crimson bicycle, "today"'],
    ['+15557310001', '=1+1'],
    ['+15557310002', 'somebody else altogether'],
  ] as const) {
    await twilio.text({ to: inbox.channel.address, from, body });
    await test.settled();
  }
  const found = (await inbox.conversations()).find(({ contact }) => contact.address === '+15557310001');
  contactId = found?.contact.id ?? '';
});
afterAll(async () => {
  await test.close();
  await Promise.all([twilio.close(), mails.close()]);
});

async function make(client: ApiClient, of: string | null): Promise<StartedExport> {
  const { status, body } = await client.post<StartedExport>(path, { contactId: of });
  expect(status).toBe(202);
  await test.until('the export to be written', async () => {
    const { body: now } = await client.get<DataExport>(`${path}/${body.id}`);
    return now.state === 'done';
  });
  return body;
}

async function fetchFile(client: ApiClient, id: string) {
  const response = await fetch(`${test.url}${path}/${id}/file`, { headers: await client.authorization() });
  return { response, bytes: new Uint8Array(await response.arrayBuffer()) };
}

async function unzip(bytes: Uint8Array<ArrayBuffer>, password: string): Promise<Map<string, Buffer>> {
  const reader = new ZipReader(new BlobReader(new Blob([bytes])), { password });
  const entries = (await reader.getEntries()) as FileEntry[];
  expect(entries.every((entry) => entry.encrypted && !entry.zipCrypto)).toBe(true);
  const files = new Map<string, Buffer>();
  for (const entry of entries)
    files.set(entry.filename, Buffer.from(await entry.getData(new Uint8ArrayWriter())));
  return files;
}

const linesOf = (files: ReadonlyMap<string, Buffer>, name: string): Record<string, unknown>[] =>
  (files.get(`data/${name}.jsonl`)?.toString() ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('an export', () => {
  it('of the workspace has every row that the database has, each file as its manifest says, and no secret', async () => {
    const owner = inbox.workspace.as('owner');
    const { userId, email } = await addMember(test, inbox.workspace, 'agent');
    const { id, passphrase } = await make(owner, null);
    const { response, bytes } = await fetchFile(owner, id);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/zip',
      'content-disposition': expect.stringMatching(/^attachment; /),
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
    });
    const { body: described } = await owner.get<DataExport>(`${path}/${id}`);
    expect(described).toMatchObject({
      bytes: bytes.length,
      checksum: createHash('sha256').update(bytes).digest('hex'),
    });
    await expect(unzip(bytes, 'a guess')).rejects.toThrow();
    const files = await unzip(bytes, passphrase);
    const manifest = JSON.parse(files.get('manifest.json')?.toString() ?? '{}') as {
      format: number;
      files: { path: string; bytes: number; sha256: string; rows?: number }[];
    };
    expect(manifest.format).toBe(1);
    expect(manifest.files.map((file) => file.path)).toEqual(
      [...files.keys()].filter((name) => name !== 'manifest.json'),
    );
    for (const file of manifest.files) {
      const content = files.get(file.path) ?? Buffer.alloc(0);
      expect([file.path, content.length, createHash('sha256').update(content).digest('hex')]).toEqual([
        file.path,
        file.bytes,
        file.sha256,
      ]);
    }
    for (const table of ['messages', 'contacts', 'conversations', 'deliveries', 'channels', 'runs']) {
      const [row] = await inbox.sql<{ count: number }>(`select count(*)::int as count from ${table}`);
      expect([table, linesOf(files, table).length]).toEqual([table, row?.count]);
    }
    expect(linesOf(files, 'people')).toContainEqual({ id: userId, name: 'A agent', email });
    expect(linesOf(files, 'messages').map(({ content }) => content)).toContain(
      'the crimson bicycle, "today"',
    );
    expect(files.get('messages.csv')?.toString()).toContain(`'=1+1`);
    const everything = Buffer.concat([...files.values()]).toString();
    const [channel] = linesOf(files, 'channels');
    expect(channel).not.toHaveProperty('credentials');
    expect(everything).not.toContain('file_key');
    expect(everything).not.toContain(passphrase);
    const stored = await inbox.sql<{ passphrase: unknown }>('select passphrase from exports where id = $1', [
      id,
    ]);
    expect(stored).toEqual([{ passphrase: null }]);
  }, 60_000);

  it('of a contact has what is theirs and nothing of anybody else', async () => {
    const admin = inbox.workspace.as('admin');
    const { id, passphrase } = await make(admin, contactId);
    const files = await unzip((await fetchFile(admin, id)).bytes, passphrase);
    expect(linesOf(files, 'contacts').map((row) => row.id)).toEqual([contactId]);
    expect(linesOf(files, 'messages').filter(({ direction }) => direction === 'inbound')).toHaveLength(2);
    expect(Buffer.concat([...files.values()]).toString()).not.toContain('somebody else altogether');
  });

  it('is fetched by who made it and by an owner, by nobody else, and each time is in the audit', async () => {
    const maker = await addMember(test, inbox.workspace, 'admin');
    const other = await addMember(test, inbox.workspace, 'admin');
    const { id } = await make(maker.client, contactId);
    expect((await fetchFile(other.client, id)).response.status).toBe(403);
    expect((await fetchFile(inbox.workspace.as('agent'), id)).response.status).toBe(403);
    expect((await fetchFile(maker.client, id)).response.status).toBe(200);
    expect((await fetchFile(inbox.workspace.as('owner'), id)).response.status).toBe(200);
    await test.settled();
    const fetched = await inbox.events('export.downloaded');
    expect(fetched.filter(({ payload }) => (payload as { exportId: string }).exportId === id)).toHaveLength(
      2,
    );
  });

  it('is saved by a link that a member gets with a fresh proof: once, within a minute, in their session', async () => {
    const maker = await addMember(test, inbox.workspace, 'admin');
    const { id } = await make(maker.client, contactId);
    const ask = () => maker.client.post<ExportLink>(`${path}/${id}/link`);
    /** As a browser follows it: with its cookie, and no header of ours. */
    const follow = async ({ path: link }: ExportLink, client = maker.client) => {
      const response = await fetch(`${test.url}${link}`, { headers: await client.authorization() });
      return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
    };
    const { status, body: link } = await ask();
    expect(status).toBe(201);
    expect(Date.parse(link.validUntil)).toBeLessThanOrEqual(Date.now() + 60_000);
    const [row] = await inbox.sql<Record<string, unknown>>('select * from exports where id = $1', [id]);
    const token = new URL(link.path, test.url).searchParams.get('link') ?? '';
    expect(JSON.stringify(row)).not.toContain(token);
    const { client: elsewhere } = await signIn(test, maker);
    for (const client of [elsewhere, inbox.workspace.as('owner')])
      expect((await follow(link, client)).status).toBe(410);
    const { body: described } = await maker.client.get<DataExport>(`${path}/${id}`);
    const { bytes } = await follow(link);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(described.checksum);
    expect((await follow(link)).status).toBe(410);

    const { body: late } = await ask();
    await inbox.sql("update exports set link_until = now() - interval '1 s' where id = $1", [id]);
    expect((await follow(late)).status).toBe(410);
    const { body: voided } = await ask();
    await ask();
    expect((await follow(voided)).status).toBe(410);
    // Of another workspace, by its address or in it.
    const other = await test.workspace();
    const moved = { ...voided, path: voided.path.replace(inbox.workspace.id, other.id) };
    expect((await follow(moved)).status).toBe(404);
    await makeStale(test, maker.userId);
    expect(await ask()).toMatchObject({ status: 403, body: { error: { code: 'step_up_required' } } });
  });

  it('that is ready is told by mail to the member who asked for it, in their language and without the passphrase', async () => {
    const maker = await addMember(test, inbox.workspace, 'admin');
    await maker.client.put('/api/v1/auth/preferences', { language: 'pt' });
    const { passphrase } = await make(maker.client, contactId);
    const mail = await test.until('the mail to arrive', async () =>
      mails.arrived.find(({ to }) => to.includes(maker.email)),
    );
    expect(mail.text).toContain('sua exportação está pronta');
    expect(mail.text).toContain(`${test.url}/settings?tab=privacy`);
    expect(mail.text).not.toContain(passphrase);
    await test.settled();
    expect(mails.arrived.filter(({ to }) => to.includes(maker.email))).toHaveLength(1);
  });

  it('that is ready is told to nobody who is no member any more, and to no key', async () => {
    const gone = await addMember(test, inbox.workspace, 'admin');
    const { id } = await make(gone.client, contactId);
    await test.settled();
    const before = mails.offered();
    await inbox.sql('delete from members where user_id = $1', [gone.userId]);
    await runTellExportReady(inbox.workspace.ctx, { exportId: id });
    await make(inbox.workspace.as('admin'), contactId);
    await test.settled();
    expect(mails.offered()).toBe(before);
  });

  it('of the workspace is for owners: no admin asks for it', async () => {
    expect(await inbox.workspace.as('admin').post(path, { contactId: null })).toMatchObject({
      status: 403,
      body: { error: { code: 'forbidden' } },
    });
  });

  it('is gone after seven days, and its file too', async () => {
    const admin = inbox.workspace.as('admin');
    const { id } = await make(admin, contactId);
    const clock = fixedClock(Date.now() + 7 * 86_400_000 + 1000);
    await removeOldExports({ ...test.kernel.systemContext(), clock });
    expect((await fetchFile(admin, id)).response.status).toBe(410);
    expect(await test.kernel.use(storagePort).get(`exports/${inbox.workspace.id}/${id}`)).toBeNull();
  });

  it('that is canceled leaves no file and no passphrase', async () => {
    const admin = inbox.workspace.as('owner');
    const { body } = await admin.post<StartedExport>(path, { contactId: null });
    const { status } = await admin.put(`${path}/${body.id}/cancellation`);
    await test.settled();
    const { body: after } = await admin.get<DataExport>(`${path}/${body.id}`);
    // It may have been faster.
    expect([status, after.state]).toEqual(status === 204 ? [204, 'canceled'] : [409, 'done']);
    if (status === 204)
      expect(await test.kernel.use(storagePort).get(`exports/${inbox.workspace.id}/${body.id}`)).toBeNull();
  });
});
