import type { Interaction, Recommendations } from '@parley/contract/commerce';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { getModel } from './models.ts';
import { hashOutsideId, hashPlainOutsideIds } from './outside-ids.ts';
import { createProduct } from './products.ts';
import { startTraining } from './training.ts';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

const outsideId = 'ana@example.com';

async function openShop(): Promise<TestWorkspace> {
  const workspace = await test.workspace();
  for (const sku of ['A', 'B'])
    await createProduct(workspace.ctx, {
      sku,
      name: sku,
      description: '',
      priceMinor: null,
      currency: null,
      inStock: true,
    });
  return workspace;
}

const rowsOf = ({ ctx }: TestWorkspace) =>
  ctx.transaction((tx) =>
    tx.sql<{ outside_id: string | null; outside_hash: string | null; whole: string }>(
      'select outside_id, outside_hash, to_jsonb(i)::text as whole from interactions i where workspace_id = $1',
      [tx.workspaceId],
    ),
  );

/** The stock codes of what somebody who bought A is recommended. */
const recommendedTo = async (workspace: TestWorkspace, id: string) => {
  const { items } = (
    await workspace
      .as('admin')
      .get<Recommendations>(`/api/v1/recommendations?outsideId=${encodeURIComponent(id)}`)
  ).body;
  return items.map(({ product }) => product.sku).sort();
};

it('how a shop calls somebody rests as a hash of the workspace’s own, and is known again', async () => {
  const workspaces = [await openShop(), await openShop()];
  for (const workspace of workspaces) {
    const input = { sku: 'A', outsideId, kind: 'purchase' };
    const { body } = await workspace.as('agent').post<Interaction>('/api/v1/interactions', input);
    expect(body.outsideId).toBe(outsideId);
    expect(await recommendedTo(workspace, outsideId)).toEqual(['B']);
    expect(await recommendedTo(workspace, 'ben@example.com')).toEqual(['A', 'B']);
  }
  const rows = (await Promise.all(workspaces.map(rowsOf))).flat();
  for (const { whole } of rows) expect(whole).not.toContain('ana');
  expect(new Set(rows.map(({ outside_hash }) => outside_hash)).size).toBe(2);
});

/** As a version before recorded purchases of A. */
const recordPlain = ({ ctx }: TestWorkspace, count = 1) =>
  ctx.transaction((tx) =>
    tx.sql(
      `insert into interactions (id, workspace_id, product_id, outside_id, kind, happened_at, recorded_at)
       select gen_random_uuid(), $1, p.id, $2, 'purchase', $4, $4
       from products p, generate_series(1, $3) where p.workspace_id = $1 and p.sku = 'A'`,
      [tx.workspaceId, outsideId, count, tx.clock.date()],
    ),
  );

const signal = new AbortController().signal;

it('what a version before kept plain is hashed, and its people keep what they did', async () => {
  const workspace = await openShop();
  await recordPlain(workspace);
  await hashPlainOutsideIds(test.kernel.systemContext(), {}, { signal });
  const [row] = await rowsOf(workspace);
  const hash = await workspace.ctx.transaction((tx) => hashOutsideId(tx, outsideId));
  expect(row).toMatchObject({ outside_id: null, outside_hash: hash });
  expect(await recommendedTo(workspace, outsideId)).toEqual(['B']);
});

it('more than a batch is hashed by one job; when it has to stop or its time is over, the next one goes on', async () => {
  const workspace = await openShop();
  await recordPlain(workspace, 1_001);
  const system = test.kernel.systemContext();
  const plain = async () => (await rowsOf(workspace)).filter((row) => row.outside_id !== null).length;
  const stopped = hashPlainOutsideIds(system, {}, { signal: AbortSignal.abort() });
  await expect(stopped).rejects.toThrow('aborted');
  await hashPlainOutsideIds(system, {}, { signal, workMs: -1 });
  expect(await plain()).toBe(1_001);
  await hashPlainOutsideIds(system, {}, { signal });
  expect(await plain()).toBe(0);
});

it('a training learns also from people whose ids are plain when it begins', async () => {
  const workspace = await openShop();
  await recordPlain(workspace, 3);
  const { id } = await startTraining(workspace.ctx, 'full');
  const trained = await test.until('the training is over', async () => {
    const model = await getModel(workspace.ctx, id);
    return model.state !== 'running' && model;
  });
  expect(trained).toMatchObject({ state: 'done', data: { interactions: 3, people: 1 } });
});
