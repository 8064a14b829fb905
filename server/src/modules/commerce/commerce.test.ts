import type {
  Interaction,
  Product,
  ProductImport,
  RecommendationModel,
  Recommendations,
} from '@parley/contract/commerce';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiClient, startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { newId } from '../../core/identifiers.ts';
import { defineJob } from '../../core/queue.ts';
import { startDueTrainings } from './due-trainings.ts';
import { recordInteraction } from './interactions.ts';
import { startTraining, train, trainRecommendations } from './training.ts';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

const productsPath = '/api/v1/products';
const interactionsPath = '/api/v1/interactions';
const recommendationsPath = '/api/v1/recommendations';
const modelsPath = '/api/v1/recommendation-models';

async function importCsv(client: ApiClient, csv: string) {
  const form = new FormData();
  form.append('file', new Blob([csv], { type: 'text/csv' }), 'products.csv');
  const response = await fetch(`${test.url}${productsPath}/imports`, {
    method: 'POST',
    headers: await client.authorization(),
    body: form,
  });
  return { status: response.status, body: (await response.json()) as ProductImport };
}

const kinds = ['garden', 'kitchen'];
/** A shop with ten things of either kind; `garden-0` costs 10.00, `garden-1` 11.00 and so on. */
async function openShop(workspace: TestWorkspace): Promise<void> {
  const rows = kinds.flatMap((kind) =>
    Array.from({ length: 10 }, (_, at) => `${kind}-${at},The ${kind} thing number ${at},${10 + at}.00,EUR`),
  );
  const { body } = await importCsv(workspace.as('admin'), `sku,name,price,currency\n${rows.join('\n')}\n`);
  expect(body).toMatchObject({ created: 20, refused: 0 });
}

const buy = (workspace: TestWorkspace, purchases: readonly { sku: string; outsideId: string }[]) =>
  workspace.ctx.transaction(async (tx) => {
    for (const purchase of purchases) await recordInteraction(tx, { ...purchase, kind: 'purchase' });
  });

/** Twelve people who each buy six things, those with an even number for the garden, the others for the kitchen. */
const sellThings = (workspace: TestWorkspace) =>
  buy(
    workspace,
    Array.from({ length: 72 }, (_, at) => {
      const person = at % 12;
      return {
        sku: `${kinds[person % 2]}-${(person + Math.floor(at / 12)) % 10}`,
        outsideId: `customer-${person}`,
      };
    }),
  );

async function trainAndWait(client: ApiClient): Promise<RecommendationModel> {
  const { status, body } = await client.post<RecommendationModel>(modelsPath);
  expect([status, body.state]).toEqual([201, 'running']);
  return test.until('the training is over', async () => {
    const now = (await client.get<RecommendationModel>(`${modelsPath}/${body.id}`)).body;
    return now.state !== 'running' && now;
  });
}

const recommended = async (client: ApiClient, query = '') =>
  (await client.get<Recommendations>(`${recommendationsPath}?${query}`)).body;

it('a product is added once for its stock code, changed, archived, and taken out of the archive', async () => {
  const admin = (await test.workspace()).as('admin');
  const input = { sku: 'A-1', name: 'Lamp', priceMinor: 1250, currency: 'EUR' };
  const { status, body } = await admin.post<Product>(productsPath, input);
  expect([status, body]).toMatchObject([201, { ...input, description: '', inStock: true, archivedAt: null }]);
  expect(await admin.post(productsPath, input)).toMatchObject({
    status: 409,
    body: { error: { code: 'sku_taken' } },
  });
  const path = `${productsPath}/${body.id}`;
  expect((await admin.put(path, { priceMinor: 990 })).body).toMatchObject({ name: 'Lamp', priceMinor: 990 });
  expect((await admin.put<Product>(`${path}/archival`)).body.archivedAt).not.toBeNull();
  expect((await admin.get<{ items: Product[] }>(`${productsPath}?archived=false`)).body.items).toEqual([]);
  expect((await admin.delete<Product>(`${path}/archival`)).body.archivedAt).toBeNull();
  expect((await admin.get<{ items: Product[] }>(`${productsPath}?archived=false`)).body.items).toHaveLength(
    1,
  );
  await test.event('product.changed', ({ payload }) => (payload as { change: string }).change === 'restored');
});

