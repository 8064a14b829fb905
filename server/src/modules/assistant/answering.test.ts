import type { AnswerCase, AnswerFix, CaseCheck } from '@parley/contract/answer-cases';
import type { Assistant } from '@parley/contract/assistant';
import type { Conversation, ConversationDetail } from '@parley/contract/conversations';
import type { Model } from '@parley/contract/models';
import type { Run, TrialAnswer } from '@parley/contract/runs';
import type { ShadowAnswer, ShadowEstimate, ShadowRun } from '@parley/contract/shadow-runs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type ApiClient, startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { createOpenAiSimulator } from '../../providers/openai-compatible/simulator.ts';
import { check, checkHere } from './case-checks.ts';

const endpoint = createOpenAiSimulator({});
let test: TestApp;
let twilio: TestTwilio;
beforeAll(async () => {
  await endpoint.listen();
  twilio = await startTwilio();
  test = await startTestApp({ environment: { ...twilio.environment, EGRESS_ALLOW_HOSTS: '127.0.0.1' } });
});
afterEach(() => endpoint.reset());
afterAll(async () => {
  await test.close();
  await twilio.close();
  await endpoint.close();
});

const knowledge = [
  '## When are you open?\nWe are open from 9 to 18 on weekdays.',
  '## Do you deliver?\nYes, we deliver in the whole city for 5 dollars.',
].join('\n\n');
const contact = '+15551230002';

interface Shop {
  readonly workspace: TestWorkspace;
  readonly admin: ApiClient;
  text(body: string): Promise<void>;
  ended(count: number): Promise<Run[]>;
  messages(): Promise<ConversationDetail['messages']>;
  change(settings: Partial<Assistant>): Promise<void>;
}

async function openShop(settings: Partial<Assistant> = {}): Promise<Shop> {
  const workspace = await test.workspace();
  const admin = workspace.as('admin');
  const channel = await twilio.connectTwilio(workspace);
  await admin.post('/api/v1/knowledge', { title: 'Questions', content: knowledge });
  const shop: Shop = {
    workspace,
    admin,
    text: async (body) => void (await twilio.text({ from: contact, to: channel.address, body })),
    ended: (count) =>
      test.until(`${count} runs to end`, async () => {
        const { items } = (await admin.get<{ items: Run[] }>('/api/v1/runs')).body;
        return items.length >= count && items.every(({ status }) => status !== 'active') ? items : null;
      }),
    messages: async () => {
      const { items } = (await admin.get<{ items: Conversation[] }>('/api/v1/conversations')).body;
      return (await admin.get<ConversationDetail>(`/api/v1/conversations/${items[0]?.id}`)).body.messages;
    },
    change: async (changes) => {
      const { updatedAt: _, ...before } = (await admin.get<Assistant>('/api/v1/assistant')).body;
      expect((await admin.put('/api/v1/assistant', { ...before, ...changes })).status).toBe(200);
    },
  };
  await shop.change({ burstWaitMs: 0, ...settings });
  return shop;
}

async function addModel({ admin }: Shop): Promise<string> {
  const { body } = await admin.post<Model>('/api/v1/models', {
    name: 'Simulated',
    baseUrl: endpoint.baseUrl,
    model: 'simulated',
    timeoutMs: 10_000,
    inputPriceMicros: 1_000_000,
    outputPriceMicros: 2_000_000,
  });
  return body.id;
}

const over = ({ admin }: Shop, id: string) =>
  test.until('the check to end', async () => {
    const { body } = await admin.get<CaseCheck>(`/api/v1/assistant/checks/${id}`);
    return body.state === 'running' ? null : body;
  });

it('an answer says how sure it is, and an unanswered question is handed over with what was asked', async () => {
  const shop = await openShop();
  await shop.text('When are you open?');
  const [answered] = await shop.ended(1);
  expect(answered).toMatchObject({ outcome: 'answered', handOver: null });
  expect(answered?.support).toBeGreaterThan(0.6);
  expect(answered?.readPassages.find(({ cited }) => cited)?.support).toBeGreaterThan(0.6);
  await shop.text('Can my dog come along?');
  const [left] = await shop.ended(2);
  const asked = await shop.admin.get(`/api/v1/runs/${left?.id}/question`);
  expect(asked.body).toEqual({ question: 'Can my dog come along?', language: 'en', handedOver: true });
  expect(left).toMatchObject({
    outcome: 'handed_over',
    handOver: { because: 'no_answer', asked: ['Can my dog come along?'], heldBack: null },
  });
  expect(left?.support).toBeLessThan(0.6);
  const sealed = await shop.workspace.ctx.transaction((tx) =>
    tx.sql<{ hand_over: Uint8Array }>('select hand_over from runs where hand_over is not null'),
  );
  expect(Buffer.from(sealed[0]?.hand_over ?? []).toString('latin1')).not.toContain('dog');
});

