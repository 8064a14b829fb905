import type { Preferences } from '@parley/contract/tenancy';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { button, row, thread } from './inbox.ts';
import { type Contact, type Member, openStage, type Shop, type Stage } from './stage.ts';

let stage: Stage;
let shop: Shop;
let agent: Member;
let mine: Contact;
let mineId: string;

beforeAll(async () => {
  stage = await openStage();
});
beforeEach(async () => {
  shop = await stage.openShop({ policy: 'off' });
  agent = await shop.member('agent', 'Rosa Diaz');
  mine = shop.contact();
  await mine.text('Is my cake ready?');
  ({ id: mineId } = await mine.conversation());
});
afterEach(async () => {
  expect(stage.takeComplaints()).toEqual([]);
  await stage.clear();
});
afterAll(() => stage?.close());

/** A page that may ring, and remembers what rang. The agent holds the conversation. */
async function openPage(path: string): Promise<Page> {
  const page = await agent.open(`/inbox/${mineId}`);
  await page.context().grantPermissions(['notifications'], { origin: stage.test.url });
  await button(page, 'Take over').click();
  await button(page, 'Who holds it: Held by you').waitFor();
  // Shown at once: who rings is the server's to know.
  await stage.test.until(
    'the agent to hold it',
    async () => (await mine.conversation()).owner.id === agent.userId,
  );
  await page.goto(stage.test.url + path);
  await page.evaluate(`
    globalThis.rung = [];
    // A browser without windows has none of its own.
    globalThis.Notification = class extends EventTarget {
      static permission = 'granted';
      constructor(title, { body, tag }) {
        super();
        Object.assign(this, { title, body, tag });
        rung.push(this);
      }
      set onclick(listener) {
        this.addEventListener('click', listener);
      }
      close() {}
    };
  `);
  await row(page, mine.name).waitFor();
  return page;
}

const rung = (page: Page) => page.evaluate('rung.map(({ title, body, tag }) => [title, body, tag])');

const untilRung = (page: Page) =>
  stage.test.until('it to ring', async () => (await page.evaluate('rung.length')) !== 0);

/** As the browser tells a page that another tab, or another window, is before it. */
const leave = (page: Page, visibility: 'hidden' | 'visible') =>
  page.evaluate(`
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => '${visibility}' });
    document.hasFocus = () => false;
    document.dispatchEvent(new Event('visibilitychange'));
  `);

const ringOfMine = () => [mine.name, 'New message. Open it in Parley.', mineId];

test('a message for a conversation of mine rings once while the page is hidden, and a click opens it', async () => {
  const page = await openPage('/inbox');
  await mine.text('I am looking at the list');
  await row(page, 'I am looking at the list').waitFor();
  await leave(page, 'hidden');
  const other = shop.contact();
  await other.text('The assistant has this one');
  await row(page, 'The assistant has this one').waitFor();
  await mine.text('Can I fetch it at 5?');
  await untilRung(page);
  await row(page, 'Can I fetch it at 5?').waitFor();
  await page.waitForLoadState('networkidle');
  // Who wrote, and never what.
  expect(await rung(page)).toEqual([ringOfMine()]);

  await page.evaluate("rung[0].dispatchEvent(new Event('click'))");
  await page.waitForURL(`**/inbox/${mineId}`);
  await thread(page).getByText('Can I fetch it at 5?').waitFor();
});

test('a conversation that is on the screen does not ring, also beside another window; another one does', async () => {
  const page = await openPage(`/inbox/${mineId}`);
  await leave(page, 'visible');
  await mine.text('You see this, do you?');
  await thread(page).getByText('You see this, do you?').waitFor();
  await page.waitForLoadState('networkidle');
  expect(await rung(page)).toEqual([]);

  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
  await mine.text('And this?');
  await untilRung(page);
  expect(await rung(page)).toEqual([ringOfMine()]);
});

test('who chose that nothing rings hears nothing', async () => {
  const page = await openPage('/inbox');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('combobox', { name: 'Ring in this browser for' }).selectOption('none');
  await stage.test.until('it to be kept', async () => {
    const { body } = await agent.client.get<{ notify: string }>('/api/v1/auth/preferences');
    return body.notify === 'none';
  });
  await page.getByRole('link', { name: 'Inbox' }).click();
  await leave(page, 'hidden');
  await mine.text('Anybody there?');
  await row(page, 'Anybody there?').waitFor();
  await page.waitForLoadState('networkidle');
  expect(await rung(page)).toEqual([]);

  // Its sibling choice is heard at once.
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('combobox', { name: 'Ring in this browser for' }).selectOption('all');
  await shop.contact().text('The assistant has this one');
  await untilRung(page);
});

test('nothing rings in the quiet hours of who has some, and what comes in waits in the inbox', async () => {
  // A day without end, wherever the clock stands.
  const quietHours = { from: '00:00', to: '00:00', days: [1, 2, 3, 4, 5, 6, 7] };
  await agent.client.put('/api/v1/auth/preferences', { notify: 'all', quietHours });
  const page = await openPage('/inbox');
  await leave(page, 'hidden');
  await mine.text('Are you asleep?');
  await row(page, 'Are you asleep?').waitFor();
  await page.waitForLoadState('networkidle');
  expect(await rung(page)).toEqual([]);

  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('switch', { name: 'Quiet hours' }).click();
  await stage.test.until('it to be kept', async () => {
    const { body } = await agent.client.get<Preferences>('/api/v1/auth/preferences');
    return body.quietHours === null;
  });
  await mine.text('Good morning.');
  await untilRung(page);
});
