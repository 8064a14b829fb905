import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import type { Clock } from '../../core/clock.ts';
import { recordInteraction } from './interactions.ts';
import { createProduct } from './products.ts';
import { readTrainingSet } from './training-set.ts';

let offsetMs = 0;
const clock: Clock = { now: () => Date.now() + offsetMs, date: () => new Date(Date.now() + offsetMs) };

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ clock });
});
afterAll(() => test.close());

const DAY_MS = 86_400_000;

/** Three products; 30 interactions of ten people, three at each of ten moments a day apart. */
async function openShop() {
  const { ctx } = await test.workspace();
  const now = ctx.clock.now();
  for (const sku of ['A', 'B', 'C'])
    await createProduct(ctx, {
      sku,
      name: `Thing ${sku}`,
      description: '',
      priceMinor: 100,
      currency: 'EUR',
      inStock: true,
    });
  await ctx.transaction(async (tx) => {
    for (let at = 0; at < 30; at += 1)
      await recordInteraction(tx, {
        sku: 'ABC'[at % 3] as string,
        outsideId: `person ${at % 10}`,
        kind: 'purchase',
        happenedAt: new Date(now - Math.floor(at / 3) * DAY_MS).toISOString(),
      });
  });
  return { ctx, today: now / DAY_MS };
}

it('a set that is read page by page is the same as one that is read at once, also where many happened at one moment', async () => {
  const { ctx } = await openShop();
  const whole = await readTrainingSet(ctx, null);
  expect(whole).toMatchObject({ leftOut: 0, interactions: { userCount: 10, itemCount: 3 } });
  expect(whole.interactions.users).toHaveLength(30);
  for (const pageSize of [1, 2, 4, 30]) {
    const paged = await readTrainingSet(ctx, null, { pageSize });
    expect(paged.interactions).toEqual(whole.interactions);
    expect(paged.roster.people).toEqual(whole.roster.people);
    expect(paged.items).toEqual(whole.items);
  }
});

it('of more interactions than are learned from the newest ones are read, and the others are counted', async () => {
  const { ctx, today } = await openShop();
  const { interactions, leftOut } = await readTrainingSet(ctx, null, { pageSize: 4, interactionsMax: 10 });
  expect(interactions.days).toHaveLength(10);
  expect(leftOut).toBe(20);
  expect(Math.min(...interactions.days)).toBeCloseTo(today - 3, 5);
});

it('what was known keeps its number, and what is new says since when', async () => {
  const { ctx, today } = await openShop();
  // What was recorded less than a minute before may have been committed since, and is new again.
  const tooEarly = await readTrainingSet(ctx, null);
  expect((await readTrainingSet(ctx, tooEarly.roster)).since).toBeLessThan(today - 8);
  offsetMs += 120_000;
  const before = await readTrainingSet(ctx, null);
  const product = await createProduct(ctx, {
    sku: 'D',
    name: 'Thing D',
    description: '',
    priceMinor: null,
    currency: null,
    inStock: true,
  });
  offsetMs += 2 * DAY_MS;
  await recordInteraction(ctx, { sku: 'D', outsideId: 'somebody else', kind: 'view' });
  const after = await readTrainingSet(ctx, before.roster);
  expect(after.roster.products).toEqual([...before.roster.products, product.id]);
  expect(after.roster.people.slice(0, 10)).toEqual(before.roster.people);
  expect(after.roster.people).toHaveLength(11);
  expect(after.since).toBeGreaterThan(today + 1);
  expect(after.interactions.users).toHaveLength(31);
});

it('reading ends when it is no longer wanted', async () => {
  const { ctx } = await openShop();
  await expect(readTrainingSet(ctx, null, { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
});
