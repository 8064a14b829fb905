// A member's second factors as they use them: an app, and a passkey of the browser's virtual authenticator.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../server/src/core/clock.ts';
import { createInstallation, type Installation, type RunningServer } from '../../../server/test/process.ts';
import { authenticator } from '../../../server/test/second-factor.ts';

const email = 'owner@parley.local';
const password = 'a password of this test';
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let installation: Installation;
let server: RunningServer;
let browser: Browser;

// For each try: what an earlier one set up is asked for.
beforeEach(async () => {
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
afterEach(async () => {
  await browser?.close();
  await server?.stop();
  await installation?.remove();
});

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

async function findings(page: Page): Promise<unknown> {
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(axe);
  return page.evaluate(
    'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))',
  );
}

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await button(page, 'Sign in').click();
}

test('a member sets up an app and a passkey, and signs in with a code, and with the passkey alone', async () => {
  const page = await browser.newPage({ locale: 'en' });
  page.setDefaultTimeout(20_000);
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const origin = server.url.replace('127.0.0.1', 'localhost');
  await page.goto(`${origin}/settings`);
  await signIn(page);
  await button(page, 'Set up an app').click();
  const secret = await page.getByRole('textbox', { name: /secret/ }).inputValue();
  await page.getByRole('img', { name: /QR code/ }).waitFor();
  const app = authenticator(secret, systemClock);
  await page.getByLabel('The code that the app shows now').fill(app.code());
  expect(await findings(page)).toEqual([]);
  await button(page, 'Turn on').click();
  await page.getByRole('dialog', { name: 'Keep these codes' }).waitFor();
  const codes = await page.getByRole('list', { name: 'Backup codes' }).getByRole('listitem').allInnerTexts();
  expect(codes).toHaveLength(10);
  expect(await findings(page)).toEqual([]);
  await button(page, 'I have kept them').click();

  await button(page, 'Add a passkey').click();
  await page.getByLabel('Name', { exact: true }).last().fill('Work laptop');
  await page.getByRole('dialog').getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('list', { name: 'Passkeys' }).getByText('Work laptop').waitFor();
  expect(await findings(page)).toEqual([]);

  /** Whether somebody is at the authenticator: it takes what the page offers by itself otherwise. */
  const present = (enabled: boolean) =>
    session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
  await present(false);
  await page.context().clearCookies();
  await page.goto(`${origin}/settings`);
  await signIn(page);
  await page.getByRole('heading', { name: 'One more step' }).waitFor();
  expect(await findings(page)).toEqual([]);
  await page.getByRole('textbox', { name: 'Code' }).fill('000000');
  await button(page, 'Continue').click();
  await page.getByText('This code is wrong, or was used before.').waitFor();
  await button(page, 'Use a backup code').click();
  await page.getByRole('textbox', { name: 'Backup code' }).fill(codes[0] ?? '');
  await button(page, 'Continue').click();
  await page.getByText('9 codes left').waitFor();

  await page.context().clearCookies();
  await page.goto(`${origin}/settings`);
  await button(page, 'Sign in with a passkey').click();
  // Not before: the offer within the field would take it, and the button with it.
  await present(true);
  await page.getByRole('list', { name: 'Passkeys' }).getByText('Work laptop').waitFor();

  // And within the field, without a press.
  await page.context().clearCookies();
  await page.goto(`${origin}/settings`);
  await page.getByRole('list', { name: 'Passkeys' }).getByText('Work laptop').waitFor();
}, 120_000);
