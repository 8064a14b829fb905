import type { Conversation } from '@parley/contract/conversations';
import type { Message } from '@parley/contract/messages';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { openInbox } from '../../../test/messaging.ts';
import { callWebhook, startTwilio, type TestTwilio, twilioAccount } from '../../../test/twilio.ts';
import { lockForSending, sendMessage } from './attempts.ts';
import { createOutboundMessage } from './conversations.ts';

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

const ledger = () => twilio.simulator.ledger();

describe('a message that goes out', () => {
  it('leaves once, is delivered, and tells every step of its life', async () => {
    const inbox = await openInbox(test, twilio);
    const made = await inbox.write('(555) 126-0001', 'Your bicycle is ready.');
    expect(made).toMatchObject({
      direction: 'outbound',
      sender: { kind: 'member' },
      from: inbox.channel.address,
      to: '+15551260001',
      body: 'Your bicycle is ready.',
      status: 'pending',
      encoding: 'GSM-7',
      segments: 1,
      failure: null,
    });
    const delivered = await inbox.becomes(made.id, 'delivered');
    expect(ledger()).toMatchObject([
      { to: '+15551260001', from: inbox.channel.address, body: 'Your bicycle is ready.' },
    ]);
    expect(delivered.providerId).toBe(ledger()[0]?.sid);
    expect(delivered.attempts).toMatchObject([
      { number: 1, state: 'accepted', providerId: ledger()[0]?.sid, actor: { kind: 'member' } },
    ]);
    await twilio.simulator.idle();
    await test.settled();
    const { events } = await inbox.read(made.id);
    expect(events.map(({ status, source }) => `${status} ${source}`).toSorted()).toEqual([
      'delivered callback',
      'queued answer',
      'sending callback',
      'sent callback',
    ]);
    const told = (await inbox.events('message.status_changed')).map(({ payload }) => payload.status);
    expect(told.at(-1)).toBe('delivered');
  });

  it('takes the conversation over when a member writes, and PUT hands it back', async () => {
    const inbox = await openInbox(test, twilio);
    await twilio.text({ from: '+15551260002', body: 'hello?' });
    await test.settled();
    const [conversation] = await inbox.conversations();
    await inbox.post({ conversationId: conversation?.id, body: 'Rosa here.' });
    expect(await inbox.conversations()).toMatchObject([{ owner: { kind: 'member' } }]);
    const back = await inbox.workspace
      .as('agent')
      .put<Conversation>(`/api/v1/conversations/${conversation?.id}`, { owner: { kind: 'assistant' } });
    expect(back.body.owner).toEqual({ kind: 'assistant', id: null });
  });

  it('is one message for one Idempotency-Key, also when asked for at the same time', async () => {
    const inbox = await openInbox(test, twilio);
    const body = { to: '+15551260003', channelId: inbox.channel.id, body: 'once' };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => inbox.post(body, { 'idempotency-key': 'k' })),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    await inbox.becomes(answers[0]?.body.id ?? '', 'delivered');
    await test.settled();
    expect(ledger()).toHaveLength(1);
    expect(await inbox.post({ ...body, body: 'other' }, { 'idempotency-key': 'k' })).toMatchObject({
      status: 409,
      body: { error: { code: 'sms.idempotent_duplicate' } },
    });
  });

  it('leaves once although its job comes many times', async () => {
    const inbox = await openInbox(test, twilio);
    const { id: messageId } = await inbox.write('+15551260004', 'once');
    await inbox.workspace.ctx.transaction(async (tx) => {
      for (let count = 0; count < 10; count += 1) tx.enqueue(sendMessage, { messageId });
    });
    await inbox.becomes(messageId, 'delivered');
    await test.settled();
    expect(ledger()).toHaveLength(1);
  });

  it.each([
    ['no number', { to: 'call me', body: 'x' }, 'body.to'],
    ['itself', { to: 'SELF', body: 'x' }, 'body.to'],
    ['nobody', { body: 'x' }, 'body.to'],
    ['no text', { to: '+15551260005', body: '' }, 'body.body'],
    ['nothing that can be seen', { to: '+15551260005', body: ' \n\u200b ' }, 'body.body'],
    ['too long a text', { to: '+15551260005', body: 'x'.repeat(1601) }, 'body.body'],
    ['half a character', { to: '+15551260005', body: 'x\ud800' }, 'body.body'],
    ['NUL', { to: '+15551260005', body: 'a\0b' }, 'body.body'],
    ['the past', { to: '+15551260005', body: 'x', sendAt: '2020-01-01T00:00:00Z' }, 'body.sendAt'],
    ['the far future', { to: '+15551260005', body: 'x', sendAt: '2999-01-01T00:00:00Z' }, 'body.sendAt'],
  ])('is refused for %s, saying where', async (_what, body, path) => {
    const inbox = await openInbox(test, twilio);
    const to = 'to' in body && body.to === 'SELF' ? inbox.channel.address : (body as { to?: string }).to;
    const answer = await inbox.post({ channelId: inbox.channel.id, ...body, ...(to ? { to } : {}) });
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: 'sms.validation_error', details: [{ path }] } },
    });
  });

  it('needs a channel', async () => {
    const { as } = await test.workspace();
    expect(await as('agent').post('/api/v1/messages', { to: '+15551260006', body: 'x' })).toMatchObject({
      status: 409,
      body: { error: { code: 'no_channel' } },
    });
  });
});

