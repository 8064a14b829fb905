// Data and privacy as an owner uses it: what a rule would delete, an export, and the erasure of a contact.
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { makeStale } from '../../../server/test/members.ts';
import { expectAccessible } from './axe.ts';
import { button, row, rows } from './inbox.ts';
import { type Member, openStage, type Shop, type Stage } from './stage.ts';

let stage: Stage;
let shop: Shop;
let owner: Member;

beforeAll(async () => {
  stage = await openStage();
});
beforeEach(async () => {
  shop = await stage.openShop({ policy: 'off' });
  owner = await shop.member('owner', 'Rosa Diaz');
});
afterEach(async () => {
  expect(stage.takeComplaints()).toEqual([]);
  await stage.clear();
});
afterAll(() => stage?.close());

const sql = (text: string, values: unknown[]) =>
  stage.test.kernel.database.asSystem((queries) => queries.sql(text, values));

test('what a rule would delete is seen before it is saved; an export shows how far it is, and is fetched', async () => {
  const contact = shop.contact();
  await contact.text('Hello from long ago');
  await contact.conversation();
  await stage.test.settled();
  const { id } = shop.workspace;
  await sql("update messages set created_at = created_at - interval '60 days' where workspace_id = $1", [id]);

  const page = await owner.open('/settings?tab=privacy');
  await page.getByLabel('Messages', { exact: true }).selectOption('30 days');
  await page.getByText('See what would go, then save.').waitFor();
  expect(await button(page, 'Save').isDisabled()).toBe(true);
  await button(page, 'See what would go').click();
  await page.getByRole('row', { name: /^Messages 1 / }).waitFor();
  await button(page, 'Save').click();
  await page.getByText('Saved. What is older goes tonight.').first().waitFor();

  await button(page, 'Export the workspace').click();
  const once = page.getByRole('dialog', { name: 'The passphrase of this export' });
  expect(await once.getByLabel('Passphrase').inputValue()).toMatch(/^(\w{5}-){4}\w{5}$/);
  await button(page, 'I have kept it').click();
  await stage.test.settled();
  // As it is while a larger one is being written.
  await sql("update exports set state = 'running', done = 1, total = 4 where workspace_id = $1", [id]);
  await page.reload();
  const progress = page.getByRole('progressbar', { name: 'The workspace' });
  await progress.waitFor();
  expect(await progress.getAttribute('aria-valuenow')).toBe('25');
  await page.getByText('1 of 4 records').waitFor();
  await expectAccessible(page, 'data and privacy with an export under way');
  await sql("update exports set state = 'done', done = 4 where workspace_id = $1", [id]);
  const downloading = page.waitForEvent('download');
  await button(page, 'Download').click();
  const file = await readFile(await (await downloading).path());
  expect(file.subarray(0, 2).toString()).toBe('PK');
}, 120_000);

test('a contact is erased after a question and a proof of who asks, and what was found afterwards is told', async () => {
  const contact = shop.contact();
  await contact.text('Forget everything about me');
  const { id } = await contact.conversation();
  await stage.test.settled();
  await makeStale(stage.test, owner.userId);

  const page = await owner.open(`/inbox/${id}`);
  await button(page, 'Erase').click();
  const question = page.getByRole('dialog', { name: 'Erase this contact?' });
  await question.getByText(/^\d+ records and 0 files go:/).waitFor();
  await expectAccessible(page, 'the question before an erasure');
  await question.getByRole('button', { name: 'Erase' }).click();
  const proof = page.getByRole('dialog', { name: 'Confirm that it is you' });
  await proof.getByLabel('Password').fill('not the password');
  await button(page, 'Confirm').click();
  await proof.getByRole('alert').filter({ hasText: /./ }).waitFor();
  await expectAccessible(page, 'a proof that was refused');
  await proof.getByLabel('Password').fill(owner.password);
  await button(page, 'Confirm').click();
  await page
    .getByText(/^The contact is being erased\./)
    .first()
    .waitFor();
  await row(page, contact.name).waitFor({ state: 'detached' });
  expect(await rows(page).count()).toBe(0);

  await page.goto(`${stage.test.url}/settings?tab=privacy`);
  await page.getByText(/Searched afterwards: nothing found/).waitFor();
}, 120_000);
