import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { ChatDetail } from '@parley/contract/chat';
import type { Model } from '@parley/contract/models';
import type { ShadowRun } from '@parley/contract/shadow-runs';
import type { TrainingData } from '@parley/contract/training-data';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { demoStory } from '../../../server/src/demo.ts';
import { rows, thread } from './inbox.ts';
import { type Member, openStage, type Shop, type Stage } from './stage.ts';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let stage: Stage;
let shop: Shop;
let owner: Member;
let conversationId: string;
let sourceId: string;
let modelId: string;
let chatId: string;
let shadowRunId: string;

beforeAll(async () => {
  stage = await openStage();
  shop = await stage.openShop();
  owner = await shop.member('owner', 'Rosa Diaz');
  const contact = shop.contact();
  await contact.text('What are your opening hours?');
  ({ id: conversationId } = await contact.conversation());
  await stage.test.settled();
  const agent = shop.workspace.as('agent');
  await agent.post('/api/v1/quick-replies', { shortcut: 'hours', body: 'Hi {{contact.name}}, {{order.id}}' });
  const conversation = `/api/v1/conversations/${conversationId}`;
  await agent.post(`${conversation}/notes`, { body: 'A regular.' });
  const pair = { kind: 'pair', question: 'May dogs come in?', answer: 'They wait on the terrace.' };
  const { body: source } = await shop.workspace.as('admin').post<TrainingData>('/api/v1/training-data', pair);
  sourceId = source.id;
  const admin = shop.workspace.as('admin');
  const settings = { preset: 'openai', name: 'Mini', model: 'mini', apiKey: 'sk-x', requestsPerDayMax: 100 };
  ({
    body: { id: modelId },
  } = await admin.post<Model>('/api/v1/models', settings));
  await admin.put('/api/v1/routing', { privateWords: ['salary'], order: { message: [modelId] } });
  await admin.put('/api/v1/model-prices', {
    items: [{ model: 'mini', inputPriceMicros: 1, outputPriceMicros: 1 }],
  });
  const cap = { period: 'day', limit: 1_000_000 };
  await admin.post('/api/v1/budget-caps', { ...cap, scope: 'workspace', unit: 'money' });
  await admin.post('/api/v1/budget-caps', { ...cap, scope: 'contact', unit: 'segments' });
  const asked = { text: 'May dogs come in?' };
  ({ id: chatId } = (await owner.client.post<ChatDetail>('/api/v1/chats', asked)).body);
  await shop.setAssistant({ policy: 'draft' });
  await contact.text('Do you deliver? See https://maps.example/quay');
  await stage.test.settled();
  const other = shop.contact();
  await other.text('My espresso machine leaks');
  await stage.test.settled();
  const asking = shop.contact();
  await asking.text('Do you mend coffee grinders?');
  await stage.test.settled();
  const reply = { conversationId: (await asking.conversation()).id, body: 'We mend grinders of every make.' };
  await owner.client.post('/api/v1/messages', reply);
  await stage.test.settled();
  await admin.put('/api/v1/training-data/learning', { learnFromConversations: true });
  await admin.post('/api/v1/training-data/look-throughs', { days: 7 });
  const fix = { question: 'May cats come in?', answer: 'No.', mustContain: ['yes'] };
  await admin.post('/api/v1/assistant/fixes', fix);
  await admin.post('/api/v1/assistant/checks', {});
  const shadow = { changes: { supportNeeded: 0.99 }, count: 10 };
  ({ id: shadowRunId } = (await admin.post<ShadowRun>('/api/v1/assistant/shadow-runs', shadow)).body);
  await stage.test.settled();
});
afterEach(async () => {
  expect(stage.takeComplaints()).toEqual([]);
  await stage.clear();
});
afterAll(() => stage?.close());

const results = z.object({
  violations: z.array(
    z.object({
      id: z.string(),
      impact: z.string().nullable(),
      nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })),
    }),
  ),
});

/** What axe finds, each with where. */
async function violationsOn(page: Page, rules: 'all' | 'colours' = 'all'): Promise<string[]> {
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(axe);
  const runOnly = rules === 'all' ? '' : ', runOnly: ["color-contrast", "link-in-text-block"]';
  const { violations } = results.parse(
    await page.evaluate(`axe.run(document, { resultTypes: ["violations"]${runOnly} })`),
  );
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(
      ({ html, failureSummary }) => `${id} (${impact}): ${html.slice(0, 300)} ${failureSummary ?? ''}`,
    ),
  );
}

/** In both themes, without loading the page anew; the dark one differs by its colours alone. */
async function expectNone(page: Page, where: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.locator(`html[data-theme=${colorScheme}]`).waitFor();
    // A colour on its way from one theme to the other is of neither.
    await page.evaluate('Promise.allSettled(document.getAnimations().map(({ finished }) => finished))');
    const rules = colorScheme === 'light' ? 'all' : 'colours';
    expect.soft(await violationsOn(page, rules), `${where}, ${colorScheme}`).toEqual([]);
  }
}

