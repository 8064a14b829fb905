import type { Cap, Usage } from '@parley/contract/budgets';
import type { Model, ModelTest } from '@parley/contract/models';
import type { RoutingSettings } from '@parley/contract/routing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import type { ModelFault } from '../../providers/openai-compatible/simulator.ts';
import { createOpenAiSimulator } from '../../providers/openai-compatible/simulator.ts';
import type { AskedQuestions, EmbeddingModel } from '../knowledge/knowledge.ts';
import { knowledgeEmbedder } from './inference.ts';

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

const never = new AbortController().signal;

async function addModel(workspace: TestWorkspace, changes: object = {}): Promise<Model> {
  const input = {
    name: 'Vectors',
    baseUrl: simulator.baseUrl,
    model: 'simulated',
    capabilities: ['embeddings'],
    inputPriceMicros: 1_000_000,
    outputPriceMicros: 0,
    ...changes,
  };
  const made = await workspace.as('admin').post<Model>('/api/v1/models', input);
  expect(made.status).toBe(201);
  return made.body;
}

/** A workspace whose vectors are made by a model of its own. */
async function embedding(changes: object = {}, routing: Partial<RoutingSettings> = {}) {
  const workspace = await test.workspace();
  const { id } = await addModel(workspace, changes);
  const set = await workspace.as('admin').put('/api/v1/routing', { embeddingModelId: id, ...routing });
  expect(set.status).toBe(200);
  const model = await knowledgeEmbedder.current(workspace.ctx);
  if (!model) throw new Error('no model was chosen');
  return { workspace, modelId: id, model };
}

const passages = (workspace: TestWorkspace, model: EmbeddingModel, texts: readonly string[]) =>
  knowledgeEmbedder.embedPassages(workspace.ctx, model, texts, never);

const question = (changes: Partial<AskedQuestions> = {}): AskedQuestions => ({
  texts: ['When do you open?'],
  said: [],
  sensitivity: 'normal',
  purpose: 'run',
  timeoutMs: 10_000,
  signal: never,
  ...changes,
});

async function spent(workspace: TestWorkspace) {
  const { body } = await workspace.as('admin').get<Usage>('/api/v1/usage?by=purpose');
  return body.items.map(({ key, calls, costMicros, inputTokens }) => ({
    key,
    calls,
    costMicros,
    inputTokens,
  }));
}

describe('the model of vectors', () => {
  it('is none until one is chosen, and only one that makes vectors can be', async () => {
    const workspace = await test.workspace();
    expect(await knowledgeEmbedder.current(workspace.ctx)).toBeNull();
    const { id } = await addModel(workspace, { capabilities: ['chat'] });
    const refused = await workspace.as('admin').put('/api/v1/routing', { embeddingModelId: id });
    expect(refused).toMatchObject({
      status: 400,
      body: { error: { details: [{ path: 'body.embeddingModelId' }] } },
    });
  });

  it('is asked in one request for all texts, and each gets its own, in whatever order they come', async () => {
    const { workspace, model } = await embedding();
    const texts = ['apple', 'banana', 'cherry'];
    const inOrder = await passages(workspace, model, texts);
    simulator.fault('unordered');
    expect(await passages(workspace, model, texts)).toEqual(inOrder);
    expect(simulator.embedded()).toEqual([texts, texts]);
    expect(new Set((inOrder as Float32Array[]).map((vector) => vector.indexOf(1))).size).toBe(3);
  });

  it.each<[ModelFault, string]>([
    ['dimension', 'unreadable_answer'],
    ['no_number', 'unreadable_answer'],
    ['zero', 'unreadable_answer'],
    ['too_few', 'unreadable_answer'],
    ['twice', 'unreadable_answer'],
    ['nonsense', 'unreadable_answer'],
    ['429', 'rate_limited'],
    ['500', 'provider_error'],
    ['reset', 'timed_out'],
  ])('that answers with %s has made none: %s', async (fault, failed) => {
    const { workspace, model } = await embedding();
    simulator.fault(fault);
    expect(await passages(workspace, model, ['apple', 'banana'])).toMatchObject({ failed });
    expect(await passages(workspace, model, ['apple', 'banana'])).toHaveLength(2);
  });

  it('that takes too long is not waited for', async () => {
    const { workspace, model } = await embedding();
    simulator.fault('hang');
    const late = question({ timeoutMs: 50 });
    expect(await knowledgeEmbedder.embedQuestions(workspace.ctx, model, late)).toMatchObject({
      failed: 'timed_out',
    });
  });

  it('that fails again and again is left alone', async () => {
    const { workspace, model } = await embedding();
    simulator.fault('500', null);
    for (let time = 0; time < 5; time += 1) await passages(workspace, model, ['apple']);
    expect(await passages(workspace, model, ['apple'])).toMatchObject({ failed: 'circuit_open' });
    // A question of a test before, which was too late for it, may arrive only now.
    expect(simulator.embedded().filter(([text]) => text === 'apple')).toHaveLength(5);
  });

  it('is tested with a text of its own', async () => {
    const { workspace, modelId } = await embedding();
    const tested = await workspace.as('admin').post<ModelTest>(`/api/v1/models/${modelId}/tests`);
    expect(tested.body).toMatchObject({ ok: true, answer: 'A vector of 8 numbers.' });
  });

  it('is another one where its address or its name is, and the same where its key is not', async () => {
    const { workspace, modelId, model } = await embedding();
    const change = async (changes: object) => {
      const { body } = await workspace.as('admin').get<Model>(`/api/v1/models/${modelId}`);
      const { name, baseUrl, model: named, inputPriceMicros, outputPriceMicros, capabilities } = body;
      const input = { name, baseUrl, model: named, inputPriceMicros, outputPriceMicros, capabilities };
      await workspace.as('admin').put(`/api/v1/models/${modelId}`, { ...input, ...changes });
      return (await knowledgeEmbedder.current(workspace.ctx))?.fingerprint;
    };
    expect(await change({ apiKey: 'sk-other' })).toBe(model.fingerprint);
    expect(await change({ model: 'other' })).not.toBe(model.fingerprint);
    expect(await passages(workspace, model, ['apple'])).toMatchObject({ failed: 'changed' });
    expect(simulator.embedded()).toEqual([]);
  });
});

