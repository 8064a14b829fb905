import type { ChatPage } from '@parley/contract/chat';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startWriter, type Writer, type WriterCall } from '../../../server/test/writer.ts';
import { button } from './inbox.ts';
import { openStage, type Shop, type Stage } from './stage.ts';

let stage: Stage;
let shop: Shop;
let writer: Writer;

beforeAll(async () => {
  [stage, writer] = await Promise.all([openStage(), startWriter()]);
  shop = await stage.openShop();
  await writer.join(shop.workspace.as('admin'));
});
afterEach(async () => {
  expect(stage.takeComplaints()).toEqual([]);
  await stage.clear();
});
afterAll(async () => {
  await stage?.close();
  await writer?.close();
});

const called = (before: number): Promise<WriterCall> =>
  stage.test.until('the model to be asked', async () => writer.calls[before]);

test.each([1440, 390])(
  'at %i px a member asks, sees the answer grow, loads the page in the middle of it, stops, asks again, edits, and shows a file',
  async (width) => {
    const member = await shop.member('agent');
    const page = await member.open('/chat/new', { width });
    const field = page.getByRole('textbox', { name: 'Ask the assistant' });
    const thread = page.getByRole('log', { name: 'Messages' });
    let before = writer.calls.length;
    await field.fill('When do you open?');
    // On a telephone Enter begins another line.
    if (width === 390) await button(page, 'Send').click();
    else await field.press('Enter');
    const first = await called(before);
    first.write('We are **open** from nine');
    await thread.getByText('from nine').waitFor();
    expect(await thread.locator('strong').textContent()).toBe('open');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);

    await page.reload();
    await thread.getByText('from nine').waitFor();
    first.write(' to six');
    await thread.getByText('from nine to six').waitFor();
    await button(page, 'Stop').click();
    await thread.getByText('You stopped it here.').waitFor();
    await stage.test.until('the model to be let go', async () => !first.isOpen());

    before = writer.calls.length;
    await thread.getByRole('button', { name: 'Answer again' }).click();
    const second = await called(before);
    second.write('From nine to six, ![a map](https://maps.example/a.png).');
    second.end();
    await thread.getByText('2 of 2').waitFor();
    expect(await thread.getByRole('button', { name: /a map/ }).textContent()).toContain('maps.example');
    expect(await thread.locator('img').count()).toBe(0);
    await thread.getByRole('button', { name: 'Previous branch' }).click();
    await thread.getByText('You stopped it here.').waitFor();

    before = writer.calls.length;
    await thread.getByRole('button', { name: 'Edit' }).click();
    const edited = page.getByRole('textbox', { name: 'Edit your message' });
    await edited.fill('When do you close?');
    await page
      .locator('input[type=file]')
      .setInputFiles([
        { name: 'rota.txt', mimeType: 'text/plain', buffer: Buffer.from('Ana works on Monday.') },
      ]);
    await thread.getByRole('button', { name: 'Send' }).click();
    const third = await called(before);
    expect(third.messages.at(-1)?.content).toBe('When do you close?');
    third.write('At six.');
    third.end();
    await thread.getByText('At six.').waitFor();

    before = writer.calls.length;
    await page.getByRole('list', { name: 'Attached files' }).getByText('rota.txt').waitFor();
    await field.fill('Who works on Monday?');
    await button(page, 'Send').click();
    const fourth = await called(before);
    expect(String(fourth.messages.at(-1)?.content)).toContain('> Ana works on Monday.');
    fourth.write('Ana.');
    fourth.end();
    await thread.getByText('Ana.', { exact: true }).waitFor();
    await thread.getByText('rota.txt').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  },
  90_000,
);

test('chats are found by their title, renamed, and come back when their removal is undone', async () => {
  const member = await shop.member('agent');
  for (const text of ['About bread', 'About coffee']) {
    const before = writer.calls.length;
    await member.client.post('/api/v1/chats', { text });
    (await called(before)).end();
  }
  const page = await member.open('/chat');
  const list = page.getByRole('region', { name: 'Chats' });
  await page.getByRole('searchbox', { name: 'Search chats by title' }).fill('coffee');
  await list.getByRole('link', { name: /About bread/ }).waitFor({ state: 'hidden' });
  await list.getByRole('button', { name: 'More about About coffee' }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('The coffee machine');
  await button(page, 'Save').click();
  await list.getByRole('link', { name: /The coffee machine/ }).click();
  await page.getByRole('heading', { name: 'The coffee machine' }).waitFor();
  await list.getByRole('button', { name: 'More about The coffee machine' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await list.getByRole('link', { name: /The coffee machine/ }).waitFor({ state: 'hidden' });
  await button(page, 'Undo').click();
  await list.getByRole('link', { name: /The coffee machine/ }).waitFor();
  const { body } = await member.client.get<ChatPage>('/api/v1/chats');
  expect(body.items.map(({ title }) => title).sort()).toEqual(['About bread', 'The coffee machine']);
});
