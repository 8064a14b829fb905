import type { ChannelStats, IntentStats, SentimentStats } from '@parley/contract/analytics';
import type { Message } from '@parley/contract/messages';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';

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

const read = async <Stats>(path: string) => (await inbox.workspace.as('viewer').get<Stats>(path)).body;

it('what members say of messages is counted by day, in the time zone that is asked for', async () => {
  const contacts = ['+15551230001', '+15551230002', '+15551230003'];
  for (const from of contacts)
    await twilio.text({ from, to: inbox.channel.address, body: 'Where is my parcel?' });
  await test.settled();
  const conversations = await inbox.conversations();
  const agent = inbox.workspace.as('agent');
  await inbox.workspace.as('admin').put('/api/v1/intents/lost_parcel', { enabled: true });
  for (const [index, { id }] of conversations.entries()) {
    const { body } = await agent.get<{ items: Message[] }>(`/api/v1/conversations/${id}/messages`);
    const correction =
      index === 0 ? { intent: null, sentiment: 'neutral' } : { intent: 'lost_parcel', sentiment: 'negative' };
    await agent.put(`/api/v1/messages/${body.items[0]?.id}/correction`, correction);
  }
  // At noon in London it is the next day in Kiritimati.
  await inbox.sql(`update insights set created_at = '2026-11-10T12:00:00Z'`);
  const span = 'from=2026-11-10T00:00:00Z&to=2026-11-11T00:00:00Z';
  const intents = await read<IntentStats>(`/api/v1/analytics/intent-stats?${span}`);
  expect(intents.items).toEqual([
    { day: '2026-11-10', intent: 'lost_parcel', messages: 2, corrected: 2 },
    { day: '2026-11-10', intent: null, messages: 1, corrected: 1 },
  ]);
  const sentiments = await read<SentimentStats>(
    `/api/v1/analytics/sentiment-stats?${span}&timeZone=Pacific/Kiritimati&channelId=${inbox.channel.id}`,
  );
  expect(sentiments.items).toEqual([
    { day: '2026-11-11', sentiment: 'negative', messages: 2, corrected: 2 },
    { day: '2026-11-11', sentiment: 'neutral', messages: 1, corrected: 1 },
  ]);
  const before = await read<IntentStats>(
    '/api/v1/analytics/intent-stats?from=2026-11-09T00:00:00Z&to=2026-11-10T00:00:00Z',
  );
  expect(before.items).toEqual([]);
});

it('what came in and went out is counted for each channel', async () => {
  const { workspace, channel, write, becomes } = await openInbox(test, twilio);
  await twilio.text({ from: '+15551230009', to: channel.address, body: 'Are you there?' });
  await test.settled();
  const { id } = await write('+15551230009', 'We are.');
  await becomes(id, 'delivered');
  const { body } = await workspace.as('viewer').get<ChannelStats>('/api/v1/analytics/channel-stats');
  expect(body.items).toEqual([
    {
      day: new Date().toISOString().slice(0, 10),
      channelId: channel.id,
      inbound: 1,
      byAssistant: 0,
      byMembers: 1,
      failed: 0,
      conversations: 1,
    },
  ]);
});

it('days that cannot be counted are refused with the reason', async () => {
  const viewer = inbox.workspace.as('viewer');
  for (const query of [
    'from=2026-11-11T00:00:00Z&to=2026-11-10T00:00:00Z',
    'from=2020-01-01T00:00:00Z',
    'timeZone=Mars/Olympus',
    'timeZone=%2B05:30',
    'from=yesterday',
  ])
    expect(await viewer.get(`/api/v1/analytics/channel-stats?${query}`), query).toMatchObject({
      status: 400,
    });
});
