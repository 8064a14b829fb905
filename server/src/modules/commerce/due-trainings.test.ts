import type { RecommendationModel, Recommendations } from '@parley/contract/commerce';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import type { Clock } from '../../core/clock.ts';
import { startDueTrainings } from './due-trainings.ts';
import { recordInteraction } from './interactions.ts';
import { createProduct } from './products.ts';
import { startTraining, train } from './training.ts';

const HOUR_MS = 3_600_000;
let offsetMs = 0;
const clock: Clock = { now: () => Date.now() + offsetMs, date: () => new Date(Date.now() + offsetMs) };

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ clock });
  // Nobody works but these tests.
  await test.kernel.queue.stop(5000);
});
afterAll(() => test.close());

async function openShop(purchases: number): Promise<TestWorkspace> {
  const workspace = await test.workspace();
  for (const sku of ['A', 'B', 'C'])
    await createProduct(workspace.ctx, {
      sku,
      name: `Thing ${sku}`,
      description: '',
      priceMinor: null,
      currency: null,
      inStock: true,
    });
  await workspace.ctx.transaction(async (tx) => {
    for (let at = 0; at < purchases; at += 1)
      await recordInteraction(tx, {
        sku: 'ABC'[at % 3] as string,
        outsideId: `person ${at % 10}`,
        kind: 'purchase',
      });
  });
  return workspace;
}

/** The newest first. */
const modelsOf = async (workspace: TestWorkspace) =>
  (await workspace.as('admin').get<{ items: RecommendationModel[] }>('/api/v1/recommendation-models')).body
    .items;
const startDue = () => startDueTrainings(test.kernel.systemContext());
const run = { isLastAttempt: true, signal: new AbortController().signal };

it('where a model of a version before is not read any more, another one is trained though nothing new was recorded', async () => {
  const workspace = await openShop(30);
  const first = await startTraining(workspace.ctx, 'full');
  await train(workspace.ctx, { modelId: first.id }, run);
  const modelVersion = async () =>
    (await workspace.as('admin').get<Recommendations>('/api/v1/recommendations')).body.modelVersion;
  expect(await modelVersion()).toBe(1);
  offsetMs += 2 * HOUR_MS;
  await startDue();
  expect(await modelsOf(workspace)).toHaveLength(1);

  await workspace.ctx.transaction((tx) =>
    tx.sql('update recommendation_models set format = 1 where id = $1', [first.id]),
  );
  expect(await modelVersion()).toBeNull();
  await startDue();
  const [second, before] = await modelsOf(workspace);
  expect([second, before]).toMatchObject([
    { version: 2, kind: 'full', state: 'running' },
    { version: 1, state: 'done', live: false },
  ]);
  await train(workspace.ctx, { modelId: second?.id ?? '' }, run);
  expect(await modelVersion()).toBe(2);
});

it('a training that takes too long fails by that name, and the next one begins by itself after a day', async () => {
  const workspace = await openShop(120);
  await startDue();
  const [first] = await modelsOf(workspace);
  await train(
    workspace.ctx,
    { modelId: first?.id ?? '' },
    { ...run, isLastAttempt: false, tooLate: AbortSignal.abort() },
  );
  expect(await modelsOf(workspace)).toMatchObject([{ state: 'failed', errorCode: 'took_too_long' }]);
  offsetMs += 23 * HOUR_MS;
  await startDue();
  expect(await modelsOf(workspace)).toHaveLength(1);
  offsetMs += 2 * HOUR_MS;
  await startDue();
  expect(await modelsOf(workspace)).toMatchObject([{ version: 2, state: 'running' }, { version: 1 }]);
});

it('a training whose process was lost at its last try is ended, and counts as one that failed', async () => {
  const workspace = await openShop(120);
  await startDue();
  offsetMs += 0.9 * HOUR_MS;
  await startDue();
  expect(await modelsOf(workspace)).toMatchObject([{ state: 'running' }]);
  offsetMs += 0.2 * HOUR_MS;
  await startDue();
  expect(await modelsOf(workspace)).toMatchObject([{ state: 'failed', errorCode: 'training_failed' }]);
});
