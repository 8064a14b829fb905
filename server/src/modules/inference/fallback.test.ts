import type { Cap } from '@parley/contract/budgets';
import type { Model, ModelIncident, ModelPage } from '@parley/contract/models';
import type { DryRun, RoutingReceipt } from '@parley/contract/routing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { createOpenAiSimulator } from '../../providers/openai-compatible/simulator.ts';
import { composeAnswer, type GenerateRequest, generateAnswer } from './inference.ts';

const [first, second] = [createOpenAiSimulator(), createOpenAiSimulator()];
let test: TestApp;
let environmentModels: object[];
beforeAll(async () => {
  await Promise.all([first.listen(), second.listen()]);
  environmentModels = [
    { preset: 'groq', name: 'Given', model: 'given', apiKey: 'sk-given', enabled: false },
    { name: 'Near', baseUrl: second.baseUrl, model: 'near', local: true, enabled: false },
  ];
  test = await startTestApp({
    environment: { EGRESS_ALLOW_HOSTS: '127.0.0.1', MODELS: JSON.stringify(environmentModels) },
  });
});
afterEach(() => {
  first.reset();
  second.reset();
  vi.useRealTimers();
});
afterAll(async () => {
  await test.close();
  await Promise.all([first.close(), second.close()]);
});

async function addModel(workspace: TestWorkspace, changes: object = {}): Promise<Model> {
  const made = await workspace.as('admin').post<Model>('/api/v1/models', {
    name: 'First',
    baseUrl: first.baseUrl,
    model: 'first',
    timeoutMs: 10_000,
    ...changes,
  });
  expect(made.status).toBe(201);
  return made.body;
}

const addSecond = (workspace: TestWorkspace, changes: object = {}) =>
  addModel(workspace, { name: 'Second', baseUrl: second.baseUrl, model: 'second', ...changes });

async function ask(
  workspace: TestWorkspace,
  preferredModelId: string | null,
  { question = 'When are you open?', streamed = false, keepsCutOff = false } = {},
) {
  const heard: string[] = [];
  const answer = await composeAnswer(
    workspace.ctx,
    {
      persona: { name: 'the assistant', instructions: '' },
      passages: [{ heading: 'When are you open?', text: 'From 9 to 18 on weekdays.', language: 'en' }],
      history: [{ sender: 'contact', text: question }],
      language: 'en',
    },
    {
      preferredModelId,
      sensitivity: 'normal',
      purpose: 'test',
      signal: AbortSignal.timeout(30_000),
      ...(streamed ? { onText: (text: string) => heard.push(text) } : {}),
      keepsCutOff,
    },
  );
  return { ...answer, heard };
}

const sentence = 'We are open from nine to six on all weekdays.';

