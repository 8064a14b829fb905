import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { demoStory } from '../../../server/src/demo.ts';
import { createMember } from '../../../server/src/modules/tenancy/members.ts';
import { button, isMarked, mark, reply, row, thread } from './inbox.ts';
import { openStage, type Shop, type Stage } from './stage.ts';

let stage: Stage;
let shop: Shop;

beforeAll(async () => {
  stage = await openStage();
});
beforeEach(async () => {
  shop = await stage.openShop({ policy: 'off' });
});
afterEach(async () => {
  expect(stage.takeComplaints()).toEqual([]);
  await stage.clear();
});
afterAll(() => stage?.close());

/** How soon a role that was changed must count on every screen. */
const roleMsMax = 5000;

test('two members see each other’s notes and assignments without reloading', async () => {
  const [ada, grace] = [
    await shop.member('agent', 'Ada Lovelace'),
    await shop.member('agent', 'Grace Hopper'),
  ];
  const contact = shop.contact();
  await contact.text('Can I change my order?');
  const { id } = await contact.conversation();
  const [adas, graces] = await Promise.all([ada.open(`/inbox/${id}`), grace.open(`/inbox/${id}`)]);
  await Promise.all([mark(adas), mark(graces), thread(adas).waitFor(), thread(graces).waitFor()]);

  await button(adas, 'Note').click();
  const note = adas.getByRole('textbox', { name: /^Note to colleagues/ });
  await note.pressSequentially('@Grace');
  await adas.getByRole('option', { name: /Grace Hopper/ }).waitFor();
  await note.press('Enter');
  await note.pressSequentially('knows this customer');
  await button(adas, 'Save note').click();
  await thread(graces).getByRole('heading', { name: 'Note by Ada Lovelace' }).waitFor();
  await thread(graces).getByText('knows this customer').waitFor();

  await button(graces, 'Who holds it: Held by the assistant').click();
  await graces.getByRole('menuitemcheckbox', { name: 'Ada Lovelace' }).click();
  await button(adas, 'Who holds it: Held by you').waitFor();
  await thread(adas).getByText('Grace Hopper assigned it to you').waitFor();
  await row(graces, contact.name).filter({ hasText: 'Held by Ada Lovelace' }).waitFor();
  expect(await Promise.all([isMarked(adas), isMarked(graces)])).toEqual([true, true]);
});

test('a colleague who writes is seen writing, and their reply appears', async () => {
  const [ada, grace] = [
    await shop.member('agent', 'Ada Lovelace'),
    await shop.member('agent', 'Grace Hopper'),
  ];
  const contact = shop.contact();
  await contact.text('Do you deliver today?');
  const { id } = await contact.conversation();
  const [adas, graces] = await Promise.all([ada.open(`/inbox/${id}`), grace.open(`/inbox/${id}`)]);
  await Promise.all([thread(adas).waitFor(), thread(graces).waitFor()]);
  await reply(graces).pressSequentially('We do.');
  await adas.getByText('Grace Hopper is writing…').waitFor();
  await reply(graces).press('Enter');
  await thread(adas).getByText('We do.').waitFor();
  await button(adas, 'Who holds it: Held by Grace Hopper').waitFor();
});

test('a role that is taken away while connected takes the buttons with it within five seconds', async () => {
  const agent = await shop.member('agent');
  const contact = shop.contact();
  await contact.text('Hello?');
  const { id } = await contact.conversation();
  const page = await agent.open(`/inbox/${id}`);
  await Promise.all([reply(page).waitFor(), button(page, 'Take over').waitFor()]);
  await mark(page);
  const { status } = await shop.workspace
    .as('admin')
    .put(`/api/v1/members/${agent.userId}`, { role: 'viewer' });
  expect(status).toBe(200);
  const gone = { state: 'hidden', timeout: roleMsMax } as const;
  await Promise.all([
    reply(page).waitFor(gone),
    button(page, 'Take over').waitFor(gone),
    button(page, 'Archive').waitFor(gone),
  ]);
  await page.getByText('Your role may read, and not write.').waitFor();
  expect(await isMarked(page)).toBe(true);

  // What may still be seen still comes by itself.
  await contact.text('Is somebody there?');
  await thread(page).getByText('Is somebody there?').waitFor();
});

test('a member who is removed while connected sees nothing more of the workspace', async () => {
  const agent = await shop.member('agent');
  const contact = shop.contact();
  await contact.text('Hello?');
  const { id } = await contact.conversation();
  const page = await agent.open(`/inbox/${id}`);
  await thread(page).getByText('Hello?').waitFor();
  const { status } = await shop.workspace.as('admin').delete(`/api/v1/members/${agent.userId}`);
  expect(status).toBe(204);
  await thread(page).waitFor({ state: 'hidden', timeout: roleMsMax });
  await page.getByRole('heading', { name: 'No workspace' }).waitFor();

  // Added again, they need no new sign-in.
  await createMember(shop.workspace.ctx, { email: agent.email, name: agent.name, role: 'agent' });
  await button(page, 'Check again').click();
  await row(page, contact.name).waitFor();
});

test('who is removed from the workspace that they chose goes to another one of theirs, connected or not', async () => {
  const other = await stage.openShop({ policy: 'off' });
  const agent = await shop.member('agent');
  const { email, name } = agent;
  const join = () => createMember(other.workspace.ctx, { email, name, role: 'agent' });
  await join();
  const [here, there] = [shop.contact(), other.contact()];
  await here.text('For the first workspace');
  await there.text('For the second workspace');
  const { id } = await there.conversation();
  await here.conversation();
  const page = await agent.open('/inbox');
  await row(page, 'For the first workspace').waitFor();

  const choose = async () => {
    await button(page, `Account: ${name}`).click();
    await page.getByRole('menuitemcheckbox', { name: demoStory.workspaceName, checked: false }).click();
    await row(page, 'For the second workspace').waitFor();
  };
  const remove = async () => {
    const { status } = await other.workspace.as('admin').delete(`/api/v1/members/${agent.userId}`);
    expect(status).toBe(204);
  };
  await choose();
  await row(page, 'For the second workspace').click();
  await thread(page).getByText('For the second workspace').waitFor();
  await remove();
  await row(page, 'For the first workspace').waitFor();
  await page.getByText(`You are no longer a member of ${demoStory.workspaceName}.`).first().waitFor();
  expect(await page.getByText('For the second workspace').count()).toBe(0);

  // Chosen again, and taken away while nobody looks.
  await join();
  await page.reload();
  await row(page, 'For the first workspace').waitFor();
  await choose();
  await page.goto(`${stage.test.url}/api/v1/health`);
  await remove();
  await page.goto(`${stage.test.url}/inbox/${id}`);
  await row(page, 'For the first workspace').waitFor();
  expect(await page.getByText('For the second workspace').count()).toBe(0);
  expect(
    await page.evaluate("JSON.parse(localStorage.getItem('parley.screen')).state.workspaceId"),
  ).toBeNull();
});
