import type { Consent } from '@parley/contract/conversations';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import type { Clock } from '../../core/clock.ts';
import { createOutboundMessage } from './conversations.ts';

let offsetMs = 0;
const clock: Clock = { now: () => Date.now() + offsetMs, date: () => new Date(Date.now() + offsetMs) };

let twilio: TestTwilio;
let test: TestApp;
beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ environment: twilio.environment, clock });
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});
afterEach(async () => {
  await test.settled();
  twilio.simulator.reset();
});

const sent = () => twilio.simulator.ledger().map(({ body }) => body);

async function say(from: string, ...texts: string[]): Promise<void> {
  for (const body of texts) {
    await twilio.text({ from, body });
    await test.settled();
  }
}

async function consentOf(inbox: Inbox): Promise<Consent> {
  const [conversation] = await inbox.conversations();
  const { body } = await inbox.workspace
    .as('viewer')
    .get<Consent>(`/api/v1/conversations/${conversation?.id}/consent`);
  return body;
}

describe('a contact who says STOP', () => {
  it('gets one confirmation and nothing more, and the ledger has the proof', async () => {
    const inbox = await openInbox(test, twilio, { workspaceName: 'Rosa' });
    await say('+15551280001', 'hello', 'Stop!', 'STOP');
    expect(sent()).toEqual([
      'Rosa: you are unsubscribed and will get no more messages. Reply START to hear from us again.',
    ]);
    expect(
      await inbox.post({ to: '+15551280001', channelId: inbox.channel.id, body: 'but …' }),
    ).toMatchObject({
      status: 409,
      body: { error: { code: 'consent_opted_out' } },
    });
    const consent = await consentOf(inbox);
    expect(consent.optedOut).toBe(true);
    expect(consent.events).toMatchObject([
      { action: 'opt_out', source: 'keyword', keyword: 'STOP', actor: { kind: 'contact' } },
      { action: 'opt_out', source: 'keyword', keyword: 'STOP', channelId: inbox.channel.id },
    ]);
    expect(consent.events[0]?.messageId).not.toBe(consent.events[1]?.messageId);
    expect(await inbox.events('consent.changed')).toHaveLength(1);
    const answerable = (await inbox.events('message.received')).map(({ payload }) => payload.answerable);
    expect(answerable).toEqual([true, false, false]);
    expect(await inbox.conversations()).toMatchObject([{ contact: { optedOut: true } }]);
  });

  it('is not answered by anybody, be it the assistant', async () => {
    const inbox = await openInbox(test, twilio);
    await say('+15551280002', 'BAJA', '¿siguen ahí?');
    const [conversation] = await inbox.conversations();
    await expect(
      inbox.workspace.ctx.transaction((tx) =>
        createOutboundMessage(tx, {
          conversationId: conversation?.id ?? '',
          body: 'sí',
          sender: { kind: 'assistant', id: null },
        }),
      ),
    ).rejects.toMatchObject({ code: 'consent_opted_out' });
    const answerable = (await inbox.events('message.received')).map(({ payload }) => payload.answerable);
    expect(answerable).toEqual([false, false]);
    expect(sent()).toHaveLength(1);
    expect(sent()[0]).toContain('te diste de baja');
  });

  it('between the writing and the sending of a message does not get it', async () => {
    const inbox = await openInbox(test, twilio);
    const sendAt = new Date(Date.now() + 1500).toISOString();
    const { id, conversationId } = await inbox.write('+15551280003', 'our summer sale', { sendAt });
    const draft = await inbox.workspace.ctx.transaction((tx) =>
      createOutboundMessage(tx, {
        conversationId,
        body: 'a draft',
        sender: { kind: 'assistant', id: null },
        draft: true,
      }),
    );
    await twilio.text({ from: '+15551280003', body: 'stop' });
    const failed = await inbox.becomes(id, 'failed');
    expect(failed.failure).toMatchObject({ code: 'consent_opted_out' });
    expect(failed.attempts).toEqual([]);
    const agent = inbox.workspace.as('agent');
    expect((await agent.post(`/api/v1/messages/${id}/attempts`)).status).toBe(409);
    expect((await agent.put(`/api/v1/messages/${draft.messageId}/approval`)).status).toBe(409);
    await test.settled();
    expect(sent()).toHaveLength(1);
    expect(sent()[0]).toContain('unsubscribed');
  });

  it('is heard again after START, or after a plain yes', async () => {
    const inbox = await openInbox(test, twilio, { workspaceName: 'Rosa' });
    await say('+15551280004', 'yes', 'stop', 'yes');
    expect((await consentOf(inbox)).optedOut).toBe(false);
    expect(sent().at(-1)).toBe('Rosa: you are subscribed again. Reply HELP for help, STOP to unsubscribe.');
    await say('+15551280004', 'sair', 'START');
    const consent = await consentOf(inbox);
    expect(consent.optedOut).toBe(false);
    expect(consent.events.map(({ action }) => action)).toEqual(['opt_in', 'opt_out', 'opt_in', 'opt_out']);
    const { id } = await inbox.write('+15551280004', 'welcome back');
    await inbox.becomes(id, 'delivered');
    const answerable = (await inbox.events('message.received')).map(({ payload }) => payload.answerable);
    expect(answerable[0]).toBe(true);
  });

  it('counts by when it was said, not by when it was processed', async () => {
    const inbox = await openInbox(test, twilio);
    await say('+15551280005', 'hello', 'START');
    // A STOP from before that START, which the journal held up.
    offsetMs = -60_000;
    await say('+15551280005', 'STOP');
    offsetMs = 0;
    const consent = await consentOf(inbox);
    expect(consent).toMatchObject({ optedOut: false, events: [{ action: 'opt_in' }, { action: 'opt_out' }] });
  });
});

