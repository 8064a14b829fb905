import { screen, waitFor, within } from '@testing-library/react';
import { Inbox, Users } from 'lucide-react';
import { useLocation } from 'react-router';
import { beforeEach, expect, test, vi } from 'vitest';
import { serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { registerShortcut } from '../../lib/shortcuts.ts';
import { setScreen } from '../../lib/store.ts';
import { PaletteHost } from './palette-host.tsx';

const places = [
  { path: '/inbox', label: 'Inbox', icon: Inbox, keys: 'g i' },
  { path: '/people', label: 'People', icon: Users, keys: 'g p' },
];
const conversation = (id: string, name: string) => ({
  id,
  contact: { id: 'c', pointId: 'p', address: '+12025550142', name, optedOut: false, aiConsent: 'unknown' },
  lastMessage: null,
  lastMessageAt: '2026-11-20T10:00:00.000Z',
});

function Here() {
  const { pathname, search } = useLocation();
  return <output>{pathname + search}</output>;
}

function openApp(hits: unknown[] = []) {
  const asked = serve({
    'GET /api/v1/start': { version: '1', demo: false, signUp: false, mail: 'none', languages: ['en'] },
    'GET /api/v1/search': { items: hits, nextCursor: null },
    'PUT /api/v1/auth/preferences': { language: 'en', theme: 'dark', notify: 'mine', tourDone: true },
  });
  const app = renderInApp(
    <>
      <PaletteHost places={places} />
      <Here />
    </>,
    { permissions: ['conversations:read'], path: '/inbox' },
  );
  return { ...app, asked };
}

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ theme: 'system', language: 'en' });
});

const selected = () => document.querySelector('[cmdk-item][data-selected=true]')?.textContent;

test('Ctrl-K opens it, Enter goes where the first row says, and next time that comes first', async () => {
  const { user } = openApp();
  await user.keyboard('{Control>}k{/Control}');
  const field = await screen.findByRole('combobox');
  await user.type(field, 'peo');
  await waitFor(() => expect(selected()).toContain('People'));
  await user.keyboard('{Enter}');
  await waitFor(() => expect(screen.getByRole('status', { hidden: true })).toBeDefined());
  await waitFor(() => expect(document.querySelector('output')?.textContent).toBe('/people'));
  expect(screen.queryByRole('dialog')).toBeNull();
  await user.keyboard('{Control>}k{/Control}');
  await screen.findByText('Recently used');
  expect(selected()).toContain('People');
});

test('what the page offers can be done from it', async () => {
  const run = vi.fn();
  const stop = registerShortcut({ scope: 'conversation', keys: 't', label: 'Take over', run });
  const { user } = openApp();
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByRole('combobox'), 'take');
  await user.click(await screen.findByRole('option', { name: /^Take over/ }));
  await waitFor(() => expect(run).toHaveBeenCalledTimes(1));
  stop();
});

test('a conversation is found by words and opens where they were said', async () => {
  const hit = {
    conversation: conversation('one', 'Ana'),
    message: { id: 'm1', body: 'Do you have bread?', createdAt: '2026-11-20T10:00:00.000Z' },
    note: null,
  };
  const { user, asked } = openApp([hit]);
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByRole('combobox'), 'bread');
  await user.click(await screen.findByRole('option', { name: /Ana.*bread/ }));
  await waitFor(() => expect(document.querySelector('output')?.textContent).toBe('/inbox/one?message=m1'));
  // One question for the whole word, not one for each letter.
  expect(asked.filter(({ path }) => path.startsWith('/api/v1/search'))).toHaveLength(1);
});

test('what is found later does not take the place of what Enter would have done', async () => {
  const hit = { conversation: conversation('one', 'Theodora'), message: null, note: null };
  const { user } = openApp([hit]);
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByRole('combobox'), 'the');
  await screen.findByRole('option', { name: /Theodora/ });
  expect(selected()).toContain('Theme');
});

test('a search that finds nothing says so, and the theme can be changed', async () => {
  const { user, asked } = openApp();
  await user.keyboard('{Control>}k{/Control}');
  const field = await screen.findByRole('combobox');
  await user.type(field, 'zzz');
  await waitFor(() => expect(screen.getAllByText(/Nothing found/).length).toBeGreaterThan(0));
  await user.clear(field);
  await user.type(field, 'dark{Enter}');
  await waitFor(() => expect(asked.at(-1)).toMatchObject({ method: 'PUT', body: { theme: 'dark' } }));
});

test('? lists the keys that hold now, by where they hold', async () => {
  const stop = registerShortcut({
    scope: 'inbox',
    keys: 'j',
    label: 'Next conversation',
    run: () => undefined,
  });
  const { user } = openApp();
  await user.keyboard('{Shift>}?{/Shift}');
  const dialog = await screen.findByRole('dialog', { name: 'Keyboard shortcuts' });
  within(dialog).getByText('In the list');
  within(dialog).getByText('Next conversation');
  within(dialog).getByText('Everywhere');
  within(dialog).getByText('Find or do anything');
  stop();
});
