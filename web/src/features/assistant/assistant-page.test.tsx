import { screen } from '@testing-library/react';
import { Route, Routes, useLocation } from 'react-router';
import { beforeEach, expect, test, vi } from 'vitest';
import { serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { setScreen } from '../../lib/store.ts';
import { AssistantPage } from './assistant-page.tsx';

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

function Here() {
  const { pathname, search } = useLocation();
  return <output aria-label="address">{pathname + search}</output>;
}

function open(path: string, { width = 1440, permissions = ['assistant:read', 'assistant:manage'] } = {}) {
  serve({ 'GET /api/v1/training-data': { items: [], nextCursor: null } });
  vi.stubGlobal('matchMedia', (query: string) => ({
    matches: width > Number(/width > (\d+)px/.exec(query)?.[1]),
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
  const page = (
    <>
      <Here />
      <Routes>
        <Route path="/assistant/*" element={<AssistantPage />} />
      </Routes>
    </>
  );
  return renderInApp(page, { path, permissions });
}

const address = () => screen.getByRole('status', { name: 'address' }).textContent;
const offered = () => screen.getAllByRole('link').map((link) => link.textContent);

test('an address of before leads to the section that it meant, with all else that it said', async () => {
  open('/assistant?tab=knowledge&kind=page');
  await screen.findByRole('heading', { name: 'Knowledge', level: 1 });
  expect(address()).toBe('/assistant/knowledge?kind=page');
});

test('a phone shows the list of sections, then one of them, which has the focus and a way back', async () => {
  const { user } = open('/assistant', { width: 390 });
  screen.getByRole('heading', { name: 'Assistant', level: 1 });
  await user.click(screen.getByRole('link', { name: 'Knowledge' }));
  await screen.findByRole('heading', { name: 'Knowledge', level: 1 });
  expect(document.activeElement?.textContent).toContain('Knowledge');
  expect(offered()).toEqual(['Assistant']);
  await user.click(screen.getByRole('link', { name: 'Assistant' }));
  screen.getByRole('link', { name: 'Knowledge' });
});

test('a wide screen opens the first section, and says in the list which one it is', async () => {
  open('/assistant');
  await screen.findByRole('heading', { name: 'Behaviour', level: 1 });
  expect(address()).toBe('/assistant/behaviour');
  expect(screen.getByRole('link', { current: 'page' }).textContent).toBe('Behaviour');
});

test('who may not use a section is not led to it, by no address either', async () => {
  open('/assistant/try', { permissions: ['assistant:read'] });
  await screen.findByRole('heading', { name: 'Behaviour', level: 1 });
  expect(offered()).not.toContain('Try it');
});

test('who may use none of the sections stays where they are', async () => {
  open('/assistant', { permissions: ['audit:read'] });
  await screen.findByRole('heading', { name: 'Assistant', level: 1 });
  expect(address()).toBe('/assistant');
});
