import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import type { Clock } from '../../core/clock.ts';
import { newId } from '../../core/identifiers.ts';
import { createOutboundMessage } from './conversations.ts';
import { sweep } from './sweep.ts';

// A clock that lies an hour behind the database's, so that whatever is put off is due at once, and waits only for what it
// asks this clock: the tests move it on instead of waiting.
let offsetMs = -3_600_000;
const clock: Clock = { now: () => Date.now() + offsetMs, date: () => new Date(Date.now() + offsetMs) };
const advance = (milliseconds: number) => {
  offsetMs += milliseconds;
};

let twilio: TestTwilio;
let test: TestApp;
beforeAll(async () => {
  twilio = await startTwilio({ clock });
  test = await startTestApp({ environment: twilio.environment, clock });
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});
afterEach(async () => {
  twilio.simulator.reset();
  await test.settled();
  twilio.simulator.reset();
});

const ledger = () => twilio.simulator.ledger();

async function attemptIs(inbox: Inbox, messageId: string, state: string): Promise<void> {
  await test.until(`the attempt to be ${state}`, async () => {
    const { attempts } = await inbox.read(messageId);
    return attempts.some((attempt) => attempt.state === state);
  });
}

async function lookedUp(inbox: Inbox, messageId: string, times: number): Promise<void> {
  await test.until(`${times} look-ups`, async () => {
    const [row] = await inbox.sql<{ lookups: number }>(
      'select lookups from message_attempts where message_id = $1 order by number limit 1',
      [messageId],
    );
    return (row?.lookups ?? 0) >= times;
  });
}

