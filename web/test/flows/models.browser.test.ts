import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createOpenAiSimulator } from '../../../server/src/providers/openai-compatible/simulator.ts';
import { openStage, patienceMs, type Shop, type Stage } from './stage.ts';

const upstream = createOpenAiSimulator({ apiKey: 'sk-right' });
let stage: Stage;
let shop: Shop;

beforeAll(async () => {
  await upstream.listen();
  stage = await openStage();
  shop = await stage.openShop();
});
afterEach(async () => {
  expect(stage.takeComplaints()).toEqual([]);
  await stage.clear();
});
afterAll(async () => {
  await stage?.close();
  await upstream.close();
});

test.each([1440, 390])(
  'at %i px a model is added by a preset, tested, routed to, capped, and a run says why it answered',
  async (width) => {
    const owner = await shop.member('owner');
    const page = await owner.open('/assistant/models', { width });
    // Another one when the test is tried again.
    const name = `Mini ${width} ${randomUUID().slice(0, 4)}`;
    const isAsWide = async () =>
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    upstream.answerWith('The oven is warm. [1]');

    await page.getByRole('button', { name: 'Add model' }).click();
    const form = page.getByRole('dialog', { name: 'Add model' });
    await form.getByLabel('Where it runs').selectOption('OpenAI');
    expect(await form.getByLabel('Address').inputValue()).toBe('https://api.openai.com/v1');
    await form.getByLabel('Address').fill(upstream.baseUrl);
    await form.getByLabel('Model', { exact: true }).fill('mini');
    await form.getByLabel('Name').fill(name);
    await form.getByRole('button', { name: 'Add model' }).click();
    await form.getByText('This is needed.').waitFor();
    await form.getByLabel('API key').fill('sk-right');
    await form.getByText('Languages, limits and price').click();
    await form.getByLabel('Price of a million tokens read').fill('0');
    await form.getByLabel('Price of a million tokens written').fill('2,5');
    await form.getByLabel('Requests a day').fill('100');
    await form.getByRole('button', { name: 'Add model' }).click();

    await page.getByRole('heading', { name, level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Test' }).click();
    await page.getByText('The oven is warm.').waitFor();
    await page.getByText('1 of 100').waitFor();
    await page.getByText('$2.50 written').waitFor();
    await isAsWide();

    await page.goto(`${stage.test.url}/assistant/routing`);
    await page.getByLabel('Asked first').selectOption(name);
    await page.getByLabel('What somebody writes').fill('My card is 4242 4242 4242 4242');
    await page.getByRole('button', { name: 'Show the way' }).click();
    await page.getByText('Private, because of a card number').waitFor();
    await page
      .getByRole('list', { name: 'Not asked' })
      .getByText(/private content stays with local models \(a card number\)/)
      .first()
      .waitFor();
    await isAsWide();

    const admin = shop.workspace.as('admin');
    const { body } = await admin.get<{ items: { id: string; name: string }[] }>('/api/v1/models');
    await shop.setAssistant({ modelId: body.items.find((model) => model.name === name)?.id ?? null });
    const contact = shop.contact();
    await page.goto(`${stage.test.url}/assistant/runs`);
    await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor();
    await contact.text('Is the oven warm?');
    // Nobody loads the page again.
    await page.getByRole('list', { name: 'Runs' }).getByText(contact.name).waitFor();
    await page.getByLabel('Model').selectOption(name);
    await page.getByRole('searchbox').fill('oven');
    const found = page.getByRole('list', { name: 'Runs' }).getByRole('link');
    await expect.poll(() => found.count(), { timeout: patienceMs }).toBe(1);
    await found.click();
    await page.getByText(`${name} answered: it is the first choice`).waitFor();
    await isAsWide();

    await page.goto(`${stage.test.url}/assistant/spending`);
    await page.getByRole('button', { name: 'Add cap' }).click();
    const cap = page.getByRole('dialog', { name: 'Add cap' });
    await cap.getByLabel('In a').selectOption(width === 390 ? 'Day' : 'Month');
    await cap.getByLabel('At most').fill('20');
    await cap.getByRole('button', { name: 'Add cap' }).click();
    await page
      .getByRole('progressbar', { name: /The whole workspace/ })
      .first()
      .waitFor();
    await page.getByLabel('By').selectOption('Model');
    await page.getByRole('img', { name: /in all; most of it: Mini/ }).waitFor();
    await isAsWide();
  },
  60_000,
);
