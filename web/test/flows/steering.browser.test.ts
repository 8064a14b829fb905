import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { button, handset, reply, row, thread } from './inbox.ts';
import { openStage, type Shop, type Stage } from './stage.ts';

let stage: Stage;
let shop: Shop;

beforeAll(async () => {
  stage = await openStage();
});
beforeEach(async () => {
  shop = await stage.openShop();
});
afterEach(async () => {
  expect(stage.takeComplaints()).toEqual([]);
  await stage.clear();
});
afterAll(() => stage?.close());

const openingHours = 'What are your opening hours?';
const answer = /Tuesday to Saturday from 7 am to 6 pm/;

test('three texts in a burst are answered once', async () => {
  // Longer than a busy machine takes for a text: what is slow here is no end of the burst.
  await shop.setAssistant({ burstWaitMs: 6000 });
  const agent = await shop.member('agent');
  const page = await agent.open('/inbox', { phone: true });
  const { field, texts } = handset(page);
  for (const text of ['Hello there', 'I have a question', openingHours]) {
    await field.fill(text);
    await field.press('Enter');
    await texts.getByText(text).first().waitFor();
  }
  await texts.getByText(answer).waitFor();
  await row(page, '+1 (202) 555-0111').click();
  await thread(page).getByText(answer).waitFor();
  await stage.simulation.simulator.idle();
  await stage.test.settled();
  const [conversation] = await shop.conversations();
  const messages = await shop.messages(conversation?.id ?? '');
  expect(messages.filter(({ direction }) => direction === 'inbound')).toHaveLength(3);
  expect(messages.filter(({ direction }) => direction === 'outbound')).toHaveLength(1);
  expect(
    await thread(page)
      .getByRole('heading', { name: /^Assistant, / })
      .count(),
  ).toBe(1);
});

test('a reply takes the conversation over, and the assistant is silent until it is handed back', async () => {
  const agent = await shop.member('agent');
  const contact = shop.contact();
  await contact.text(openingHours);
  const page = await agent.open('/inbox');
  await row(page, contact.name).click();
  await thread(page).getByText(answer).waitFor();
  await page.getByText('Reply takes over from the assistant').waitFor();
  await reply(page).fill('This is Rosa, I am here now.');
  await reply(page).press('Enter');
  await button(page, 'Who holds it: Held by you').waitFor();
  await thread(page).getByText('You took over').waitFor();

  const { id } = await contact.conversation();
  await contact.text('Do you have gluten-free bread?');
  await thread(page).getByText('Do you have gluten-free bread?').waitFor();
  await stage.test.settled();
  const bySpeaker = async () => {
    const messages = await shop.messages(id);
    return messages.map(({ sender }) => sender.kind).sort();
  };
  expect(await bySpeaker()).toEqual(['assistant', 'contact', 'contact', 'member']);

  await button(page, 'Hand back to assistant').click();
  await button(page, 'Who holds it: Held by the assistant').waitFor();
  await stage.test.until('the assistant to hold it', async () => {
    const { owner } = await contact.conversation();
    return owner.kind === 'assistant';
  });
  await contact.text('Do you deliver?');
  await thread(page)
    .getByText(/within 5 miles/)
    .waitFor();
  await thread(page)
    .getByRole('article')
    .filter({ hasText: 'This is Rosa' })
    .getByRole('button', { name: /^Delivered, / })
    .waitFor();
});

test('a draft goes out when a member approves it, and not before', async () => {
  await shop.setAssistant({ policy: 'draft' });
  const agent = await shop.member('agent');
  const contact = shop.contact();
  const page = await agent.open('/inbox');
  await contact.text(openingHours);
  await row(page, contact.name).filter({ hasText: 'A draft waits' }).click();
  await thread(page).getByRole('heading', { name: 'Draft by the assistant' }).waitFor();
  await stage.test.settled();
  const { id } = await contact.conversation();
  const [draft] = (await shop.messages(id)).filter(({ direction }) => direction === 'outbound');
  expect(draft).toMatchObject({ status: 'draft', attempts: [] });

  await button(page, 'Approve and send').click();
  const sent = thread(page).getByRole('article').filter({ hasText: answer });
  await sent.getByRole('button', { name: /^Delivered, / }).waitFor();
  await row(page, contact.name).filter({ hasNotText: 'A draft waits' }).waitFor();
});

test('a message that the carrier refused says why, and “Send again” is another attempt that arrives', async () => {
  await shop.setAssistant({ policy: 'off' });
  const agent = await shop.member('agent');
  const page = await agent.open('/inbox', { phone: true });
  const { field, phone, texts } = handset(page);
  await field.fill('Is my cake ready?');
  await field.press('Enter');
  const trouble = phone.getByRole('button', { name: /^Trouble on the line/ });
  const refusing = page.getByRole('switch', { name: /^Refuse what Parley sends/ });
  await trouble.click();
  await refusing.click();
  await page.keyboard.press('Escape');
  await row(page, '+1 (202) 555-0111').click();
  await reply(page).fill('Yes, it is ready.');
  await reply(page).press('Enter');
  const failed = thread(page).getByRole('article').filter({ hasText: 'Yes, it is ready.' });
  await failed.getByText(/^(Not sent|Not delivered)\./).waitFor();
  await row(page, '+1 (202) 555-0111').filter({ hasText: 'Not sent' }).waitFor();

  await trouble.click();
  await refusing.click();
  await page.keyboard.press('Escape');
  await failed.getByRole('button', { name: 'Send again' }).click();
  await failed.getByRole('button', { name: /^Delivered, / }).waitFor();
  await texts.getByText('Yes, it is ready.').waitFor();
  const [conversation] = await shop.conversations();
  const message = (await shop.messages(conversation?.id ?? '')).find(
    ({ direction }) => direction === 'outbound',
  );
  expect(message?.attempts).toHaveLength(2);
  await failed.getByRole('button', { name: /^Delivered, / }).click();
  await page.getByText('Attempt 2').waitFor();
});