describe('status callbacks', () => {
  it.each(['duplicate', 'reorder', 'delay'] as const)(
    'change nothing when they come with: %s',
    async (kind) => {
      const inbox = await openInbox(test, twilio);
      twilio.simulator.fault({ kind, times: null, delayMs: 30 });
      const made = await Promise.all(
        Array.from({ length: 5 }, (_, index) => inbox.write(`+1555126010${index}`, `text ${index}`)),
      );
      for (const { id } of made) await inbox.becomes(id, 'delivered');
      await twilio.simulator.idle();
      await test.settled();
      for (const { id } of made) {
        const { status, events } = await inbox.read(id);
        expect(status).toBe('delivered');
        expect(events.filter(({ source }) => source === 'callback')).toHaveLength(3);
      }
      expect(ledger()).toHaveLength(5);
      expect(await wentBack(inbox.events)).toEqual([]);
    },
  );

  it('never take a state back: what comes late is history', async () => {
    const inbox = await openInbox(test, twilio);
    const { id } = await inbox.write('+15551260110', 'hello');
    const { providerId } = await inbox.becomes(id, 'delivered');
    for (const status of ['sent', 'undelivered', 'queued', 'quantum_entangled']) {
      await twilio.simulator.status({ sid: providerId ?? '', status });
    }
    await test.settled();
    const message = await inbox.read(id);
    expect(message).toMatchObject({ status: 'delivered', failure: null });
    expect(message.events).toContainEqual(
      expect.objectContaining({ status: 'unknown', providerStatus: 'quantum_entangled' }),
    );
    await twilio.simulator.status({ sid: providerId ?? '', status: 'read' });
    await inbox.becomes(id, 'read');
  });

  it('that name no message of ours are tried for a while, then kept and marked', async () => {
    const inbox = await openInbox(test, twilio);
    const sid = `SM${'9'.repeat(32)}`;
    await callWebhook({
      url: inbox.channel.webhooks.status,
      parameters: {
        AccountSid: twilioAccount.accountSid,
        From: inbox.channel.address,
        To: '+15551260111',
        MessageSid: sid,
        MessageStatus: 'delivered',
      },
    });
    // The provider's word comes before our own record of the message, which then is there.
    await test.until('the first try', async () =>
      test.logged.some((line) => line.includes('names no message')),
    );
    const { id } = await inbox.write('+15551260111', 'hello');
    await inbox.becomes(id, 'delivered');
    await inbox.sql('update message_attempts set provider_message_id = $2 where message_id = $1', [id, sid]);
    const events = await test.until('the callback to be applied', async () => {
      const found = await inbox.sql<{ n: number }>(
        `select count(*)::int as n from deliveries where delivery_key like $1 and status = 'processed'`,
        [`${sid}%`],
      );
      return found[0]?.n === 1 && (await inbox.read(id)).events;
    });
    expect(events.filter(({ source }) => source === 'callback')).toHaveLength(4);
  });
});

