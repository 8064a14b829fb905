// A company's own sign-in, set up in the settings against a real OpenID provider, and entered by.
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type IdentityProvider, startIdentityProvider } from '../../../server/test/identity-provider.ts';
import { expectAccessible } from './axe.ts';
import { button } from './inbox.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
let provider: IdentityProvider;

beforeAll(async () => {
  [stage, provider] = await Promise.all([
    openStage({ EGRESS_ALLOW_SSO_HOSTS: '127.0.0.1' }),
    startIdentityProvider(),
  ]);
});
afterEach(async () => {
  expect(stage.takeComplaints()).toEqual([]);
  await stage.clear();
});
afterAll(async () => {
  await stage?.close();
  await provider?.close();
});

test('an owner sets single sign-on up, and a colleague of the company comes in by it as an agent', async () => {
  const shop = await stage.openShop({ policy: 'off' });
  const owner = await shop.member('owner', 'Rosa Diaz');
  const domain = `${randomUUID()}.example`;
  await stage.test.kernel.database.asSystem((queries) =>
    queries.sql('update users set email = $2 where id = $1', [owner.userId, `rosa@${domain}`]),
  );
  const page = await owner.open('/settings?tab=workspace');
  const field = (name: string) => page.getByRole('textbox', { name, exact: true });
  provider.sendBackTo([await field('Redirect address').inputValue()]);
  await field('Issuer').fill(provider.issuer);
  await field('Client ID').fill(provider.clientId);
  await page.getByLabel('Client secret').fill('another secret');
  await button(page, 'Test').click();
  await page.getByText(/does not know this client, or has another secret/).waitFor();
  await page.locator('input[type=password][aria-invalid=true]:focus').waitFor();
  // Only the page scrolls to it, and nothing around it.
  const around = 'document.documentElement.scrollHeight <= document.documentElement.clientHeight';
  expect(await page.evaluate(around)).toBe(true);
  await expectAccessible(page, 'single sign-on that is refused');
  await page.getByLabel('Client secret').fill(provider.clientSecret);
  await button(page, 'Test').click();
  await page.getByText('The identity provider answers, and knows this client.').waitFor();
  await field('Domains of your addresses').fill(`${domain}, gmail.com`);
  await page.getByLabel('Who comes for the first time').selectOption('Becomes a member: agent');
  const save = page
    .locator('form')
    .filter({ has: field('Issuer') })
    .getByRole('button', { name: 'Save' });
  await save.click();
  await page.getByText('No owner or admin here has a confirmed address in gmail.com').waitFor();
  await field('Domains of your addresses').fill(domain);
  await save.click();
  await page.getByText('Single sign-on is set.').first().waitFor();
  await button(page, 'Remove').waitFor();

  const come = async (email: string, isConfirmed: boolean) => {
    provider.person = { sub: randomUUID(), email, email_verified: isConfirmed, name: 'Ana Lima' };
    const theirs = await stage.openSignedOut();
    await theirs.getByLabel('E-mail').fill(email);
    await button(theirs, 'Continue with your company').click();
    return theirs;
  };
  const stranger = await come(`eve@${domain}`, false);
  await stranger.getByText('Your company did not confirm your e-mail address.').waitFor();
  await expectAccessible(stranger, 'a company’s sign-in that was refused');

  const email = `ana@${domain}`;
  const theirs = await come(email, true);
  await theirs.getByRole('navigation').getByRole('link', { name: 'Inbox' }).waitFor();
  await theirs.goto(`${stage.test.url}/people`);
  const own = theirs.getByRole('table', { name: 'Members' }).getByRole('row').filter({ hasText: email });
  await own.getByText('Agent', { exact: true }).waitFor();
}, 120_000);