it('HELP is answered with the workspace’s name, in the contact’s language', async () => {
  await openInbox(test, twilio, { workspaceName: 'Clínica Sol' });
  await say('+15551280006', 'Ayuda');
  expect(sent()[0]).toContain('Clínica Sol: escribe tu pregunta');
});

it('a provider that says the contact opted out is believed', async () => {
  const inbox = await openInbox(test, twilio);
  const { id } = await inbox.write('+15005550004', 'hello');
  expect(await inbox.becomes(id, 'failed')).toMatchObject({ failure: { code: '21610' } });
  expect(await consentOf(inbox)).toMatchObject({
    optedOut: true,
    events: [{ action: 'opt_out', source: 'provider', messageId: id }],
  });
  expect((await inbox.post({ to: '+15005550004', channelId: inbox.channel.id, body: 'again' })).status).toBe(
    409,
  );
});

it('a member records what they were told, with a reason', async () => {
  const inbox = await openInbox(test, twilio);
  await say('+15551280007', 'hello');
  const [conversation] = await inbox.conversations();
  const path = `/api/v1/conversations/${conversation?.id}/consent`;
  const agent = inbox.workspace.as('agent');
  expect((await agent.put(path, { optedOut: true })).status).toBe(400);
  const out = await agent.put<Consent>(path, { optedOut: true, reason: 'asked on the phone' });
  expect(out.body).toMatchObject({
    optedOut: true,
    events: [
      { action: 'opt_out', source: 'member', reason: 'asked on the phone', actor: { kind: 'api_key' } },
    ],
  });
  expect((await inbox.post({ conversationId: conversation?.id, body: 'x' })).status).toBe(409);
  const back = await agent.put<Consent>(path, { optedOut: false, reason: 'signed a form again' });
  expect(back.body).toMatchObject({ optedOut: false, events: [{ action: 'opt_in' }, { action: 'opt_out' }] });
  const { id } = await inbox.write('+15551280007', 'thank you');
  await inbox.becomes(id, 'delivered');
});