/** Every message whose told states are not in the order of a life. */
async function wentBack(read: (type: string) => Promise<{ payload: Record<string, unknown> }[]>) {
  const order = ['pending', 'queued', 'sending', 'sent', 'delivered', 'read'];
  const rank = (status: unknown) => order.indexOf(String(status));
  const changes = await read('message.status_changed');
  return changes.filter(({ payload }) => rank(payload.status) < rank(payload.previous));
}

describe('a provider that refuses', () => {
  it.each([
    ['+15005550001', '21211'],
    ['+15005550009', '21614'],
    ['+15005550003', '21408'],
  ])('%s is explained to a person by code %s', async (to, code) => {
    const inbox = await openInbox(test, twilio);
    const { id } = await inbox.write(to, 'hello');
    const failed = await inbox.becomes(id, 'failed');
    expect(failed.failure).toMatchObject({ code });
    expect(failed.failure?.message.length).toBeGreaterThan(15);
    expect(failed.failure?.action.length).toBeGreaterThan(15);
    expect(failed.attempts).toMatchObject([{ state: 'refused', failure: { code } }]);
    expect(ledger()).toEqual([]);
  });

  it('for now is asked again, and the message leaves once', async () => {
    const inbox = await openInbox(test, twilio);
    twilio.simulator.fault({ kind: '503', times: 2 });
    const { id } = await inbox.write('+15551260200', 'hello');
    expect((await inbox.becomes(id, 'delivered')).attempts).toHaveLength(1);
    twilio.simulator.fault({ kind: '429', times: 1 });
    const second = await inbox.write('+15551260200', 'hello again');
    await inbox.becomes(second.id, 'delivered');
    expect(ledger()).toHaveLength(2);
  });

  it('at the carrier leaves a message undelivered, which a person may send anew', async () => {
    const inbox = await openInbox(test, twilio);
    twilio.simulator.fault({ kind: 'lose', times: null });
    const { id } = await inbox.write('+15551260201', 'hello');
    const first = await inbox.becomes(id, 'queued');
    await twilio.simulator.status({ sid: first.providerId ?? '', status: 'undelivered', errorCode: 30003 });
    expect(await inbox.becomes(id, 'undelivered')).toMatchObject({ failure: { code: '30003' } });

    const agent = inbox.workspace.as('agent');
    const again = await agent.post<Message>(`/api/v1/messages/${id}/attempts`);
    expect(again).toMatchObject({ status: 201, body: { status: 'pending', failure: null } });
    expect((await agent.post(`/api/v1/messages/${id}/attempts`)).status).toBe(409);
    const second = await inbox.becomes(id, 'queued');
    expect(second.providerId).not.toBe(first.providerId);
    expect(second.attempts).toMatchObject([
      { number: 1, state: 'accepted', actor: { kind: 'member' } },
      { number: 2, state: 'accepted', actor: { kind: 'api_key' } },
    ]);
    expect(second.events).toContainEqual(
      expect.objectContaining({ attempt: 2, status: 'pending', source: 'parley' }),
    );
    // What is still reported of the first attempt is history …
    await twilio.simulator.status({ sid: first.providerId ?? '', status: 'failed', errorCode: 30008 });
    await test.settled();
    expect(await inbox.read(id)).toMatchObject({ status: 'queued', failure: null });
    // … unless the contact has it.
    await twilio.simulator.status({ sid: first.providerId ?? '', status: 'delivered' });
    await inbox.becomes(id, 'delivered');
    expect(ledger()).toHaveLength(2);
  });
});