describe('an answer in pieces', () => {
  it.each([
    ['cut', 'cut_off'],
    ['malformed', 'unreadable_answer'],
    ['error', 'provider_error'],
    ['stall', 'timed_out'],
  ] as const)(
    'that breaks off midway (%s) goes on with the next model, and no word comes twice',
    async (fault, reason) => {
      const workspace = await test.workspace();
      const broken = await addModel(workspace, { betweenTokensMs: 300 });
      const next = await addSecond(workspace);
      first.answerWith(sentence);
      first.fault(fault, null);
      second.answerWith(({ messages }) => {
        const said = messages.at(-2);
        expect(said).toMatchObject({ role: 'assistant' });
        // As models do: it begins with some of what was said.
        return said?.content.includes('open from nine') ? 'to six.' : `open ${sentence.slice(12)}`;
      });
      const answer = await ask(workspace, broken.id, { streamed: true });
      expect(answer.reasons).toMatchObject([
        { modelId: broken.id, decision: 'failed', reason },
        { modelId: next.id, decision: 'answered', because: ['continued'] },
      ]);
      expect(answer.text).toBe(sentence);
      for (const [index, text] of answer.heard.entries())
        expect(text.startsWith(answer.heard[index - 1] ?? '')).toBe(true);
    },
  );

  it('that is slow is waited for, word by word, for longer than a whole one may take', async () => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace, { betweenTokensMs: 2000, timeoutMs: 500 });
    const long = Array.from({ length: 100 }, (_, at) => `word${at}`).join(' ');
    first.answerWith(long);
    first.fault('slow');
    const answer = await ask(workspace, id, { streamed: true });
    expect(answer).toMatchObject({ text: long, model: 'First' });
    expect(answer.reasons[0]?.durationMs).toBeGreaterThan(1000);
    expect(answer.heard.length).toBeGreaterThan(5);
  });

  it('that comes at once is waited for no longer than a whole one may take', async () => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace, { timeoutMs: 500 });
    first.fault('hang');
    expect((await ask(workspace, id)).reasons[0]).toMatchObject({ reason: 'timed_out' });
  });

  it('that never ends is ended at its tokens, and a contact gets nothing half', async () => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace, { outputTokensMax: 16 });
    first.answerWith(sentence);
    first.fault('endless', null);
    const contact = await ask(workspace, id, { streamed: true });
    expect(contact).toMatchObject({ isCutOff: true, handOver: true, cited: new Set() });
    expect(contact.text).not.toContain('We are');
    const member = await ask(workspace, id, { streamed: true, keepsCutOff: true });
    expect(member).toMatchObject({ isCutOff: true, model: 'First' });
    expect(member.text).toMatch(/^We are/);
    await test.until('the endpoint to be let go', async () => first.open() === 0);
  });

  it('that nobody can go on with stays as it is where it was heard, and is marked', async () => {
    const workspace = await test.workspace();
    const broken = await addModel(workspace);
    const next = await addSecond(workspace);
    first.answerWith(sentence);
    first.fault('cut', null);
    second.answerWith(`open ${sentence.slice(12)}`);
    second.fault('cut', null);
    const answer = await ask(workspace, broken.id, { streamed: true, keepsCutOff: true });
    expect(answer).toMatchObject({ isCutOff: true, model: 'Second' });
    expect(answer.reasons).toMatchObject([{ modelId: broken.id }, { modelId: next.id, reason: 'cut_off' }]);
    expect(sentence.startsWith(answer.text)).toBe(true);
    expect(answer.text).toContain('We are open');
    expect(answer.text).toBe(answer.heard.at(-1)?.trim());
  });

  it('whose first word does not come in time is given by the next model', async () => {
    const workspace = await test.workspace();
    const silent = await addModel(workspace, { firstTokenMs: 200 });
    await addSecond(workspace);
    first.fault('hang');
    const answer = await ask(workspace, silent.id, { streamed: true });
    expect(answer.model).toBe('Second');
    expect(answer.reasons).toMatchObject([{ reason: 'timed_out', step: 'call' }, { reason: 'next_in_line' }]);
    expect(answer.reasons[0]?.durationMs).toBeLessThan(2000);
  });

  it('that nobody can go on with is given by the built-in model, from the start', async () => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace);
    first.answerWith(sentence);
    first.fault('cut', null);
    const answer = await ask(workspace, id, { streamed: true });
    expect(answer).toMatchObject({ text: 'From 9 to 18 on weekdays.', model: 'parley/builtin' });
  });
});

describe('a model that fails several times in a row', () => {
  it('makes one incident, rests, and is asked again by a probe that ends it', async () => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace);
    const viewer = workspace.as('viewer');
    const incidents = async () =>
      (await viewer.get<{ items: ModelIncident[] }>('/api/v1/model-incidents')).body.items;
    first.fault('nonsense', null);
    for (let count = 0; count < 6; count += 1) await ask(workspace, id);
    const [incident, ...others] = await test.until('the incident', async () => {
      const found = await incidents();
      return found.length > 0 && found;
    });
    expect([incident, others]).toMatchObject([
      { modelId: id, reason: 'unreadable_answer', closedAt: null },
      [],
    ]);
    const { figures } = (await viewer.get<Model>(`/api/v1/models/${id}`)).body;
    expect(figures).toMatchObject({ health: 'resting', failed: 5, lastFailure: 'unreadable_answer' });
    await test.event('model.rested', ({ payload }) => payload.modelId === id);
    first.reset();
    expect((await ask(workspace, id)).reasons).toMatchObject([
      { reason: 'circuit_open', step: 'health' },
      {},
    ]);
    expect(first.ledger()).toEqual([]);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 });
    const release = first.hold();
    const probe = ask(workspace, id);
    await test.until('the probe', async () => first.open() === 1);
    // Nobody else waits for the probe.
    expect((await ask(workspace, id)).reasons).toMatchObject([
      { reason: 'circuit_open', step: 'health' },
      { modelId: null },
    ]);
    release();
    expect(await probe).toMatchObject({ model: 'First' });
    expect(first.ledger()).toHaveLength(1);
    await test.until('the end of the incident', async () => (await incidents())[0]?.closedAt);
  });
});

