import type { TrainingDataDetail } from '@parley/contract/training-data';
import { screen, waitFor, within } from '@testing-library/react';
import { Route, Routes } from 'react-router';
import { beforeEach, expect, test, vi } from 'vitest';
import { serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { aSource, aSourceDetail } from '../../../test/training-data.ts';
import { setScreen } from '../../lib/store.ts';
import { AssistantPage } from './assistant-page.tsx';
import { sourcesPath } from './knowledge-queries.ts';

const { id } = aSource();

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

function open(source: TrainingDataDetail, answers: Record<string, unknown> = {}, hash = '') {
  const asked = serve({
    [`GET ${sourcesPath}/${id}`]: source,
    [`GET ${sourcesPath}`]: { items: [], nextCursor: null },
    ...answers,
  });
  const permissions = ['assistant:read', 'assistant:manage'];
  const page = (
    <Routes>
      <Route path="/assistant/*" element={<AssistantPage />} />
    </Routes>
  );
  return { ...renderInApp(page, { path: `/assistant/knowledge/${id}${hash}`, permissions }), asked };
}

const passages = async () =>
  within(await screen.findByRole('list', { name: 'Passages' })).getAllByRole('listitem');

test('a file shows its passages with the heading and the page that each stands on', async () => {
  open(aSourceDetail());
  expect((await passages()).map((passage) => passage.textContent)).toEqual([
    'Opening hoursPage 1We open at nine.',
    'DeliveryPage 2It costs three euros.',
  ]);
  screen.getByRole('heading', { name: 'menu.pdf', level: 1 });
});

test('an address that names a passage shows that one, however far down it is', async () => {
  const passagesFound = Array.from({ length: 120 }, (_, index) => ({
    id: `p${index}`,
    heading: null,
    text: `Sentence ${index}.`,
    language: 'en' as const,
    page: null,
    documentId: 'document',
  }));
  const { user } = open(aSourceDetail({ passagesFound }), {}, '#p80');
  expect(await passages()).toHaveLength(81);
  expect(
    (await passages()).filter((passage) => passage.ariaCurrent === 'true').map((each) => each.textContent),
  ).toEqual(['Without a headingSentence 80.']);
  await user.click(screen.getByRole('button', { name: 'Show 39 more' }));
  expect(await passages()).toHaveLength(120);
});

test('a site shows its pages, those that failed first, and under which address each passage stands', async () => {
  const common = { characters: 10, passages: 1, language: 'en' as const, fetchedAt: null };
  open(
    aSourceDetail({
      kind: 'sitemap',
      title: 'bakery.example',
      origin: { url: 'https://bakery.example/sitemap.xml' },
      pagesMax: 100,
      depth: 1,
      refetchHours: 24,
      nextFetchAt: new Date(Date.now() + 3 * 3_600_000).toISOString(),
      error: { code: 'some_pages_failed', message: '1 of 2 pages could not be read.' },
      documents: [
        { ...common, id: 'a', url: 'https://bakery.example/a', state: 'ready', error: null },
        {
          ...common,
          id: 'b',
          url: 'https://bakery.example/b',
          state: 'failed',
          error: { code: 'robots_forbid', message: 'Said by the server.' },
        },
      ],
      passagesFound: [
        { id: 'p', heading: null, text: 'We open at nine.', language: 'en', page: null, documentId: 'a' },
      ],
    }),
  );
  const pages = within(await screen.findByRole('list', { name: 'Pages' })).getAllByRole('listitem');
  expect(pages.map((page) => page.querySelector('a')?.textContent)).toEqual([
    'https://bakery.example/b',
    'https://bakery.example/a',
  ]);
  within(pages[0] ?? document.body).getByText(/robots\.txt/);
  expect((await passages())[0]?.textContent).toContain('https://bakery.example/a');
  screen.getByText('in 3 hours');
  screen.getByText('One level');
  screen.getByText('Partly read');
  screen.getByText('The assistant answers from the rest of it.');
  for (const link of screen.getAllByRole('link', { name: /^https/ })) {
    expect(link.getAttribute('rel')).toBe('noreferrer');
  }
});

test('how often a page is looked at is changed without a word to what was not changed', async () => {
  const page = aSource({
    kind: 'page',
    title: 'Prices',
    origin: { url: 'https://bakery.example/prices' },
    refetchHours: 5,
  });
  const { user, asked } = open(aSourceDetail(page), { [`PUT ${sourcesPath}/${id}`]: page });
  await user.click(await screen.findByRole('button', { name: 'Edit' }));
  const dialog = within(await screen.findByRole('dialog'));
  expect(dialog.getByLabelText<HTMLSelectElement>('Look again').selectedOptions[0]?.text).toBe(
    'Every 5 hours',
  );
  await user.selectOptions(dialog.getByLabelText('Look again'), 'Never');
  await user.click(dialog.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(asked.find(({ method }) => method === 'PUT')?.body).toEqual({ refetchHours: null });
});

test('a page that could not be fetched says that the assistant goes on answering from what it was', async () => {
  open(aSourceDetail({ state: 'stale', error: { code: 'not_fetched', message: 'Said by the server.' } }));
  await screen.findByText('The page could not be fetched. It is tried again by itself.');
  screen.getByText('The assistant goes on answering from what it read before.');
});

test('a reading that runs is cancelled beside its progress, and the page says what became of it', async () => {
  const progress = { done: 3, of: 10, unit: 'pages' as const };
  const after = aSource({ state: 'failed', error: { code: 'canceled', message: 'Said by the server.' } });
  let source = aSourceDetail({ state: 'reading', progress, documents: [], passagesFound: [] });
  const { user, asked } = open(source, {
    [`GET ${sourcesPath}/${id}`]: () => source,
    [`POST ${sourcesPath}/${id}/cancel`]: () => {
      source = { ...source, ...after };
      return after;
    },
  });
  await screen.findByText('3 of 10 pages');
  await user.click(screen.getByRole('button', { name: 'Cancel reading' }));
  await screen.findByText('Reading it was cancelled. Read it again to have all of it.');
  expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
  expect(screen.queryByRole('button', { name: 'Cancel reading' })).toBeNull();
});

test('a source that is held back says that it is not in use, and is used at a click', async () => {
  const { user, asked } = open(aSourceDetail({ live: false }), {
    [`PUT ${sourcesPath}/${id}`]: aSource({ live: true }),
  });
  await screen.findByText('Not in use yet');
  screen.getByRole('link', { name: 'Compare in a shadow run' });
  await user.click(screen.getByRole('button', { name: 'Use it' }));
  await screen.findByRole('button', { name: 'Hold back' });
  expect(screen.queryByText('Not in use yet')).toBeNull();
  expect(asked.find(({ method }) => method === 'PUT')?.body).toEqual({ live: true });
});

test('a source that is deleted leads back to the list', async () => {
  const { user } = open(aSourceDetail(), {
    [`DELETE ${sourcesPath}/${id}`]: new Response(null, { status: 204 }),
  });
  await user.click(await screen.findByRole('button', { name: 'Delete' }));
  await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Delete' }));
  await waitFor(() => expect(screen.queryByRole('heading', { name: 'menu.pdf' })).toBeNull());
});
