// What contacts write is text. Whatever it looks like to a browser, nothing of it runs, and nothing is fetched for it.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { button, handset, row, thread } from './inbox.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterEach(async () => {
  expect(stage.takeComplaints()).toEqual([]);
  await stage.clear();
});
afterAll(() => stage?.close());

const strike = 'globalThis.canary=1';
const host = 'https://tracker.example';

/** Each by what it tries; `marker` is plain text of it, by which it is found. */
const hostile: readonly { readonly marker: string; readonly text: string }[] = [
  { marker: 'plain script', text: `plain script <script>${strike}</script>` },
  { marker: 'remote script', text: `remote script <script src="${host}/a.js"></script>` },
  { marker: 'image error', text: `image error <img src=x onerror="${strike}">` },
  { marker: 'remote image', text: `remote image <img src="${host}/pixel.gif">` },
  { marker: 'markdown image', text: `markdown image ![photo](${host}/photo.png)` },
  { marker: 'bare image address', text: `bare image address ${host}/photo.jpg` },
  { marker: 'vector', text: `vector <svg onload="${strike}"><circle r="9"/></svg>` },
  { marker: 'vector by data', text: `vector by data data:image/svg+xml,<svg onload=${strike}>` },
  { marker: 'frame', text: `frame <iframe srcdoc="<script>parent.canary=1</script>"></iframe>` },
  { marker: 'script address', text: `script address javascript:${strike}//` },
  { marker: 'markdown script', text: `markdown script [click me](javascript:${strike})` },
  { marker: 'entity script', text: `entity script &lt;script&gt;${strike}&lt;/script&gt; &#106;avascript:1` },
  { marker: 'data address', text: `data address data:text/html,<script>${strike}</script>` },
  { marker: 'style', text: `style <style>body{background:url(${host}/bg.png)}</style>` },
  { marker: 'preload', text: `preload <link rel="preload" as="image" href="${host}/p.png">` },
  { marker: 'refresh', text: `refresh <meta http-equiv="refresh" content="0;url=${host}">` },
  { marker: 'base', text: `base <base href="${host}/"><form action="${host}"><button>Send</button></form>` },
  { marker: 'template', text: 'template {{constructor.constructor("globalThis.canary=1")()}} <%= 7*7 %>' },
  { marker: 'quote break', text: `quote break "><img src=x onerror=${strike}><"` },
  { marker: 'right to left', text: 'right to left \u202Egpj.exe\u202C and \u2066isolated\u2069 \u200Fend' },
  { marker: 'zero width', text: 'zero width p\u200Ba\u200Cy\u200Dp\uFEFFal \u2060 done' },
  { marker: 'control', text: 'control \u0001\u0002\u0007\u001B[31mred\u001B[0m \uFFFE\uFFFF done' },
  { marker: 'combining', text: `combining Z${'\u0351\u036B\u0343'.repeat(60)}algo` },
  { marker: 'long word', text: `long word ${'W'.repeat(1200)}` },
  { marker: 'deceiving address', text: 'deceiving address https://bank.example@tracker.example/login' },
  { marker: 'look-alike address', text: 'look-alike address https://pаypal.example/sign-in' },
];

test('nothing that a contact writes is run or fetched, and all of it is shown as it was written', async () => {
  const shop = await stage.openShop({ policy: 'off' });
  const admin = await shop.member('admin');
  const page = await admin.open('/inbox', { phone: true });
  const foreign: string[] = [];
  page.context().on('request', (request) => {
    const url = new URL(request.url());
    if (/^(https?|wss?):$/.test(url.protocol) && url.origin !== stage.test.url) foreign.push(url.href);
  });
  page.context().on('page', (opened) => foreign.push(`a new page: ${opened.url()}`));
  const { texts } = handset(page);
  const emma = '+12025550111';
  for (const { text } of hostile) {
    const { answer } = await stage.simulation.simulator.text({
      from: emma,
      to: shop.channel.address,
      body: text,
    });
    expect(answer?.status, text).toBe(200);
  }
  await stage.test.settled();
  const [conversation] = await shop.conversations();
  const { id } = conversation ?? { id: '' };
  const stored = (await shop.messages(id)).map(({ body }) => body);
  expect(stored).toHaveLength(hostile.length);

  await row(page, '+1 (202) 555-0111').click();
  const articles = thread(page).getByRole('article');
  // Only what is on the screen exists: from the newest up to the oldest.
  await articles.filter({ hasText: 'look-alike address' }).waitFor();
  const onHandset = await texts.textContent();
  expect(await texts.locator('script, img, iframe, style, link, meta, base, form, a').count()).toBe(0);
  for (const { marker, text } of hostile.toReversed()) {
    const article = articles.filter({ hasText: marker }).first();
    await article.scrollIntoViewIfNeeded();
    expect(await article.textContent(), marker).toContain(text);
    const foreignElements = article.locator('script, img, svg circle, iframe, style, link, meta, base, form');
    expect(await foreignElements.count(), marker).toBe(0);
    expect(await article.locator('a').count(), marker).toBe(0);
    expect(onHandset, `${marker} on the handset`).toContain(text);
  }

  // As found by the search, and in the palette.
  await page.getByRole('searchbox', { name: 'Search contacts and messages' }).fill('remote');
  await page.getByRole('link', { name: /remote script/ }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').pressSequentially('vector');
  await page
    .getByRole('option', { name: /vector/ })
    .first()
    .waitFor();
  await page.keyboard.press('Escape');

  expect(await page.evaluate('typeof globalThis.canary')).toBe('undefined');
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  expect(foreign).toEqual([]);
});

test('a contact’s link is opened only after a question that shows where it leads', async () => {
  const shop = await stage.openShop({ policy: 'off' });
  const agent = await shop.member('agent');
  const contact = shop.contact();
  await contact.text('Look: https://bank.example@tracker.example/login and javascript:alert(1)');
  const { id } = await contact.conversation();
  const page = await agent.open(`/inbox/${id}`);
  // What would be opened is noted: nothing here may depend on what is behind the address.
  await page.evaluate('globalThis.opened = []; window.open = (...how) => void globalThis.opened.push(how)');
  const opened = () => page.evaluate('globalThis.opened');
  const link = thread(page).getByRole('button', { name: /tracker\.example/ });
  await link.click();
  const question = page.getByRole('dialog', { name: 'Open this address?' });
  expect(await question.getByText('https://tracker.example/login').textContent()).not.toContain('bank');
  await button(page, 'Cancel').click();
  await question.waitFor({ state: 'hidden' });
  expect(await opened()).toEqual([]);

  await link.click();
  await button(page, 'Open address').click();
  await question.waitFor({ state: 'hidden' });
  expect(await opened()).toEqual([['https://tracker.example/login', '_blank', 'noopener,noreferrer']]);
  expect(
    await thread(page)
      .getByRole('button', { name: /javascript/ })
      .count(),
  ).toBe(0);
});
