// What a member waits for in the browser: the bytes of the first route, the first paint that counts, and the answer to what
// they do, in a real Chromium that is slowed down four times, on the demo workspace.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../scripts/chromium.ts';
import { embeddedEnvironment } from './footprint.ts';
import { freePort, root, startScript } from './processes.ts';
import { type Figure, figure } from './result.ts';

const rounds = 5;
const slowDown = 4;
const email = 'bench@parley.local';
const password = 'only for the benchmark';
const patienceMs = 30_000;
/** Of the demo's stories: a conversation that goes to its end, and can be answered. */
const contactName = 'Emma Clarke';

/** What a member does all day; each is done several times in a round, with the keys and presses of a person. */
const doings = {
  open: async (page: Page, settle: Settle) => {
    for (const index of [0, 1, 2, 3]) {
      await rows(page).nth(index).click();
      await settle();
    }
    // Who can be answered.
    await rows(page).filter({ hasText: contactName }).click();
    await settle();
    await composeBox(page).waitFor();
  },
  type: async (page: Page, settle: Settle) => {
    await composeBox(page).focus();
    for (const letter of 'We open at eight, see you then') {
      await page.keyboard.press(letter === ' ' ? 'Space' : letter);
      await settle();
    }
    await page.keyboard.press('Escape');
    await settle();
  },
  walk: async (page: Page, settle: Settle) => {
    for (const key of 'jjjkjjjkjjkk') {
      await page.keyboard.press(key);
      await settle();
    }
  },
  palette: async (page: Page, settle: Settle) => {
    for (const key of ['Control+k', 'p', 'e', 'o', 'ArrowDown', 'Escape']) {
      await page.keyboard.press(key);
      await settle();
      // What is typed before it has the focus would be shortcuts: `e` archives what the next round opens.
      if (key === 'Control+k') await page.locator('[role=combobox]:focus').waitFor();
    }
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  },
  filter: async (page: Page, settle: Settle) => {
    const places = page.getByRole('navigation', { name: 'Places' });
    for (const place of ['Mine', 'Nobody’s', 'Open']) {
      await places.getByRole('link', { name: place }).click();
      await settle();
    }
  },
} as const;
type Doing = keyof typeof doings;
const doingNames = Object.keys(doings) as Doing[];

/** Waits until what was done is on the screen. */
type Settle = () => Promise<void>;

const rows = (page: Page) => page.getByRole('list', { name: 'Conversations', exact: true }).getByRole('link');
/** Of that conversation: what is typed while another one's goes would be shortcuts, and `e` archives. */
const composeBox = (page: Page) =>
  page.getByRole('textbox', { name: new RegExp(`^Reply to ${contactName}`) });

/** What the page's own clock measured, in milliseconds. */
interface Vitals {
  readonly paintedMs: number;
  /** Of each reported interaction, when it began and how long it took to be on the screen. */
  readonly interactions: readonly { readonly atMs: number; readonly durationMs: number }[];
}

/**
 * Runs in the page before anything of it, and is text because it is the browser's and not Node's:
 * https://web.dev/articles/lcp, https://web.dev/articles/inp
 */
const observe = `
  const vitals = { paintedMs: 0, interactions: [] };
  globalThis.parleyVitals = vitals;
  new PerformanceObserver((list) => {
    vitals.paintedMs = list.getEntries().at(-1)?.startTime ?? vitals.paintedMs;
  }).observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((list) => {
    for (const { interactionId, startTime, duration } of list.getEntries())
      if (interactionId) vitals.interactions.push({ atMs: startTime, durationMs: duration });
  }).observe({ type: 'event', buffered: true, durationThreshold: 16 });
`;

/** Two frames, and a task after them in which the observers are told of the first. */
const untilPainted = `new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))`;

/** Without the tour: its dialog would take the keys that are measured. */
async function signIn(context: BrowserContext, url: string): Promise<void> {
  const headers = { origin: url };
  const answers = [
    await context.request.post(`${url}/api/auth/sign-in/email`, { data: { email, password }, headers }),
    await context.request.put(`${url}/api/v1/auth/preferences`, { data: { tourDone: true }, headers }),
  ];
  for (const answer of answers)
    if (!answer.ok()) throw new Error(`${answer.url()} was answered ${answer.status()}`);
}

/** A newcomer's browser: nothing is cached. The service worker would serve the second visit. */
const openContext = (browser: Browser) =>
  browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US', serviceWorkers: 'block' });

