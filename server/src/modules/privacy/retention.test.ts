import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { LegalHold, Retention, RetentionPreview, RetentionRun } from '@parley/contract/privacy';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { fixedClock } from '../../core/clock.ts';
import { newId } from '../../core/identifiers.ts';
import { storagePort } from '../../core/storage.ts';
import { verifyChain } from '../tenancy/tenancy.ts';
import { beginRetention, runRetention, startDueRetention } from './retention-runs.ts';

const dayMs = 86_400_000;
const clock = fixedClock(Date.UTC(2026, 5, 15, 12));
let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ clock });
  // Its jobs are run by hand, and killed.
  await test.kernel.queue.stop(1000);
});
afterAll(() => test.close());

/** As if it had been put two hours ago. */
async function ageFile(key: string): Promise<void> {
  const at = new Date(Date.now() - 2 * 3_600_000);
  await utimes(join(test.kernel.config.PARLEY_DATA, key), at, at);
}

interface Shop {
  readonly workspace: TestWorkspace;
  readonly admin: ApiClient;
  /** Makes a contact with a conversation. Returns both ids. */
  contact(): Promise<{ contactId: string; conversationId: string }>;
  say(conversationId: string, daysAgo: number, more?: { status?: string; file?: boolean }): Promise<string>;
  left(): Promise<string[]>;
  run(runId: string, batches?: number): Promise<void>;
}

async function openShop(): Promise<Shop> {
  const workspace = await test.workspace();
  const sql = <Row>(text: string, values: unknown[]) =>
    workspace.ctx.transaction((tx) => tx.sql<Row>(text, values));
  const channelId = newId();
  await sql(
    `insert into channels (id, workspace_id, provider, name, address, account_id, credentials, next_send_at)
     values ($1, $2, 'twilio', 'Shop', $3, 'AC', 'none', now())`,
    [channelId, workspace.id, newId()],
  );
  const ago = (days: number) => new Date(clock.now() - days * dayMs);
  return {
    workspace,
    admin: workspace.as('admin'),
    contact: async () => {
      const [contactId, pointId, conversationId] = [newId(), newId(), newId()];
      await workspace.ctx.transaction(async (tx) => {
        await tx.sql('insert into contacts (id, workspace_id, created_at) values ($1, $2, $3)', [
          contactId,
          workspace.id,
          ago(5000),
        ]);
        await tx.sql(
          `insert into contact_points (id, workspace_id, contact_id, address, address_original) values ($1, $2, $3, $4, $4)`,
          [pointId, workspace.id, contactId, `+1555${pointId.slice(-7)}`],
        );
        await tx.sql(
          `insert into conversations (id, workspace_id, channel_id, contact_id, contact_point_id, last_message_at, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $6, $6)`,
          [conversationId, workspace.id, channelId, contactId, pointId, ago(5000)],
        );
      });
      return { contactId, conversationId };
    },
    say: async (conversationId, daysAgo, { status = 'received', file = false } = {}) => {
      const id = newId();
      await workspace.ctx.transaction(async (tx) => {
        await tx.sql(
          `insert into messages (id, workspace_id, conversation_id, channel_id, direction, sender_kind, from_address, to_address,
             content, status, encoding, segments, created_at, updated_at)
           values ($1, $2, $3, $4, 'inbound', 'contact', 'a', 'b', $5, $6, 'GSM-7', 1, $7, $7)`,
          [
            id,
            workspace.id,
            conversationId,
            channelId,
            tx.seal('hello', `messages.content:${id}`),
            status,
            ago(daysAgo),
          ],
        );
        if (file)
          await tx.sql(
            `insert into message_media (id, workspace_id, message_id, position, content_type, status)
             values ($1, $2, $1, 0, 'image/png', 'stored')`,
            [id, workspace.id],
          );
      });
      if (file) await test.kernel.use(storagePort).put(`media/${workspace.id}/${id}`, Buffer.from('sealed'));
      return id;
    },
    left: async () =>
      (
        await sql<{ id: string }>('select id from messages where workspace_id = $1 order by id', [
          workspace.id,
        ])
      ).map(({ id }) => id),
    run: async (runId, batches = Number.POSITIVE_INFINITY) => {
      let left = batches;
      const signal = {
        aborted: false,
        throwIfAborted: () => {
          left -= 1;
          if (left < 0) throw new Error('killed');
        },
      } as unknown as AbortSignal;
      await runRetention(workspace.ctx, { runId }, { signal, isLastAttempt: false }, 2).catch(
        (error: Error) => {
          if (error.message !== 'killed') throw error;
        },
      );
    },
  };
}

const forEver: Retention = {
  messages: null,
  deliveries: null,
  media: null,
  runs: null,
  chats: null,
  audit: null,
};
const path = '/api/v1/privacy';

async function start({ admin }: Shop): Promise<string> {
  const { status, body } = await admin.post<RetentionRun>(`${path}/retention-runs`);
  expect(status).toBe(202);
  return body.id;
}
const report = async ({ admin }: Shop, id: string) =>
  (await admin.get<RetentionRun>(`${path}/retention-runs/${id}`)).body;

