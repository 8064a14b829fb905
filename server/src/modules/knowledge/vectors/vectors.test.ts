import type { Cap } from '@parley/contract/budgets';
import type { KnowledgeVectors } from '@parley/contract/knowledge-vectors';
import type { Model } from '@parley/contract/models';
import type { RoutingSettings } from '@parley/contract/routing';
import type { TrainingData } from '@parley/contract/training-data';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { conceptVectors } from '../../../../test/concepts.ts';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import { trainingDataPath } from '../../../../test/training.ts';
import { createOpenAiSimulator } from '../../../providers/openai-compatible/simulator.ts';
import type { AskedQuestions } from '../embedder.ts';
import { findPassages, passagesOf, withVectors } from '../knowledge.ts';
import { embed } from './job.ts';
import { decodeVectors } from './stored-vectors.ts';

const simulator = createOpenAiSimulator();
let test: TestApp;
beforeAll(async () => {
  await simulator.listen();
  const environment = { EGRESS_ALLOW_HOSTS: '127.0.0.1', KNOWLEDGE_CHARACTERS_IN_MEMORY: '3000' };
  test = await startTestApp({ environment });
});
beforeEach(() => simulator.embedWith(conceptVectors));
afterEach(() => simulator.reset());
afterAll(async () => {
  await test.close();
  await simulator.close();
});

async function addModel(workspace: TestWorkspace, changes: object = {}): Promise<string> {
  const input = {
    name: 'Vectors',
    baseUrl: simulator.baseUrl,
    model: 'simulated',
    capabilities: ['embeddings'],
    inputPriceMicros: 1_000_000,
    outputPriceMicros: 0,
    ...changes,
  };
  return (await workspace.as('admin').post<Model>('/api/v1/models', input)).body.id;
}

async function choose(
  workspace: TestWorkspace,
  modelId: string | null,
  routing: Partial<RoutingSettings> = {},
) {
  const set = await workspace.as('admin').put('/api/v1/routing', { embeddingModelId: modelId, ...routing });
  expect(set.status).toBe(200);
}

async function give(workspace: TestWorkspace, content: string, title = 'Text'): Promise<string> {
  const given = await workspace
    .as('admin')
    .post<TrainingData>(trainingDataPath, { kind: 'text', title, content });
  expect(given.status).toBe(201);
  return given.body.id;
}

const racks = 'Racks for bicycles stand behind the gate of the courtyard.';
const others = [
  'We give a refund within thirty days.',
  'Dogs are welcome on a leash.',
  'Breakfast is served from seven to ten.',
  'An invoice comes by e-mail each month.',
  'Your password can be changed in the profile.',
];
/** No word of it stands in `racks`. */
const paraphrase = 'somewhere to leave my two-wheeler?';
const filler = Array.from(
  { length: 60 },
  (_, at) => `## Note ${at}\n\nThis is remark number ${at} on nothing much at all.`,
);

/** A workspace that knows where bicycles go, with a model that makes vectors. */
async function knowing(size: 'small' | 'large' = 'small', model: object = {}) {
  const workspace = await test.workspace();
  for (const text of [racks, ...others]) await give(workspace, text);
  if (size === 'large') await give(workspace, filler.join('\n\n'));
  await test.settled();
  const modelId = await addModel(workspace, model);
  await choose(workspace, modelId);
  await test.settled();
  return { workspace, modelId };
}

const asking = (changes: Partial<AskedQuestions> = {}): AskedQuestions => ({
  texts: [paraphrase],
  said: [],
  sensitivity: 'normal',
  purpose: 'run',
  timeoutMs: 10_000,
  signal: new AbortController().signal,
  ...changes,
});

async function find({ ctx }: TestWorkspace, question = paraphrase, changes: Partial<AskedQuestions> = {}) {
  const knowledge = await withVectors(ctx, await passagesOf(ctx), asking({ texts: [question], ...changes }));
  return findPassages(knowledge, question, 'en', 3);
}

const progress = async (workspace: TestWorkspace) =>
  (await workspace.as('viewer').get<KnowledgeVectors>('/api/v1/knowledge-vectors')).body;