describe('the order of a conversation', () => {
  it('is the order in which its messages were written', async () => {
    const inbox = await openInbox(test, twilio);
    twilio.simulator.fault({ kind: '503', times: 3, probability: 0.4, seed: 7 });
    const texts = Array.from({ length: 12 }, (_, index) => `text ${index}`);
    const made: Message[] = [];
    for (const text of texts) made.push(await inbox.write('+15551260300', text));
    for (const { id } of made) await inbox.becomes(id, 'delivered');
    expect(ledger().map(({ body }) => body)).toEqual(texts);
  });

  it('is not held up by a message for later, which can be canceled', async () => {
    const inbox = await openInbox(test, twilio);
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const later = await inbox.write('+15551260301', 'later', { sendAt });
    expect(later).toMatchObject({ status: 'pending', sendAt });
    const now = await inbox.write('+15551260301', 'now');
    await inbox.becomes(now.id, 'delivered');
    const agent = inbox.workspace.as('agent');
    expect((await agent.delete(`/api/v1/messages/${later.id}`)).status).toBe(204);
    expect((await agent.delete(`/api/v1/messages/${later.id}`)).status).toBe(204);
    expect(await agent.delete(`/api/v1/messages/${now.id}`)).toMatchObject({
      status: 409,
      body: { error: { code: 'already_sent' } },
    });
    expect((await inbox.read(later.id)).status).toBe('canceled');
    expect(ledger().map(({ body }) => body)).toEqual(['now']);
  });

  it('is kept by a scheduled message, which leaves at its time', async () => {
    const inbox = await openInbox(test, twilio);
    const sendAt = new Date(Date.now() + 700).toISOString();
    const { id } = await inbox.write('+15551260302', 'soon', { sendAt });
    await inbox.becomes(id, 'delivered');
    expect(ledger()[0]?.acceptedAt).toBeGreaterThanOrEqual(Date.parse(sendAt) - 20);
  });
});

describe('a message that waited for another one’s claim', () => {
  it('sees it, and is not sent beside it', async () => {
    // On one connection nobody waits for a lock.
    if (!test.databaseUrl) return;
    const inbox = await openInbox(test, twilio);
    const { id } = await inbox.write('+15551260310', 'hello');
    const { conversationId } = await inbox.becomes(id, 'delivered');
    const { ctx } = inbox.workspace;
    const makeDraft = (body: string) =>
      ctx.transaction((tx) =>
        createOutboundMessage(tx, {
          conversationId,
          body,
          sender: { kind: 'member', id: null },
          draft: true,
        }),
      );
    const [{ messageId: waiting }, { messageId: claimed }] = [
      await makeDraft('second'),
      await makeDraft('first'),
    ];
    await inbox.sql(`update messages set status = 'pending', due_at = $2 where id = $1`, [
      waiting,
      new Date(),
    ]);
    await test.settled();

    const held = Promise.withResolvers<void>();
    const awaited = Promise.withResolvers<void>();
    const claim = ctx.transaction(async (tx) => {
      await lockForSending(tx, conversationId);
      held.resolve();
      await awaited.promise;
      await tx.sql(`update messages set status = 'pending', due_at = $2, claimed_at = $2 where id = $1`, [
        claimed,
        new Date(),
      ]);
    });
    await held.promise;
    await ctx.transaction(async (tx) => tx.enqueue(sendMessage, { messageId: waiting }));
    await test.until('the job to wait for the lock', () =>
      test.kernel.database.asOwner(async (queries) => {
        const [row] = await queries.sql<{ waits: boolean }>(
          `select exists (select 1 from pg_stat_activity
             where datname = current_database() and wait_event_type = 'Lock') as waits`,
        );
        return row?.waits;
      }),
    );
    awaited.resolve();
    await claim;
    await test.settled();
    expect((await inbox.read(waiting)).status).toBe('pending');
    expect(ledger().map(({ body }) => body)).toEqual(['hello']);
  });
});

describe('a channel’s throughput', () => {
  it('queues a burst here and not at the carrier', async () => {
    const inbox = await openInbox(test, twilio, { sendsPerSecond: 5 });
    const startedAt = Date.now();
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, index) => inbox.write(`+1555126040${index}`, 'hello')),
    );
    for (const { id } of made) await inbox.becomes(id, 'delivered');
    const times = ledger()
      .map(({ acceptedAt }) => acceptedAt)
      .toSorted((left, right) => left - right);
    expect(times).toHaveLength(8);
    // None leaves before its place in the queue, give or take a timer.
    times.forEach((at, index) => {
      expect(at - startedAt).toBeGreaterThanOrEqual(index * 200 - 25);
    });
  });
});

