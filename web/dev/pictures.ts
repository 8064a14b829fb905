// Takes the pictures of docs/pictures from the demo as a newcomer has it: every page, wide and narrow, light and dark.
//
//   node scripts/build-web.mjs && node web/dev/pictures.ts [name …]
//
// Needs Node 24 (node_modules/.bin/node) and a Chromium (CHROMIUM_PATH, or on the PATH).
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../scripts/chromium.ts';
import { type Demo, startDemo } from './demo.ts';

const folder = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));
const widths = [1440, 390];
const telephoneWidthMax = 640;
const themes = ['light', 'dark'] as const;

/** Pages for who has not signed in. */
const entrances = [
  { name: 'sign-in', path: '/', heading: 'Sign in to Parley' },
  { name: 'sign-up', path: '/sign-up', heading: 'Make an account' },
  { name: 'invitation', path: '/invitation', heading: 'Join Parley' },
];

interface Picture {
  readonly name: string;
  readonly path: string;
  /** What must be there before the picture is taken. */
  readonly shows: string | RegExp;
  /** The name of a conversation to open first. */
  readonly conversation?: string;
  readonly phone?: boolean;
  readonly press?: string;
  /** The heading of the part of the page to look at. */
  readonly part?: string;
}

const pictures: readonly Picture[] = [
  { name: 'inbox', path: '/inbox', shows: 'Emma Clarke' },
  { name: 'conversation', path: '/inbox', shows: /gluten-free/, conversation: 'Emma Clarke' },
  {
    name: 'phone',
    path: '/inbox',
    shows: 'Text the shop as its customer.',
    conversation: 'Emma Clarke',
    phone: true,
  },
  { name: 'channels', path: '/channels', shows: 'The shop’s number' },
  { name: 'assistant', path: '/assistant/behaviour', shows: 'How far it may go' },
  { name: 'knowledge', path: '/assistant/knowledge', shows: 'Harbour Bakery: questions and answers' },
  { name: 'intents', path: '/assistant/intents', shows: 'Opening hours' },
  { name: 'models', path: '/assistant/models', shows: 'Price list' },
  { name: 'routing', path: '/assistant/routing', shows: 'Where would this go, and why?' },
  { name: 'spending', path: '/assistant/spending', shows: 'What was spent each day?' },
  { name: 'runs', path: '/assistant/runs', shows: 'Emma Clarke' },
  { name: 'tools', path: '/assistant/tools', shows: 'Come with Parley' },
  { name: 'cases', path: '/assistant/cases', shows: 'Cases' },
  { name: 'shadow', path: '/assistant/shadow', shows: 'Shadow runs' },
  { name: 'playground', path: '/assistant/try', shows: 'Try it' },
  { name: 'chat', path: '/chat/new', shows: 'What can I help you with?' },
  { name: 'analytics', path: '/analytics', shows: /came most/ },
  { name: 'people', path: '/people', shows: 'owner@parley.local' },
  { name: 'roles', path: '/people?tab=roles', shows: 'See conversations and messages' },
  { name: 'keys', path: '/people?tab=keys', shows: 'API keys' },
  { name: 'audit', path: '/people?tab=audit', shows: 'Who did what to what' },
  { name: 'settings', path: '/settings', shows: 'Language and look' },
  { name: 'mails', path: '/settings?tab=mails', shows: 'What Parley would send by mail' },
  { name: 'workspace', path: '/settings?tab=workspace', shows: 'Time zone' },
  {
    name: 'single-sign-on',
    path: '/settings?tab=workspace',
    shows: 'Redirect address',
    part: 'Single sign-on',
  },
  { name: 'phone-numbers', path: '/settings', shows: 'Add number', part: 'Phone numbers' },
  { name: 'second-factors', path: '/settings', shows: 'Authenticator app', part: 'Second factor' },
  { name: 'sessions', path: '/settings', shows: 'This device', part: 'Where you are signed in' },
  { name: 'privacy', path: '/settings?tab=privacy', shows: 'Nothing was exported yet.' },
  { name: 'exports', path: '/settings?tab=privacy', shows: 'Nothing was exported yet.', part: 'Exports' },
  { name: 'palette', path: '/inbox', shows: 'Emma Clarke', press: 'Control+k' },
];

