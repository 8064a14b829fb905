import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from './harness.ts';

let app: TestApp;
let browser: Browser;

beforeAll(async () => {
  app = await startTestApp();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '',
    // Chromium refuses to sandbox for root, which CI often is.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
});

afterAll(async () => {
  await browser?.close();
  await app?.close();
});

test('the API can be read in a browser, under our own security headers', async () => {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(`${app.url}/api/docs`);
  await page.getByText('/api/v1/health').first().waitFor();
  expect(complaints).toEqual([]);
});

test('the page of the API keeps no key in the browser', async () => {
  const answer = await fetch(`${app.url}/api/docs/static/swagger-initializer.js`);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain('"persistAuthorization":false');
});
