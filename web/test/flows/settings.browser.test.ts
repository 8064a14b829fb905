import type { QuickReply } from '@parley/contract/inbox';
import type { PhoneNumberList } from '@parley/contract/phone-numbers';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { button, reply, thread } from './inbox.ts';
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

const list = (page: Page) => page.getByRole('list', { name: 'Quick replies' });
const field = (page: Page, name: string) => page.getByRole('dialog').getByRole('textbox', { name });

test('a quick reply is made in the settings, used in the compose box, changed, removed and brought back', async () => {
  const agent = await shop.member('agent', 'Rosa Diaz');
  const kept = async () => {
    const { body } = await agent.client.get<{ items: QuickReply[] }>('/api/v1/quick-replies');
    return body.items.map(({ shortcut, body }) => ({ shortcut, body }));
  };
  const contact = shop.contact();
  await contact.text('When do you open?');
  const { id } = await contact.conversation();

  const page = await agent.open('/settings?tab=quick-replies');
  await button(page, 'Make quick reply').click();
  await field(page, 'Shortcut').fill('hours');
  await field(page, 'Text').fill('We open at 9. ');
  await button(page, 'Your name').click();
  await page.getByRole('dialog').getByText('We open at 9. Rosa Diaz').waitFor();
  await button(page, 'Save').click();
  await list(page).getByText('/hours').waitFor();

  const writing = await agent.open(`/inbox/${id}`);
  await reply(writing).pressSequentially('/ho');
  await writing.getByRole('option', { name: /\/hours/ }).waitFor();
  await reply(writing).press('Enter');
  expect(await reply(writing).inputValue()).toBe('We open at 9. Rosa Diaz');

  // What is changed here is known there, without reloading.
  await list(page)
    .getByRole('button', { name: /\/hours/ })
    .first()
    .click();
  await field(page, 'Shortcut').fill('opening');
  await field(page, 'Shortcut').press('Enter');
  await list(page).getByText('/opening').waitFor();
  await reply(writing).fill('/op');
  await writing.getByRole('option', { name: /\/opening/ }).waitFor();

  await button(page, 'Remove /opening').click();
  await page.getByText('No quick replies yet').waitFor();
  await stage.test.until('it to be removed', async () => (await kept()).length === 0);
  await button(page, 'Undo').click();
  await list(page).getByText('/opening').waitFor();
  await stage.test.until('it to be back', async () => (await kept()).length === 1);
  expect(await kept()).toEqual([{ shortcut: 'opening', body: 'We open at 9. {{member.name}}' }]);
});

test('who chose that Enter begins a new line has it so on another device, and Ctrl-Enter sends', async () => {
  const agent = await shop.member('agent');
  const contact = shop.contact();
  await contact.text('Hello?');
  const { id } = await contact.conversation();
  const page = await agent.open('/settings?tab=keyboard');
  await page.getByRole('combobox', { name: 'In the compose box, Enter' }).selectOption('newLine');
  await page.getByText('Take over', { exact: true }).waitFor();
  await stage.test.until('it to be kept', async () => {
    const { body } = await agent.client.get<{ enterSends: boolean | null }>('/api/v1/auth/preferences');
    return body.enterSends === false;
  });

  const elsewhere = await agent.open(`/inbox/${id}`);
  await elsewhere.locator('textarea[enterkeyhint=enter]').waitFor();
  await reply(elsewhere).pressSequentially('One');
  await reply(elsewhere).press('Enter');
  await reply(elsewhere).pressSequentially('two');
  expect(await reply(elsewhere).inputValue()).toBe('One\ntwo');
  await reply(elsewhere).press('Control+Enter');
  await thread(elsewhere).getByText('One two').waitFor();
  expect(await reply(elsewhere).inputValue()).toBe('');
});

test('a phone number is added, and verified by the code that its phone was sent, which is pasted', async () => {
  const agent = await shop.member('agent', 'Rosa Diaz');
  const number = '+12025550177';
  const page = await agent.open('/settings');
  await button(page, 'Add number').click();
  await page.getByRole('textbox', { name: 'Phone number' }).fill('202 555 0177');
  await page.keyboard.press('Enter');
  const code = page.getByRole('textbox', { name: 'Code that was sent to +1 (202) 555-0177' });
  await code.waitFor();
  const text = await stage.test.until('the code to arrive', async () =>
    stage.simulation.simulator.messagesWith(number).at(-1),
  );
  await page.getByText(/^A code was sent\. It works until/).waitFor();
  // Where the focus is already: as one does with what was copied.
  await page.keyboard.insertText(/^\d{6}/.exec(text.body)?.[0] ?? '');
  await page.getByText('Verified', { exact: true }).waitFor();
  const { body } = await agent.client.get<PhoneNumberList>('/api/v1/auth/phone-numbers');
  expect(body.items).toMatchObject([{ number, verifiedAt: expect.any(String) }]);

  await button(page, 'Remove +1 (202) 555-0177').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('No number of yours is known here yet.').waitFor();
});

test('a page that is opened prolongs the session, and renews its cookie', async () => {
  const agent = await shop.member('agent');
  await stage.test.kernel.database.asSystem((queries) =>
    queries.sql("update sessions set expires_at = now() + interval '2 days' where user_id = $1", [
      agent.userId,
    ]),
  );
  const page = await agent.open('/inbox');
  const weekFromNow = Date.now() / 1000 + 6.9 * 86_400;
  await stage.test.until('a cookie for another week', async () => {
    const cookies = await page.context().cookies();
    return cookies.some(({ name, expires }) => name.includes('session_token') && expires > weekFromNow);
  });
});
