import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createInstallation, type Installation, type RunningServer } from '../../../server/test/process.ts';

const email = 'owner@parley.local';
const password = 'a password of this test';

let installation: Installation;
let server: RunningServer;
let browser: Browser;

beforeAll(async () => {
  installation = await createInstallation({ PARLEY_OWNER_EMAIL: email, PARLEY_OWNER_PASSWORD: password });
  [server, browser] = await Promise.all([
    installation.start(),
    chromium.launch({
      executablePath: process.env.CHROMIUM_PATH ?? '',
      // Chromium refuses to sandbox for root, which CI often is.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    }),
  ]);
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await installation?.remove();
});

/** @returns the page, and what the browser complained about */
async function open(path: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ locale: 'en' });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(server.url + path);
  return { page, complaints };
}

async function signIn(page: Page, word = password): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(word);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test('a newcomer signs in and arrives where they wanted to go, under our own policy', async () => {
  const { page, complaints } = await open('/channels');
  await signIn(page);
  await page.getByRole('heading', { level: 1, name: 'Channels' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/channels');
  await page.getByRole('link', { name: 'Inbox' }).click();
  await page.waitForURL('**/inbox');
  expect(complaints).toEqual([]);
  await page.close();
});

test('a wrong password says so beside the field, and what was typed stays', async () => {
  const { page } = await open('/');
  await signIn(page, 'another password');
  await page.getByText('This e-mail address and password do not fit together.').waitFor();
  expect(await page.getByLabel('E-mail').inputValue()).toBe(email);
  await page.close();
});

test('who signs out sees the sign-in, and nothing of before', async () => {
  const { page } = await open('/people');
  await signIn(page);
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to Parley' }).waitFor();
  expect(await page.getByRole('navigation').count()).toBe(0);
  await page.close();
});

test('a forgotten password is replaced by the link of a mail, which the demo shows', async () => {
  const { page, complaints } = await open('/');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByLabel('E-mail').fill(email);
  await page.keyboard.press('Enter');
  await page.getByText('If an account has this address').waitFor();
  await page.getByRole('link', { name: 'Back to the sign-in' }).click();
  await signIn(page);
  await page.getByRole('navigation').first().waitFor();
  await page.goto(`${server.url}/settings?tab=mails`);
  await page.getByRole('link', { name: /reset-password#token=/ }).click();
  const next = 'harbour lights at nine';
  await page.getByRole('textbox', { name: 'New password' }).fill('short');
  await page.keyboard.press('Enter');
  await page.getByText('The password is too short.').waitFor();
  await page.getByRole('textbox', { name: 'New password' }).fill(next);
  await page.keyboard.press('Enter');
  await page.getByText('Your password is changed.').waitFor();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Sign in to Parley' }).waitFor();
  await signIn(page, next);
  await page.getByRole('navigation').first().waitFor();
  // The browser tells of every answer that is no success: one password was too short, one session was over.
  expect(complaints.filter((line) => !/status of 40[01]/.test(line))).toEqual([]);
  await page.close();
});

test('a link that is not whole says so, and leads to another one', async () => {
  const { page } = await open('/reset-password');
  await page.getByText('This link has been used').waitFor();
  await page.getByRole('link', { name: 'Ask for another link' }).click();
  await page.getByRole('heading', { name: 'A new password' }).waitFor();
  await page.goto(`${server.url}/confirm-email#token=nonsense`);
  await page.getByRole('button', { name: 'Confirm' }).press('Enter');
  await page.getByText('This link has been used').waitFor();
  await page.close();
});
