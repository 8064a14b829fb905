import type { Channel } from '@parley/contract/channels';
import type { Conversation, ConversationDetail } from '@parley/contract/conversations';
import type { Message } from '@parley/contract/messages';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import {
  callWebhook,
  inboundParameters,
  newMessageSid,
  startTwilio,
  type TestTwilio,
} from '../../../test/twilio.ts';

let twilio: TestTwilio;
let test: TestApp;
let workspace: TestWorkspace;
let channel: Channel;
beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ environment: twilio.environment });
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});
beforeEach(async () => {
  workspace = await test.workspace({ name: 'Rosa’s Repairs' });
  await silenceAssistant(workspace);
  channel = await twilio.connectTwilio(workspace, { country: 'US' });
});

async function silenceAssistant({ as }: TestWorkspace): Promise<void> {
  const body = { policy: 'off', persona: '', burstWaitMs: 0, repliesPerHourMax: 20, modelId: null };
  const { status } = await as('admin').put('/api/v1/assistant', body);
  expect(status).toBe(200);
}

interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

async function conversations(query = ''): Promise<Conversation[]> {
  const { body } = await workspace.as('viewer').get<Page<Conversation>>(`/api/v1/conversations${query}`);
  return body.items;
}

async function onlyConversation(): Promise<ConversationDetail> {
  await test.settled();
  const [first, ...others] = await conversations();
  expect(others).toEqual([]);
  const { body } = await workspace.as('viewer').get<ConversationDetail>(`/api/v1/conversations/${first?.id}`);
  return body;
}

const events = async (type: string) =>
  (await test.kernel.events.read(workspace.id, 0, 500)).filter((event) => event.type === type);

describe('a text that comes in', () => {
  it('becomes a message in a conversation with a contact', async () => {
    await twilio.text({ from: '+15551230001', body: 'Are you open on Sunday?' });
    const conversation = await onlyConversation();
    expect(conversation).toMatchObject({
      channelId: channel.id,
      status: 'active',
      owner: { kind: 'assistant', id: null },
      contact: { address: '+15551230001', optedOut: false },
      lastMessage: { direction: 'inbound', body: 'Are you open on Sunday?' },
    });
    expect(conversation.messages).toMatchObject([
      {
        direction: 'inbound',
        sender: { kind: 'contact', id: conversation.contact.id },
        from: '+15551230001',
        to: channel.address,
        body: 'Are you open on Sunday?',
        status: 'received',
        encoding: 'GSM-7',
        segments: 1,
      },
    ]);
    const [received] = await events('message.received');
    expect(received?.payload).toEqual({
      messageId: conversation.messages[0]?.id,
      conversationId: conversation.id,
      channelId: channel.id,
      contactId: conversation.contact.id,
      answerable: true,
    });
    expect(await events('conversation.created')).toHaveLength(1);
  });

  it('counts once, however often the provider calls', async () => {
    const messageSid = newMessageSid();
    await Promise.all(
      Array.from({ length: 6 }, () => twilio.text({ from: '+15551230002', body: 'once', messageSid })),
    );
    await twilio.text({ from: '+15551230002', body: 'once', messageSid });
    expect((await onlyConversation()).messages).toHaveLength(1);
    expect(await events('message.received')).toHaveLength(1);
  });

  it('is one conversation and one contact when many first texts arrive at once', async () => {
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => twilio.text({ from: '+15551230003', body: `text ${index}` })),
    );
    expect((await onlyConversation()).messages).toHaveLength(10);
    const [row] = await workspace.ctx.transaction((tx) =>
      tx.sql<{ count: number }>('select count(*)::int as count from contacts'),
    );
    expect(row?.count).toBe(1);
    expect(await events('conversation.created')).toHaveLength(1);
  });

  it('keeps short codes, senders with letters, and the original spelling', async () => {
    for (const from of ['72345', 'MyBank', '(555) 123-0004']) {
      await callWebhook({
        url: channel.webhooks.inbound,
        parameters: inboundParameters(channel.address, { From: from }),
      });
    }
    await test.settled();
    const addresses = (await conversations()).map(({ contact }) => contact.address);
    expect(addresses.toSorted()).toEqual(['+15551230004', '72345', 'mybank']);
    const rows = await workspace.ctx.transaction((tx) =>
      tx.sql<{ address_original: string }>('select address_original from contact_points'),
    );
    expect(rows.map((row) => row.address_original).toSorted()).toEqual(['(555) 123-0004', '72345', 'MyBank']);
  });

  it('brings its conversation back from the archive', async () => {
    await twilio.text({ from: '+15551230005', body: 'hello' });
    const { id } = await onlyConversation();
    await workspace.as('agent').put(`/api/v1/conversations/${id}`, { status: 'archived' });
    expect(await conversations('?status=active')).toEqual([]);
    await twilio.text({ from: '+15551230005', body: 'me again' });
    expect((await onlyConversation()).status).toBe('active');
  });

  it('that cannot be understood is kept, marked, and harms no other', async () => {
    const broken = inboundParameters(channel.address, { MediaUrl0: 'not a url', NumMedia: '1' });
    await callWebhook({ url: channel.webhooks.inbound, parameters: broken });
    await twilio.text({ from: '+15551230006', body: 'fine' });
    expect((await onlyConversation()).messages).toMatchObject([{ body: 'fine' }]);
    const rows = await workspace.ctx.transaction((tx) =>
      tx.sql<{ status: string; error_code: string | null }>(
        'select status, error_code from deliveries where channel_id = $1 order by received_at',
        [channel.id],
      ),
    );
    expect(rows).toEqual([
      { status: 'failed', error_code: 'unreadable' },
      { status: 'processed', error_code: null },
    ]);
  });

  it('is at rest only as ciphertext', async () => {
    await twilio.text({ from: '+15551230007', body: 'the canary sings at noon' });
    const { id } = await onlyConversation();
    const [row] = await workspace.ctx.transaction((tx) =>
      tx.sql<{ content: Uint8Array }>('select content from messages where conversation_id = $1', [id]),
    );
    expect(Buffer.from(row?.content ?? []).includes('canary')).toBe(false);
    expect(test.logged.join('')).not.toContain('canary');
    expect(JSON.stringify(await test.kernel.events.read(workspace.id, 0, 500))).not.toContain('canary');
  });
});