describe('a run of retention', () => {
  it('takes what is older than the rule, and never what is younger or held, whenever it is killed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            held: fc.boolean(),
            ages: fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 6 }),
          }),
          { maxLength: 3 },
        ),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
        async (people, days, kills) => {
          const shop = await openShop();
          await shop.admin.put(`${path}/retention`, { ...forEver, messages: days });
          const [kept, old]: [string[], string[]] = [[], []];
          for (const { held, ages } of people) {
            const { contactId, conversationId } = await shop.contact();
            if (held) await shop.admin.post(`${path}/legal-holds`, { contactId, reason: 'a lawsuit' });
            // A moment younger than the rule's last day.
            for (const age of ages)
              (age <= days || held ? kept : old).push(
                await shop.say(conversationId, age === days ? days - 0.001 : age),
              );
          }
          const preview = await shop.admin.get<RetentionPreview>(
            `${path}/retention-preview?messages=${days}`,
          );
          const runId = await start(shop);
          for (const batches of kills) await shop.run(runId, batches);
          await shop.run(runId);
          expect(await shop.left()).toEqual(kept.sort());
          const done = await report(shop, runId);
          expect(done).toMatchObject({ state: 'done', results: [{ kind: 'messages', state: 'done', days }] });
          // Conversations and contacts of whom nothing is left go too; the preview sees them once their messages are gone.
          expect(done.results[0]?.rows).toBeGreaterThanOrEqual(old.length);
          expect(preview.body.items[0]?.rows).toBeLessThanOrEqual(done.results[0]?.rows ?? 0);
          expect(preview.body.items[0]?.rows).toBeGreaterThanOrEqual(old.length);
        },
      ),
      { numRuns: 12 },
    );
  }, 120_000);

  it('takes files with their messages, or before them by a rule of their own, and those that a killed process left, but none whose row is on its way', async () => {
    const shop = await openShop();
    const { conversationId } = await shop.contact();
    const [young, middle, old] = [
      await shop.say(conversationId, 1, { file: true }),
      await shop.say(conversationId, 20, { file: true }),
      await shop.say(conversationId, 40, { file: true }),
    ];
    const storage = test.kernel.use(storagePort);
    const orphan = `media/${shop.workspace.id}/${newId()}`;
    await storage.put(orphan, Buffer.from('left'));
    await ageFile(orphan);
    const arriving = `training/${shop.workspace.id}/${newId()}`;
    await storage.put(arriving, Buffer.from('its row comes in a moment'));
    await shop.admin.put(`${path}/retention`, { ...forEver, media: 10, messages: 30 });
    const runId = await start(shop);
    await shop.run(runId);
    expect(await shop.left()).toEqual([young, middle].sort());
    const stored = [];
    for await (const keys of storage.list(`media/${shop.workspace.id}`)) stored.push(...keys);
    expect(stored).toEqual([`media/${shop.workspace.id}/${young}`]);
    expect(old).toBeDefined();
    expect(await storage.get(arriving)).not.toBeNull();
    expect((await report(shop, runId)).results).toMatchObject([
      { kind: 'messages', files: 1 },
      { kind: 'media', files: 1 },
    ]);
  });

  it('leaves what is still on its way, and what waits for a member', async () => {
    const shop = await openShop();
    const { conversationId } = await shop.contact();
    const waiting = [];
    for (const status of ['draft', 'pending', 'queued', 'sending', 'unknown'])
      waiting.push(await shop.say(conversationId, 100, { status }));
    await shop.say(conversationId, 100, { status: 'delivered' });
    await shop.admin.put(`${path}/retention`, { ...forEver, messages: 30 });
    await shop.run(await start(shop));
    expect(await shop.left()).toEqual(waiting.sort());
  });

  it('takes nothing while the whole workspace is held, and nothing more once a rule is loosened', async () => {
    const shop = await openShop();
    const { conversationId } = await shop.contact();
    const said = [await shop.say(conversationId, 100), await shop.say(conversationId, 200)];
    await shop.admin.put(`${path}/retention`, { ...forEver, messages: 30 });
    const hold = await shop.admin.post<LegalHold>(`${path}/legal-holds`, {
      contactId: null,
      reason: 'a lawsuit',
    });
    const held = await start(shop);
    await shop.run(held);
    expect((await report(shop, held)).results).toMatchObject([{ rows: 0, state: 'held' }]);
    const preview = await shop.admin.get<RetentionPreview>(`${path}/retention-preview?messages=30`);
    expect(preview.body).toMatchObject({ held: true, items: [{ rows: 0 }] });
    await shop.admin.put(`${path}/legal-holds/${hold.body.id}/end`, { reason: 'settled' });
    const loosened = await start(shop);
    await shop.admin.put(`${path}/retention`, forEver);
    await shop.run(loosened);
    expect(await shop.left()).toEqual(said.sort());
  });

  it('is one at a time, and told to the audit', async () => {
    const shop = await openShop();
    const { conversationId } = await shop.contact();
    await shop.say(conversationId, 100);
    await shop.admin.put(`${path}/retention`, { ...forEver, messages: 30 });
    const runId = await start(shop);
    expect(await shop.admin.post(`${path}/retention-runs`)).toMatchObject({
      status: 409,
      body: { error: { code: 'retention_running' } },
    });
    // An operator's command goes on with it: there may be no server that would.
    expect(await beginRetention(shop.workspace.ctx, 'command')).toMatchObject({
      isNew: false,
      run: { id: runId },
    });
    await shop.run(runId);
    const actions = await shop.workspace.ctx.transaction((tx) =>
      tx.sql<{ action: string }>('select action from audit_entries order by number'),
    );
    expect(actions.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['retention.changed', 'retention.ran']),
    );
  });
});