const rows = ({ ctx }: TestWorkspace) =>
  ctx.transaction((tx) =>
    tx.sql<{ model: string; version: number; vectors: Uint8Array }>(
      'select model, version, vectors from knowledge_vectors where workspace_id = $1',
      [tx.workspaceId],
    ),
  );

const run = (id: string, signal = new AbortController().signal) => ({
  id,
  attempt: 0,
  isLastAttempt: false,
  signal,
});

const asked = () => simulator.embedded().flat();

describe('a question that has no word in common with its answer', () => {
  it.each(['small', 'large'] as const)('finds it by its vector: %s', async (size) => {
    const { workspace } = await knowing(size);
    const [stored] = await workspace.ctx.transaction((tx) =>
      tx.sql<{ count: number }>('select count(*)::int as count from knowledge_passages'),
    );
    expect(stored?.count).toBe(size === 'large' ? 66 : 0);
    const words = await findPassages(await passagesOf(workspace.ctx), paraphrase, 'en', 3);
    expect(words.map(({ text }) => text)).not.toContain(racks);
    const [first] = await find(workspace);
    expect(first?.text).toBe(racks);
    expect(first?.support).toBeGreaterThan(0);
    expect(first?.support).toBeLessThanOrEqual(0.4);
    expect(await progress(workspace)).toMatchObject({ state: 'ready', problem: null, withheld: 0 });
  });

  it('does not find what is held back, until it is tried', async () => {
    const { workspace } = await knowing();
    const { body } = await workspace
      .as('admin')
      .get<{ items: TrainingData[] }>(`${trainingDataPath}?limit=100`);
    const id = body.items.at(-1)?.id ?? '';
    await workspace.as('admin').put(`${trainingDataPath}/${id}`, { live: false });
    await test.settled();
    expect((await find(workspace)).map(({ text }) => text)).not.toContain(racks);
    const tried = await passagesOf(workspace.ctx, { with: [id], without: [] });
    const [first] = await findPassages(
      await withVectors(workspace.ctx, tried, asking()),
      paraphrase,
      'en',
      1,
    );
    expect(first?.text).toBe(racks);
  });
});

describe('words alone are searched', () => {
  const byWords = async (workspace: TestWorkspace, changes: Partial<AskedQuestions> = {}) => {
    expect((await find(workspace, paraphrase, changes)).map(({ text }) => text)).not.toContain(racks);
    const [found] = await find(workspace, 'Where are the racks for bicycles?', changes);
    expect(found?.text).toBe(racks);
  };

  it.each(['500', '429', 'nonsense', 'dimension', 'reset'] as const)(
    'where the model answers with %s',
    async (fault) => {
      const { workspace } = await knowing();
      simulator.fault(fault, null);
      // The one vector that there is has fewer numbers than those of the passages.
      await byWords(workspace);
    },
  );

  it('where the model does not answer in time', async () => {
    const { workspace } = await knowing();
    simulator.fault('hang', null);
    await byWords(workspace, { timeoutMs: 30 });
  });

  it('where a question is private and the model is not local, and its words go nowhere', async () => {
    const { workspace } = await knowing();
    const before = simulator.embedded().length;
    await byWords(workspace, { sensitivity: 'private' });
    await byWords(workspace, { said: ['My card is 4111 1111 1111 1111.'] });
    expect(simulator.embedded()).toHaveLength(before);
    const local = await knowing('small', { local: true });
    expect((await find(local.workspace, paraphrase, { sensitivity: 'private' }))[0]?.text).toBe(racks);
  });

  it('where a cap is reached, also by the vectors of passages, which go on when there is room', async () => {
    const workspace = await test.workspace();
    for (const text of [racks, ...others]) await give(workspace, text);
    const cap = { scope: 'workspace', period: 'day', unit: 'money', limit: 1, whenReached: 'stop' };
    const made = await workspace.as('admin').post<Cap>('/api/v1/budget-caps', cap);
    expect(made.status).toBe(201);
    await choose(workspace, await addModel(workspace));
    await test.settled();
    expect(await progress(workspace)).toMatchObject({
      state: 'stopped',
      problem: 'budget_exhausted',
      embedded: 0,
    });
    await byWords(workspace);
    expect(asked()).toEqual([]);
    await workspace.as('admin').delete(`/api/v1/budget-caps/${made.body.id}`);
    await test.settled();
    expect(await progress(workspace)).toMatchObject({ state: 'ready', problem: null, embedded: 6 });
    expect((await find(workspace))[0]?.text).toBe(racks);
  });

  it('while another model makes its vectors, and those of the one before are gone when it has', async () => {
    const { workspace } = await knowing();
    const [before] = await rows(workspace);
    const letGo = simulator.hold();
    await choose(workspace, await addModel(workspace, { name: 'Other', model: 'other' }));
    await test.until('the other model to be asked', async () => simulator.embedded().length > 1);
    expect(await progress(workspace)).toMatchObject({
      state: 'making',
      model: 'Other',
      embedded: 0,
      passages: 6,
    });
    await byWords(workspace);
    letGo();
    await test.settled();
    const after = await rows(workspace);
    expect(after).toHaveLength(6);
    expect(after.map(({ model }) => model)).not.toContain(before?.model);
    expect((await find(workspace))[0]?.text).toBe(racks);
  });

  it('when it is switched off: what is being made is not made any more, and what was made is gone', async () => {
    const { workspace } = await knowing();
    const letGo = simulator.hold();
    await give(workspace, 'A puppy needs a ticket too.');
    await test.until('the text to be asked for', async () => asked().some((text) => text.includes('puppy')));
    await choose(workspace, null);
    letGo();
    await test.settled();
    expect(await rows(workspace)).toEqual([]);
    expect(await progress(workspace)).toMatchObject({ state: 'off', model: null });
    await byWords(workspace);
  });
});