describe('conversations over HTTP', () => {
  it('come newest first, page by page, without doubling or losing one', async () => {
    for (let index = 0; index < 5; index += 1) {
      await twilio.text({ from: `+1555124000${index}`, body: `text ${index}` });
      await test.settled();
    }
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = `/api/v1/conversations?limit=2${cursor ? `&cursor=${cursor}` : ''}`;
      const { body }: { body: Page<Conversation> } = await workspace.as('viewer').get(path);
      seen.push(...body.items.map(({ contact }) => contact.address));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual([4, 3, 2, 1, 0].map((index) => `+1555124000${index}`));
  });

  it('show their messages page by page, newest first', async () => {
    for (let index = 0; index < 5; index += 1) {
      await twilio.text({ from: '+15551240010', body: `text ${index}` });
    }
    const { id } = await onlyConversation();
    const path = `/api/v1/conversations/${id}/messages?limit=3`;
    const first = await workspace.as('viewer').get<Page<Message>>(path);
    const second = await workspace.as('viewer').get<Page<Message>>(`${path}&cursor=${first.body.nextCursor}`);
    const bodies = [...first.body.items, ...second.body.items].map(({ body }) => body);
    expect(bodies).toEqual(['text 4', 'text 3', 'text 2', 'text 1', 'text 0']);
    expect(second.body.nextCursor).toBeNull();
  });

  it('are found by their filters', async () => {
    await twilio.text({ from: '+15551240020', body: 'hola, ¿están abiertos el domingo por la mañana?' });
    const { id } = await onlyConversation();
    const changed = await workspace.as('agent').put<Conversation>(`/api/v1/conversations/${id}`, {
      status: 'flagged_for_review',
      owner: { kind: 'member' },
      assistantPolicy: 'draft',
      private: true,
      workflowType: 'claim',
      workflowId: 'C-17',
    });
    expect(changed).toMatchObject({
      status: 200,
      body: {
        status: 'flagged_for_review',
        flagReason: 'member',
        owner: { kind: 'member' },
        assistantPolicy: 'draft',
        private: true,
        workflowType: 'claim',
        workflowId: 'C-17',
        language: 'es',
      },
    });
    const found = [
      'status=flagged_for_review',
      'owner=member',
      `channelId=${channel.id}`,
      'language=es',
      'workflowType=claim&workflowId=C-17',
      `updatedSince=${encodeURIComponent(changed.body.updatedAt)}`,
    ];
    for (const query of found) expect(await conversations(`?${query}`), query).toHaveLength(1);
    const missed = [
      'status=archived',
      'owner=assistant',
      `channelId=${crypto.randomUUID()}`,
      'language=pt',
      'workflowId=C-18',
      `updatedSince=${encodeURIComponent('2999-01-01T00:00:00Z')}`,
    ];
    for (const query of missed) expect(await conversations(`?${query}`), query).toEqual([]);
    const [change] = (await events('conversation.changed')).slice(-1);
    expect(change?.payload.changed).toEqual(
      expect.arrayContaining(['status', 'owner', 'assistantPolicy', 'private', 'workflowType', 'workflowId']),
    );
  });

  it('keep the language that a member set', async () => {
    await twilio.text({ from: '+15551240021', body: 'hello there, my friend' });
    const { id } = await onlyConversation();
    await workspace.as('agent').put(`/api/v1/conversations/${id}`, { language: 'pt' });
    await twilio.text({ from: '+15551240021', body: 'what are your opening hours on Monday?' });
    expect(await onlyConversation()).toMatchObject({ language: 'pt', languageConfidence: 1 });
  });

  it('refuse a change that says nothing, an owner who is no member, and a cursor of somebody else', async () => {
    await twilio.text({ from: '+15551240022', body: 'hello' });
    const { id } = await onlyConversation();
    const agent = workspace.as('agent');
    expect((await agent.put(`/api/v1/conversations/${id}`, {})).status).toBe(400);
    const stranger = { owner: { kind: 'member', id: 'nobody' } };
    expect((await agent.put(`/api/v1/conversations/${id}`, stranger)).status).toBe(400);
    expect((await agent.get('/api/v1/conversations?cursor=abc')).status).toBe(400);
  });

  it('of another workspace do not exist', async () => {
    await twilio.text({ from: '+15551240023', body: 'hello' });
    const { id, messages } = await onlyConversation();
    const stranger = (await test.workspace()).as('owner');
    const answers = await Promise.all([
      stranger.get(`/api/v1/conversations/${id}`),
      stranger.get(`/api/v1/conversations/${id}/messages`),
      stranger.get(`/api/v1/conversations/${id}/consent`),
      stranger.put(`/api/v1/conversations/${id}`, { status: 'archived' }),
      stranger.put(`/api/v1/conversations/${id}/consent`, { optedOut: true, reason: 'for fun' }),
      stranger.get(`/api/v1/messages/${messages[0]?.id}`),
      stranger.patch(`/api/v1/messages/${messages[0]?.id}`, { body: 'mine' }),
      stranger.put(`/api/v1/messages/${messages[0]?.id}/approval`),
      stranger.post(`/api/v1/messages/${messages[0]?.id}/attempts`),
      stranger.delete(`/api/v1/messages/${messages[0]?.id}`),
      stranger.post('/api/v1/messages', { conversationId: id, body: 'hi' }),
      stranger.post('/api/v1/messages', { to: '+15551240023', channelId: channel.id, body: 'hi' }),
      stranger.get(`/api/v1/media/${messages[0]?.id}`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
  });

  it('may be read by viewers and changed by agents only', async () => {
    await twilio.text({ from: '+15551240024', body: 'hello' });
    const { id } = await onlyConversation();
    const viewer = workspace.as('viewer');
    expect((await viewer.put(`/api/v1/conversations/${id}`, { status: 'archived' })).status).toBe(403);
    expect((await viewer.post('/api/v1/messages', { conversationId: id, body: 'hi' })).status).toBe(403);
  });
});
