// The pages of the account and of people, for a role that may little: they show what it may see, whatever the address says.
import { screen } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { setScreen } from '../../lib/store.ts';
import { PeoplePage } from './people-page.tsx';
import { SettingsPage } from './settings-page.tsx';

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

const tabs = () => screen.getAllByRole('tab').map(({ textContent }) => textContent);
const chosen = () => screen.getByRole('tab', { selected: true }).textContent;

test('who may only read the audit finds it, and no list that would be refused to them', async () => {
  const asked = serve({
    'GET /api/v1/audit': { items: [], nextCursor: null },
    'GET /api/v1/audit/actions': { items: [] },
    'GET /api/v1/security-alerts': { items: [] },
  });
  renderInApp(<PeoplePage />, { permissions: ['audit:read'], path: '/people' });
  await screen.findByText('Nothing yet');
  expect(tabs()).toEqual(['Audit']);
  expect(asked.map(({ path }) => path)).not.toContain('/api/v1/members');
});

test('an address of a tab that a role may not see shows its own settings', async () => {
  serve({});
  renderInApp(<SettingsPage />, { permissions: ['audit:read'], path: '/settings?tab=privacy' });
  await screen.findAllByRole('tab');
  expect(tabs()).toEqual(['You', 'Keyboard']);
  expect(chosen()).toBe('You');
});
