import type { TrainingData } from '@parley/contract/training-data';
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Asked, refuse, serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { aSource, aSourceDetail, takeUploads } from '../../../test/training-data.ts';
import { setScreen } from '../../lib/store.ts';
import { Knowledge } from './knowledge.tsx';
import { sourcesPath } from './knowledge-queries.ts';
import { dropUpload, useUploads } from './knowledge-uploads.ts';

const manager = ['assistant:read', 'assistant:manage'];

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});
afterEach(() => {
  for (const { key } of useUploads.getState().items) dropUpload(key);
});

function open(sources: TrainingData[], answers: Record<string, unknown> = {}, permissions = manager) {
  const asked = serve({ [`GET ${sourcesPath}`]: { items: sources, nextCursor: null }, ...answers });
  return { ...renderInApp(<Knowledge />, { permissions }), asked };
}

const list = () => screen.findByRole('list', { name: 'Sources' });
const rowOf = async (title: string) => {
  const row = within(await list())
    .getAllByRole('listitem')
    .find((each) => each.textContent?.includes(title));
  if (!row) throw new Error(`no row of ${title}`);
  return within(row);
};
const titles = async () =>
  within(await list())
    .getAllByRole('link')
    .map((link) => link.querySelector('.font-medium')?.textContent);
const dialog = async () => within(await screen.findByRole('dialog'));
const file = (name: string) => new File([`The words of ${name}.`], name);
const chooseFiles = (...files: File[]) =>
  fireEvent.change(screen.getByLabelText('Choose files', { selector: 'input' }), { target: { files } });

const page = aSource({
  id: 'page',
  kind: 'page',
  title: 'Café prices',
  origin: { url: 'https://bakery.example/prices' },
  state: 'stale',
  error: { code: 'not_fetched', message: 'The page could not be fetched.' },
});
const broken = aSource({
  id: 'broken',
  title: 'book.pdf',
  state: 'failed',
  passages: 0,
  error: { code: 'page_unreadable', message: 'Could not read page 7.', page: 7 },
});
const half = aSource({
  id: 'half',
  kind: 'sitemap',
  title: 'bakery.example',
  state: 'reading',
  progress: { done: 12, of: 40, unit: 'pages' },
});
const pair = aSource({ id: 'pair', kind: 'pair', title: 'Do you deliver?', origin: {}, passages: 1 });

test('every source says its kind, its state, its passages and what went wrong', async () => {
  open([aSource(), page, broken, half, pair]);
  (await rowOf('menu.pdf')).getByText('Ready');
  (await rowOf('menu.pdf')).getByText('· 2 passages');
  (await rowOf('Café prices')).getByText('Out of date');
  (await rowOf('Café prices')).getByText('The page could not be fetched. It is tried again by itself.');
  (await rowOf('book.pdf')).getByText('Not read');
  (await rowOf('book.pdf')).getByText('Could not read page 7.');
  const bar = (await rowOf('bakery.example')).getByRole('progressbar', { name: 'Reading bakery.example' });
  expect(bar.getAttribute('aria-valuenow')).toBe('30');
  (await rowOf('bakery.example')).getByText('12 of 40 pages');
  (await rowOf('Do you deliver?')).getByText('Question and answer');
});

test('what went wrong is said in the member’s language', async () => {
  setScreen({ language: 'es' });
  open([broken]);
  await screen.findByText('No se pudo leer la página 7.');
});

test('all pages of a long list are there, so that a search finds every title', async () => {
  const answer = ({ path }: Asked) =>
    path.includes('cursor=next')
      ? { items: [pair], nextCursor: null }
      : { items: [aSource()], nextCursor: 'next' };
  const { user } = open([], { [`GET ${sourcesPath}`]: answer });
  await user.type(await screen.findByRole('searchbox', { name: 'Search by title' }), 'deliver');
  expect(await titles()).toEqual(['Do you deliver?']);
});

test('the list is narrowed by words without accents, by kind and by state, and widened again', async () => {
  const { user } = open([aSource(), page, broken, half, pair]);
  const search = await screen.findByRole('searchbox', { name: 'Search by title' });
  await user.type(search, 'CAFE');
  expect(await titles()).toEqual(['Café prices']);
  screen.getByText('1 of 5 shown');
  await user.keyboard('{Escape}');
  await user.selectOptions(screen.getByRole('combobox', { name: 'State' }), 'Needs attention');
  expect(await titles()).toEqual(['Café prices', 'book.pdf']);
  await user.selectOptions(screen.getByRole('combobox', { name: 'Kind' }), 'File');
  expect(await titles()).toEqual(['book.pdf']);
  await user.selectOptions(screen.getByRole('combobox', { name: 'State' }), 'Being read');
  await screen.findByText('Nothing fits');
  await user.click(screen.getByRole('button', { name: 'Show all' }));
  expect(await titles()).toHaveLength(5);
  expect(document.activeElement).toBe(search);
});