describe('a model', () => {
  it('tells how long it takes and how much it says', async () => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace);
    for (let count = 0; count < 3; count += 1) await ask(workspace, id, { streamed: true });
    const { figures } = (await workspace.as('viewer').get<Model>(`/api/v1/models/${id}`)).body;
    expect(figures).toMatchObject({ health: 'well', answered: 3, failed: 0, lastFailure: null });
    for (const figure of [figures.p50Ms, figures.p95Ms, figures.firstTokenP50Ms, figures.tokensPerSecond])
      expect(figure).toBeGreaterThan(0);
  });

  it('of the environment is listed in every workspace, can be used, and cannot be changed', async () => {
    const [one, other] = [(await test.workspace()).as('admin'), (await test.workspace()).as('admin')];
    const { items } = (await one.get<ModelPage>('/api/v1/models')).body;
    expect(items).toMatchObject([
      {
        name: 'Given',
        origin: 'environment',
        preset: 'groq',
        baseUrl: 'https://api.groq.com/openai/v1',
        hasApiKey: true,
        capabilities: ['chat', 'code', 'tools'],
      },
      { name: 'Near', local: true, enabled: false },
    ]);
    expect((await other.get<ModelPage>('/api/v1/models')).body.items.map(({ id }) => id)).toEqual(
      items.map(({ id }) => id),
    );
    expect(JSON.stringify(items)).not.toContain('sk-given');
    const path = `/api/v1/models/${items[0]?.id}`;
    expect((await one.get(path)).status).toBe(200);
    expect((await one.delete(path)).status).toBe(409);
    expect((await one.put(path, { name: 'Mine', model: 'x' })).status).toBe(409);
    const assistant = (await one.get<Record<string, unknown>>('/api/v1/assistant')).body;
    const { updatedAt: _, ...settings } = assistant;
    expect((await one.put('/api/v1/assistant', { ...settings, modelId: items[0]?.id })).status).toBe(200);
  });

  it('that is removed is no assistant’s any more', async () => {
    const workspace = await test.workspace();
    const admin = workspace.as('admin');
    const { id } = await addModel(workspace);
    const { updatedAt: _, ...settings } = (await admin.get<Record<string, unknown>>('/api/v1/assistant'))
      .body;
    await admin.put('/api/v1/assistant', { ...settings, modelId: id });
    expect((await admin.delete(`/api/v1/models/${id}`)).status).toBe(204);
    expect((await admin.get('/api/v1/assistant')).body).toMatchObject({ modelId: null });
  });

  it('takes what its preset knows, and keeps what a change leaves out', async () => {
    const workspace = await test.workspace();
    const admin = workspace.as('admin');
    const made = await admin.post<Model>('/api/v1/models', { preset: 'openai', name: 'O', model: 'gpt' });
    expect(made.body).toMatchObject({
      baseUrl: 'https://api.openai.com/v1',
      capabilities: ['chat', 'code', 'vision', 'tools'],
    });
    const changed = await admin.put<Model>(`/api/v1/models/${made.body.id}`, {
      name: 'P',
      model: 'gpt',
      requestsPerDayMax: 9,
    });
    expect(changed.body).toMatchObject({
      name: 'P',
      preset: 'openai',
      requestsPerDayMax: 9,
      capabilities: made.body.capabilities,
    });
    expect((await admin.post('/api/v1/models', { name: 'X', model: 'x' })).status).toBe(400);
  });

  it('costs what the price list says', async () => {
    const workspace = await test.workspace();
    const admin = workspace.as('admin');
    const { id } = await addModel(workspace);
    const items = [{ model: 'first', inputPriceMicros: 1_000_000_000, outputPriceMicros: 0 }];
    expect((await admin.put('/api/v1/model-prices', { items })).body).toEqual({ items });
    expect((await admin.get('/api/v1/model-prices')).body).toEqual({ items });
    const answer = await ask(workspace, id);
    expect(answer.costMicros).toBe(answer.inputTokens * 1000);
    expect((await admin.get<Model>(`/api/v1/models/${id}`)).body).toMatchObject({
      price: { from: 'list' },
    });
    expect((await admin.put('/api/v1/model-prices', { items: [...items, ...items] })).status).toBe(400);
  });
});