it('an outside model’s answer that nothing supports is held back, and the member sees it', async () => {
  const shop = await openShop();
  await shop.change({ modelId: await addModel(shop) });
  endpoint.answerWith('Parking is free behind the building.');
  await shop.text('Where can I park?');
  const [run] = await shop.ended(1);
  expect(run).toMatchObject({
    outcome: 'handed_over',
    handOver: { because: 'low_support', heldBack: 'Parking is free behind the building.' },
  });
  const said = (await shop.messages()).filter(({ direction }) => direction === 'outbound');
  expect(said.map(({ body }) => body).join()).not.toContain('Parking');
  // What is needed is the workspace's to say.
  await shop.change({ supportNeeded: 0 });
  const { body } = await shop.admin.post<TrialAnswer>('/api/v1/assistant/answers', {
    question: 'Where can I park?',
  });
  expect(body).toMatchObject({ outcome: 'answered', text: 'Parking is free behind the building.' });
});

it('a better answer is known from then on, and a check tells when it is not given any more', async () => {
  const shop = await openShop();
  const { admin } = shop;
  const question = 'Can my dog come along?';
  const fixed = await admin.post<AnswerFix>('/api/v1/assistant/fixes', {
    question,
    answer: 'Dogs are welcome on the terrace.',
    mustContain: ['terrace'],
  });
  expect(fixed.status).toBe(201);
  const tried = await admin.post<TrialAnswer>('/api/v1/assistant/answers', { question });
  expect(tried.body).toMatchObject({ outcome: 'answered', text: 'Dogs are welcome on the terrace.' });

  const unknown = { language: 'en', expects: 'hand_over', trainingDataId: null, mustContain: [] };
  const added = await admin.post<AnswerCase>('/api/v1/assistant/cases', {
    ...unknown,
    question: 'Do you repair bicycles?',
  });
  expect(added).toMatchObject({ status: 201, body: { result: null } });
  const started = await admin.post<CaseCheck>('/api/v1/assistant/checks', {});
  expect(started).toMatchObject({ status: 201, body: { state: 'running', total: 2 } });
  expect(await over(shop, started.body.id)).toMatchObject({ state: 'done', done: 2, failed: 0 });

  expect((await admin.delete(`/api/v1/training-data/${fixed.body.trainingDataId}`)).status).toBe(204);
  const again = await checkHere(shop.workspace.ctx, new AbortController().signal, () => undefined);
  expect(again).toMatchObject({ state: 'done', done: 2, failed: 1 });
  const failed = await admin.get<{ items: AnswerCase[] }>('/api/v1/assistant/cases?passed=false');
  expect(failed.body.items).toMatchObject([
    {
      id: fixed.body.caseId,
      question,
      trainingDataId: null,
      result: { passed: false, because: 'handed_over' },
    },
  ]);
  expect((await admin.delete(`/api/v1/assistant/cases/${added.body.id}`)).status).toBe(204);
  expect((await admin.get(`/api/v1/assistant/cases/${added.body.id}`)).status).toBe(404);
});

it('a check that is cancelled asks no further, and strangers and viewers reach no case', async () => {
  const shop = await openShop();
  const { admin, workspace } = shop;
  await shop.change({ modelId: await addModel(shop) });
  for (const question of ['One?', 'Two?']) {
    const wanted = { question, language: 'en', expects: 'answer', trainingDataId: null, mustContain: [] };
    await admin.post('/api/v1/assistant/cases', wanted);
  }
  const release = endpoint.hold();
  const { body: started } = await admin.post<CaseCheck>('/api/v1/assistant/checks', {});
  await test.until('the model to be asked', async () => endpoint.ledger().length === 1);
  expect((await admin.post('/api/v1/assistant/checks', {})).status).toBe(409);
  const canceled = await admin.put<CaseCheck>(`/api/v1/assistant/checks/${started.id}/cancellation`, {});
  expect(canceled.body.state).toBe('canceled');
  release();
  await test.settled();
  expect(endpoint.ledger()).toHaveLength(1);
  const stranger = (await test.workspace()).as('admin');
  expect((await stranger.get(`/api/v1/assistant/checks/${started.id}`)).status).toBe(404);
  const viewer = workspace.as('viewer');
  const fix = { question: 'One?', answer: 'Yes.' };
  expect((await viewer.post('/api/v1/assistant/fixes', fix)).status).toBe(403);
});