describe('a channel without a limit', () => {
  it('puts nothing off, however slow the database is', async () => {
    // Between any two looks at this clock passes more than what still counts as now.
    let looks = 0;
    const now = () => Date.now() + 50 * looks++;
    const slowTwilio = await startTwilio();
    const slow = await startTestApp({
      environment: slowTwilio.environment,
      clock: { now, date: () => new Date(now()) },
    });
    try {
      const inbox = await openInbox(slow, slowTwilio);
      const { id } = await inbox.write('+15551260450', 'hello');
      await inbox.becomes(id, 'delivered');
      expect(await inbox.sql('select slot_at from messages where id = $1', [id])).toEqual([
        { slot_at: null },
      ]);
    } finally {
      await slow.close();
      await slowTwilio.close();
    }
  });
});

describe('a draft', () => {
  it('waits for a person: edited, approved, discarded', async () => {
    const inbox = await openInbox(test, twilio);
    await twilio.text({ from: '+15551260500', body: 'how much is a new chain?' });
    await test.settled();
    const [conversation] = await inbox.conversations();
    const draft = (body: string) =>
      inbox.workspace.ctx.transaction((tx) =>
        createOutboundMessage(tx, {
          conversationId: conversation?.id ?? '',
          body,
          sender: { kind: 'assistant', id: null },
          draft: true,
        }),
      );
    const [first, second] = [await draft('A chain is 30 €.'), await draft('Hm.')];
    await test.settled();
    expect(ledger()).toEqual([]);
    expect(await inbox.conversations()).toMatchObject([{ owner: { kind: 'assistant' } }]);

    const agent = inbox.workspace.as('agent');
    const edited = await agent.patch<Message>(`/api/v1/messages/${first.messageId}`, {
      body: 'A chain is 30 euros.',
    });
    expect(edited.body).toMatchObject({ body: 'A chain is 30 euros.', encoding: 'GSM-7' });
    expect((await agent.put<Message>(`/api/v1/messages/${first.messageId}/approval`)).body.status).toBe(
      'pending',
    );
    await inbox.becomes(first.messageId, 'delivered');
    expect(ledger()).toMatchObject([{ body: 'A chain is 30 euros.' }]);
    expect((await agent.patch(`/api/v1/messages/${first.messageId}`, { body: 'x' })).status).toBe(409);
    expect((await agent.put(`/api/v1/messages/${first.messageId}/approval`)).status).toBe(409);

    expect((await agent.delete(`/api/v1/messages/${second.messageId}`)).status).toBe(204);
    expect((await agent.put(`/api/v1/messages/${second.messageId}/approval`)).status).toBe(409);
    await test.settled();
    expect(ledger()).toHaveLength(1);
  });

  it('that was changed after it was read is not approved by who read it, and never leaves unread', async () => {
    const inbox = await openInbox(test, twilio);
    const { conversationId } = await inbox.write('+15551260031', 'Hello.');
    const { messageId } = await inbox.workspace.ctx.transaction((tx) =>
      createOutboundMessage(tx, {
        conversationId,
        body: 'A chain is 30 €.',
        sender: { kind: 'assistant', id: null },
        draft: true,
      }),
    );
    const agent = inbox.workspace.as('agent');
    const approve = (body: string) => agent.put(`/api/v1/messages/${messageId}/approval`, { body });
    await agent.patch(`/api/v1/messages/${messageId}`, { body: 'A chain is 3 €.' });
    expect(await approve('A chain is 30 €.')).toMatchObject({
      status: 409,
      body: { error: { code: 'draft_changed' } },
    });
    expect((await inbox.read(messageId)).status).toBe('draft');
    expect((await approve('A chain is 3 €.')).status).toBe(200);
    expect((await approve('A chain is 3 €.')).status).toBe(200);
    await inbox.becomes(messageId, 'delivered');
    expect(ledger().filter(({ body }) => body.startsWith('A chain'))).toMatchObject([
      { body: 'A chain is 3 €.' },
    ]);
  });
});