describe('vectors', () => {
  it('rest sealed, and tell nothing of the texts', async () => {
    const { workspace } = await knowing();
    const [row] = await rows(workspace);
    const plain = Buffer.from(
      Int8Array.from(conceptVectors(racks), (value) => Math.round(value * 60)).buffer,
    );
    expect(Buffer.from(row?.vectors ?? []).includes(plain.subarray(0, 4))).toBe(false);
    expect(() =>
      expect(decodeVectors(Buffer.from(row?.vectors ?? []))[0]?.vector).toHaveLength(24),
    ).toThrow();
  });

  it('go with what they were made of', async () => {
    const { workspace } = await knowing();
    const id = await give(workspace, 'The bicycle of a guest is washed for free.');
    await test.settled();
    expect(await rows(workspace)).toHaveLength(7);
    await workspace.as('admin').delete(`${trainingDataPath}/${id}`);
    await test.settled();
    expect(await rows(workspace)).toHaveLength(6);
    expect((await find(workspace)).map(({ text }) => text)).not.toContain(
      'The bicycle of a guest is washed for free.',
    );
  });

  it('of passages that stayed are kept when a text is changed', async () => {
    const workspace = await test.workspace();
    const id = await give(workspace, filler.join('\n\n'));
    await choose(workspace, await addModel(workspace));
    await test.settled();
    expect(asked()).toHaveLength(60);
    const changed = [...filler.slice(0, 59), '## Bicycles\n\nThe bicycles stand in the courtyard.'].join(
      '\n\n',
    );
    await workspace.as('admin').put(`${trainingDataPath}/${id}`, { content: changed });
    await test.settled();
    expect(asked().slice(60)).toEqual(['Bicycles\nThe bicycles stand in the courtyard.']);
    expect((await rows(workspace)).map(({ version }) => version)).toEqual([2, 2]);
    expect((await find(workspace))[0]?.heading).toBe('Bicycles');
  });

  it('are not made of what is private where the model is not local, until it is', async () => {
    const { workspace, modelId } = await knowing();
    await choose(workspace, modelId, { detectsInKnowledge: true });
    const card = 'The lost card has the number 4111 1111 1111 1111.';
    await give(workspace, card);
    await test.settled();
    expect(asked()).not.toContain(card);
    expect(await progress(workspace)).toMatchObject({
      state: 'ready',
      passages: 7,
      embedded: 6,
      withheld: 1,
    });
    const { body } = await workspace.as('admin').get<Model>(`/api/v1/models/${modelId}`);
    const { name, baseUrl, model, inputPriceMicros, outputPriceMicros } = body;
    const input = { name, baseUrl, model, inputPriceMicros, outputPriceMicros, local: true };
    expect((await workspace.as('admin').put(`/api/v1/models/${modelId}`, input)).status).toBe(200);
    await test.settled();
    expect(await progress(workspace)).toMatchObject({ state: 'ready', embedded: 7, withheld: 0 });
    expect(asked().filter((text) => text === racks)).toHaveLength(1);
  });

  it('are made of all but those that the model refuses, and of none where it refuses everything', async () => {
    const { workspace } = await knowing();
    simulator.embedWith((text) => (text.includes('puppy') ? null : conceptVectors(text)));
    await give(workspace, [...filler.slice(0, 40), '## Puppies\n\nA puppy needs a ticket too.'].join('\n\n'));
    await test.settled();
    expect(await progress(workspace)).toMatchObject({
      state: 'ready',
      problem: null,
      embedded: 46,
      withheld: 1,
    });
    simulator.embedWith(() => null);
    await give(workspace, 'Cats are welcome too.');
    await test.settled();
    expect(await progress(workspace)).toMatchObject({
      state: 'stopped',
      problem: 'request_refused',
      embedded: 46,
    });
  });

  it('are not stored when the model suddenly makes others, and words go on', async () => {
    const { workspace } = await knowing();
    simulator.embedWith((text) => [...conceptVectors(text), 0.5]);
    await give(workspace, 'A puppy needs a ticket too.');
    await test.settled();
    expect(await progress(workspace)).toMatchObject({
      state: 'stopped',
      problem: 'unreadable_answer',
      embedded: 6,
    });
    expect((await find(workspace, 'Does a puppy need a ticket?'))[0]?.text).toContain('puppy');
  });
});

