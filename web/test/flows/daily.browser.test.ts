import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { button, focused, reply, row, rows, thread } from './inbox.ts';
import { openStage, type Shop, type Stage } from './stage.ts';

let stage: Stage;
let shop: Shop;

beforeAll(async () => {
  stage = await openStage();
});
beforeEach(async () => {
  shop = await stage.openShop({ policy: 'off' });
});
afterEach(async () => {
  expect(stage.takeComplaints()).toEqual([]);
  await stage.clear();
});
afterAll(() => stage?.close());

/** Three contacts who have texted, the newest first. */
async function threeContacts() {
  const contacts = [shop.contact(), shop.contact(), shop.contact()];
  for (const [index, contact] of contacts.entries()) {
    await contact.text(`Question number ${index + 1}`);
    await contact.conversation();
  }
  return contacts.reverse();
}

/** Whether the last line of the thread is in sight. Text, for it is the page's code. */
const endIsInSight = `(() => {
  const thread = document.querySelector('[data-scroller=thread]');
  const last = [...thread.querySelectorAll('article')].at(-1);
  return last.getBoundingClientRect().bottom <= thread.getBoundingClientRect().bottom;
})()`;

test('at 390 px a conversation is opened, answered and left by touch, one pane at a time', async () => {
  const agent = await shop.member('agent');
  const [newest] = await threeContacts();
  const name = newest?.name ?? '';
  await newest?.text('It is a long story. '.repeat(50));
  const page = await agent.open('/inbox', { width: 390 });
  await row(page, name).filter({ hasText: 'It is a long story.' }).tap();
  await thread(page).getByText('Question number 3').waitFor();
  expect(await rows(page).first().isVisible()).toBe(false);
  await reply(page).tap();
  // A long reply does not push what it answers out of sight.
  await reply(page).fill('line\n'.repeat(12));
  await expect.poll(() => page.evaluate(endIsInSight), { timeout: 5000 }).toBe(true);
  await reply(page).fill('We are on it.');
  await button(page, 'Send').tap();
  await thread(page).getByText('We are on it.').waitFor();
  await button(page, 'Who holds it: Held by you').waitFor();
  // “Back” closes what lies above the conversation, and not the conversation.
  await button(page, 'Show details').tap();
  await page.getByRole('dialog', { name: 'Details' }).waitFor();
  await page.goBack();
  await page.getByRole('dialog', { name: 'Details' }).waitFor({ state: 'detached' });
  await thread(page).getByText('We are on it.').waitFor();
  await button(page, 'Back to the list').tap();
  await row(page, name).filter({ hasText: 'We are on it.' }).waitFor();
  expect(await thread(page).isVisible()).toBe(false);
  await focused(page, name).waitFor();
  // Nothing stands out of the screen.
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);

  // As a laptop at 200 % has it: list and thread stand side by side, and the thread is narrow.
  await page.setViewportSize({ width: 720, height: 450 });
  await row(page, name).tap();
  await thread(page).waitFor();
  await button(page, 'Who holds it: Held by you').waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(720);
});

test('at 390 px everything that is touched is at least 44 px high', async () => {
  const agent = await shop.member('owner');
  const [newest] = await threeContacts();
  const { id } = (await newest?.conversation()) ?? { id: '' };
  const page = await agent.open(`/inbox/${id}`, { width: 390 });
  await thread(page).waitFor();
  const { body: known } = await agent.client.get<{ items: { id: string }[] }>('/api/v1/training-data');
  const places = [
    '/channels',
    `/assistant/knowledge/${known.items[0]?.id}`,
    `/channels/${shop.channel.id}`,
    ...[
      '',
      '/behaviour',
      '/knowledge',
      '/knowledge/proposals',
      '/models',
      '/routing',
      '/spending',
      '/runs',
      '/try',
      '/tools',
      '/cases',
      '/shadow',
    ].map((section) => `/assistant${section}`),
    '/chat/new',
    ...['', '?tab=keys'].map((tab) => `/people${tab}`),
    ...['', '?tab=keyboard', '?tab=quick-replies'].map((tab) => `/settings${tab}`),
  ];
  for (const path of [`/inbox/${id}`, '/inbox', ...places]) {
    await page.goto(stage.test.url + path);
    if (path.startsWith('/inbox')) await (path === '/inbox' ? rows(page).first() : reply(page)).waitFor();
    else await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    const small = await page.evaluate(smallTargets);
    expect(small, path).toEqual([]);
  }
}, 90_000);