/** When the page paints what it is for, and how soon it answers to everything that is done with it. */
async function measureVitals(browser: Browser, url: string) {
  const context = await openContext(browser);
  await signIn(context, url);
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowDown });
  await page.addInitScript({ content: observe });
  await page.goto(`${url}/inbox`, { waitUntil: 'networkidle' });
  await rows(page).first().waitFor();
  const settle = async () => {
    await page.evaluate(untilPainted);
  };
  const began: { readonly doing: Doing; readonly atMs: number }[] = [];
  for (const doing of doingNames) {
    began.push({ doing, atMs: await page.evaluate<number>('performance.now()') });
    await doings[doing](page, settle);
  }
  await settle();
  const { paintedMs, interactions } = await page.evaluate<Vitals>('parleyVitals');
  await context.close();
  const slowest = Object.fromEntries(doingNames.map((doing) => [doing, unreportedMs])) as Record<
    Doing,
    number
  >;
  for (const { atMs, durationMs } of interactions) {
    const doing = began.findLast((each) => each.atMs <= atMs)?.doing;
    if (doing) slowest[doing] = Math.max(slowest[doing], durationMs);
  }
  return { paintedMs, slowest };
}

/** What takes less is not reported by the browser. */
const unreportedMs = 16;

/** Waits for the demo's stories to be told, and finds the one to answer. */
async function findConversation(browser: Browser, url: string): Promise<string> {
  const context = await openContext(browser);
  await signIn(context, url);
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  await page.goto(`${url}/inbox`);
  await rows(page).filter({ hasText: contactName }).click();
  await composeBox(page).waitFor();
  const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  await context.close();
  return id;
}

/** The script that was loaded until a conversation could be answered, and until nothing more came; gzip, in bytes. */
async function measureScript(
  browser: Browser,
  url: string,
  conversationId: string,
): Promise<{ ready: number; all: number }> {
  const context = await openContext(browser);
  await signIn(context, url);
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  const scripts: { readonly url: string; readonly bytes: Promise<number> }[] = [];
  page.on('response', (response) => {
    const path = new URL(response.url()).pathname;
    if (!path.endsWith('.js')) return;
    scripts.push({ url: path, bytes: response.body().then((body) => gzipSync(body, { level: 9 }).length) });
  });
  const size = async () =>
    (await Promise.all(scripts.map(({ bytes }) => bytes))).reduce((sum, bytes) => sum + bytes, 0);
  await page.goto(`${url}/inbox/${conversationId}`, { waitUntil: 'commit' });
  await composeBox(page).waitFor();
  const ready = await size();
  await page.waitForLoadState('networkidle');
  const all = await size();
  await context.close();
  return { ready, all };
}

async function measure(url: string, executablePath: string): Promise<Figure[]> {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const script = await measureScript(browser, url, await findConversation(browser, url));
    const painted: number[] = [];
    const slowest: Record<Doing, number>[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const vitals = await measureVitals(browser, url);
      painted.push(vitals.paintedMs);
      slowest.push(vitals.slowest);
    }
    const cpu = `CPU ÷ ${slowDown}`;
    return [
      figure('web-script', 'KiB', 'script until a conversation can be answered, gzip', [script.ready / 1024]),
      figure('web-script-idle', 'KiB', 'with what comes when the browser is idle', [script.all / 1024]),
      figure('web-lcp', 'ms', `largest contentful paint of the inbox, ${cpu}; goal ≤ 1200`, painted),
      figure(
        'web-inp',
        'ms',
        `slowest of all that is done, ${cpu}; goal ≤ 50`,
        slowest.map((round) => Math.max(...Object.values(round))),
      ),
      ...doingNames.map((doing) =>
        figure(
          `web-inp-${doing}`,
          'ms',
          `slowest of it, ${cpu}`,
          slowest.map((round) => round[doing]),
        ),
      ),
    ];
  } finally {
    await browser.close();
  }
}

/** @throws Error where no Chromium is installed, or the web app was not built */
export async function web(): Promise<Figure[]> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('The web app is measured in a Chromium, and none was found.');
  if (!readdirSync(join(root, 'web')).includes('dist'))
    throw new Error('Build the web app first: npm run build');
  const data = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const running = await startScript(
    'server/src/main.ts',
    [],
    { ...embeddedEnvironment(data, port), PUBLIC_URL: url, PARLEY_OWNER_EMAIL: email },
    url,
    '/readyz',
  );
  try {
    return await measure(url, executablePath);
  } finally {
    await running.kill();
    rmSync(data, { recursive: true, force: true });
  }
}
