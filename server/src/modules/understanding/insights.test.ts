import type { Conversation } from '@parley/contract/conversations';
import type { Insight } from '@parley/contract/insights';
import type { Intent } from '@parley/contract/intents';
import type { Message } from '@parley/contract/messages';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { collectExamples } from './intent-models/examples.ts';

let test: TestApp;
let twilio: TestTwilio;
let inbox: Inbox;
beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ environment: twilio.environment });
  inbox = await openInbox(test, twilio);
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});

/** A text from somebody new, understood. */
let people = 0;
async function understood(
  body: string,
): Promise<{ messageId: string; conversation: () => Promise<Conversation> }> {
  people += 1;
  const from = `+1555123${String(1000 + people)}`;
  await twilio.text({ from, to: inbox.channel.address, body });
  await test.settled();
  const conversation = async () => {
    const found = (await inbox.conversations()).find(({ contact }) => contact.address === from);
    if (!found) throw new Error('there is no conversation');
    return found;
  };
  const { id } = await conversation();
  const { body: page } = await inbox.workspace
    .as('viewer')
    .get<{ items: Message[] }>(`/api/v1/conversations/${id}/messages`);
  const [message] = page.items;
  if (!message) throw new Error('there is no message');
  return { messageId: message.id, conversation };
}

it('what was understood of messages is read by their ids, and one that was not is left out', async () => {
  const { messageId } = await understood('¿A qué hora abren mañana por la tarde?');
  const viewer = inbox.workspace.as('viewer');
  const stranger = '0190a0b0-0000-7000-8000-000000000000';
  const list = await viewer.get<{ items: Insight[] }>(`/api/v1/insights?messageIds=${stranger},${messageId}`);
  expect(list.body.items).toMatchObject([{ messageId, language: { value: 'es', correctedBy: null } }]);
  const one = await viewer.get<Insight>(`/api/v1/messages/${messageId}/insight`);
  expect(one.body).toEqual(list.body.items[0]);
  expect(await viewer.get(`/api/v1/messages/${stranger}/insight`)).toMatchObject({ status: 404 });
  expect(await viewer.get('/api/v1/insights?messageIds=none')).toMatchObject({ status: 400 });
});

it('what a member says of a message stands, is told, becomes its conversation’s intent, and can be taken back', async () => {
  const { messageId, conversation } = await understood('Where is my parcel? It should have come on Monday.');
  const agent = inbox.workspace.as('agent');
  await inbox.workspace.as('admin').put('/api/v1/intents/lost_parcel', { enabled: true });
  const before = (await agent.get<Insight>(`/api/v1/messages/${messageId}/insight`)).body;
  const path = `/api/v1/messages/${messageId}/correction`;
  const corrected = await agent.put<Insight>(path, {
    intent: 'lost_parcel',
    sentiment: 'negative',
    spam: false,
  });
  expect(corrected.body).toMatchObject({
    intent: { value: 'lost_parcel', confidence: 1, correctedBy: expect.any(String) },
    sentiment: { value: 'negative', confidence: 1 },
    spam: { value: false, confidence: 1 },
    language: { value: 'en', correctedBy: null },
  });
  expect(await conversation()).toMatchObject({ intent: 'lost_parcel' });
  expect((await inbox.conversations('?intent=lost_parcel')).map(({ intent }) => intent)).toEqual([
    'lost_parcel',
  ]);
  const told = await test.event('message.corrected', ({ payload }) => payload.messageId === messageId);
  expect(told.payload.fields).toEqual(expect.arrayContaining(['intent', 'sentiment', 'spam']));

  const none = await agent.put<Insight>(path, { intent: null });
  expect(none.body).toMatchObject({
    intent: { value: null, confidence: 1 },
    sentiment: { value: 'negative' },
  });
  expect((await agent.delete<Insight>(path)).body).toEqual(before);
  expect(await conversation()).toMatchObject({ intent: before.intent?.value ?? null });
  expect((await agent.delete<Insight>(path)).body).toEqual(before);
});

it('a correction that says nothing, a name that is none, and one by who only looks on are refused', async () => {
  const { messageId } = await understood('Are you open on Sundays?');
  const path = `/api/v1/messages/${messageId}/correction`;
  const agent = inbox.workspace.as('agent');
  for (const body of [{}, { intent: 'Opening hours' }, { sentiment: 'furious' }, { language: 'unknown' }])
    expect(await agent.put(path, body)).toMatchObject({ status: 400 });
  expect(await agent.put(path, { intent: 'nobody_made_it' })).toMatchObject({ status: 404 });
  expect(await inbox.workspace.as('viewer').put(path, { spam: true })).toMatchObject({ status: 403 });
});

it('what a member said stays when its intent is removed, teaches nothing then, and counts again when there is one of its name', async () => {
  const { messageId, conversation } = await understood('The blades of my boots need work');
  const admin = inbox.workspace.as('admin');
  const intent = 'sharpen_blades';
  await admin.put(`/api/v1/intents/${intent}`, { enabled: true });
  const correction = `/api/v1/messages/${messageId}/correction`;
  await admin.put(correction, { intent });
  expect((await admin.delete(`/api/v1/intents/${intent}`)).status).toBe(204);
  const said = { value: intent, confidence: 1, correctedBy: expect.any(String) };
  expect((await admin.get<Insight>(`/api/v1/messages/${messageId}/insight`)).body.intent).toMatchObject(said);
  expect(await conversation()).toMatchObject({ intent });
  // The rest of it can be corrected; that it is of an intent that there is not can not be said anew.
  expect((await admin.put<Insight>(correction, { spam: true })).body.intent).toMatchObject(said);
  expect(await admin.put(correction, { intent })).toMatchObject({ status: 404 });
  const { examples } = await collectExamples(inbox.workspace.ctx, test.kernel.clock.date());
  expect(examples.filter(({ label }) => label === intent)).toEqual([]);
  expect((await admin.put<Intent>(`/api/v1/intents/${intent}`, { enabled: true })).body).toMatchObject({
    corrections: 1,
  });
  await admin.delete(`/api/v1/intents/${intent}`);
  expect((await admin.delete<Insight>(correction)).body.intent?.correctedBy).toBeNull();
});
