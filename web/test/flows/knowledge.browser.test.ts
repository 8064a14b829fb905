import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainingData } from '@parley/contract/training-data';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { makePdf } from '../../../server/test/documents.ts';
import { button } from './inbox.ts';
import { openStage, type Shop, type Stage } from './stage.ts';

let stage: Stage;
let shop: Shop;

beforeAll(async () => {
  stage = await openStage();
  shop = await stage.openShop();
});
afterEach(async () => {
  expect(stage.takeComplaints()).toEqual([]);
  await stage.clear();
});
afterAll(() => stage?.close());

const handbook = makePdf([
  [{ text: 'Lost property', size: 20 }, 'Umbrellas are kept behind the counter.'],
  [{ text: 'Parking', size: 20 }, 'Bicycles are parked in the mill yard for free.'],
]);
const files = [
  { name: 'handbook.pdf', mimeType: 'application/pdf', buffer: handbook },
  {
    name: 'allergens.md',
    mimeType: 'text/markdown',
    buffer: Buffer.from('# Allergens\n\nThe walnut bread has nuts.'),
  },
  {
    name: 'holiday.jpg',
    mimeType: 'image/jpeg',
    buffer: Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46]),
  },
];

test.each([1440, 390])(
  'at %i px files are uploaded, seen ready, asked about, and the answer shows the passage it rests on',
  async (width) => {
    const owner = await shop.member('owner');
    const page = await owner.open('/assistant/knowledge', { width });
    await button(page, 'Add knowledge').click();
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('menuitem', { name: 'Choose files', exact: true }).click(),
    ]);
    // Another content each time: the same bytes are the same file.
    const salted = files.map((file) =>
      file.name.endsWith('.md')
        ? { ...file, buffer: Buffer.concat([file.buffer, Buffer.from(` Asked at ${width}.`)]) }
        : file,
    );
    await chooser.setFiles(salted);
    await page.getByText('Files of this kind cannot be read.').waitFor();
    const row = page
      .getByRole('list', { name: 'Sources' })
      .getByRole('listitem')
      .filter({ hasText: 'handbook.pdf' });
    await row.getByText('Ready').waitFor();
    await row.getByText('2 passages').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);

    await row.getByRole('link').click();
    await page
      .getByRole('list', { name: 'Passages' })
      .getByText('Bicycles are parked in the mill yard')
      .waitFor();
    await page.getByText('Page 2', { exact: true }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);

    await page.getByRole('link', { name: 'Knowledge' }).first().click();
    await page.getByRole('list', { name: 'Sources' }).waitFor();
    await page.goto(`${stage.test.url}/assistant/try`);
    await page.getByRole('textbox', { name: 'Question' }).fill('Where can I park my bicycle?');
    await button(page, 'Ask').click();
    const read = page.getByRole('list', { name: 'What it read' });
    await read.getByText('used in the answer').first().waitFor();
    await read.getByText('Bicycles are parked in the mill yard for free.').waitFor();
    await read.getByText('Page 2', { exact: true }).waitFor();
    await read.getByRole('link', { name: 'handbook.pdf' }).first().click();
    await page.locator('[aria-current=true]').getByText('Bicycles are parked in the mill yard').waitFor();
  },
  60_000,
);

test('what a colleague adds and deletes is seen without loading the page again', async () => {
  const owner = await shop.member('owner');
  const page = await owner.open('/assistant/knowledge');
  const sources = page.getByRole('list', { name: 'Sources' });
  await sources.getByRole('link').first().waitFor();
  const admin = shop.workspace.as('admin');
  const { body } = await admin.post<TrainingData>('/api/v1/training-data', {
    kind: 'pair',
    question: 'May dogs come in?',
    answer: 'Dogs wait on the terrace.',
  });
  await sources.getByText('May dogs come in?').waitFor();
  await admin.delete(`/api/v1/training-data/${body.id}`);
  await sources.getByText('May dogs come in?').waitFor({ state: 'hidden' });
});

test('a file that is too large or damaged says so where it stands, and is deleted', async () => {
  const owner = await shop.member('owner');
  const page = await owner.open('/assistant/knowledge');
  await button(page, 'Add knowledge').waitFor();
  const damaged = Buffer.concat([handbook.subarray(0, 200), Buffer.alloc(300, 'x')]);
  // The browser reads them itself: over the wire to it, 21 MB take longer than anybody waits.
  const folder = await mkdtemp(join(tmpdir(), 'parley-files-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [large, broken] = [join(folder, 'large.txt'), join(folder, 'damaged.pdf')];
  await writeFile(large, Buffer.alloc(21 * 1024 * 1024, 'word '));
  await writeFile(broken, damaged);
  await page.locator('input[type=file]').setInputFiles([large, broken]);
  const uploads = page.getByRole('list', { name: 'Uploads' });
  await uploads.getByText('It is larger than a file may be.').waitFor();
  const row = page
    .getByRole('list', { name: 'Sources' })
    .getByRole('listitem')
    .filter({ hasText: 'damaged.pdf' });
  await row.getByText('Not read').waitFor();
  await row.getByText('It could not be read: it is damaged').waitFor();
  await row.getByRole('button', { name: 'More about damaged.pdf' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await row.waitFor({ state: 'hidden' });
});

test('what a member answered is proposed, is accepted by keyboard, and answers the next contact', async () => {
  const owner = await shop.member('owner');
  const contact = shop.contact();
  await contact.text('Do you rent out cargo bikes?');
  await stage.test.settled();
  const { id: conversationId } = await contact.conversation();
  const body = 'Cargo bikes are rented out for 20 dollars a day.';
  await owner.client.post('/api/v1/messages', { conversationId, body });
  await stage.test.settled();
  const page = await owner.open('/assistant/knowledge');
  await page.getByRole('link', { name: 'From conversations' }).click();
  await page.getByText('It does not learn from conversations').waitFor();
  await page.getByRole('switch', { name: 'Learn from conversations' }).click();
  await button(page, 'Look through').click();
  const proposal = page.getByRole('listitem', { name: 'Do you rent out cargo bikes?' });
  await proposal.getByText(body).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByText('The assistant knows it now', { exact: true }).waitFor();
  await proposal.waitFor({ state: 'hidden' });
  const next = shop.contact();
  await next.text('Can I rent a cargo bike?');
  await stage.test.settled();
  const { id } = await next.conversation();
  const said = await stage.test.until('an answer', async () =>
    (await shop.messages(id)).find(({ direction }) => direction === 'outbound'),
  );
  expect(said.body).toBe(body);
}, 60_000);