it('an import tells of each bad row by row, column and code, and takes the others; again it changes nothing', async () => {
  const admin = (await test.workspace()).as('admin');
  const csv = [
    'SKU;Name;Price;Currency;In_stock',
    'A;Lamp;12,50;eur;yes',
    ';Chair;3;;',
    'B;Table;cheap;EUR;maybe',
    'A;Lamp again;1;;',
    'C;"Desk; large";;;no',
  ].join('\r\n');
  const first = await importCsv(admin, csv);
  expect(first).toMatchObject({ status: 200, body: { created: 2, updated: 0, unchanged: 0, refused: 3 } });
  expect(first.body.problems).toEqual([
    { row: 3, column: 'sku', code: 'missing' },
    { row: 4, column: 'price', code: 'not_a_price' },
    { row: 4, column: 'in_stock', code: 'not_yes_or_no' },
    { row: 5, column: 'sku', code: 'sku_repeated' },
  ]);
  const { items } = (await admin.get<{ items: Product[] }>(productsPath)).body;
  expect(
    items.map(({ sku, name, priceMinor, currency, inStock }) => [sku, name, priceMinor, currency, inStock]),
  ).toEqual(
    expect.arrayContaining([
      ['A', 'Lamp', 1250, 'EUR', true],
      ['C', 'Desk; large', null, null, false],
    ]),
  );
  expect((await importCsv(admin, csv)).body).toMatchObject({
    created: 0,
    updated: 0,
    unchanged: 2,
    refused: 3,
  });
  expect((await importCsv(admin, csv.replace('12,50', '13'))).body).toMatchObject({
    updated: 1,
    unchanged: 1,
  });
  expect((await importCsv(admin, 'no table')).status).toBe(400);
});

it('an interaction is recorded once for the same Idempotency-Key, and only of what is there', async () => {
  const workspace = await test.workspace();
  const agent = workspace.as('agent');
  await openShop(workspace);
  const input = { sku: 'garden-1', outsideId: 'customer-1', kind: 'view' };
  const headers = { 'idempotency-key': 'view' };
  const first = await agent.post<Interaction>(interactionsPath, input, headers);
  expect((await agent.post<Interaction>(interactionsPath, input, headers)).body).toEqual(first.body);
  for (const [wrong, status] of [
    [{ ...input, sku: 'none' }, 404],
    [{ sku: 'garden-1', contactId: newId(), kind: 'view' }, 404],
    [{ sku: 'garden-1', kind: 'view' }, 400],
    [{ ...input, contactId: newId() }, 400],
    [{ ...input, happenedAt: new Date(Date.now() + 3 * 86_400_000).toISOString() }, 400],
    [{ ...input, sku: 'garden\0' }, 400],
    [{ ...input, kind: 'bought' }, 400],
  ] as const)
    expect((await agent.post(interactionsPath, wrong)).status).toBe(status);
  expect((await workspace.as('viewer').post(interactionsPath, input)).status).toBe(403);
});

it('before a model was trained, what is popular is recommended', async () => {
  const workspace = await test.workspace();
  const admin = workspace.as('admin');
  expect(await recommended(admin)).toEqual({ items: [], modelVersion: null });
  await openShop(workspace);
  for (const outsideId of ['a', 'b'])
    await admin.post(interactionsPath, { sku: 'kitchen-3', outsideId, kind: 'purchase' });
  const { items, modelVersion } = await recommended(admin, 'limit=3');
  expect(modelVersion).toBeNull();
  expect(items.map(({ product, reason }) => [product.sku, reason.kind])[0]).toEqual(['kitchen-3', 'popular']);
  // Who has bought it is told of others.
  expect((await recommended(admin, 'outsideId=a')).items.map(({ product }) => product.sku)).not.toContain(
    'kitchen-3',
  );
});

