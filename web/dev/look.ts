// Takes pictures of the web app as it stands in the working tree, signed in to a demo of its own:
//
//   node web/dev/look.ts --path /inbox --path /settings --width 1440,390 --theme light,dark --out /tmp/look
//
// `--url` (with --email and --password) looks at a Parley that runs already, as it was built. Prints the files, and what
// the browser complained about. Needs Node 24 (node_modules/.bin/node) and a Chromium (CHROMIUM_PATH, or on the PATH).
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../scripts/chromium.ts';
import { type Demo, startDemo } from './demo.ts';

const usage = `node web/dev/look.ts [options]

  --path /inbox       where to look; may be repeated
  --width 1440,390    of the window, in pixels (the height follows)
  --theme light,dark
  --language en       en, es or pt
  --press "g s"       keys to press before the picture, parted by spaces; may be repeated
  --click "Archive"   the name of a button or link to press before the picture; may be repeated
  --wait-for "text"   what must be on the page before the picture
  --tour              with the tour that a newcomer is offered
  --full              the whole height of the page
  --out /tmp/look     the folder
  --url, --email, --password   a Parley that runs already
`;

const heights = new Map([[390, 844]]);
const heightDefault = 900;

const { values } = parseArgs({
  options: {
    path: { type: 'string', multiple: true, default: ['/inbox'] },
    width: { type: 'string', default: '1440' },
    theme: { type: 'string', default: 'light' },
    language: { type: 'string', default: 'en' },
    press: { type: 'string', multiple: true, default: [] },
    click: { type: 'string', multiple: true, default: [] },
    'wait-for': { type: 'string' },
    tour: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    out: { type: 'string', default: '/tmp/look' },
    url: { type: 'string' },
    email: { type: 'string', default: 'owner@parley.local' },
    password: { type: 'string', default: '' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}

async function signIn(context: BrowserContext, { url, email, password }: Omit<Demo, 'stop'>): Promise<void> {
  const answer = await context.request.post(`${url}/api/auth/sign-in/email`, {
    data: { email, password },
    headers: { origin: url },
  });
  if (!answer.ok()) throw new Error(`could not sign in: ${answer.status()} ${await answer.text()}`);
  await context.request.put(`${url}/api/v1/auth/preferences`, {
    data: { tourDone: !values.tour },
    headers: { origin: url },
  });
}

async function act(page: Page): Promise<void> {
  for (const keys of values.press) for (const key of keys.split(' ')) await page.keyboard.press(key);
  for (const name of values.click) {
    await page.getByRole('button', { name }).or(page.getByRole('link', { name })).first().click();
  }
  if (values['wait-for']) await page.getByText(values['wait-for']).first().waitFor();
  // Quiet: nothing is asked of the server, and what moves has come to rest.
  await page.waitForLoadState('networkidle').catch(() => undefined);
  await page.waitForTimeout(400);
}

const executablePath = findChromium();
if (!executablePath) throw new Error('no Chromium: set CHROMIUM_PATH');
const demo: Demo = values.url
  ? { url: values.url, email: values.email, password: values.password, stop: async () => undefined }
  : await startDemo();
const browser = await chromium.launch({
  executablePath,
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
try {
  await mkdir(values.out, { recursive: true });
  for (const width of values.width.split(',').map(Number)) {
    for (const theme of values.theme.split(',')) {
      const context = await browser.newContext({
        viewport: { width, height: heights.get(width) ?? heightDefault },
        colorScheme: theme === 'dark' ? 'dark' : 'light',
        locale: values.language,
        hasTouch: width <= 640,
        deviceScaleFactor: width <= 640 ? 2 : 1,
      });
      await signIn(context, demo);
      for (const path of values.path) {
        const page = await context.newPage();
        page.on('console', (message) => {
          if (message.type() === 'error') console.log(`${path}: ${message.text()}`);
        });
        page.on('pageerror', (error) => console.log(`${path}: ${error.message}`));
        await page.goto(demo.url + path);
        await page.locator('h1, main').first().waitFor();
        await act(page);
        const name = `${path.replaceAll(/\W+/g, '-').replace(/^-/, '') || 'home'}-${width}-${theme}-${values.language}.png`;
        await page.screenshot({ path: join(values.out, name), fullPage: values.full });
        console.log(join(values.out, name));
        await page.close();
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
  await demo.stop();
}