describe('the job', () => {
  /** A workspace with three requests' worth of passages, and a model that nobody has told of them yet. */
  async function waiting() {
    const workspace = await test.workspace();
    const letGo = simulator.hold();
    await choose(workspace, await addModel(workspace));
    await test.settled();
    const content = [...filler, ...filler.map((text) => text.replaceAll('remark', 'comment'))].join('\n\n');
    await give(workspace, content);
    return { workspace, letGo };
  }

  it('that is killed in the middle goes on where it was, and that is run again does nothing twice', async () => {
    const { workspace, letGo } = await waiting();
    await test.until('a request', async () => simulator.embedded().length === 1);
    const gone = new AbortController();
    letGo();
    await test.settled();
    const { ctx } = workspace;
    await ctx.transaction((tx) =>
      tx.sql('delete from knowledge_vectors where workspace_id = $1 and first >= 32', [tx.workspaceId]),
    );
    const before = asked().length;
    const { promise, resolve } = Promise.withResolvers<void>();
    let requests = 0;
    simulator.embedWith((text) => {
      requests += 1;
      if (requests === 33) {
        gone.abort(new Error('killed'));
        resolve();
      }
      return conceptVectors(text);
    });
    await expect(embed(ctx, {}, run('one', gone.signal))).rejects.toThrow('killed');
    await promise;
    expect(await progress(workspace)).toMatchObject({ state: 'making', embedded: 64, passages: 120 });
    simulator.embedWith(conceptVectors);
    await embed(ctx, {}, run('one'));
    expect(await progress(workspace)).toMatchObject({ state: 'ready', embedded: 120 });
    // Of the request that was lost, the texts are asked for once more; of no other.
    expect(asked().length - before).toBe(88 + 32);
    await embed(ctx, {}, run('one'));
    await embed(ctx, {}, run('two'));
    expect(asked().length - before).toBe(88 + 32);
  });

  it('leaves what another one is at', async () => {
    const { workspace, letGo } = await waiting();
    await test.until('a request', async () => simulator.embedded().length === 1);
    await embed(workspace.ctx, {}, run('another'));
    expect(simulator.embedded()).toHaveLength(1);
    letGo();
    await test.settled();
    expect(asked()).toHaveLength(120);
    expect(new Set(asked()).size).toBe(120);
  });
});