describe('what vectors cost', () => {
  it('is held before and settled after, and stands in the ledger as what it was for', async () => {
    const { workspace, model } = await embedding();
    await passages(workspace, model, ['apple pie', 'banana split']);
    expect(await spent(workspace)).toEqual([{ key: 'embeddings', calls: 1, costMicros: 6, inputTokens: 6 }]);
  });

  it('is all that was held where the endpoint does not count', async () => {
    const { workspace, model } = await embedding();
    simulator.fault('uncounted');
    await passages(workspace, model, ['apple']);
    expect(await spent(workspace)).toMatchObject([{ inputTokens: JSON.stringify(['apple']).length }]);
  });

  it('is never more than a cap has room for, whoever asks at once', async () => {
    const { workspace, model } = await embedding();
    const cap = { scope: 'workspace', period: 'day', unit: 'money', limit: 40, whenReached: 'stop' };
    expect((await workspace.as('admin').post<Cap>('/api/v1/budget-caps', cap)).status).toBe(201);
    const made = await Promise.all(
      Array.from({ length: 12 }, () => passages(workspace, model, ['a fruit salad'])),
    );
    expect(made).toContainEqual({ failed: 'budget_exhausted', retryAfterMs: 600_000 });
    const [entry] = await spent(workspace);
    expect(entry?.costMicros).toBeLessThanOrEqual(40);
    expect(simulator.embedded()).toHaveLength(entry?.calls ?? 0);
  });

  it('counts requests in the quota of the model', async () => {
    const { workspace, model } = await embedding({ requestsPerDayMax: 2 });
    await passages(workspace, model, ['apple']);
    await passages(workspace, model, ['apple']);
    expect(await passages(workspace, model, ['apple'])).toMatchObject({ failed: 'quota_exhausted' });
    expect(simulator.embedded()).toHaveLength(2);
  });
});

describe('a text that the model refuses', () => {
  it('is found however few requests are left, and what the others cost is paid once', async () => {
    const { workspace, modelId, model } = await embedding({ requestsPerDayMax: 7 });
    simulator.embedWith((text) => (text === 'much too long' ? null : [text.length, 1]));
    const texts = Array.from({ length: 16 }, (_, at) => (at === 13 ? 'much too long' : `text ${at}`));
    expect(await passages(workspace, model, texts)).toMatchObject({ failed: 'quota_exhausted' });
    const { body } = await workspace.as('admin').get<Model>(`/api/v1/models/${modelId}`);
    const { name, baseUrl, model: named, inputPriceMicros, outputPriceMicros, capabilities } = body;
    const input = { name, baseUrl, model: named, inputPriceMicros, outputPriceMicros, capabilities };
    await workspace.as('admin').put(`/api/v1/models/${modelId}`, { ...input, requestsPerDayMax: 100 });
    const before = simulator.embedded().length;
    const made = await passages(workspace, model, texts);
    expect(made).toEqual(texts.map((text, at) => (at === 13 ? null : Float32Array.of(text.length, 1))));
    const askedAgain = new Set(simulator.embedded().slice(before).flat());
    expect(texts.slice(0, 8).filter((text) => askedAgain.has(text))).toEqual([]);
  });
});

describe('what is private', () => {
  const card = 'My card is 4111 1111 1111 1111.';

  it.each<[string, Partial<AskedQuestions>, Partial<RoutingSettings>]>([
    ['a private conversation', { sensitivity: 'private' }, {}],
    ['a card in the question', { texts: [card] }, {}],
    ['a card said before', { said: [card] }, {}],
    ['a private workspace', {}, { alwaysPrivate: true }],
    [
      'answers that are always private',
      {},
      { overrides: { run: { order: null, alwaysPrivate: true, lastResort: null } } },
    ],
  ])('never reaches a model that is not local: %s', async (_, asked, routing) => {
    const { workspace, model } = await embedding({}, routing);
    expect(await knowledgeEmbedder.embedQuestions(workspace.ctx, model, question(asked))).toMatchObject({
      failed: 'private_content',
    });
    expect(simulator.embedded()).toEqual([]);
    const local = await embedding({ local: true }, routing);
    const made = await knowledgeEmbedder.embedQuestions(local.workspace.ctx, local.model, question(asked));
    expect(made).toHaveLength(1);
  });

  it('is left out among passages, where the workspace looks for it there', async () => {
    const texts = ['apple', card, 'banana'];
    const blind = await embedding();
    expect(await passages(blind.workspace, blind.model, texts)).not.toContain(null);
    simulator.reset();
    const looking = await embedding({}, { detectsInKnowledge: true });
    const made = await passages(looking.workspace, looking.model, texts);
    expect(simulator.embedded()).toEqual([['apple', 'banana']]);
    expect((made as (Float32Array | null)[]).map((vector) => vector === null)).toEqual([false, true, false]);
    const closed = await embedding({}, { alwaysPrivate: true });
    expect(await passages(closed.workspace, closed.model, texts)).toEqual([null, null, null]);
    expect(simulator.embedded()).toHaveLength(1);
  });
});