/** Buttons and links whose own box, or the higher one that a pseudo-element gives them, is lower than 44 px. */
const smallTargets = `
[...document.querySelectorAll('button, a[href], [role=button]')].flatMap((element) => {
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  if (box.width <= 1 || box.height <= 1 || style.visibility === 'hidden') return [];
  const around = getComputedStyle(element, '::after');
  const grow = (side) => around.content === 'none' ? 0 : Math.max(0, -parseFloat(around[side]) || 0);
  const height = box.height + grow('top') + grow('bottom');
  return height >= 43.5 ? [] : [(element.ariaLabel ?? element.textContent) + ': ' + Math.round(height)];
})`;

test('j, k, Enter, r, e and u go through a day without a mouse', async () => {
  const agent = await shop.member('agent');
  const [first, second, third] = await threeContacts();
  const page = await agent.open('/inbox');
  await rows(page).nth(2).waitFor();
  await page.keyboard.press('j');
  await focused(page, first?.name ?? '').waitFor();
  await page.keyboard.press('j');
  await focused(page, second?.name ?? '').waitFor();
  await page.keyboard.press('j');
  await focused(page, third?.name ?? '').waitFor();
  await page.keyboard.press('k');
  await focused(page, second?.name ?? '').waitFor();

  await page.keyboard.press('Enter');
  await thread(page).getByText('Question number 2').waitFor();
  await page.keyboard.press('r');
  await page.locator('textarea:focus').waitFor();
  await page.keyboard.type('Answered by keyboard');
  await page.keyboard.press('Enter');
  await thread(page).getByText('Answered by keyboard').waitFor();
  await page.keyboard.press('Escape');

  // It was answered, and stands at the top now.
  await rows(page)
    .first()
    .filter({ hasText: second?.name ?? '' })
    .waitFor();
  await page.keyboard.press('e');
  await row(page, second?.name ?? '').waitFor({ state: 'hidden' });
  await page.keyboard.press('u');
  await row(page, second?.name ?? '').waitFor();
  const conversation = second?.conversation;
  await stage.test.until('it to be open again', async () => (await conversation?.())?.status === 'active');
});

test('t takes over, h hands back, a assigns, and ? lists what the keys do', async () => {
  const agent = await shop.member('agent');
  const [newest] = await threeContacts();
  const { id } = (await newest?.conversation()) ?? { id: '' };
  const page = await agent.open(`/inbox/${id}`);
  await thread(page).waitFor();
  await page.keyboard.press('t');
  await button(page, 'Who holds it: Held by you').waitFor();
  await page.keyboard.press('h');
  await button(page, 'Who holds it: Held by the assistant').waitFor();
  await page.keyboard.press('a');
  await page.getByRole('menu').waitFor();
  await page.keyboard.type('Nobody');
  await page.keyboard.press('Enter');
  await button(page, 'Who holds it: Held by nobody').waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Take over').waitFor();
});

test('the palette finds a conversation by a word that was said in it, and opens it', async () => {
  const agent = await shop.member('agent');
  const contact = shop.contact();
  await contact.text('My marzipan pony has lost a leg');
  await contact.conversation();
  await stage.test.settled();
  const page = await agent.open('/settings');
  await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').pressSequentially('marzipan');
  await page.getByRole('option', { name: /marzipan/ }).waitFor();
  await page.keyboard.press('Enter');
  await thread(page).getByText('My marzipan pony has lost a leg').waitFor();
});
