import type { TrainingData, TrainingDataDetail } from '@parley/contract/training-data';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { makePdfBomb } from '../../../test/documents.ts';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { type SitePage, startSite, type TestSite } from '../../../test/site.ts';
import { trainingDataPath, uploadTraining, whenRead } from '../../../test/training.ts';
import { findPassages, passagesOf } from './knowledge.ts';
import { read } from './read-job.ts';

let site: TestSite;
let test: TestApp;
let workspace: TestWorkspace;
beforeAll(async () => {
  site = await startSite();
  test = await startTestApp({ environment: { EGRESS_ALLOW_PAGE_HOSTS: site.host } });
});
afterAll(async () => {
  await test.close();
  await site.close();
});
beforeEach(async () => {
  workspace = await test.workspace();
  site.requests();
});

const article = (text: string): SitePage => ({
  body: `<!doctype html><html><head><title>Page</title></head><body><main><p>${text}</p></main></body></html>`,
});
const sitemap = (...paths: string[]): SitePage => ({
  body: `<urlset>${paths.map((path) => `<url><loc>${site.url}${path}</loc></url>`).join('')}</urlset>`,
  contentType: 'application/xml',
});

const add = async (body: object) =>
  (await workspace.as('admin').post<TrainingData>(trainingDataPath, body)).body.id;
const detailOf = async (id: string) =>
  (await workspace.as('viewer').get<TrainingDataDetail>(`${trainingDataPath}/${id}`)).body;
const readAgain = (id: string) =>
  workspace.as('admin').put<TrainingData>(`${trainingDataPath}/${id}/reading`);
const cancel = (id: string) => workspace.as('admin').post<TrainingData>(`${trainingDataPath}/${id}/cancel`);
const asked = (path: string) =>
  test.until(`${path} to be asked for`, async () => site.requests().some((each) => each.startsWith(path)));
const textsFor = async (question: string) =>
  (await findPassages(await passagesOf(workspace.ctx), question, 'en', 5)).map(({ text }) => text);

it('a first reading that is cancelled has failed, and reading it again works', async () => {
  const gate = Promise.withResolvers<void>();
  site.put('/slow', { ...article('We open at nine.'), after: gate.promise });
  const id = await add({ kind: 'page', url: `${site.url}/slow`, refetchHours: 24 });
  await asked('/slow');
  const { status, body } = await cancel(id);
  expect([status, body]).toMatchObject([
    200,
    { state: 'failed', error: { code: 'canceled' }, progress: null, nextFetchAt: null },
  ]);
  expect((await detailOf(id)).documents).toEqual([]);
  gate.resolve();
  await test.settled();
  expect(await detailOf(id)).toMatchObject({ state: 'failed', error: { code: 'canceled' }, documents: [] });
  expect(await textsFor('when do you open')).toEqual([]);
  await readAgain(id);
  expect(await whenRead(test, workspace, id)).toMatchObject({ state: 'ready', error: null, passages: 1 });
});

it('the job of a cancelled reading ends at once, though the site answers nothing', async () => {
  site.put('/never', { ...article('Never said.'), after: new Promise(() => undefined) });
  const id = await add({ kind: 'page', url: `${site.url}/never` });
  await asked('/never');
  await cancel(id);
  const cancelledAt = performance.now();
  await test.settled();
  expect(performance.now() - cancelledAt).toBeLessThan(15_000);
});

it('the process that reads a cancelled file is ended', async () => {
  const { body } = await uploadTraining(test, workspace, makePdfBomb(60_000_000), 'bomb.pdf');
  await test.until('it to be read', async () => (await detailOf(body.id)).state === 'reading');
  expect((await cancel(body.id)).body).toMatchObject({ state: 'failed', error: { code: 'canceled' } });
  await test.settled();
  expect(await detailOf(body.id)).toMatchObject({ state: 'failed', error: { code: 'canceled' } });
});

it('a page whose reading anew is cancelled is as it was before: ready, or out of date', async () => {
  site.put('/price', article('Bread costs three euros.'));
  const id = await add({ kind: 'page', url: `${site.url}/price`, refetchHours: 24 });
  const ready = await whenRead(test, workspace, id);
  const anew = async () => {
    site.put('/price', { ...article('Bread costs four euros.'), after: new Promise(() => undefined) });
    site.requests();
    await readAgain(id);
    await asked('/price');
    const { body } = await cancel(id);
    expect(body.nextFetchAt).not.toBeNull();
    await test.settled();
    return detailOf(id);
  };
  expect(await anew()).toMatchObject({ state: 'ready', error: null, version: ready.version });
  expect(await textsFor('what does bread cost')).toEqual(['Bread costs three euros.']);
  site.put('/price', { body: 'forbidden', status: 403 });
  await readAgain(id);
  expect(await whenRead(test, workspace, id)).toMatchObject({ state: 'stale' });
  expect(await anew()).toMatchObject({ state: 'stale', error: { code: 'not_fetched' } });
});

it('a site whose first reading is cancelled keeps the pages that were read, and fetches no further one', async () => {
  site.put('/one', article('Apples are red.'));
  site.put('/two', { ...article('Bananas are yellow.'), after: new Promise(() => undefined) });
  site.put('/three', article('Cherries are dark.'));
  site.put('/map.xml', sitemap('/one', '/two', '/three'));
  const id = await add({ kind: 'sitemap', url: `${site.url}/map.xml` });
  await asked('/two');
  expect((await cancel(id)).body).toMatchObject({
    state: 'ready',
    error: { code: 'canceled' },
    passages: 1,
  });
  await test.settled();
  expect(site.requests()).toEqual([]);
  expect((await detailOf(id)).documents.map(({ url }) => url)).toEqual([`${site.url}/one`]);
  expect(await textsFor('apples bananas cherries')).toEqual(['Apples are red.']);
  site.put('/two', article('Bananas are yellow.'));
  await readAgain(id);
  expect(await whenRead(test, workspace, id)).toMatchObject({ state: 'ready', error: null, passages: 3 });
});

it('a reading that waits, or whose worker was killed, is cancelled too, once and for all', async () => {
  site.put('/killed', article('Words of before.'));
  const id = await add({ kind: 'page', url: `${site.url}/killed` });
  const before = await whenRead(test, workspace, id);
  for (const state of ['queued', 'reading']) {
    await workspace.ctx.transaction((tx) =>
      tx.sql(
        `update training_data set state = $2, reading = reading + 1, settled = '{"state":"ready","error":null}'
         where id = $1`,
        [id, state],
      ),
    );
    const [row] = await workspace.ctx.transaction((tx) =>
      tx.sql<{ reading: number }>('select reading from training_data where id = $1', [id]),
    );
    const answers = await Promise.all([cancel(id), cancel(id)]);
    for (const { status, body } of answers)
      expect([status, body.state, body.version]).toEqual([200, 'ready', before.version]);
    site.requests();
    const signal = new AbortController().signal;
    const run = { id: 'x', attempt: 2, isLastAttempt: false, signal };
    await read(workspace.ctx, { trainingDataId: id, reading: row?.reading ?? 0 }, run);
    expect(site.requests()).toEqual([]);
  }
});

it('what is not being read is answered as it is, a stranger’s is not there, and an agent may not', async () => {
  const id = await add({ kind: 'text', title: 'Hours', content: 'We open at nine.' });
  expect(await cancel(id)).toMatchObject({ status: 200, body: { state: 'ready', version: 1 } });
  const path = `${trainingDataPath}/${id}/cancel`;
  expect((await workspace.as('agent').post(path)).status).toBe(403);
  expect((await (await test.workspace()).as('admin').post(path)).status).toBe(404);
});