interface Place {
  readonly name: string;
  readonly path: () => string;
  readonly arrive: (page: Page) => Promise<unknown>;
}

const heading = (name: string) => (page: Page) => page.getByRole('heading', { name }).first().waitFor();
const runs = (page: Page) => page.getByRole('list', { name: 'Runs' }).getByRole('link');
const tab = (name: string) => (page: Page) => page.getByRole('tab', { name, selected: true }).waitFor();

const places: readonly Place[] = [
  { name: 'the inbox', path: () => '/inbox', arrive: (page) => rows(page).nth(1).waitFor() },
  {
    name: 'a conversation',
    path: () => `/inbox/${conversationId}`,
    arrive: async (page) => {
      await thread(page).getByRole('heading', { name: 'Draft by the assistant' }).waitFor();
      await page.getByRole('textbox', { name: /^Reply to/ }).waitFor();
    },
  },
  { name: 'a chat that begins', path: () => '/chat/new', arrive: heading('What can I help you with?') },
  {
    name: 'a chat',
    path: () => `/chat/${chatId}`,
    arrive: (page) => page.getByRole('log').getByText('They wait on the terrace.').waitFor(),
  },
  { name: 'the channels', path: () => '/channels', arrive: tab('Connected') },
  { name: 'rented numbers', path: () => '/channels?tab=rented', arrive: tab('Rented numbers') },
  {
    name: 'a channel',
    path: () => `/channels/${shop.channel.id}`,
    arrive: heading(demoStory.channelName),
  },
  {
    name: 'the assistant',
    path: () => '/assistant',
    // A wide screen goes on to its first section; the place before has a heading of this level too.
    arrive: (page) => page.getByRole('heading', { name: /^(Assistant|Behaviour)$/, level: 1 }).waitFor(),
  },
  { name: 'its behaviour', path: () => '/assistant/behaviour', arrive: heading('How far it may go') },
  { name: 'its knowledge', path: () => '/assistant/knowledge', arrive: heading('Knowledge') },
  { name: 'its intents', path: () => '/assistant/intents', arrive: heading('Model') },
  {
    name: 'a source of its knowledge',
    path: () => `/assistant/knowledge/${sourceId}`,
    arrive: (page) => page.getByRole('list', { name: 'Passages' }).waitFor(),
  },
  {
    name: 'what is proposed for its knowledge',
    path: () => '/assistant/knowledge/proposals',
    arrive: async (page) => {
      await page.getByRole('listitem', { name: 'Do you mend coffee grinders?' }).waitFor();
      await page.getByText('New proposals: 1.').waitFor();
    },
  },
  {
    name: 'the form of a site',
    path: () => '/assistant/knowledge',
    arrive: async (page) => {
      await page.getByRole('button', { name: 'Add knowledge' }).click();
      await page.getByRole('menuitem', { name: 'Add a whole site by its sitemap' }).click();
      await page.getByRole('dialog', { name: 'Add a site' }).getByRole('button', { name: 'Add' }).click();
      await page.getByText('An address begins with').waitFor();
    },
  },
  {
    name: 'its models',
    path: () => '/assistant/models',
    arrive: (page) => page.getByRole('list', { name: 'Models' }).getByRole('link').first().waitFor(),
  },
  { name: 'a model', path: () => `/assistant/models/${modelId}`, arrive: heading('The last day') },
  {
    name: 'the form of a model',
    path: () => '/assistant/models',
    arrive: async (page) => {
      await page.getByRole('button', { name: 'Add model' }).click();
      const form = page.getByRole('dialog', { name: 'Add model' });
      await form.getByText('Languages, limits and price').click();
      await form.getByRole('button', { name: 'Add model' }).click();
      await form.getByText('This is needed.').first().waitFor();
    },
  },
  {
    name: 'its routing',
    path: () => '/assistant/routing',
    arrive: async (page) => {
      await page.getByRole('list', { name: 'In this order' }).waitFor();
      await page.getByRole('button', { name: 'Show the way' }).click();
      await page.getByRole('list', { name: 'Asked in this order' }).waitFor();
    },
  },
  {
    name: 'its spending',
    path: () => '/assistant/spending',
    arrive: async (page) => {
      await page.getByRole('list', { name: 'Caps' }).waitFor();
      await page.getByLabel('Measure').selectOption('SMS segments');
      await page.getByRole('img', { name: /in all/ }).waitFor();
      await page.getByText('Table', { exact: true }).click();
      await page.getByRole('button', { name: 'Export CSV' }).waitFor();
    },
  },
  { name: 'its runs', path: () => '/assistant/runs', arrive: async (page) => runs(page).first().waitFor() },
  {
    name: 'a run',
    path: () => '/assistant/runs',
    arrive: async (page) => {
      await runs(page).last().click();
      await heading('How the model was chosen')(page);
    },
  },
  { name: 'its playground', path: () => '/assistant/try', arrive: heading('Try it') },
  { name: 'its tools', path: () => '/assistant/tools', arrive: heading('Come with Parley') },
  {
    name: 'its cases',
    path: () => '/assistant/cases',
    arrive: (page) => page.getByRole('list', { name: 'Cases' }).waitFor(),
  },
  {
    name: 'its shadow runs',
    path: () => '/assistant/shadow',
    arrive: (page) =>
      page.getByRole('list', { name: 'Shadow runs of before' }).getByRole('link').first().waitFor(),
  },
  {
    name: 'a shadow run',
    path: () => `/assistant/shadow/${shadowRunId}`,
    arrive: (page) => page.getByRole('list', { name: 'Then and now' }).waitFor(),
  },
  {
    name: 'the figures',
    path: () => '/analytics',
    arrive: (page) => page.getByRole('img', { name: /came in/ }).waitFor(),
  },
  { name: 'the members', path: () => '/people', arrive: tab('Members') },
  { name: 'the keys', path: () => '/people?tab=keys', arrive: tab('API keys') },
  { name: 'the settings', path: () => '/settings', arrive: heading('Settings') },
  { name: 'the keyboard', path: () => '/settings?tab=keyboard', arrive: heading('Shortcuts') },
  {
    name: 'the quick replies',
    path: () => '/settings?tab=quick-replies',
    arrive: (page) => page.getByRole('list', { name: 'Quick replies' }).waitFor(),
  },
  {
    name: 'a dialog',
    path: () => '/settings?tab=quick-replies',
    arrive: async (page) => {
      await page
        .getByRole('button', { name: /\/hours/ })
        .first()
        .click();
      await page.getByRole('dialog', { name: 'Edit quick reply' }).waitFor();
    },
  },
  {
    name: 'a question',
    path: () => '/people',
    arrive: async (page) => {
      await page.getByRole('button', { name: 'More about Rosa Diaz' }).click();
      await page.getByRole('menuitem', { name: 'Leave workspace' }).click();
      await page.getByRole('dialog', { name: 'Leave this workspace?' }).waitFor();
    },
  },
  { name: 'an address of nothing', path: () => '/nothing-here', arrive: heading('There is nothing here') },
  {
    name: 'the palette',
    path: () => '/settings',
    arrive: async (page) => {
      await heading('Settings')(page);
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog', { name: 'Find or do anything' }).waitFor();
    },
  },
];