describe('private content', () => {
  it('that a detector finds reaches no outside model; with no local one, a person is called and a receipt says why', async () => {
    const workspace = await test.workspace();
    const admin = workspace.as('admin');
    const { id } = await addModel(workspace);
    const { body: routing } = await admin.get<object>('/api/v1/routing');
    const question = 'My card is 4111 1111 1111 1111, when are you open?';
    // As it comes, the built-in model is the last resort: it is local.
    expect(await ask(workspace, id, { question })).toMatchObject({ model: 'parley/builtin' });
    await admin.put('/api/v1/routing', { ...routing, lastResort: 'person' });
    const answer = await ask(workspace, id, { question });
    expect(answer).toMatchObject({ model: null, handOver: true });
    expect(answer.text).not.toBe('');
    expect(answer.reasons).toMatchObject([
      { modelId: id, reason: 'private_content', step: 'sensitivity', because: ['card'] },
      { modelId: null, reason: 'person_instead' },
    ]);
    expect(first.ledger()).toEqual([]);
    const { items } = (await admin.get<{ items: RoutingReceipt[] }>('/api/v1/routing/receipts')).body;
    expect(items).toMatchObject([{ because: ['card'], reasons: [{ modelId: id }, { modelId: null }] }]);
    expect(JSON.stringify(items)).not.toContain('4111');
    await addSecond(workspace, { local: true });
    expect(await ask(workspace, id, { question })).toMatchObject({ model: 'Second' });
    expect(first.ledger()).toEqual([]);
  });

  it('is found in what anybody said before, in calls of tools and in what they told', async () => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace, { capabilities: ['chat', 'tools'] });
    const card = '4111 1111 1111 1111';
    const asked = { role: 'user' as const, content: 'When are you open?' };
    const exchange = { text: '', calls: [], results: new Map<string, string>() };
    const called = { id: 'call_1', name: 'pay', input: JSON.stringify({ card }) };
    const sensitivityOf = async (said: Partial<GenerateRequest> & { before?: string }) => {
      const { before, ...changes } = said;
      const answer = await generateAnswer(workspace.ctx, {
        prompt: {
          instructions: `Be brief. Our own card: ${card}`,
          messages: [...(before ? [{ role: 'assistant' as const, content: before }] : []), asked],
        },
        language: 'en',
        sensitivity: 'normal',
        preferredModelId: id,
        purpose: 'test',
        signal: AbortSignal.timeout(30_000),
        ...changes,
      });
      return answer.reasons.find(({ modelId }) => modelId === id)?.reason;
    };
    expect(await sensitivityOf({ before: `Your card is ${card}` })).toBe('private_content');
    for (const one of [
      { ...exchange, text: card },
      { ...exchange, calls: [called] },
      { ...exchange, calls: [{ ...called, input: '{}' }], results: new Map([['call_1', card]]) },
    ])
      expect(await sensitivityOf({ exchanges: [one] })).toBe('private_content');
    expect(first.ledger()).toEqual([]);
    // What the workspace itself tells its assistant is no content.
    expect(await sensitivityOf({ before: 'Hello' })).toBe('preferred');
  });

  it('is not let out by a fallback in the middle of an answer either', async () => {
    const workspace = await test.workspace();
    const local = await addModel(workspace, { local: true });
    await addSecond(workspace);
    first.fault('cut', null);
    const answer = await ask(workspace, local.id, { question: 'I was diagnosed yesterday', streamed: true });
    expect(answer.model).toBe('parley/builtin');
    expect(second.ledger()).toEqual([]);
  });

  it('is looked for in the knowledge where the workspace wants it, and not elsewhere', async () => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace);
    const set = (detectsInKnowledge: boolean) =>
      workspace
        .as('admin')
        .put('/api/v1/routing', { privateWords: ['weekdays'], detectsInKnowledge, detectors: [] });
    expect((await set(false)).status).toBe(200);
    expect((await ask(workspace, id)).model).toBe('First');
    expect((await set(true)).status).toBe(200);
    expect((await ask(workspace, id)).reasons[0]).toMatchObject({
      modelId: id,
      reason: 'private_content',
      because: ['word'],
    });
    expect(first.ledger()).toHaveLength(1);
  });

  it('is said in a dry run, which asks nobody', async () => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace);
    const local = await addSecond(workspace, { local: true });
    const dry = async (body: object) =>
      (await workspace.as('viewer').post<DryRun>('/api/v1/routing/dry-run', body)).body;
    expect(await dry({ text: 'I was diagnosed', modelId: id })).toMatchObject({
      sensitivity: 'private',
      because: ['health'],
      candidates: [
        { modelId: local.id, reason: 'next_in_line' },
        { modelId: null, reason: 'fallback' },
      ],
      skipped: [{ modelId: id, reason: 'private_content', step: 'sensitivity' }],
    });
    expect(await dry({ text: 'hi', needs: ['vision'], automatic: true })).toMatchObject({
      sensitivity: 'normal',
      skipped: [{ reason: 'lacks_capability' }, { reason: 'lacks_capability' }],
    });
    expect(await dry({ text: 'hi' })).toMatchObject({
      candidates: [{ modelId: null, reason: 'preferred' }],
      skipped: [],
    });
    expect([...first.ledger(), ...second.ledger()]).toEqual([]);
  });
});