test('j and k go through the sources, and / goes to the search', async () => {
  const { user } = open([aSource(), pair]);
  await list();
  await user.keyboard('jj');
  expect(document.activeElement?.textContent).toContain('Do you deliver?');
  await user.keyboard('k');
  expect(document.activeElement?.textContent).toContain('menu.pdf');
  await user.keyboard('/');
  expect(document.activeElement).toBe(screen.getByRole('searchbox'));
});

test('the empty page is filled by files; each shows how far it is, and stands in the list when the server has it', async () => {
  const sent = takeUploads();
  open([]);
  await screen.findByText('It knows nothing yet');
  screen.getByRole('button', { name: 'Choose files' });
  chooseFiles(file('menu.pdf'), file('faq.csv'), file('third.md'));
  expect(sent.map(({ name, path }) => [name, path])).toEqual([
    ['menu.pdf', `${sourcesPath}/files`],
    ['faq.csv', `${sourcesPath}/files`],
  ]);
  act(() => sent[0]?.progress(1, 4));
  expect(
    (await screen.findByRole('progressbar', { name: 'Uploading menu.pdf' })).getAttribute('aria-valuenow'),
  ).toBe('25');
  screen.getByText('Waits for its turn');
  act(() => sent[0]?.answer(201, aSource({ state: 'queued', passages: null, readAt: null })));
  (await rowOf('menu.pdf')).getByText('Waiting');
  expect(sent.map(({ name }) => name)).toEqual(['menu.pdf', 'faq.csv', 'third.md']);
  expect(screen.queryByRole('progressbar', { name: 'Uploading menu.pdf' })).toBeNull();
});

test('an upload that is cancelled is stopped, and the next one begins', async () => {
  const sent = takeUploads();
  const { user } = open([aSource()]);
  await list();
  chooseFiles(file('one.md'), file('two.md'), file('three.md'));
  await user.click(await screen.findByRole('button', { name: 'Cancel the upload of one.md' }));
  expect(sent[0]?.isAborted()).toBe(true);
  expect(sent.map(({ name }) => name)).toEqual(['one.md', 'two.md', 'three.md']);
  expect(screen.queryByText('one.md')).toBeNull();
});

test('a file that is refused, lost on its way, or there already says so, and can be tried again', async () => {
  const sent = takeUploads();
  const { user } = open([aSource()]);
  await list();
  chooseFiles(file('photo.png'));
  const error = { code: 'file_type_not_read', message: 'Said by the server.' };
  act(() => sent[0]?.answer(415, { error }));
  await screen.findByText('Files of this kind cannot be read.');
  await user.click(screen.getByRole('button', { name: 'Upload photo.png again' }));
  act(() => sent[1]?.loseConnection());
  await screen.findByText('The connection was lost. Nothing of it was kept.');
  await user.click(screen.getByRole('button', { name: 'Upload photo.png again' }));
  act(() => sent[2]?.answer(200, aSource()));
  const uploads = within(await screen.findByRole('list', { name: 'Uploads' }));
  uploads.getByText('It is there already, as', { exact: false });
  expect(uploads.getByRole('link', { name: 'menu.pdf' }).getAttribute('href')).toBe(
    `/assistant/knowledge/${aSource().id}`,
  );
  await user.click(uploads.getByRole('button', { name: 'Hide photo.png' }));
  expect(screen.queryByRole('list', { name: 'Uploads' })).toBeNull();
});

test('files that are dropped anywhere on the page are uploaded', async () => {
  const sent = takeUploads();
  open([aSource()]);
  await list();
  const dataTransfer = { types: ['Files'], files: [file('dropped.md')], items: [], dropEffect: 'none' };
  fireEvent.dragOver(document.body, { dataTransfer });
  await screen.findByText('Drop files to give them to the assistant');
  fireEvent.drop(document.body, { dataTransfer });
  expect(sent.map(({ name }) => name)).toEqual(['dropped.md']);
  await waitFor(() => expect(screen.queryByText('Drop files to give them to the assistant')).toBeNull());
});

const choose = async (user: ReturnType<typeof open>['user'], item: string) => {
  await user.click(await screen.findByRole('button', { name: 'Add knowledge' }));
  await user.click(await screen.findByRole('menuitem', { name: item }));
};

