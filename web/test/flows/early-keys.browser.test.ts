import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { focused, row, rows } from './inbox.ts';
import { openStage, type Shop, type Stage } from './stage.ts';

let stage: Stage;
let shop: Shop;

beforeAll(async () => {
  stage = await openStage();
  shop = await stage.openShop({ policy: 'off' });
  const contact = shop.contact();
  await contact.text('My marzipan pony has lost a leg');
  await contact.conversation();
});
afterEach(async () => {
  expect(stage.takeComplaints()).toEqual([]);
  await stage.clear();
});
afterAll(() => stage?.close());

/** The inbox, on a network over which no further script comes until it is let go. */
async function openOnSlowNetwork(): Promise<{ page: Page; letGo: () => void }> {
  const agent = await shop.member('agent');
  const page = await agent.open('/inbox');
  await rows(page).first().waitFor();
  await page.waitForLoadState('networkidle');
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.route('**/*.js', async (route) => {
    await promise;
    await route.continue();
  });
  return { page, letGo: resolve };
}

test('what is typed right after Ctrl-K stands in the palette when its code has come, and goes on there', async () => {
  const { page, letGo } = await openOnSlowNetwork();
  await page.keyboard.press('j');
  await focused(page, 'marzipan').waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('marx');
  await page.keyboard.press('Backspace');
  // Nobody has seen what it would open.
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Find or do anything' });
  await dialog.getByRole('textbox').waitFor();
  letGo();
  const field = dialog.getByRole('combobox');
  await field.waitFor();
  await page.keyboard.type('zipan');
  expect(await field.inputValue()).toBe('marzipan');
  await dialog.getByRole('option', { name: /marzipan/ }).waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await focused(page, 'marzipan').waitFor();

  // The next time it begins empty.
  await page.keyboard.press('Control+k');
  await page.keyboard.type('a');
  expect(await field.inputValue()).toBe('a');
});

test('who thinks better of it before the palette has come is where they were', async () => {
  const { page, letGo } = await openOnSlowNetwork();
  await page.keyboard.press('j');
  await focused(page, 'marzipan').waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('mar');
  await page.keyboard.press('Escape');
  await focused(page, 'marzipan').waitFor();
  letGo();
  await page.waitForLoadState('networkidle');
  expect(await page.getByRole('dialog').count()).toBe(0);
});

test('what is pressed while the list of shortcuts is on its way does nothing under it', async () => {
  const { page, letGo } = await openOnSlowNetwork();
  await page.keyboard.press('j');
  await focused(page, 'marzipan').waitFor();
  await page.keyboard.press('?');
  await page.keyboard.press('e');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  letGo();
  const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await row(page, 'marzipan').waitFor();
  const [conversation] = await shop.conversations();
  expect(conversation?.status).toBe('active');
});

test('what is typed right after / is searched for', async () => {
  const { page } = await openOnSlowNetwork();
  await page.keyboard.type('/marzipan');
  expect(await page.getByRole('searchbox').inputValue()).toBe('marzipan');
  await page.getByRole('link', { name: /marzipan/ }).waitFor();
});