describe('a call whose answer was lost', () => {
  it.each(['hang_after_accept', 'reset_after_accept', 'bad_gateway_after_accept'] as const)(
    'is settled by a callback, and nothing is sent twice: %s',
    async (kind) => {
      const inbox = await openInbox(test, twilio);
      twilio.simulator.fault({ kind });
      const { id } = await inbox.write('+15551270001', 'hello');
      await inbox.becomes(id, 'delivered');
      await test.settled();
      advance(60_000);
      await sweep(test.kernel.systemContext());
      await test.settled();
      expect(ledger()).toHaveLength(1);
      expect((await inbox.read(id)).attempts).toMatchObject([
        { number: 1, state: 'accepted', providerId: ledger()[0]?.sid },
      ]);
    },
  );

  it.each(['reset_after_accept', 'nonsense'] as const)(
    'is found by asking the provider when its callbacks are lost too: %s',
    async (kind) => {
      const inbox = await openInbox(test, twilio);
      twilio.simulator.fault({ kind: 'lose', times: null });
      twilio.simulator.fault({ kind });
      const { id } = await inbox.write('+15551270002', 'hello');
      await attemptIs(inbox, id, 'accepted');
      const message = await inbox.read(id);
      expect(ledger()).toHaveLength(1);
      expect(message.providerId).toBe(ledger()[0]?.sid);
      expect(message.events).toContainEqual(expect.objectContaining({ source: 'lookup' }));
    },
  );

  it.each(['hang_before_accept', 'reset_before_accept', 'bad_gateway_before_accept'] as const)(
    'is made again once the provider surely does not have it, and not before: %s',
    async (kind) => {
      const inbox = await openInbox(test, twilio);
      twilio.simulator.fault({ kind });
      const { id } = await inbox.write('+15551270003', 'hello');
      await attemptIs(inbox, id, 'unknown');
      await lookedUp(inbox, id, 5);
      expect(ledger()).toEqual([]);
      expect((await inbox.read(id)).status).toBe('pending');
      advance(15_000);
      const message = await inbox.becomes(id, 'delivered');
      expect(message.attempts).toMatchObject([
        { number: 1, state: 'lost', failure: { code: 'lost' } },
        { number: 2, state: 'accepted', actor: { kind: 'system' } },
      ]);
      await test.settled();
      expect(ledger()).toHaveLength(1);
    },
  );

  it('is not made again while the provider cannot be asked', async () => {
    const inbox = await openInbox(test, twilio);
    twilio.simulator.fault({ kind: '503', on: 'read', times: 8 });
    twilio.simulator.fault({ kind: 'lose', times: null });
    twilio.simulator.fault({ kind: 'reset_after_accept' });
    const { id } = await inbox.write('+15551270004', 'hello');
    await attemptIs(inbox, id, 'unknown');
    advance(60_000);
    await attemptIs(inbox, id, 'accepted');
    expect(ledger()).toHaveLength(1);
    expect((await inbox.read(id)).attempts).toHaveLength(1);
  });

  it('holds back what was written after it, and keeps the order', async () => {
    const inbox = await openInbox(test, twilio);
    twilio.simulator.fault({ kind: 'reset_before_accept' });
    const first = await inbox.write('+15551270005', 'first');
    const second = await inbox.write('+15551270005', 'second');
    const other = await inbox.write('+15551270006', 'to somebody else');
    await inbox.becomes(other.id, 'delivered');
    await lookedUp(inbox, first.id, 3);
    expect(ledger().map(({ body }) => body)).toEqual(['to somebody else']);
    expect((await inbox.read(second.id)).attempts).toEqual([]);
    advance(15_000);
    await inbox.becomes(second.id, 'delivered');
    await inbox.becomes(first.id, 'delivered');
    expect(ledger().map(({ body }) => body)).toEqual(['to somebody else', 'first', 'second']);
  });

  it('is told apart from an equal text that was sent before', async () => {
    const inbox = await openInbox(test, twilio);
    const first = await inbox.write('+15551270007', 'ok');
    await inbox.becomes(first.id, 'delivered');
    twilio.simulator.fault({ kind: 'reset_before_accept' });
    const second = await inbox.write('+15551270007', 'ok');
    await lookedUp(inbox, second.id, 3);
    advance(15_000);
    await inbox.becomes(second.id, 'delivered');
    await test.settled();
    const sids = ledger().map(({ sid }) => sid);
    expect(sids).toHaveLength(2);
    expect(sids).toEqual([(await inbox.read(first.id)).providerId, (await inbox.read(second.id)).providerId]);
  });

  it('is given up after a day, said so, and left to a person', async () => {
    const inbox = await openInbox(test, twilio);
    twilio.simulator.fault({ kind: 'lose', times: null });
    twilio.simulator.fault({ kind: '429', on: 'read', times: 30 });
    twilio.simulator.fault({ kind: 'reset_before_accept' });
    const { id } = await inbox.write('+15551270008', 'hello');
    await attemptIs(inbox, id, 'unknown');
    advance(25 * 3_600_000);
    const message = await inbox.becomes(id, 'unknown');
    offsetMs = -3_600_000;
    expect(message.failure).toMatchObject({ code: 'outcome_unknown' });
    twilio.simulator.reset();
    expect((await inbox.workspace.as('agent').post(`/api/v1/messages/${id}/attempts`)).status).toBe(201);
    await inbox.becomes(id, 'delivered');
  });
});

it('whatever goes wrong, each message leaves exactly once and in the order of its conversation', async () => {
  const inbox = await openInbox(test, twilio);
  // Few enough that the circuit breaker, which has its own tests, stays closed.
  const faults = [
    { kind: 'reset_before_accept', times: 2, probability: 0.3, seed: 1 },
    { kind: 'reset_after_accept', times: 2, probability: 0.3, seed: 2 },
    { kind: 'bad_gateway_before_accept', times: 1, probability: 0.3, seed: 3 },
    { kind: 'bad_gateway_after_accept', times: 2, probability: 0.3, seed: 4 },
    { kind: '503', times: 2, probability: 0.3, seed: 5 },
    { kind: 'duplicate', times: 10, probability: 0.4, seed: 6 },
    { kind: 'reorder', times: 10, probability: 0.4, seed: 7 },
    { kind: 'delay', times: 10, probability: 0.4, seed: 8, delayMs: 40 },
  ] as const;
  for (const fault of faults) twilio.simulator.fault(fault);
  const contacts = Array.from({ length: 4 }, (_, index) => `+1555128010${index}`);
  const made = await Promise.all(
    contacts.map(async (to) => {
      const written = [];
      for (let index = 0; index < 3; index += 1) written.push(await inbox.write(to, `${to} ${index}`));
      return written;
    }),
  );
  await test.until('all to be delivered', async () => {
    const [row] = await inbox.sql<{ open: number; calling: number; unknown: number }>(
      `select count(*) filter (where m.status <> 'delivered')::int as open,
         count(*) filter (where a.state = 'calling')::int as calling,
         count(*) filter (where a.state = 'unknown')::int as unknown
       from messages m left join message_attempts a on a.message_id = m.id`,
    );
    // Time passes only where it is waited for: a call that is under way must not seem to take minutes.
    if (row?.calling === 0 && row.unknown > 0) advance(5000);
    return row?.open === 0;
  });
  await twilio.simulator.idle();
  await test.settled();
  for (const [index, to] of contacts.entries()) {
    const sent = ledger().filter((entry) => entry.to === to);
    expect(sent.map(({ body }) => body)).toEqual(made[index]?.map(({ body }) => body));
  }
  expect(ledger()).toHaveLength(12);
});

