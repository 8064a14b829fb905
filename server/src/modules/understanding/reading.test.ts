import type { Conversation } from '@parley/contract/conversations';
import type { Insight } from '@parley/contract/insights';
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
  test = await startTestApp({ environment: { ...twilio.environment, PARLEY_TIME_ZONE: 'America/New_York' } });
  inbox = await openInbox(test, twilio);
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});

async function text(from: string, body: string): Promise<Insight> {
  await twilio.text({ from, to: inbox.channel.address, body });
  await test.settled();
  const { id } = await conversationWith(from);
  const client = inbox.workspace.as('viewer');
  const { body: page } = await client.get<{ items: Message[] }>(`/api/v1/conversations/${id}/messages`);
  const message = page.items.find((each) => each.body === body);
  return (await client.get<Insight>(`/api/v1/messages/${message?.id}/insight`)).body;
}

async function conversationWith(from: string): Promise<Conversation> {
  const found = (await inbox.conversations()).find(({ contact }) => contact.address === from);
  if (!found) throw new Error('there is no conversation');
  return found;
}

it('what a message wants, how it sounds and that it is no spam is understood before anybody trained anything', async () => {
  const insight = await text('+15551240001', 'What are your opening hours on Sunday?');
  expect(insight).toMatchObject({
    language: { value: 'en' },
    intent: { value: 'opening_hours', modelVersion: expect.stringMatching(/^parley-intent@/) },
    sentiment: { value: expect.any(String), modelVersion: expect.stringMatching(/@\d/) },
    spam: { value: false },
  });
  expect(await conversationWith('+15551240001')).toMatchObject({ intent: 'opening_hours' });
  const spanish = await text('+15551240002', '¡Muchísimas gracias, son los mejores, me encanta!');
  expect(spanish).toMatchObject({ language: { value: 'es' }, sentiment: { value: 'positive' } });
});

it('spam is marked, and nothing of it is withheld', async () => {
  const body =
    'URGENT! You have won a £2,000 prize GUARANTEED. Call 09061701461 now to claim. Claim code KL341. Valid 12 hours only';
  expect(await text('+15551240003', body)).toMatchObject({ spam: { value: true } });
  const event = await test.event('message.understood', ({ payload }) => payload.spam === true);
  expect(event.payload).toMatchObject({ answerable: true });
  expect((await conversationWith('+15551240003')).lastMessage?.body).toBe(body);
});

it('dates are found in the zone of the installation, and are not at rest in plain text', async () => {
  const insight = await text('+15551240004', 'Can I come tomorrow at 3 pm?');
  const [date] = insight.dates;
  expect(insight.dates).toHaveLength(1);
  expect(date).toMatchObject({ kind: 'instant', rrule: null });
  const inNewYork = new Intl.DateTimeFormat('en', {
    timeZone: 'America/New_York',
    hour: 'numeric',
    hourCycle: 'h23',
  });
  expect(inNewYork.format(new Date(date?.start ?? 0))).toBe('15');
  const [row] = await inbox.sql<{ dates: Uint8Array }>('select dates from insights where message_id = $1', [
    insight.messageId,
  ]);
  expect(Buffer.from(row?.dates ?? '').toString('latin1')).not.toContain('instant');
});

it('a date beyond the years that can be written is left out, and the insight is read like any other', async () => {
  const insight = await text('+15551240006', 'Valid from 1/1/2027 to 12/31/9999, or until 9999-12-31');
  expect(insight).toMatchObject({ language: { value: 'en' } });
  for (const { start, end } of insight.dates) expect(`${start} ${end}`).not.toMatch(/[+-]0\d{5}/);
});

it('that a contact gets angry is told once, until they have calmed down', async () => {
  const from = '+15551240005';
  const angered = async () => {
    const { id } = await conversationWith(from);
    return (await inbox.events('conversation.angered')).filter(
      ({ payload }) => payload.conversationId === id,
    );
  };
  const fury = [
    'This is the worst service ever, I hate it',
    'Terrible, awful, disgusting. You ruined my day',
    'I am so angry, this is horrible and disgraceful, the worst shop ever',
    'Pathetic. Awful people, terrible service, I hate you',
  ];
  for (const body of fury) await text(from, body);
  expect(await angered()).toHaveLength(1);
  expect(await conversationWith(from)).toMatchObject({ mood: 'angry' });
  expect((await inbox.conversations('?mood=angry')).map(({ contact }) => contact.address)).toEqual([from]);
  const joy = [
    'Oh thank you so much, that is wonderful!',
    'You are great, I love it, thank you!',
    'Perfect, amazing, the best. Thank you, I am so happy!',
    'Really lovely, thanks, great work!',
  ];
  for (const body of joy) await text(from, body);
  expect((await conversationWith(from)).mood).not.toBe('angry');
  for (const body of fury) await text(from, `${body}!`);
  expect(await angered()).toHaveLength(2);
});

it('a time is meant where the workspace is, from the next message on', async () => {
  const before = await text('+15551240052', 'Can I come tomorrow at 3 pm please?');
  const zone = { timeZone: 'Asia/Tokyo' };
  expect((await inbox.workspace.as('admin').put('/api/v1/workspace', zone)).status).toBe(200);
  const after = await text('+15551240053', 'May I come tomorrow at 3 pm?');
  await inbox.workspace.as('admin').put('/api/v1/workspace', { timeZone: null });
  const hourIn = (timeZone: string, { dates }: Insight) =>
    new Intl.DateTimeFormat('en', { timeZone, hour: 'numeric', hourCycle: 'h23' }).format(
      new Date(dates?.[0]?.start ?? 0),
    );
  expect(hourIn('America/New_York', before)).toBe('15');
  expect(hourIn('Asia/Tokyo', after)).toBe('15');
});
