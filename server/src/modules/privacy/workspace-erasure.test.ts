import type { WorkspaceErasure } from '@parley/contract/privacy';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { type MailServer, startMailServer } from '../../../test/mail-server.ts';
import { addMember, makeStale } from '../../../test/members.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { secretKeyWrapper, Vault } from '../../core/crypto.ts';
import { newId } from '../../core/identifiers.ts';
import { Keyring } from '../../core/keyring.ts';
import { storagePort } from '../../core/storage.ts';
import { eraseDueWorkspaces, workspaceErasureWork } from './workspace-erasure-work.ts';

const path = '/api/v1/workspace/erasure';
const dayMs = 86_400_000;
const never = new AbortController().signal;

let twilio: TestTwilio;
let mails: MailServer;
let test: TestApp;
beforeAll(async () => {
  [twilio, mails] = [await startTwilio(), await startMailServer()];
  test = await startTestApp({ environment: { ...twilio.environment, SMTP_URL: mails.url } });
});
afterAll(async () => {
  await test.close();
  await Promise.all([twilio.close(), mails.close()]);
});

/** A workspace in which somebody wrote and was answered, with a chat and a file. */
async function live(): Promise<Inbox> {
  const inbox = await openInbox(test, twilio);
  const admin = inbox.workspace.as('admin');
  await admin.put('/api/v1/assistant', {
    policy: 'auto',
    persona: '',
    burstWaitMs: 0,
    repliesPerHourMax: 100,
    modelId: null,
  });
  await twilio.text({ to: inbox.channel.address, from: '+15557410001', body: 'do you sell green lanterns?' });
  await test.settled();
  await test.kernel
    .use(storagePort)
    .put(`media/${inbox.workspace.id}/${newId()}`, Buffer.from('a sealed file'));
  return inbox;
}

/** Where the id stands, in whatever column of whatever table. */
async function tracesOf(workspaceId: string): Promise<string[]> {
  return test.kernel.database.asOwner(async (queries) => {
    const tables = await queries.sql<{ name: string }>(
      `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('public', 'pgboss') and c.relkind = 'r' order by 1`,
    );
    const found = [];
    for (const { name } of tables) {
      const [row] = await queries.sql<{ rows: number }>(
        `select count(*)::int as rows from ${name} t where t::text like $1`,
        [`%${workspaceId}%`],
      );
      if (row?.rows) found.push(name);
    }
    return found;
  });
}

async function filesOf(workspaceId: string): Promise<string[]> {
  const found = [];
  for (const folder of ['media', 'chat', 'training', 'exports'])
    for await (const keys of test.kernel.use(storagePort).list(`${folder}/${workspaceId}`))
      found.push(...keys);
  return found;
}

const onSchedule = () => eraseDueWorkspaces(test.kernel.systemContext(), {}, { signal: never });

const makeDue = (workspaceId: string) =>
  test.kernel.database.asSystem((queries) =>
    // The database's moment has microseconds, and ours has none: it may be later than now.
    queries.sql(
      "update workspace_erasures set begins_at = now() - interval '1 second' where workspace_id = $1",
      [workspaceId],
    ),
  );

async function setIt(workspace: TestWorkspace) {
  const owner = workspace.as('owner');
  const { body } = await owner.get<{ name: string }>('/api/v1/workspace');
  return owner.put<WorkspaceErasure>(path, { name: body.name });
}