test('a page is added by its address, once, however often the answer was lost', async () => {
  let tries = 0;
  const post = () => {
    tries += 1;
    if (tries === 1) throw new TypeError('no network');
    return Response.json(page, { status: 201 });
  };
  const { user, asked } = open([aSource()], { [`POST ${sourcesPath}`]: post });
  await choose(user, 'Add a page by its address');
  const address = (await dialog()).getByLabelText('Address');
  await user.type(address, 'bakery.example');
  await user.click((await dialog()).getByRole('button', { name: 'Add' }));
  (await dialog()).getByText('An address begins with http:// or https://.');
  await waitFor(() => expect(document.activeElement).toBe(address));
  await user.clear(address);
  await user.type(address, 'https://bakery.example/prices');
  await user.selectOptions((await dialog()).getByLabelText('Look again'), 'Every day');
  await user.click((await dialog()).getByRole('button', { name: 'Add' }));
  await (await dialog()).findByText(/^Parley cannot be reached/);
  await user.click((await dialog()).getByRole('button', { name: 'Add' }));
  await rowOf('Café prices');
  const posts = asked.filter(({ method }) => method === 'POST');
  expect(posts.map(({ body }) => body)).toEqual(
    Array(2).fill({ kind: 'page', url: 'https://bakery.example/prices', refetchHours: 24, live: true }),
  );
  expect(new Set(posts.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
});

test('a site is added by its sitemap with the most pages that are read', async () => {
  const { user, asked } = open([aSource()], {
    [`POST ${sourcesPath}`]: Response.json(half, { status: 201 }),
  });
  await choose(user, 'Add a whole site by its sitemap');
  await user.type((await dialog()).getByLabelText('Address'), 'https://bakery.example/sitemap.xml');
  const most = (await dialog()).getByLabelText('Pages at most');
  await user.clear(most);
  await user.type(most, '501');
  await user.click((await dialog()).getByRole('button', { name: 'Add' }));
  (await dialog()).getByText('A number from 1 to 500.');
  await user.clear(most);
  await user.type(most, '50');
  await user.click((await dialog()).getByRole('button', { name: 'Add' }));
  await rowOf('bakery.example');
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    kind: 'sitemap',
    url: 'https://bakery.example/sitemap.xml',
    refetchHours: 168,
    pagesMax: 50,
    depth: 2,
    live: true,
  });
});

test('a question with its answer is written, and a refusal is said where it was written', async () => {
  const full = () => refuse(409, 'knowledge_full', 'All texts together have a limit.');
  const { user, asked } = open([aSource()], { [`POST ${sourcesPath}`]: full });
  await choose(user, 'Write a question and its answer');
  await user.click((await dialog()).getByRole('button', { name: 'Add' }));
  (await dialog()).getByText('What would somebody ask?');
  (await dialog()).getByText('What is the answer?');
  await user.type((await dialog()).getByLabelText('Question'), 'Do you deliver?');
  await user.type((await dialog()).getByLabelText('Answer'), 'Yes, for three euros.');
  await user.keyboard('{Control>}{Enter}{/Control}');
  await (await dialog()).findByText('All texts together have a limit.');
  expect((await dialog()).getByLabelText<HTMLTextAreaElement>('Answer').value).toBe('Yes, for three euros.');
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    kind: 'pair',
    question: 'Do you deliver?',
    answer: 'Yes, for three euros.',
    live: true,
  });
});

test('a text is changed as it stands on the server now', async () => {
  const text = aSource({ kind: 'text', title: 'Hours', origin: {} });
  const path = `${sourcesPath}/${text.id}`;
  const { user, asked } = open([text], {
    [`GET ${path}`]: aSourceDetail({ ...text, content: 'We open at nine.' }),
    [`PUT ${path}`]: { ...text, version: 2 },
  });
  await user.click(await screen.findByRole('button', { name: 'More about Hours' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Edit' }));
  await user.type((await dialog()).getByLabelText('Text'), ' Sharp.');
  await user.click((await dialog()).getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(asked.find(({ method }) => method === 'PUT')?.body).toEqual({
    title: 'Hours',
    content: 'We open at nine. Sharp.',
  });
});

test('a source is deleted after a question, and the focus goes to its neighbour', async () => {
  const { user, asked } = open([aSource(), pair], {
    [`DELETE ${sourcesPath}/${aSource().id}`]: new Response(null, { status: 204 }),
  });
  await user.click(await screen.findByRole('button', { name: 'More about menu.pdf' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Delete' }));
  (await dialog()).getByText('Delete “menu.pdf”?');
  await user.click((await dialog()).getByRole('button', { name: 'Delete' }));
  await waitFor(async () => expect(await titles()).toEqual(['Do you deliver?']));
  await waitFor(() => expect(document.activeElement?.textContent).toContain('Do you deliver?'));
  expect(asked.at(-1)?.method).toBe('DELETE');
});

test('a file is read again on request, and its row says so at once', async () => {
  const { user } = open([broken], {
    [`PUT ${sourcesPath}/broken/reading`]: { ...broken, state: 'queued', error: null },
  });
  await user.click(await screen.findByRole('button', { name: 'More about book.pdf' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Read again' }));
  await (await rowOf('book.pdf')).findByText('Waiting');
});

test('who may only read sees the sources, and no button that would be refused', async () => {
  open([aSource()], {}, ['assistant:read']);
  await list();
  expect(screen.queryByRole('button', { name: /Add|More|Choose/ })).toBeNull();
});