it('runs by itself at three o’clock of the workspace’s night, once', async () => {
  const shop = await openShop();
  await shop.workspace.as('admin').put('/api/v1/workspace', { timeZone: 'America/Bogota' });
  await shop.admin.put(`${path}/retention`, { ...forEver, messages: 30 });
  const started = async () =>
    (await shop.admin.get<{ items: RetentionRun[] }>(`${path}/retention-runs`)).body.items.length;
  const system = test.kernel.systemContext();
  await startDueRetention({ ...system, clock: fixedClock(Date.UTC(2026, 5, 16, 7, 13)) });
  expect(await started()).toBe(0);
  await startDueRetention({ ...system, clock: fixedClock(Date.UTC(2026, 5, 16, 8, 13)) });
  await startDueRetention({ ...system, clock: fixedClock(Date.UTC(2026, 5, 16, 8, 43)) });
  expect(await started()).toBe(1);
});

describe('the audit', () => {
  it('verifies from a sealed checkpoint on once old entries went, and what else is gone is found', async () => {
    const shop = await openShop();
    for (const name of ['One', 'Two', 'Three']) await shop.admin.put('/api/v1/workspace', { name });
    await shop.admin.put(`${path}/retention`, { ...forEver, audit: 90 });
    const system = test.kernel.systemContext();
    const whole = await verifyChain(system, shop.workspace.id);
    expect(whole).toMatchObject({ from: 1, broken: null });
    const runId = await start(shop);
    await shop.run(runId);
    expect(await verifyChain(system, shop.workspace.id)).toMatchObject({ from: 1, broken: null });
    clock.set(clock.now() + 91 * dayMs);
    const later = await start(shop);
    await shop.run(later);
    const { results } = await report(shop, later);
    expect(results).toMatchObject([{ kind: 'audit', state: 'done', rows: whole.entries }]);
    const after = await verifyChain(system, shop.workspace.id);
    expect(after).toMatchObject({ from: whole.entries + 1, broken: null });
    expect(after.entries).toBeGreaterThan(0);
    await test.kernel.database.asOwner(async (queries) => {
      await queries.sql(
        "select set_config('role', 'parley_eraser', true), set_config('app.workspace_id', $1, true)",
        [shop.workspace.id],
      );
      await queries.sql('delete from audit_entries where workspace_id = $1 and number = $2', [
        shop.workspace.id,
        after.from,
      ]);
    });
    expect((await verifyChain(system, shop.workspace.id)).broken).toEqual({
      number: after.from,
      why: 'missing',
    });
    // Whoever moves the checkpoint beyond it has not sealed it.
    await shop.workspace.ctx.transaction((tx) =>
      tx.sql('update audit_checkpoints set number = number + 1 where workspace_id = $1', [shop.workspace.id]),
    );
    expect((await verifyChain(system, shop.workspace.id)).broken).toMatchObject({ why: 'checkpoint' });
  });

  it('is kept for ninety days at least', async () => {
    const { admin } = await openShop();
    expect((await admin.put(`${path}/retention`, { ...forEver, audit: 89 })).status).toBe(400);
  });
});

it('a hold is set and ended with a reason, listed, and not set twice; an agent sees none of it', async () => {
  const { admin, contact, workspace } = await openShop();
  const { contactId } = await contact();
  const body = { contactId, reason: 'a lawsuit' };
  const { body: hold } = await admin.post<LegalHold>(`${path}/legal-holds`, body);
  expect(hold).toMatchObject({ contact: { id: contactId }, reason: 'a lawsuit', ended: null });
  expect((await admin.post(`${path}/legal-holds`, body)).status).toBe(409);
  expect((await admin.post(`${path}/legal-holds`, { ...body, contactId: newId() })).status).toBe(404);
  const ended = await admin.put<LegalHold>(`${path}/legal-holds/${hold.id}/end`, { reason: 'settled' });
  expect(ended.body.ended).toMatchObject({ reason: 'settled', by: { kind: 'api_key' } });
  const { body: list } = await admin.get<{ items: LegalHold[] }>(`${path}/legal-holds?open=true`);
  expect(list.items).toEqual([]);
  expect((await workspace.as('agent').get(`${path}/legal-holds`)).status).toBe(403);
});
