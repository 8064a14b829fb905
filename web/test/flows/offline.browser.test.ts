import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { button, reply, row, thread } from './inbox.ts';
import { openStage, type Shop, type Stage } from './stage.ts';

let stage: Stage;
let shop: Shop;

beforeAll(async () => {
  stage = await openStage();
}, 240_000);
beforeEach(async () => {
  shop = await stage.openShop({ policy: 'off' });
});
afterEach(async () => {
  expect(stage.takeComplaints()).toEqual([]);
  await stage.clear();
});
afterAll(() => stage?.close());

/** How many rows this browser keeps of what was read, by the beginning of their keys. Text, for it is the page's code. */
const countKept = (page: Page, beginning: string): Promise<number> =>
  page.evaluate<number>(`new Promise((resolve, reject) => {
    const opening = indexedDB.open('parley');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const keys = opening.result.transaction('answers').objectStore('answers').getAllKeys();
      keys.onsuccess = () => {
        opening.result.close();
        resolve(keys.result.filter(([, key]) => key.startsWith(${JSON.stringify(beginning)})).length);
      };
    };
  })`);

/** The page can do without a network from here on. */
async function untilKept(page: Page): Promise<void> {
  await expect
    .poll(() => page.evaluate<boolean>('navigator.serviceWorker.controller !== null'), { timeout: 15_000 })
    .toBe(true);
  await expect
    .poll(() => countKept(page, '["conversations","timeline"'), { timeout: 15_000 })
    .toBeGreaterThan(0);
  await expect.poll(() => countKept(page, '["me"]'), { timeout: 15_000 }).toBe(1);
}

async function openConversation() {
  const agent = await shop.member('agent');
  const contact = shop.contact();
  await contact.text('Do you deliver?');
  const { id } = await contact.conversation();
  const page = await agent.open(`/inbox/${id}`, { serviceWorkers: 'allow' });
  await thread(page).getByText('Do you deliver?').waitFor();
  await untilKept(page);
  return { page, contact, id };
}

/**
 * What the banner says: Chromium's devices without a network let a document that is loaded anew believe in one, and then
 * it is the server that cannot be reached.
 */
const away = (page: Page, waiting = '') =>
  page.getByText(new RegExp(`^(Offline|Parley cannot be reached)\\. ${waiting}`));

const outbound = async (conversationId: string, body: string) =>
  (await shop.messages(conversationId)).filter((message) => message.body === body);

test('what is written offline survives a reload without a network, and is sent once when back', async () => {
  const { page, contact, id } = await openConversation();
  const context = page.context();
  await context.setOffline(true);
  await page.getByText('Offline. You see what was here last.').waitFor();

  await reply(page).fill('We do, within 5 miles.');
  await reply(page).press('Enter');
  await page.getByText('Offline. 1 message waits and goes out when you are back.').waitFor();
  await page.reload();
  await away(page, '1 message waits and goes out when').waitFor();
  await thread(page).getByText('Do you deliver?').waitFor();
  await thread(page).getByText('We do, within 5 miles.').waitFor();

  // Another tab of the same browser, which has it too.
  const other = await context.newPage();
  await other.goto(page.url());
  await away(other, '1 message waits and goes out when').waitFor();
  await reply(other).fill('Until noon.');
  await reply(other).press('Enter');
  await away(page, '2 messages wait and go out when').waitFor();

  await context.setOffline(false);
  await expect
    .poll(async () => (await shop.messages(id)).filter(({ direction }) => direction === 'outbound').length, {
      timeout: 15_000,
    })
    .toBe(2);
  for (const each of [page, other]) {
    await away(each).waitFor({ state: 'detached' });
    await row(each, contact.name).filter({ hasText: 'Until noon.' }).waitFor();
    expect(await thread(each).getByText('We do, within 5 miles.').count()).toBe(1);
  }
  expect(await outbound(id, 'We do, within 5 miles.')).toHaveLength(1);
  expect(await outbound(id, 'Until noon.')).toHaveLength(1);
  const bodies = (await shop.messages(id)).map(({ body }) => body);
  expect(bodies.indexOf('We do, within 5 miles.')).toBeLessThan(bodies.indexOf('Until noon.'));
});

test('what may no longer be sent when back stays with its reason, and can be dropped', async () => {
  const { page, contact, id } = await openConversation();
  await page.context().setOffline(true);
  await page.getByText(/^Offline\./).waitFor();
  await reply(page).fill('Come and see us.');
  await reply(page).press('Enter');
  await page.getByText(/^Offline\. 1 message waits/).waitFor();
  await contact.text('STOP');
  await page.context().setOffline(false);
  await page.getByText('1 message was not accepted.').waitFor();
  await button(page, 'Look at it').click();
  const dialog = page.getByRole('dialog', { name: 'Not sent' });
  expect(await dialog.getByRole('textbox', { name: 'Message' }).inputValue()).toBe('Come and see us.');
  await dialog.getByRole('button', { name: 'Discard' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('1 message was not accepted.').waitFor({ state: 'detached' });
  expect(await outbound(id, 'Come and see us.')).toEqual([]);
});

test('the shell and every page open without a network', async () => {
  const { page } = await openConversation();
  await page.context().setOffline(true);
  await page.goto(new URL('/settings', page.url()).href);
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  await away(page).waitFor();
  await page.getByRole('link', { name: 'Inbox' }).click();
  await row(page, '+1').first().waitFor();
});

test('who signs out leaves nothing of what was read on the device', async () => {
  const { page } = await openConversation();
  await button(page, /^Account/).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to Parley' }).waitFor();
  await expect.poll(() => countKept(page, '["conversations"')).toBe(0);
  expect(await page.evaluate(`localStorage.getItem('parley.offline')`)).toBeNull();
});