async function signIn(context: BrowserContext, { url, email, password }: Demo): Promise<void> {
  const headers = { origin: url };
  const answer = await context.request.post(`${url}/api/auth/sign-in/email`, {
    data: { email, password },
    headers,
  });
  if (!answer.ok()) throw new Error(`could not sign in: ${answer.status()} ${await answer.text()}`);
  await context.request.put(`${url}/api/v1/auth/preferences`, { data: { tourDone: true }, headers });
}

function openContext(browser: Browser, width: number, theme: 'light' | 'dark'): Promise<BrowserContext> {
  const isTelephone = width <= telephoneWidthMax;
  return browser.newContext({
    viewport: { width, height: isTelephone ? 844 : 900 },
    hasTouch: isTelephone,
    colorScheme: theme,
    reducedMotion: 'reduce',
    locale: 'en-US',
    deviceScaleFactor: 1,
  });
}

async function arrange(page: Page, picture: Picture, isNarrow: boolean): Promise<void> {
  const { conversation, shows, press, phone, part } = picture;
  // The stories of the demo are still being told at first.
  if (conversation) await page.getByRole('link', { name: conversation }).first().click();
  if (conversation)
    await page
      .getByRole('log', { name: /^Conversation with/ })
      .getByRole('article')
      .last()
      .waitFor();
  if (isNarrow && phone) {
    await page.goto(new URL('/inbox', page.url()).href);
    await page.getByRole('button', { name: 'More', exact: true }).last().click();
    await page.getByRole('menuitem', { name: 'Open the phone' }).click();
    await page.getByRole('dialog', { name: 'Phone' }).waitFor();
  } else await page.getByText(shows).first().waitFor();
  if (press) {
    await page.keyboard.press(press);
    await page.getByRole('dialog').waitFor();
  }
  await page.waitForLoadState('networkidle');
  if (part) {
    const heading = page.getByRole('heading', { name: part, exact: true });
    await heading.evaluate((element) => element.closest('section')?.scrollIntoView());
  }
}

const executablePath = findChromium();
if (!executablePath) throw new Error('no Chromium: set CHROMIUM_PATH');
const wanted = new Set(process.argv.slice(2));
const chosen = pictures.filter(({ name }) => wanted.size === 0 || wanted.has(name));
await mkdir(folder, { recursive: true });
const demo = await startDemo({ built: true });
const browser = await chromium.launch({
  executablePath,
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
try {
  await untilStoriesAreTold(browser, demo);
  for (const width of widths) {
    for (const theme of themes) {
      const context = await openContext(browser, width, theme);
      await takeEntrances(context, width, theme);
      await signIn(context, demo);
      for (const picture of chosen) {
        const page = await context.newPage();
        const state = { phoneOpen: picture.phone === true && width > telephoneWidthMax };
        const screen = JSON.stringify({ state, version: 0 });
        await page.addInitScript(`localStorage.setItem('parley.screen', ${JSON.stringify(screen)})`);
        await page.goto(demo.url + picture.path);
        await arrange(page, picture, width <= telephoneWidthMax);
        await keep(page, picture.name, width, theme);
        await page.close();
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
  await demo.stop();
}

async function takeEntrances(context: BrowserContext, width: number, theme: string): Promise<void> {
  for (const { name, path, heading } of entrances) {
    if (wanted.size > 0 && !wanted.has(name)) continue;
    const page = await context.newPage();
    await page.goto(demo.url + path);
    await page.getByRole('heading', { name: heading }).waitFor();
    await keep(page, name, width, theme);
    await page.close();
  }
}

async function keep(page: Page, name: string, width: number, theme: string): Promise<void> {
  const file = join(folder, `${name}-${width}-${theme}.png`);
  await page.screenshot({ path: file });
  console.log(file);
}

/** The last thing that they do is to give every contact a name. */
async function untilStoriesAreTold(browserOfAll: Browser, of: Demo): Promise<void> {
  const context = await openContext(browserOfAll, 1440, 'light');
  await signIn(context, of);
  const page = await context.newPage();
  await page.goto(`${of.url}/inbox`);
  for (const name of ['Emma Clarke', 'Lucía Ortega', 'João Almeida', 'Marcus Webb', 'Carmen Ruiz']) {
    await page.getByRole('link', { name }).first().waitFor({ timeout: 60_000 });
  }
  await context.close();
}
