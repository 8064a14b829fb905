import type { Cap, CapInput, Usage } from '@parley/contract/budgets';
import type { Message } from '@parley/contract/messages';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import type { TransactionContext } from '../../core/context.ts';
import { createOutboundMessage, lockConversation } from '../conversations/conversations.ts';

let twilio: TestTwilio;
let test: TestApp;
beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ environment: twilio.environment });
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});
afterEach(async () => {
  await test.settled();
  twilio.simulator.reset();
});

const ana = '+15551270001';
const noRoom = { status: 409, body: { error: { code: 'budget_exhausted' } } };

async function cap(inbox: Inbox, input: Partial<CapInput>): Promise<string> {
  const whole = { scope: 'workspace', period: 'day', unit: 'segments', limit: 2, ...input };
  const made = await inbox.workspace.as('admin').post<Cap>('/api/v1/budget-caps', whole);
  expect(made.status).toBe(201);
  return made.body.id;
}

/** By purpose, as the ledger has it; and what counts against the caps, in their order. */
async function spent(inbox: Inbox) {
  const viewer = inbox.workspace.as('viewer');
  const { items } = (await viewer.get<Usage>('/api/v1/usage?by=purpose')).body;
  const caps = (await viewer.get<{ items: Cap[] }>('/api/v1/budget-caps')).body.items;
  return {
    ledger: Object.fromEntries(items.map(({ key, segments }) => [key ?? '', segments])),
    caps: caps.map((one) => one.spent),
  };
}

async function draft(inbox: Inbox, conversationId: string, body: string): Promise<string> {
  const sender = { kind: 'assistant', id: null } as const;
  const { messageId } = await inbox.workspace.ctx.transaction((tx) =>
    createOutboundMessage(tx, { conversationId, body, sender, draft: true }),
  );
  return messageId;
}