it('a trained model recommends what goes with what somebody bought, and says why; filters hold', async () => {
  const workspace = await test.workspace();
  const admin = workspace.as('admin');
  await openShop(workspace);
  await sellThings(workspace);
  const trained = await trainAndWait(admin);
  expect(trained).toMatchObject({
    state: 'done',
    live: true,
    progress: 1,
    version: 1,
    data: { interactions: 72, leftOut: 0, products: 20, people: 12 },
    errorCode: null,
  });
  expect(trained.bytes).toBeGreaterThan(1000);

  const forGardener = await recommended(admin, 'outsideId=customer-0&limit=4');
  expect(forGardener.modelVersion).toBe(1);
  expect(forGardener.items.map(({ product }) => product.sku.split('-')[0])).toEqual(Array(4).fill('garden'));
  const bought = Array.from({ length: 6 }, (_, at) => `garden-${at}`);
  for (const { product, reason } of forGardener.items) {
    expect(bought).not.toContain(product.sku);
    if (reason.product) expect(reason.product.name).toMatch(/^The garden thing/);
    if (reason.kind === 'alike') expect(reason.words).toContain('garden');
  }
  // Somebody whom the model has never seen, after the first thing that they looked at.
  await admin.post(interactionsPath, { sku: 'kitchen-2', outsideId: 'newcomer', kind: 'view' });
  const [first] = (await recommended(admin, 'outsideId=newcomer&limit=1')).items;
  expect(first?.product.sku).toMatch(/^kitchen/);

  const cheap = await recommended(admin, 'outsideId=customer-0&priceMin=1600&priceMax=1700&limit=50');
  expect(cheap.items.map(({ product }) => product.sku).sort()).toEqual([
    'garden-6',
    'garden-7',
    'kitchen-6',
    'kitchen-7',
  ]);
  const target = cheap.items.find(({ product }) => product.sku === 'garden-6')?.product;
  await admin.put(`${productsPath}/${target?.id}`, { inStock: false });
  const skus = async (query: string) =>
    (await recommended(admin, query)).items.map(({ product }) => product.sku);
  expect(await skus('outsideId=customer-0&limit=50')).not.toContain('garden-6');
  expect(await skus('outsideId=customer-0&limit=50&inStock=false')).toContain('garden-6');
  expect(await skus('outsideId=customer-0&limit=50&bought=true')).toContain('garden-0');
  await admin.put(`${productsPath}/${target?.id}/archival`);
  expect(await skus('outsideId=customer-0&limit=50&inStock=false')).not.toContain('garden-6');
  expect((await admin.get(`${recommendationsPath}?contactId=${newId()}`)).status).toBe(404);
});

it('enough that is new begins an update by itself, which keeps what was known; not before an hour has gone', async () => {
  const workspace = await test.workspace();
  const admin = workspace.as('admin');
  await openShop(workspace);
  await sellThings(workspace);
  await trainAndWait(admin);
  await admin.post(productsPath, { sku: 'garden-new', name: 'The newest garden thing' });
  await buy(
    workspace,
    Array.from({ length: 110 }, (_, at) => ({ sku: 'garden-new', outsideId: `gardener-${at % 40}` })),
  );
  const list = async () => (await admin.get<{ items: RecommendationModel[] }>(modelsPath)).body.items;
  await startDueTrainings(test.kernel.systemContext());
  expect(await list()).toHaveLength(1);
  await workspace.ctx.transaction((tx) =>
    tx.sql(`update recommendation_models set started_at = started_at - interval '2 hours'`),
  );
  // What was recorded since then is more than enough.
  await startDueTrainings(test.kernel.systemContext());
  const updated = await test.until('the update is over', async () => {
    const [newest] = await list();
    return newest?.kind === 'update' && newest.state !== 'running' && newest;
  });
  expect(updated).toMatchObject({
    state: 'done',
    version: 2,
    live: true,
    data: { products: 21, people: 52 },
  });
  expect((await list()).map(({ live }) => live)).toEqual([true, false]);
  const { items, modelVersion } = await recommended(admin, 'outsideId=customer-0&limit=5');
  expect(modelVersion).toBe(2);
  expect(items.map(({ product }) => product.sku)).toContain('garden-new');
});

it('a training that a version before enqueued, by the name of then, is done', async () => {
  const workspace = await test.workspace();
  await openShop(workspace);
  const id = newId();
  const { name, doc, effect } = trainRecommendations;
  const asBefore = defineJob({ name, doc, effect, input: z.object({ recommenderId: z.uuid() }) });
  await workspace.ctx.transaction(async (tx) => {
    await tx.sql(
      `insert into recommendation_models (id, workspace_id, version, kind, state, started_at)
       values ($1, $2, 1, 'full', 'running', now())`,
      [id, tx.workspaceId],
    );
    tx.enqueue(asBefore, { recommenderId: id });
  });
  const path = `${modelsPath}/${id}`;
  await test.until(
    'the training is done',
    async () => (await workspace.as('admin').get<RecommendationModel>(path)).body.state === 'done',
  );
});

