import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Usage } from '@parley/contract/budgets';
import type { KnowledgeVectors } from '@parley/contract/knowledge-vectors';
import type { Model, ModelTest } from '@parley/contract/models';
import type { TrainingData } from '@parley/contract/training-data';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { writeEmbedder } from '../../../test/onnx/tiny-models.ts';
import { trainingDataPath } from '../../../test/training.ts';
import { findPassages, passagesOf, withVectors } from '../knowledge/knowledge.ts';
import { readCatalogue } from './catalogue.ts';
import { embedTexts } from './embeddings.ts';

let directory = '';
let test: TestApp;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-onnx-'));
  await writeEmbedder({
    folder: join(directory, 'meanings'),
    words: {
      hello: [1, 1, 1, 1],
      bicycles: [1, 0, 0, 0],
      wheeler: [1, 0, 0, 0],
      refund: [0, 1, 0, 0],
      dogs: [0, 0, 1, 0],
      breakfast: [0, 0, 0, 1],
    },
  });
  test = await startTestApp({
    environment: { ONNX_MODELS_DIR: directory, ONNX_EMBEDDING_MODEL: 'meanings' },
  });
});
afterAll(async () => {
  await test.close();
  await rm(directory, { recursive: true, force: true });
});

async function ownModel(workspace: TestWorkspace): Promise<Model> {
  const { body } = await workspace.as('admin').get<{ items: Model[] }>('/api/v1/models');
  const found = body.items.find(({ name }) => name === 'meanings (ONNX)');
  if (!found) throw new Error('it is not among the models');
  return found;
}

it('is among the models of every workspace: of this machine, free, and answering', async () => {
  const workspace = await test.workspace();
  const model = await ownModel(workspace);
  expect(model).toMatchObject({
    origin: 'environment',
    local: true,
    capabilities: ['embeddings'],
    baseUrl: 'onnx://this-machine',
    model: expect.stringMatching(/^meanings@[0-9a-f]{12}$/),
    price: { inputPriceMicros: 0, from: 'local' },
  });
  const tested = await workspace.as('admin').post<ModelTest>(`/api/v1/models/${model.id}/tests`);
  expect(tested.body).toMatchObject({ ok: true });
});

it('finds a passage that shares no word with the question, private ones too, and costs nothing', async () => {
  const workspace = await test.workspace();
  const admin = workspace.as('admin');
  const racks = 'Racks for bicycles stand behind the gate of the courtyard.';
  const texts = [
    racks,
    'We give a refund within thirty days.',
    'Dogs are welcome on a leash.',
    'Breakfast is served from seven to ten.',
  ];
  for (const content of texts)
    await admin.post<TrainingData>(trainingDataPath, { kind: 'text', title: 'House', content });
  const { id } = await ownModel(workspace);
  const routing = { embeddingModelId: id, alwaysPrivate: true };
  expect((await admin.put('/api/v1/routing', routing)).status).toBe(200);
  await test.settled();
  const { body: vectors } = await admin.get<KnowledgeVectors>('/api/v1/knowledge-vectors');
  expect(vectors).toMatchObject({ model: 'meanings (ONNX)', passages: 4, embedded: 4, withheld: 0 });

  const question = 'somewhere to leave my two-wheeler?';
  const knowledge = await withVectors(workspace.ctx, await passagesOf(workspace.ctx), {
    texts: [question],
    said: [],
    sensitivity: 'private',
    purpose: 'run',
    timeoutMs: 10_000,
    signal: new AbortController().signal,
  });
  const [found] = await findPassages(knowledge, question, 'en', 3);
  expect(found?.text).toContain('Racks for bicycles');
  const { body: usage } = await admin.get<Usage>('/api/v1/usage?by=purpose');
  expect(usage.items.find(({ key }) => key === 'embeddings')).toMatchObject({ calls: 2, costMicros: 0 });
});

it('is asked for eight passages at once, and each eight are kept', async () => {
  const workspace = await test.workspace();
  const admin = workspace.as('admin');
  const content = Array.from({ length: 20 }, (_, at) => `# Rule ${at}\n\n${'Dogs are welcome. '.repeat(20)}`);
  await admin.post<TrainingData>(trainingDataPath, {
    kind: 'text',
    title: 'House',
    content: content.join('\n\n'),
  });
  await test.settled();
  const { id } = await ownModel(workspace);
  await admin.put('/api/v1/routing', { embeddingModelId: id });
  await test.settled();
  const { body: vectors } = await admin.get<KnowledgeVectors>('/api/v1/knowledge-vectors');
  expect(vectors).toMatchObject({ passages: 20, embedded: 20 });
  const { body: usage } = await admin.get<Usage>('/api/v1/usage?by=purpose');
  expect(usage.items.find(({ key }) => key === 'embeddings')).toMatchObject({ calls: 3 });
  const rows = await workspace.ctx.transaction((tx) =>
    tx.sql<{ passages: number }>('select passages from knowledge_vectors order by first'),
  );
  expect(rows.map(({ passages }) => passages)).toEqual([8, 8, 4]);
});

it('passages that come too late keep no question from being answered', async () => {
  const workspace = await test.workspace();
  const catalogue = await workspace.ctx.transaction(readCatalogue);
  const model = catalogue.models.find(({ name }) => name === 'meanings (ONNX)');
  if (!model) throw new Error('it is not among the models');
  const request = {
    texts: ['dogs'],
    purpose: 'embeddings',
    conversationId: null,
    contactId: null,
    timeoutMs: 30_000,
    signal: new AbortController().signal,
  } as const;
  const late = {
    ...request,
    kind: 'passage',
    texts: Array<string>(500).fill('dogs '.repeat(50)),
    timeoutMs: 1,
  } as const;
  // Where this process is kept waiting, the answer may be there before it sees that it is late.
  for (let inVain = 0; inVain < 6; ) {
    const made = await embedTexts(workspace.ctx, catalogue, model, late);
    if ('failed' in made) expect(made.failed).toBe('timed_out');
    inVain = 'failed' in made ? inVain + 1 : 0;
  }
  expect(await embedTexts(workspace.ctx, catalogue, model, { ...request, kind: 'question' })).toMatchObject({
    vectors: [expect.any(Float32Array)],
  });
});
