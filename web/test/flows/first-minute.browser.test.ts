import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createInstallation, type Installation, type RunningServer } from '../../../server/test/process.ts';
import { button, handset, rows, thread } from './inbox.ts';
import { openBrowser, patienceMs } from './stage.ts';

let installation: Installation;
let server: RunningServer;
let browser: Browser;

beforeAll(async () => {
  installation = await createInstallation();
  [server, browser] = await Promise.all([installation.start(), openBrowser()]);
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await installation?.remove();
});

test('a newcomer signs in with the printed password, texts from the phone, and sees the answer arrive on both sides', async () => {
  const password = /Password +(\S+) +\(shown this once\)/.exec(server.said())?.[1] ?? '';
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US' });
  context.setDefaultTimeout(patienceMs);
  const page = await context.newPage();
  await page.goto(server.url);
  await page.getByRole('textbox', { name: 'E-mail' }).fill('owner@parley.local');
  await page.getByLabel('Password').fill('not the password');
  await button(page, 'Sign in').click();
  await page.getByText('do not fit together').waitFor();
  await page.getByLabel('Password').fill(password);
  await button(page, 'Sign in').click();

  // The tour is offered, and can be skipped.
  await button(page, 'Skip the tour').click();
  const { phone, texts, suggestion } = handset(page);
  await phone.waitFor();

  // The stories of the demo have come to their end, so that what moves is the newcomer's doing.
  await rows(page).filter({ hasText: 'Emma Clarke' }).waitFor();
  await suggestion('How much is a birthday cake for 12?').click();
  await texts.getByText(/for 12 people \$52/).waitFor();

  const first = rows(page).first();
  await first.filter({ hasText: 'Emma Clarke' }).filter({ hasText: '$52' }).waitFor();
  await first.filter({ hasText: 'Delivered' }).waitFor();
  await first.click();
  await thread(page)
    .getByRole('article')
    .filter({ hasText: '$52' })
    .getByRole('button', { name: /^Delivered, / })
    .waitFor();
  expect(await page.title()).toContain('Emma Clarke');
  await context.close();
});
