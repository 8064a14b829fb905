import type { Interaction, Recommendations } from '@parley/contract/commerce';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { hashOutsideId, hashPlainOutsideIds } from './outside-ids.ts';
import { createProduct } from './products.ts';

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

it('what a version before kept plain is hashed, and its people keep what they did', async () => {
  const workspace = await openShop();
  await workspace.ctx.transaction((tx) =>
    tx.sql(
      `insert into interactions (id, workspace_id, product_id, outside_id, kind, happened_at, recorded_at)
       select gen_random_uuid(), $1, p.id, $2, 'purchase', now(), now()
       from products p where p.workspace_id = $1 and p.sku = 'A'`,
      [tx.workspaceId, outsideId],
    ),
  );
  await hashPlainOutsideIds(test.kernel.systemContext());
  const [row] = await rowsOf(workspace);
  const hash = await workspace.ctx.transaction((tx) => hashOutsideId(tx, outsideId));
  expect(row).toMatchObject({ outside_id: null, outside_hash: hash });
  expect(await recommendedTo(workspace, outsideId)).toEqual(['B']);
});
