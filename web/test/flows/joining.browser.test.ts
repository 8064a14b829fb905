// Somebody is invited, finds the mail, and is in: with the role that they were given, and no other.
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectAccessible } from './axe.ts';
import { button } from './inbox.ts';
import { type Member, openStage, type Stage } from './stage.ts';

let stage: Stage;
let owner: Member;

beforeAll(async () => {
  stage = await openStage();
  // The mails of the demo are shown in its first workspace.
  const shop = await stage.openShop({ policy: 'off' });
  owner = await shop.member('owner', 'Rosa Diaz');
});
afterEach(async () => {
  expect(stage.takeComplaints()).toEqual([]);
  await stage.clear();
});
afterAll(() => stage?.close());

test('who is invited follows the link of the mail, chooses a password, and is a viewer who may not invite', async () => {
  const email = `ines-${randomUUID()}@example.com`;
  const page = await owner.open('/people');
  await button(page, 'Invite').click();
  const dialog = page.getByRole('dialog', { name: 'Invite' });
  await dialog.getByLabel('E-mail').fill(email);
  await dialog.getByLabel('Role').selectOption('Viewer');
  await expectAccessible(page, 'the form of an invitation');
  await button(page, 'Send invitation').click();
  const invited = page.getByRole('table', { name: 'Invited, and not here yet' }).getByRole('row');
  await invited.filter({ hasText: email }).waitFor();

  await page.goto(`${stage.test.url}/settings?tab=mails`);
  const mail = page.getByRole('article').filter({ hasText: email });
  const link = await mail.getByRole('link').getAttribute('href');
  await expectAccessible(page, 'the mails');

  const theirs = await stage.openSignedOut();
  await theirs.goto(link ?? '');
  await theirs.getByRole('heading', { name: 'Join Harbour Bakery' }).waitFor();
  await theirs.getByText('Rosa Diaz invites you, as Viewer.').waitFor();
  await expectAccessible(theirs, 'an invitation');
  await theirs.getByLabel('Your name').fill('Ines Prado');
  await theirs.getByLabel('Password').fill('short');
  await button(theirs, 'Join').click();
  await theirs.getByRole('alert').filter({ hasText: 'The password is too short.' }).waitFor();
  await theirs.getByLabel('Password').fill('a kettle full of rain');
  await button(theirs, 'Join').click();
  await theirs.getByRole('navigation').getByRole('link', { name: 'Inbox' }).waitFor();

  await theirs.goto(`${stage.test.url}/people`);
  const own = theirs.getByRole('table', { name: 'Members' }).getByRole('row').filter({ hasText: email });
  await own.getByText('Viewer').waitFor();
  expect(await button(theirs, 'Invite').count()).toBe(0);

  // The owner sees them among the members, and the link leads nowhere any more.
  await page.goto(`${stage.test.url}/people`);
  const member = page.getByRole('table', { name: 'Members' }).getByRole('row').filter({ hasText: email });
  await member.getByText('Ines Prado').waitFor();
  await theirs.goto(link ?? '');
  await theirs.getByText(/This link has been used/).waitFor();
}, 120_000);