it('a training that is killed, fails or is cancelled leaves the model in use, and another one can begin', async () => {
  const workspace = await test.workspace();
  const admin = workspace.as('admin');
  await openShop(workspace);
  await sellThings(workspace);
  await trainAndWait(admin);
  // From here on nobody works but this test.
  await test.kernel.queue.stop(5000);
  const state = async (id: string) =>
    (await admin.get<RecommendationModel>(`${modelsPath}/${id}`)).body.state;
  const run = { isLastAttempt: false, signal: AbortSignal.abort() };

  const killed = await startTraining(workspace.ctx, 'full');
  await expect(startTraining(workspace.ctx, 'full')).rejects.toMatchObject({ code: 'training_running' });
  await expect(train(workspace.ctx, { modelId: killed.id }, run)).rejects.toThrow();
  expect(await state(killed.id)).toBe('running');
  expect((await recommended(admin)).modelVersion).toBe(1);
  await expect(
    train(workspace.ctx, { modelId: killed.id }, { ...run, isLastAttempt: true }),
  ).rejects.toThrow();
  expect(await state(killed.id)).toBe('failed');

  const canceled = await startTraining(workspace.ctx, 'full');
  expect((await admin.put<RecommendationModel>(`${modelsPath}/${canceled.id}/cancellation`)).body.state).toBe(
    'canceled',
  );
  await train(workspace.ctx, { modelId: canceled.id }, { ...run, signal: new AbortController().signal });
  expect(await state(canceled.id)).toBe('canceled');
  expect((await recommended(admin)).modelVersion).toBe(1);

  // Killed at its last try: nobody ends it, but whoever begins the next one after an hour.
  const lost = await startTraining(workspace.ctx, 'full');
  const backdate = (interval: string) =>
    workspace.ctx.transaction((tx) =>
      tx.sql('update recommendation_models set started_at = started_at - $2::interval where id = $1', [
        lost.id,
        interval,
      ]),
    );
  await backdate('50 minutes');
  await expect(startTraining(workspace.ctx, 'full')).rejects.toMatchObject({ code: 'training_running' });
  await backdate('15 minutes');
  const last = await startTraining(workspace.ctx, 'full');
  expect((await admin.get<RecommendationModel>(`${modelsPath}/${lost.id}`)).body).toMatchObject({
    state: 'failed',
    errorCode: 'training_failed',
    live: false,
  });
  await train(workspace.ctx, { modelId: last.id }, { ...run, signal: new AbortController().signal });
  expect((await recommended(admin)).modelVersion).toBe(last.version);
});

it('a model that was damaged where it rests is not used, and what is popular is recommended', async () => {
  const workspace = await test.workspace();
  const admin = workspace.as('admin');
  await openShop(workspace);
  await sellThings(workspace);
  const { id } = await startTraining(workspace.ctx, 'full');
  const signal = new AbortController().signal;
  await train(workspace.ctx, { modelId: id }, { isLastAttempt: true, signal });
  await workspace.ctx.transaction((tx) =>
    tx.sql(
      'update recommendation_models set model = set_byte(model, 1000, 255 - get_byte(model, 1000)) where id = $1',
      [id],
    ),
  );
  const { items, modelVersion } = await recommended(admin, 'outsideId=customer-0');
  expect(modelVersion).toBeNull();
  expect(items).not.toEqual([]);
});

it('what another workspace sells, records and trains is not there', async () => {
  const mine = await test.workspace();
  const theirs = (await test.workspace()).as('admin');
  await openShop(mine);
  const { items } = (await mine.as('admin').get<{ items: Product[] }>(productsPath)).body;
  const [product] = items;
  expect((await theirs.get<{ items: Product[] }>(productsPath)).body.items).toEqual([]);
  expect((await theirs.get(`${productsPath}/${product?.id}`)).status).toBe(404);
  expect((await theirs.put(`${productsPath}/${product?.id}`, { name: 'x' })).status).toBe(404);
  const input = { productId: product?.id, outsideId: 'customer-1', kind: 'view' };
  expect((await theirs.post(interactionsPath, input)).status).toBe(404);
  expect((await recommended(theirs)).items).toEqual([]);
});