it('a case of a private conversation is asked of nobody outside when it is checked', async () => {
  const shop = await openShop();
  const { admin } = shop;
  await shop.text('When are you open?');
  const [run] = await shop.ended(1);
  const path = `/api/v1/conversations/${run?.conversationId}`;
  expect((await admin.put(path, { private: true })).status).toBe(200);
  const fix = { question: 'May my dog come in?', answer: 'Yes, on the terrace.', runId: run?.id };
  const { body: fixed } = await admin.post<AnswerFix>('/api/v1/assistant/fixes', fix);
  const of = `/api/v1/assistant/cases/${fixed.caseId}`;
  const { body: made } = await admin.get<AnswerCase>(of);
  expect(made.sensitivity).toBe('private');
  const { sensitivity: _, ...changed } = made;
  // Whoever does not speak of it changes nothing of it.
  expect((await admin.put<AnswerCase>(of, changed)).body.sensitivity).toBe('private');
  await shop.change({ modelId: await addModel(shop) });
  const { body: started } = await admin.post<CaseCheck>('/api/v1/assistant/checks', {});
  expect(await over(shop, started.id)).toMatchObject({ state: 'done', done: 1, failed: 0 });
  expect(endpoint.ledger()).toEqual([]);
  const elsewhere = await (await test.workspace()).as('admin').post('/api/v1/assistant/fixes', fix);
  expect(elsewhere.status).toBe(404);
});

it('two workers on one check count every case once', async () => {
  const shop = await openShop();
  const { admin, workspace } = shop;
  await shop.change({ modelId: await addModel(shop) });
  for (const question of ['One?', 'Two?']) {
    const wanted = { question, language: 'en', expects: 'answer', trainingDataId: null, mustContain: [] };
    await admin.post('/api/v1/assistant/cases', wanted);
  }
  const release = endpoint.hold();
  const { body: started } = await admin.post<CaseCheck>('/api/v1/assistant/checks', {});
  await test.until('the model to be asked', async () => endpoint.ledger().length === 1);
  // As when a worker goes on that was taken for dead.
  const run = { id: 'x', attempt: 1, isLastAttempt: false, signal: new AbortController().signal };
  const second = check(workspace.ctx, { checkId: started.id }, run);
  await test.until('the model to be asked twice', async () => endpoint.ledger().length === 2);
  release();
  await second;
  expect(await over(shop, started.id)).toMatchObject({ state: 'done', total: 2, done: 2, failed: 2 });
});

it('a shadow run tells what would be said now, sends nothing, and becomes the assistant’s own when asked to', async () => {
  const shop = await openShop();
  const { admin } = shop;
  await shop.text('When are you open?');
  await shop.ended(1);
  await shop.text('Can my dog come along?');
  await shop.ended(2);
  const said = async () => (await shop.messages()).map(({ id, body }) => [id, body]);
  const before = await said();
  const modelId = await addModel(shop);
  endpoint.answerWith(({ messages }) =>
    messages.at(-1)?.content.includes('dog') ? 'Dogs are welcome.' : '[[HAND_OVER]]\nSoon.',
  );
  const input = { changes: { modelId, persona: 'You are Ana. Dogs are welcome.' }, count: 10 };
  const estimate = await admin.post<ShadowEstimate>('/api/v1/assistant/shadow-estimates', input);
  expect(estimate.body.count).toBe(2);
  expect(estimate.body.costMicros).toBeGreaterThan(0);
  const started = await admin.post<ShadowRun>('/api/v1/assistant/shadow-runs', input);
  expect(started).toMatchObject({
    status: 201,
    body: { state: 'running', total: 2, changes: input.changes },
  });
  const path = `/api/v1/assistant/shadow-runs/${started.body.id}`;
  const done = await test.until('the shadow run to end', async () => {
    const { body } = await admin.get<ShadowRun>(path);
    return body.state === 'running' ? null : body;
  });
  expect(done).toMatchObject({
    state: 'done',
    done: 2,
    counts: { now_hands_over: 1, now_answers: 1, same: 0 },
  });
  expect(done.costMicros).toBeGreaterThan(0);
  const { body: pairs } = await admin.get<{ items: ShadowAnswer[] }>(`${path}/answers`);
  expect(pairs.items).toMatchObject([
    {
      question: 'Can my dog come along?',
      verdict: 'now_answers',
      before: { outcome: 'handed_over', model: 'parley/builtin' },
      after: { outcome: 'answered', text: 'Dogs are welcome.', model: 'Simulated' },
    },
    {
      question: 'When are you open?',
      verdict: 'now_hands_over',
      before: { text: 'We are open from 9 to 18 on weekdays.' },
    },
  ]);
  const { body: filtered } = await admin.get<{ items: ShadowAnswer[] }>(
    `${path}/answers?verdict=now_answers`,
  );
  expect(filtered.items).toHaveLength(1);
  expect(await said()).toEqual(before);
  expect((await admin.get<Assistant>('/api/v1/assistant')).body.modelId).toBeNull();
  const used = await admin.put<ShadowRun>(`${path}/use`, {});
  expect(used.body.usedAt).not.toBeNull();
  expect((await admin.get<Assistant>('/api/v1/assistant')).body).toMatchObject({
    modelId,
    persona: 'You are Ana. Dogs are welcome.',
  });
  const stranger = (await test.workspace()).as('admin');
  expect((await stranger.get(`${path}/answers`)).status).toBe(404);
});
