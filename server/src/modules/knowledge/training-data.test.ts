import type { TrainingData, TrainingDataDetail } from '@parley/contract/training-data';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { trainingDataPath } from '../../../test/training.ts';
import { findPassages, passagesOf } from './knowledge.ts';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

const text = { kind: 'text', title: 'Hours', content: '## When are you open?\nFrom nine to five.' };
const pair = { kind: 'pair', question: 'Do you have vegan cakes?', answer: 'Yes, two kinds every day.' };

it('a pair is found by its question, and changed by halves', async () => {
  const workspace = await test.workspace();
  const admin = workspace.as('admin');
  const { status, body } = await admin.post<TrainingData>(trainingDataPath, pair);
  expect([status, body]).toMatchObject([
    201,
    { kind: 'pair', title: pair.question, state: 'ready', passages: 1 },
  ]);
  const find = async () => (await findPassages(await passagesOf(workspace.ctx), 'vegan cakes?', 'en', 1))[0];
  expect(await find()).toMatchObject({ heading: pair.question, text: pair.answer });
  const path = `${trainingDataPath}/${body.id}`;
  await admin.put(path, { answer: 'Yes, three kinds.' });
  expect(await find()).toMatchObject({ heading: pair.question, text: 'Yes, three kinds.', version: 2 });
  await admin.put(path, { question: 'Are there vegan cakes?' });
  expect((await admin.get<TrainingDataDetail>(path)).body).toMatchObject({
    title: 'Are there vegan cakes?',
    question: 'Are there vegan cakes?',
    answer: 'Yes, three kinds.',
  });
});

it('what a kind does not have cannot be changed, nor read again', async () => {
  const admin = (await test.workspace()).as('admin');
  const { body } = await admin.post<TrainingData>(trainingDataPath, text);
  const path = `${trainingDataPath}/${body.id}`;
  for (const change of [{ question: 'x' }, { refetchHours: 3 }, { title: null }, { content: '' }]) {
    expect((await admin.put(path, change)).status).toBe(400);
  }
  expect((await admin.put(path, {})).body).toEqual(body);
  expect(await admin.put(`${path}/reading`)).toMatchObject({ status: 409 });
});

it('a text is the same by its older routes, and what is none is not there', async () => {
  const admin = (await test.workspace()).as('admin');
  const { body } = await admin.post<TrainingData>(trainingDataPath, text);
  const other = await admin.post<TrainingData>(trainingDataPath, pair);
  expect((await admin.get<{ items: unknown[] }>('/api/v1/knowledge')).body.items).toMatchObject([
    { id: body.id },
  ]);
  expect((await admin.get(`/api/v1/knowledge/${body.id}`)).body).toMatchObject({ content: text.content });
  for (const call of [admin.get, admin.delete]) {
    expect((await call(`/api/v1/knowledge/${other.body.id}`)).status).toBe(404);
  }
});

it('is listed newest first, by kind and state, page by page', async () => {
  const admin = (await test.workspace()).as('admin');
  const ids: string[] = [];
  for (const each of [text, pair, text, pair, text]) {
    ids.push((await admin.post<TrainingData>(trainingDataPath, each)).body.id);
  }
  type Page = { items: TrainingData[]; nextCursor: string | null };
  const list = async (query: string) => (await admin.get<Page>(`${trainingDataPath}?${query}`)).body;
  const first = await list('limit=3');
  const second = await list(`limit=3&cursor=${first.nextCursor}`);
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids.toReversed());
  expect(second.nextCursor).toBeNull();
  expect((await list('kind=pair')).items).toHaveLength(2);
  expect((await list('state=failed')).items).toEqual([]);
});

it('is made once for the same Idempotency-Key', async () => {
  const admin = (await test.workspace()).as('admin');
  const headers = { 'idempotency-key': 'pair' };
  const first = await admin.post<TrainingData>(trainingDataPath, pair, headers);
  const second = await admin.post<TrainingData>(trainingDataPath, pair, headers);
  expect([second.status, second.body]).toEqual([201, first.body]);
});

it('texts that were pasted before there was training data are there, sealed as they were', async () => {
  const workspace = await test.workspace();
  const admin = workspace.as('admin');
  const { body } = await admin.post<TrainingData>(trainingDataPath, text);
  // As the migration leaves them: nothing was counted.
  await workspace.ctx.transaction(async (tx) => {
    await tx.sql('update training_data set origin = null, passages = null, language = null where id = $1', [
      body.id,
    ]);
    await tx.sql(
      'update training_documents set content_hash = null, passages = null, language = null where training_data_id = $1',
      [body.id],
    );
  });
  const path = `${trainingDataPath}/${body.id}`;
  expect((await admin.get<TrainingDataDetail>(path)).body).toMatchObject({
    title: 'Hours',
    content: text.content,
    passages: null,
  });
  expect(await findPassages(await passagesOf(workspace.ctx), 'when are you open', 'en', 1)).toHaveLength(1);
  expect((await admin.put(path, { content: 'Closed.' })).body).toMatchObject({ version: 2, passages: 1 });
});