describe('the erasure of a workspace', () => {
  it('leaves no row of it, no job and no file, and nothing of another workspace is touched', async () => {
    const [inbox, other] = [await live(), await live()];
    const { id } = inbox.workspace;
    const owner = await addMember(test, inbox.workspace, 'owner');
    const before = await inbox.sql<{ id: string; content: Uint8Array }>('select id, content from messages');
    expect(before.length).toBeGreaterThan(1);
    const elsewhere = new Keyring(
      test.kernel.database,
      [secretKeyWrapper(test.kernel.secret)],
      test.kernel.bus,
    );
    await elsewhere.vault(id);
    const otherMessages = await other.sql<{ count: number }>('select count(*)::int as count from messages');

    expect((await setIt(inbox.workspace)).status).toBe(200);
    await test.settled();
    await onSchedule();
    expect((await tracesOf(id)).length).toBeGreaterThan(20);

    await makeDue(id);
    expect(await test.kernel.use(workspaceErasureWork).begin(id)).toBeNull();
    // At once, before any row is deleted.
    await expect(elsewhere.vault(id)).rejects.toThrow('keys of this workspace are gone');
    await expect(test.kernel.keyring.vault(id)).rejects.toThrow('keys of this workspace are gone');
    expect((await inbox.workspace.as('owner').get(path)).status).toBe(401);
    expect((await owner.client.get('/api/v1/conversations', { 'x-workspace-id': id })).status).toBe(404);
    const { answer } = await twilio.text({
      to: inbox.channel.address,
      from: '+15557410001',
      body: 'anybody there?',
    });
    expect(answer?.status).toBe(404);

    await test.kernel.use(workspaceErasureWork).goOn(id, never, undefined, 7);
    await test.settled();
    expect(await tracesOf(id)).toEqual(['public.workspace_erasures']);
    expect(await filesOf(id)).toEqual([]);
    const [left] = await test.kernel.database.asSystem((queries) =>
      queries.sql<Record<string, unknown>>('select * from workspace_erasures where workspace_id = $1', [id]),
    );
    expect(left).toMatchObject({ state: 'done', set_by: null, set_by_kind: null, files: 1 });
    expect(left?.counts).toContainEqual({ table: 'messages', rows: before.length });

    // What was copied before cannot be opened with the keys that there are.
    const others = await test.kernel.keyring.vault(other.workspace.id);
    for (const { id: messageId, content } of before) {
      expect(() => others.openText(content, `messages.content:${messageId}`)).toThrow();
      expect(() => new Vault(id, new Map()).openText(content, `messages.content:${messageId}`)).toThrow();
    }
    expect(await other.sql('select count(*)::int as count from messages')).toEqual(otherMessages);
    expect(await filesOf(other.workspace.id)).toHaveLength(1);
    // The account stays.
    const [account] = await test.kernel.database.asSystem((queries) =>
      queries.sql('select id from users where id = $1', [owner.userId]),
    );
    expect(account).toBeDefined();
    const subjects = mails.arrived.filter(({ to }) => to.includes(owner.email)).map(({ headers }) => headers);
    expect(subjects).toHaveLength(2);
  }, 120_000);

  it('is finished by whoever goes on, wherever it was killed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 6 }), async (kills) => {
        const inbox = await openInbox(test, twilio);
        const { id } = inbox.workspace;
        await inbox.workspace.as('agent').post('/api/v1/messages', {
          to: '+15557410002',
          body: 'hello',
          channelId: inbox.channel.id,
        });
        await test.settled();
        await setIt(inbox.workspace);
        await makeDue(id);
        const work = test.kernel.use(workspaceErasureWork);
        await work.begin(id);
        for (const after of kills) {
          const killed = new AbortController();
          let batches = 0;
          const each = () => {
            batches += 1;
            if (batches === after) killed.abort(new Error('killed'));
          };
          await work.goOn(id, killed.signal, each, 3).catch((error: Error) => {
            if (error.message !== 'killed') throw error;
          });
        }
        await onSchedule();
        expect(await tracesOf(id)).toEqual(['public.workspace_erasures']);
      }),
      { numRuns: 4 },
    );
  }, 120_000);

  it('is set by an owner alone, with the name, after a proof of who they are, and canceled until it begins', async () => {
    const workspace = await test.workspace({ name: 'Casa Verde' });
    const owner = await addMember(test, workspace, 'owner');
    expect((await workspace.as('admin').put(path, { name: 'Casa Verde' })).status).toBe(403);
    expect(await owner.client.put(path, { name: 'casa verde' })).toMatchObject({
      status: 400,
      body: { error: { code: 'wrong_name' } },
    });
    await makeStale(test, owner.userId);
    expect(await owner.client.put(path, { name: 'Casa Verde' })).toMatchObject({
      status: 403,
      body: { error: { code: 'step_up_required' } },
    });
    const { body } = await setIt(workspace);
    const waits = Date.parse(body.set?.beginsAt ?? '') - Date.now();
    expect(waits).toBeGreaterThan(6.9 * dayMs);
    expect(waits).toBeLessThan(7.1 * dayMs);
    expect((await workspace.as('admin').delete(path)).status).toBe(403);
    expect((await owner.client.delete(path)).status).toBe(204);
    expect((await owner.client.delete(path)).status).toBe(404);
    expect((await owner.client.get<WorkspaceErasure>(path)).body.set).toBeNull();
    await onSchedule();
    expect((await workspace.as('owner').get('/api/v1/workspace')).status).toBe(200);
    await test.settled();
    const audited = await workspace.ctx.transaction((tx) =>
      tx.sql<{ action: string }>(
        "select action from audit_entries where action like 'workspace_erasure%' order by number",
      ),
    );
    expect(audited.map(({ action }) => action)).toEqual([
      'workspace_erasure.set',
      'workspace_erasure.canceled',
    ]);
    const told = mails.arrived.filter(({ to }) => to.includes(owner.email));
    expect(told.map(({ text }) => text.includes('Casa Verde'))).toEqual([true, true]);
  }, 60_000);

  it('is refused, and does not begin, while there is a legal hold or a rented number', async () => {
    const workspace = await test.workspace();
    const { id } = workspace;
    await setIt(workspace);
    const { body: hold } = await workspace
      .as('admin')
      .post<{ id: string }>('/api/v1/privacy/legal-holds', { contactId: null, reason: 'a lawsuit' });
    const refused = await setIt(workspace);
    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'legal_hold' } } });
    await makeDue(id);
    expect(await test.kernel.use(workspaceErasureWork).begin(id)).toBe('legal_hold');
    // Before the hold ends: the schedule looks as well.
    await workspace.ctx.transaction((tx) =>
      tx.sql(
        `insert into number_orders (id, workspace_id, provider, phone_number, status, created_at, updated_at)
         values ($1, $2, 'twilio', '+15557419999', 'bought', now(), now())`,
        [newId(), id],
      ),
    );
    await workspace.as('admin').put(`/api/v1/privacy/legal-holds/${hold.id}/end`, { reason: 'it is over' });
    expect(await test.kernel.use(workspaceErasureWork).begin(id)).toBe('numbers_rented');
    expect(await setIt(workspace)).toMatchObject({
      status: 409,
      body: { error: { code: 'numbers_rented' } },
    });
    expect((await workspace.as('owner').get('/api/v1/workspace')).status).toBe(200);
  });
});