describe('a provider’s quota', () => {
  it('is never exceeded, however many ask at once; the next model answers', async () => {
    const workspace = await test.workspace();
    const free = await addModel(workspace, { requestsPerDayMax: 3 });
    await addSecond(workspace);
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(workspace, free.id)));
    expect(answers.filter(({ model }) => model === 'First')).toHaveLength(3);
    expect(answers.filter(({ model }) => model === 'Second')).toHaveLength(9);
    expect(first.ledger()).toHaveLength(3);
    const { body } = await workspace.as('viewer').get<Model>(`/api/v1/models/${free.id}`);
    expect(body.requests).toEqual({ minute: 3, day: 3 });
    expect((await ask(workspace, free.id)).reasons).toMatchObject([
      { reason: 'quota_exhausted', step: 'quota', durationMs: 0 },
      { model: 'Second' },
    ]);
  });

  it('counts every request: also one that is tried again, and one that asks for the whole where pieces are refused', async () => {
    const workspace = await test.workspace();
    const asked = async ({ id }: Model) =>
      (await workspace.as('viewer').get<Model>(`/api/v1/models/${id}`)).body.requests.day;
    const two = await addModel(workspace, { requestsPerDayMax: 2 });
    first.fault('500', 1);
    expect((await ask(workspace, two.id)).model).toBe('First');
    expect([first.ledger().length, await asked(two)]).toEqual([2, 2]);
    for (const [fault, streamed] of [
      ['500', false],
      ['no_pieces', true],
    ] as const) {
      first.reset();
      first.fault(fault, 1);
      const one = await addModel(workspace, { name: fault, requestsPerDayMax: 1 });
      await workspace.as('admin').delete(`/api/v1/models/${two.id}`);
      const answer = await ask(workspace, one.id, { streamed });
      expect(answer.model).toBe('parley/builtin');
      expect([first.ledger().length, await asked(one)]).toEqual([1, 1]);
      await workspace.as('admin').delete(`/api/v1/models/${one.id}`);
    }
    first.reset();
    first.fault('no_pieces', 1);
    const again = await addModel(workspace, { requestsPerDayMax: 2 });
    expect((await ask(workspace, again.id, { streamed: true })).model).toBe('First');
    expect([first.ledger().length, await asked(again)]).toEqual([2, 2]);
  });
});

describe('a cap that is reached', () => {
  const price = { inputPriceMicros: 1_000_000_000, outputPriceMicros: 1_000_000_000 };
  const cap = { scope: 'workspace', period: 'day', unit: 'money', limit: 0 };
  it.each([
    ['cheaper', 'Second'],
    ['local', 'parley/builtin'],
    ['built_in', 'parley/builtin'],
    ['stop', null],
  ])('leads on as it says: %s', async (whenReached, model) => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace, price);
    await addSecond(workspace, { inputPriceMicros: 0, outputPriceMicros: 0 });
    const made = await workspace.as('admin').post<Cap>('/api/v1/budget-caps', { ...cap, whenReached });
    expect(made.status).toBe(201);
    const answer = await ask(workspace, id);
    expect([answer.model, answer.reasons[0]]).toMatchObject([
      model,
      { reason: 'budget_exhausted', step: 'cost' },
    ]);
    expect(answer.handOver).toBe(whenReached === 'stop');
    expect(first.ledger()).toEqual([]);
    await test.event('budget.reached', ({ payload }) => payload.capId === made.body.id);
  });
});
