import type { Retention } from '@parley/contract/privacy';
import { screen, waitFor } from '@testing-library/react';
import axe from 'axe-core';
import { beforeEach, expect, test, vi } from 'vitest';
import { type Asked, serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { setScreen } from '../../lib/store.ts';
import { PrivacySettings } from './privacy-settings.tsx';

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

const path = '/api/v1/privacy';
const forEver: Retention = {
  messages: null,
  deliveries: null,
  media: null,
  runs: null,
  chats: null,
  audit: null,
};
const none = { items: [], nextCursor: null };

function open(permissions = ['privacy:read', 'privacy:manage', 'assistant:manage']) {
  const asked = serve({
    [`GET ${path}/retention`]: () => forEver,
    [`PUT ${path}/retention`]: ({ body }: Asked) => body,
    [`GET ${path}/retention-preview`]: () => ({
      held: false,
      items: [
        {
          kind: 'messages',
          days: 30,
          before: '2026-11-01T00:00:00.000Z',
          rows: 12,
          oldest: '2026-01-02T00:00:00.000Z',
        },
      ],
    }),
    [`GET ${path}/retention-runs`]: () => none,
    [`GET ${path}/erasures`]: () => none,
    [`GET ${path}/exports`]: () => none,
    [`GET ${path}/legal-holds`]: () => none,
    'GET /api/v1/workspace/erasure': () => ({ set: null, obstacle: null, numbers: [] }),
    'GET /api/v1/assistant': () => ({ consentRule: 'answer_unless_refused' }),
  });
  return { ...renderInApp(<PrivacySettings />, { permissions }), asked };
}

test('what would go is seen before a rule is saved, and nothing there breaks accessibility', async () => {
  const { user, container } = open();
  const messages = await screen.findByRole('combobox', { name: 'Messages' });
  await user.selectOptions(messages, '30 days');
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Save' }).disabled).toBe(true);
  screen.getByText('See what would go, then save.');
  await user.click(screen.getByRole('button', { name: 'See what would go' }));
  await screen.findByRole('cell', { name: '12' });
  await screen.findByText('Nothing was exported yet.');
  await screen.findByText('Nothing is under a legal hold.');
  await screen.findByText('Nothing was deleted yet.');
  expect((await axe.run(container)).violations).toEqual([]);
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() =>
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Save' }).disabled).toBe(true),
  );
});

test('who may not see it is told so', async () => {
  open(['conversations:read']);
  await screen.findByText('Only owners and admins see this');
});