describe('a process that died', () => {
  /** The rows as a process leaves them that is killed between its claim and its record. */
  async function abandon(inbox: Inbox, to: string, accepted: boolean): Promise<string> {
    const earlier = await inbox.write(to, 'before');
    const { conversationId } = await inbox.becomes(earlier.id, 'delivered');
    twilio.simulator.reset();
    const { messageId: id } = await inbox.workspace.ctx.transaction((tx) =>
      createOutboundMessage(tx, {
        conversationId,
        body: 'hello',
        sender: { kind: 'member', id: 'test' },
        draft: true,
      }),
    );
    const startedAt = new Date(clock.now() - 5000);
    await inbox.sql(
      `with claimed as (
         update messages set status = 'pending', claimed_at = $2, due_at = $2 where id = $1 returning id, workspace_id
       )
       insert into message_attempts
         (id, workspace_id, message_id, number, state, actor_kind, job_id, requested_at, started_at)
       select $3, workspace_id, id, 1, 'calling', 'member', $4, $2, $2 from claimed`,
      [id, startedAt, newId(), newId()],
    );
    if (accepted) {
      twilio.simulator.fault({ kind: 'lose', times: null });
      const form = new URLSearchParams({ To: to, From: inbox.channel.address, Body: 'hello' });
      const account = `AC${'1'.repeat(32)}`;
      const answer = await fetch(`${twilio.simulator.url}/2010-04-01/Accounts/${account}/Messages.json`, {
        method: 'POST',
        body: form,
        headers: {
          authorization: `Basic ${Buffer.from(`${account}:the token of the account`).toString('base64')}`,
        },
      });
      expect(answer.status).toBe(201);
    }
    return id;
  }

  it('after the provider had accepted: the message is found, and not sent again', async () => {
    const inbox = await openInbox(test, twilio);
    const id = await abandon(inbox, '+15551270010', true);
    advance(120_000);
    expect(await sweep(test.kernel.systemContext())).toBeGreaterThanOrEqual(1);
    await attemptIs(inbox, id, 'accepted');
    await test.settled();
    expect(ledger()).toHaveLength(1);
    expect((await inbox.read(id)).providerId).toBe(ledger()[0]?.sid);
  });

  it('before it called: the message leaves once', async () => {
    const inbox = await openInbox(test, twilio);
    const id = await abandon(inbox, '+15551270011', false);
    advance(120_000);
    await sweep(test.kernel.systemContext());
    await inbox.becomes(id, 'delivered');
    await test.settled();
    expect(ledger()).toHaveLength(1);
    expect((await inbox.read(id)).attempts.map(({ state }) => state)).toEqual(['lost', 'accepted']);
  });

  it('with its job lost too: the sweep gives it back', async () => {
    const inbox = await openInbox(test, twilio);
    const { id } = await inbox.write('+15551270012', 'hello');
    await inbox.becomes(id, 'delivered');
    await inbox.sql(
      `update messages set status = 'pending', provider_message_id = null, due_at = $2 where id = $1`,
      [id, clock.date()],
    );
    await inbox.sql('delete from message_attempts where message_id = $1', [id]);
    expect(await sweep(test.kernel.systemContext())).toBe(0);
    advance(120_000);
    expect(await sweep(test.kernel.systemContext())).toBe(1);
    await inbox.becomes(id, 'delivered');
  });
});
