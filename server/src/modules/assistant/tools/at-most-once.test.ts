import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Chat, ChatMessage } from '@parley/contract/chat';
import type { ConversationDetail } from '@parley/contract/conversations';
import type { Model } from '@parley/contract/models';
import type { Run } from '@parley/contract/runs';
import type { HttpTool } from '@parley/contract/tools';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../../test/harness.ts';
import { addMember } from '../../../../test/members.ts';
import { type Inbox, openInbox } from '../../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../../test/twilio.ts';
import { newId } from '../../../core/identifiers.ts';
import type { JobRun } from '../../../core/queue.ts';
import {
  createOpenAiSimulator,
  type SimulatedAnswer,
} from '../../../providers/openai-compatible/simulator.ts';
import { answer } from '../answer.ts';
import { answer as answerInChat } from '../chat/answer.ts';

/** The workspace's own system, which books tables: each call that it got, and how it answers. */
interface Shop {
  readonly url: string;
  readonly calls: { method: string; key: string | undefined }[];
  answer(response: ServerResponse, request: IncomingMessage): void;
  close(): Promise<void>;
}

const booked = (response: ServerResponse) => response.end('booked: table 4');

async function startShop(): Promise<Shop> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const key = request.headers['idempotency-key'];
      shop.calls.push({ method: request.method ?? '', key: typeof key === 'string' ? key : undefined });
      shop.answer(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    answer: booked,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const model = createOpenAiSimulator();
let twilio: TestTwilio;
let test: TestApp;
let inbox: Inbox;
let shop: Shop;
let modelId: string;
let contacts = 0;
let from = '';
beforeAll(async () => {
  await model.listen();
  twilio = await startTwilio();
  shop = await startShop();
  test = await startTestApp({
    environment: {
      ...twilio.environment,
      EGRESS_ALLOW_HOSTS: '127.0.0.1',
      EGRESS_ALLOW_TOOL_HOSTS: '127.0.0.1',
    },
  });
  inbox = await openInbox(test, twilio);
  const { body } = await admin().post<Model>('/api/v1/models', {
    name: 'Scripted',
    baseUrl: model.baseUrl,
    model: 'scripted',
    capabilities: ['chat', 'tools'],
    local: true,
  });
  modelId = body.id;
  for (const [name, method] of [
    ['book_table', 'POST'],
    ['free_tables', 'GET'],
  ]) {
    const made = await admin().post<HttpTool>('/api/v1/http-tools', {
      name,
      description: 'Tables of the restaurant.',
      input: { type: 'object', properties: { at: { type: 'string' } }, required: ['at'] },
      method,
      url: `${shop.url}/tables`,
      contacts: true,
      members: true,
      confirmation: false,
    });
    expect(made.status).toBe(201);
  }
}, 120_000);
beforeEach(() => {
  contacts += 1;
  from = `+1555123${String(contacts).padStart(4, '0')}`;
});
afterEach(async () => {
  await test.settled();
  model.reset();
  shop.calls.length = 0;
  shop.answer = booked;
});
afterAll(async () => {
  await test.close();
  await twilio.close();
  await shop.close();
  await model.close();
});

const admin = () => inbox.workspace.as('admin');

async function policy(next: 'auto' | 'off'): Promise<void> {
  const settings = { persona: '', burstWaitMs: 0, repliesPerHourMax: 1000, modelId, supportNeeded: 0 };
  const { status } = await admin().put('/api/v1/assistant', { ...settings, policy: next });
  expect(status).toBe(200);
}

/** The model's answers, one after the other, the last one again and again. */
function script(...answers: SimulatedAnswer[]): void {
  let turn = 0;
  model.answerWith(() => {
    const said = answers[Math.min(turn, answers.length - 1)] ?? '';
    turn += 1;
    return said;
  });
}

const callOf = (name: string, at: string) => ({ calls: [{ name, input: { at } }] });

async function conversation(): Promise<ConversationDetail> {
  const found = (await inbox.conversations()).find(({ contact }) => contact.address === from);
  return (await admin().get<ConversationDetail>(`/api/v1/conversations/${found?.id}`)).body;
}

const said = async () =>
  (await conversation()).messages.filter(({ direction }) => direction === 'outbound').map(({ body }) => body);

/** Newest first. */
async function runs(): Promise<Run[]> {
  const { id } = await conversation();
  return (await admin().get<{ items: Run[] }>(`/api/v1/runs?conversationId=${id}`)).body.items;
}

/** A text that nobody answers yet, and a job to answer it with. */
async function asked(body: string) {
  await policy('off');
  await twilio.text({ from, body });
  await test.settled();
  await policy('auto');
  const { id: conversationId } = await conversation();
  const id = newId();
  const lost = new AbortController();
  return {
    conversationId,
    /** One try of the job. */
    run: (changes: Partial<JobRun> = {}) =>
      answer(
        inbox.workspace.ctx,
        { conversationId },
        { id, attempt: 0, isLastAttempt: false, signal: AbortSignal.timeout(30_000), ...changes },
      ),
    lost,
  };
}

const calledShop = (times = 1) =>
  test.until('the shop to be called', async () => shop.calls.length === times);
const askedModel = (times: number) =>
  test.until('the model to be asked', async () => model.ledger().length === times);

/** Keeps back what the model says once the shop has been called. */
function holdModelWhenBooked(): () => void {
  let release = () => {};
  shop.answer = (response) => {
    release = model.hold();
    booked(response);
  };
  return () => release();
}

/** Keeps the shop's answer back. */
function holdShop(): () => void {
  const gate = Promise.withResolvers<void>();
  shop.answer = (response) => void gate.promise.then(() => booked(response));
  return gate.resolve;
}

describe('what a tool changes for a contact', () => {
  it('is done once, under a key of its own, and reading needs none', async () => {
    await policy('auto');
    script(callOf('free_tables', '20:00'), callOf('book_table', '20:00'), 'Table 4 is yours.');
    await twilio.text({ from, body: 'A table at eight, please' });
    await test.settled();
    const [run] = await runs();
    expect(run).toMatchObject({ outcome: 'answered', steps: [{ state: 'done' }, { state: 'done' }] });
    expect(shop.calls).toEqual([
      { method: 'GET', key: undefined },
      { method: 'POST', key: run?.steps[1]?.id },
    ]);
  });

  it('is said, and not given up for a newer message, which is answered with what was done', async () => {
    await policy('auto');
    script(callOf('book_table', '20:00'), 'Table 4 is yours.', 'Yes, behind the house.');
    const release = holdShop();
    await twilio.text({ from, body: 'A table at eight, please' });
    await calledShop();
    await twilio.text({ from, body: 'And can I park?' });
    release();
    await test.settled();
    expect((await runs()).map(({ outcome }) => outcome)).toEqual(['answered', 'answered']);
    expect(await said()).toEqual(['Table 4 is yours.', 'Yes, behind the house.']);
    expect(shop.calls).toHaveLength(1);
    const told = model.ledger().at(-1)?.messages ?? [];
    expect(told[0]?.content).toContain('> book_table {"at":"20:00"}\n> status: 200');
    expect(told.map(({ content }) => content)).toContain('Table 4 is yours.');
  });

  it('is not done again by whoever takes up the run of a killed process: the model is told what came of it', async () => {
    const { run } = await asked('A table at eight, please');
    model.answerWith(({ messages }) => {
      const told = messages.filter(({ role }) => role === 'tool').length;
      // It books again although it was told.
      return told < 2 ? callOf('book_table', '20:00') : 'Table 4 is yours.';
    });
    const release = holdModelWhenBooked();
    const lost = run();
    await askedModel(2);
    const next = run();
    await askedModel(3);
    release();
    await Promise.all([lost, next]);
    await test.settled();
    expect(shop.calls).toHaveLength(1);
    expect(await said()).toEqual(['Table 4 is yours.']);
    const [ended, ...others] = await runs();
    expect(others).toEqual([]);
    expect(ended).toMatchObject({ outcome: 'answered' });
    expect(ended?.steps[0]).toMatchObject({ tool: 'book_table', state: 'done' });
    expect(model.ledger()[2]?.messages.at(-1)?.content).toContain('> booked: table 4');
  });

  it('is left to a person, who is told so, when the process was killed before it was known what came of it', async () => {
    const { run } = await asked('A table at eight, please');
    script(callOf('book_table', '20:00'), 'Table 4 is yours.');
    const release = holdShop();
    const lost = run();
    await calledShop();
    await run();
    release();
    await lost;
    await test.settled();
    expect(shop.calls).toHaveLength(1);
    expect(await said()).toHaveLength(1);
    expect((await said())[0]).toContain('person');
    expect(await runs()).toMatchObject([
      {
        outcome: 'handed_over',
        handOver: { because: 'outcome_unknown', asked: ['A table at eight, please'] },
        steps: [{ tool: 'book_table', state: 'failed', errorCode: 'outcome_unknown' }],
      },
    ]);
    expect(await conversation()).toMatchObject({ status: 'flagged_for_review', flagReason: 'handed_over' });
  });

  it('is not done again by a retry after an error', async () => {
    const { run, lost } = await asked('A table at eight, please');
    script(callOf('book_table', '20:00'), 'Table 4 is yours.');
    const release = holdModelWhenBooked();
    const failed = run({ signal: lost.signal });
    await askedModel(2);
    lost.abort(new Error('its time is over'));
    await expect(failed).rejects.toThrow('its time is over');
    release();
    await run();
    await test.settled();
    expect(shop.calls).toHaveLength(1);
    expect(await said()).toEqual(['Table 4 is yours.']);
    expect(await runs()).toMatchObject([{ outcome: 'answered', steps: [{ state: 'done' }] }]);
  });

  it('is told to whoever has to look when the last try failed too', async () => {
    const { run, lost } = await asked('A table at eight, please');
    script(callOf('book_table', '20:00'), 'Table 4 is yours.');
    const release = holdModelWhenBooked();
    const failed = run({ signal: lost.signal, isLastAttempt: true });
    await askedModel(2);
    lost.abort(new Error('its time is over'));
    await expect(failed).rejects.toThrow('its time is over');
    release();
    await test.settled();
    expect(await runs()).toMatchObject([
      { outcome: 'failed', handOver: { because: 'gave_up' }, steps: [{ state: 'done' }] },
    ]);
    expect(await conversation()).toMatchObject({ flagReason: 'assistant_failed' });
    expect(shop.calls).toHaveLength(1);
  });

  it('is not tried again in other words when nobody heard what came of it, and a person is called', async () => {
    await policy('auto');
    script(callOf('book_table', '20:00'), callOf('book_table', '8 pm'), 'I could not see whether it worked.');
    shop.answer = (response) => response.destroy();
    await twilio.text({ from, body: 'A table at eight, please' });
    await test.settled();
    expect(shop.calls).toHaveLength(1);
    expect(await runs()).toMatchObject([
      {
        outcome: 'handed_over',
        handOver: { because: 'outcome_unknown' },
        steps: [
          { state: 'failed', errorCode: 'outcome_unknown' },
          { state: 'refused', errorCode: 'outcome_unknown' },
        ],
      },
    ]);
    expect(await conversation()).toMatchObject({ flagReason: 'handed_over' });
  });

  it('is known to the next turn, when a member took over before it could be said', async () => {
    await policy('auto');
    script(callOf('book_table', '20:00'), 'Table 4 is yours.', 'It is table 4.');
    const release = holdShop();
    await twilio.text({ from, body: 'A table at eight, please' });
    await calledShop();
    const { id } = await conversation();
    const give = (kind: string) => admin().put(`/api/v1/conversations/${id}`, { owner: { kind } });
    await give('member');
    release();
    await test.settled();
    expect(await runs()).toMatchObject([{ outcome: 'held_back', steps: [{ state: 'done' }] }]);
    await give('assistant');
    await test.settled();
    expect(await said()).toEqual(['It is table 4.']);
    expect(model.ledger().at(-1)?.messages[0]?.content).toContain('> booked: table 4');
    expect(shop.calls).toHaveLength(1);
  });
});

describe('what a tool changes for a member in a chat', () => {
  it('is written down before it is called, so that an answer that is begun again does not do it twice', async () => {
    await policy('auto');
    const { client } = await addMember(test, inbox.workspace, 'agent');
    script(callOf('book_table', '20:00'), 'Table 4 is booked.');
    const release = holdShop();
    const { body: chat } = await client.post<Chat & { messages: ChatMessage[] }>('/api/v1/chats', {
      text: 'Book a table at eight',
      fileIds: [],
    });
    const messageId = chat.messages.at(-1)?.id ?? '';
    await calledShop();
    const read = async () => (await client.get<ChatMessage>(`/api/v1/chat-messages/${messageId}`)).body;
    expect(await read()).toMatchObject({ state: 'writing', steps: [{ tool: 'book_table', state: 'begun' }] });
    await answerInChat(
      inbox.workspace.ctx,
      { messageId },
      { id: newId(), attempt: 1, isLastAttempt: false, signal: AbortSignal.timeout(30_000) },
    );
    release();
    await test.settled();
    expect(await read()).toMatchObject({ state: 'cut', steps: [{ errorCode: 'outcome_unknown' }] });
    expect(shop.calls).toHaveLength(1);
  });
});