test.each([1440, 390])(
  'axe finds nothing wrong on any page, light or dark, at %i px',
  async (width) => {
    const page = await owner.open('/inbox', { width });
    for (const { name, path, arrive } of places) {
      // As "Back" does it: what was loaded stays.
      await page.evaluate(
        `history.pushState(null, '', ${JSON.stringify(path())}); dispatchEvent(new PopStateEvent('popstate'))`,
      );
      await arrive(page);
      await page.waitForLoadState('networkidle');
      await expectNone(page, `${name} at ${width} px`);
    }
  },
  300_000,
);

test('axe finds nothing wrong on the sheet of details at 390 px, light or dark', async () => {
  const page = await owner.open(`/inbox/${conversationId}`, { width: 390 });
  await thread(page).waitFor();
  await page.getByRole('button', { name: 'Show details' }).click();
  await page.getByRole('dialog', { name: 'Details' }).getByRole('heading').nth(1).waitFor();
  await page.waitForLoadState('networkidle');
  await expectNone(page, 'the sheet of details');
});

test.each([1440, 390])(
  'axe finds nothing wrong on the open phone, light or dark, at %i px',
  async (width) => {
    const page = await owner.open('/inbox', { width, phone: true });
    const phone = page.getByRole(width === 390 ? 'dialog' : 'complementary', { name: 'Phone' });
    await phone.getByRole('textbox', { name: 'Text message' }).waitFor();
    await page.waitForLoadState('networkidle');
    await expectNone(page, `the phone at ${width} px`);
  },
);

test.each([1440, 390])(
  'axe finds nothing wrong on the sign-in page, light or dark, at %i px',
  async (width) => {
    const page = await stage.openSignedOut({ width });
    await page.getByRole('heading', { name: 'Sign in to Parley' }).waitFor();
    await expectNone(page, `the sign-in page at ${width} px`);
    await page.getByLabel('E-mail').fill(owner.email);
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('do not fit together').waitFor();
    await expectNone(page, `a refused sign-in at ${width} px`);
  },
);
