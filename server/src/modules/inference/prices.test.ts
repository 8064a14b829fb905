import type { Usage } from '@parley/contract/budgets';
import type { Model, ModelTest } from '@parley/contract/models';
import type { DryRun } from '@parley/contract/routing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { createOpenAiSimulator } from '../../providers/openai-compatible/simulator.ts';
import { generateAnswer } from './inference.ts';

const simulator = createOpenAiSimulator();
let test: TestApp;
beforeAll(async () => {
  await simulator.listen();
  test = await startTestApp({ environment: { EGRESS_ALLOW_HOSTS: '127.0.0.1' } });
});
afterEach(() => simulator.reset());
afterAll(async () => {
  await test.close();
  await simulator.close();
});

async function addModel(workspace: TestWorkspace, changes: object = {}): Promise<Model> {
  const input = { name: 'Dear', baseUrl: simulator.baseUrl, model: 'dear', ...changes };
  const made = await workspace.as('admin').post<Model>('/api/v1/models', input);
  expect(made.status).toBe(201);
  return made.body;
}

async function capMoney(workspace: TestWorkspace, changes: object = {}): Promise<void> {
  const cap = { scope: 'workspace', period: 'day', unit: 'money', limit: 1_000_000, ...changes };
  expect((await workspace.as('admin').post('/api/v1/budget-caps', cap)).status).toBe(201);
}

const ask = (workspace: TestWorkspace, preferredModelId: string, contactId?: string) =>
  generateAnswer(workspace.ctx, {
    prompt: { instructions: 'Answer.', messages: [{ role: 'user', content: 'When do you open?' }] },
    language: 'en',
    sensitivity: 'normal',
    preferredModelId,
    purpose: 'run',
    ...(contactId ? { contactId } : {}),
    signal: AbortSignal.timeout(30_000),
  });

const tryOn = async (workspace: TestWorkspace, modelId: string) =>
  (await workspace.as('viewer').post<DryRun>('/api/v1/routing/dry-run', { text: 'Hello', modelId })).body;

describe('a model without a price', () => {
  it('is asked by nobody while money is capped: not by a run, a test or a program, and a dry run says so', async () => {
    const workspace = await test.workspace();
    const { id, price } = await addModel(workspace);
    expect(price).toBeNull();
    await capMoney(workspace);
    const answer = await ask(workspace, id);
    expect(answer).toMatchObject({ model: 'parley/builtin', costMicros: 0 });
    const refused = { modelId: id, reason: 'price_unknown', step: 'cost' };
    expect(answer.reasons).toMatchObject([{ ...refused, decision: 'skipped' }, { modelId: null }]);
    expect((await tryOn(workspace, id)).skipped).toMatchObject([refused]);
    const tested = await workspace.as('admin').post<ModelTest>(`/api/v1/models/${id}/tests`);
    expect(tested.body).toMatchObject({ ok: false, code: 'price_unknown' });
    const program = { model: 'auto', messages: [{ role: 'user', content: 'Hello' }] };
    const completion = await workspace.as('agent').post('/v1/chat/completions', program);
    expect([completion.status, completion.body]).toMatchObject([403, { error: { code: 'price_unknown' } }]);
    expect(simulator.ledger()).toEqual([]);
  });

  it('is asked where only others’ money, or only tokens, are capped', async () => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace);
    await capMoney(workspace, { scope: 'contact' });
    await capMoney(workspace, { unit: 'tokens' });
    expect((await ask(workspace, id)).model).toBe('Dear');
    expect((await ask(workspace, id, workspace.id)).reasons[0]).toMatchObject({ reason: 'price_unknown' });
  });

  it('costs what nobody knows where nothing is capped, which is not written down as nothing', async () => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace);
    const answer = await ask(workspace, id);
    expect(answer).toMatchObject({ model: 'Dear', costMicros: null });
    const [entry] = await test.until('the entry', async () => {
      const { body } = await workspace.as('viewer').get<Usage>('/api/v1/usage?by=model');
      return body.items.length > 0 && body.items;
    });
    expect(entry).toMatchObject({ name: 'Dear', calls: 1, unpricedCalls: 1, costMicros: 0 });
    expect(entry?.inputTokens).toBe(answer.inputTokens);
  });

  it('is one that neither the list, nor its settings, nor its place gives one: 0 is a price, half of one is none', async () => {
    const workspace = await test.workspace();
    await capMoney(workspace);
    const admin = workspace.as('admin');
    const free = await addModel(workspace, { inputPriceMicros: 0, outputPriceMicros: 0 });
    const near = await addModel(workspace, { local: true });
    const listed = await addModel(workspace, { model: 'listed' });
    const items = [{ model: 'listed', inputPriceMicros: 3, outputPriceMicros: 4 }];
    expect((await admin.put('/api/v1/model-prices', { items })).status).toBe(200);
    const half = { name: 'Half', baseUrl: simulator.baseUrl, model: 'half', inputPriceMicros: 3 };
    expect((await admin.post('/api/v1/models', half)).status).toBe(400);
    const priceOf = async ({ id }: Model) => (await admin.get<Model>(`/api/v1/models/${id}`)).body.price;
    expect(await priceOf(free)).toEqual({
      inputPriceMicros: 0,
      outputPriceMicros: 0,
      from: 'settings',
      published: null,
    });
    expect(await priceOf(near)).toEqual({
      inputPriceMicros: 0,
      outputPriceMicros: 0,
      from: 'local',
      published: null,
    });
    expect(await priceOf(listed)).toEqual({
      inputPriceMicros: 3,
      outputPriceMicros: 4,
      from: 'list',
      published: null,
    });
    for (const { id } of [free, near, listed]) expect((await ask(workspace, id)).model).toBe('Dear');
  });
});

describe('a price that a provider publishes', () => {
  const openAi = { baseUrl: 'https://api.openai.com/v1', model: 'gpt-4o-mini' };

  it('counts at that provider where nobody has said one, with the month in which it was read', async () => {
    const workspace = await test.workspace();
    const admin = workspace.as('admin');
    const { id, price } = await addModel(workspace, openAi);
    expect(price).toMatchObject({ inputPriceMicros: 150_000, outputPriceMicros: 600_000, from: 'public' });
    expect(price?.published?.readIn).toMatch(/^20\d\d-\d\d$/);
    await capMoney(workspace);
    const run = await tryOn(workspace, id);
    expect(run.candidates[0]).toMatchObject({ modelId: id });
    // The same name elsewhere says nothing.
    expect((await addModel(workspace, { model: openAi.model })).price).toBeNull();
    expect((await addModel(workspace, { ...openAi, model: 'gpt-0' })).price).toBeNull();
    const own = { ...openAi, inputPriceMicros: 1, outputPriceMicros: 2 };
    expect((await addModel(workspace, own)).price).toMatchObject({ from: 'settings', published: null });
    const items = [{ model: openAi.model, inputPriceMicros: 3, outputPriceMicros: 4 }];
    expect((await admin.put('/api/v1/model-prices', { items })).status).toBe(200);
    expect((await admin.get<Model>(`/api/v1/models/${id}`)).body.price).toMatchObject({ from: 'list' });
  });
});