describe('SMS segments', () => {
  it('are spent by whoever sends: a member, a program, and who approves or schedules; a draft spends none', async () => {
    const inbox = await openInbox(test, twilio);
    await cap(inbox, { limit: 20 });
    await cap(inbox, { scope: 'assistant', limit: 1 });
    const { conversationId } = await inbox.write(ana, 'x'.repeat(161));
    expect(await spent(inbox)).toEqual({ ledger: { send: 2 }, caps: [2, 0] });
    const proposed = await draft(inbox, conversationId, 'One?');
    expect(await spent(inbox)).toMatchObject({ ledger: { send: 2 } });
    const agent = inbox.workspace.as('agent');
    const approval = () => agent.put<Message>(`/api/v1/messages/${proposed}/approval`);
    expect((await approval()).status).toBe(200);
    // Once it is sent, there is nothing to approve any more.
    expect([200, 409]).toContain((await approval()).status);
    expect(await spent(inbox)).toMatchObject({ ledger: { send: 3 } });
    await inbox.write(ana, 'Later.', { sendAt: new Date(Date.now() + 3_600_000).toISOString() });
    expect(await spent(inbox)).toEqual({ ledger: { send: 4 }, caps: [4, 0] });
  });

  it('that have no room are refused with a reason, and nothing of the message is there', async () => {
    const inbox = await openInbox(test, twilio);
    await cap(inbox, { scope: 'contact', limit: 2 });
    const { conversationId } = await inbox.write(ana, 'One.');
    const proposed = await draft(inbox, conversationId, 'x'.repeat(161));
    const rows = () => inbox.sql("select id, status = 'draft' as is_draft from messages order by id");
    const before = await rows();
    expect(await inbox.post({ to: ana, channelId: inbox.channel.id, body: 'x'.repeat(161) })).toMatchObject(
      noRoom,
    );
    const approved = await inbox.workspace.as('agent').put(`/api/v1/messages/${proposed}/approval`);
    expect(approved).toMatchObject(noRoom);
    expect(await rows()).toEqual(before);
    const stranger = { to: '+15551270009', channelId: inbox.channel.id, body: 'x'.repeat(400) };
    expect(await inbox.post(stranger)).toMatchObject(noRoom);
    expect(await inbox.conversations()).toHaveLength(1);
    await inbox.write('+15551270002', 'Another contact has room.');
    expect((await spent(inbox)).ledger).toEqual({ send: 2 });
  });

  it('are given back where the message never left: canceled, or refused by the provider; a draft has none to give', async () => {
    const inbox = await openInbox(test, twilio);
    await cap(inbox, { limit: 5 });
    const agent = inbox.workspace.as('agent');
    const later = new Date(Date.now() + 3_600_000).toISOString();
    const { id, conversationId } = await inbox.write(ana, 'Later.', { sendAt: later });
    expect((await agent.delete(`/api/v1/messages/${id}`)).status).toBe(204);
    expect((await agent.delete(`/api/v1/messages/${id}`)).status).toBe(204);
    const proposed = await draft(inbox, conversationId, 'One?');
    expect((await agent.delete(`/api/v1/messages/${proposed}`)).status).toBe(204);
    const refused = await inbox.write('+15005550001', 'Hello.');
    await inbox.becomes(refused.id, 'failed');
    expect(await spent(inbox)).toEqual({ ledger: { send: 0 }, caps: [0] });
    expect((await agent.post(`/api/v1/messages/${refused.id}/attempts`)).status).toBe(201);
    await inbox.becomes(refused.id, 'failed');
    expect(await spent(inbox)).toEqual({ ledger: { send: 0 }, caps: [0] });
  });

  it('are spent again by a person who sends anew what was billed and lost', async () => {
    const inbox = await openInbox(test, twilio);
    await cap(inbox, { limit: 2 });
    twilio.simulator.fault({ kind: 'lose', times: null });
    const { id } = await inbox.write(ana, 'Hello.');
    const agent = inbox.workspace.as('agent');
    const lose = async (times: number) => {
      const { providerId } = await inbox.becomes(id, 'queued');
      await twilio.simulator.status({ sid: providerId ?? '', status: 'undelivered', errorCode: 30003 });
      await inbox.becomes(id, 'undelivered');
      expect(await spent(inbox)).toEqual({ ledger: { send: times }, caps: [times] });
    };
    await lose(1);
    expect((await agent.post(`/api/v1/messages/${id}/attempts`)).status).toBe(201);
    await lose(2);
    expect(await agent.post(`/api/v1/messages/${id}/attempts`)).toMatchObject(noRoom);
    expect(await inbox.read(id)).toMatchObject({ status: 'undelivered' });
  });

  it('are spent with the conversation locked first, as by everybody who settles a message of it', async () => {
    // On one connection nobody waits for a lock.
    if (!test.databaseUrl) return;
    const inbox = await openInbox(test, twilio);
    await cap(inbox, { limit: 20 });
    const { conversationId } = await inbox.write(ana, 'Hello.');
    await test.settled();
    const { ctx } = inbox.workspace;
    const say = (tx: TransactionContext, body: string) =>
      createOutboundMessage(tx, { conversationId, body, sender: { kind: 'assistant', id: null } });
    const held = Promise.withResolvers<void>();
    const awaited = Promise.withResolvers<void>();
    const settling = ctx.transaction(async (tx) => {
      await lockConversation(tx, conversationId);
      held.resolve();
      await awaited.promise;
      await say(tx, 'One.');
    });
    await held.promise;
    const program = ctx.transaction((tx) => say(tx, 'Two.'));
    await test.until('the program to wait for the lock', () =>
      test.kernel.database.asOwner(async (queries) => {
        const [row] = await queries.sql<{ waits: boolean }>(
          `select exists (select 1 from pg_stat_activity
             where datname = current_database() and wait_event_type = 'Lock') as waits`,
        );
        return row?.waits;
      }),
    );
    awaited.resolve();
    await Promise.all([settling, program]);
    expect((await spent(inbox)).caps).toEqual([3]);
  });

  it('of the answers to STOP go out whatever the caps say, stand in the ledger, and count against none', async () => {
    const inbox = await openInbox(test, twilio);
    const closed = await cap(inbox, { limit: 0 });
    await twilio.text({ from: ana, body: 'STOP' });
    await test.until('the confirmation', async () => twilio.simulator.ledger().length === 1);
    await test.settled();
    const { ledger, caps } = await spent(inbox);
    expect(ledger.consent).toBeGreaterThan(0);
    expect(caps).toEqual([0]);
    expect((await inbox.workspace.as('admin').delete(`/api/v1/budget-caps/${closed}`)).status).toBe(204);
    await cap(inbox, { period: 'month', limit: 1 });
    await inbox.write('+15551270003', 'One.');
    expect((await spent(inbox)).caps).toEqual([1]);
  });
});
