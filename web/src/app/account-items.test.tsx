import { screen } from '@testing-library/react';
import { useLocation } from 'react-router';
import { afterEach, expect, test, vi } from 'vitest';
import { serve } from '../../test/fake-server.ts';
import { renderInApp } from '../../test/render.tsx';
import { Menu } from '../ui/menu.tsx';
import { useAccountItems } from './account-items.ts';
import { MakeWorkspacePage } from './make-workspace-page.tsx';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function Account() {
  const items = useAccountItems();
  return (
    <>
      <Menu items={items} trigger={<button type="button">Account</button>} />
      <output>{useLocation().pathname}</output>
    </>
  );
}

const start = { version: '1', demo: false, mail: 'sent', languages: ['en'], signInWays: [] };

test('who has a workspace is offered another where sign-up is open', async () => {
  serve({ 'GET /api/v1/start': { ...start, signUp: true } });
  const { user } = renderInApp(<Account />, { permissions: [] });
  await user.click(screen.getByRole('button', { name: 'Account' }));
  await user.click(await screen.findByRole('menuitem', { name: 'New workspace' }));
  expect(screen.getByRole('status').textContent).toBe('/new-workspace');
});

test('where it is closed, nobody is offered what would be refused', async () => {
  const asked = serve({ 'GET /api/v1/start': { ...start, signUp: false } });
  const { user } = renderInApp(<Account />, { permissions: [] });
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  await user.click(screen.getByRole('button', { name: 'Account' }));
  await screen.findByRole('menuitem', { name: 'Sign out' });
  expect(screen.queryByRole('menuitem', { name: 'New workspace' })).toBeNull();
});

test('the page of another workspace leads back, and signs nobody out', () => {
  vi.spyOn(Intl, 'supportedValuesOf').mockReturnValue(['Europe/Lisbon']);
  renderInApp(<MakeWorkspacePage />, { permissions: [] });
  screen.getByText(/It begins empty/);
  screen.getByRole('button', { name: 'Back' });
  expect(screen.queryByRole('button', { name: 'Sign out' })).toBeNull();
});
