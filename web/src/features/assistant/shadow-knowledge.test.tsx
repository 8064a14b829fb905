import type { Assistant } from '@parley/contract/assistant';
import { screen, waitFor, within } from '@testing-library/react';
import { Route, Routes } from 'react-router';
import { beforeEach, expect, test, vi } from 'vitest';
import { serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { aSource } from '../../../test/training-data.ts';
import { setScreen } from '../../lib/store.ts';
import { sourcesPath } from './knowledge-queries.ts';
import { Shadow } from './shadow.tsx';

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

const assistant: Assistant = {
  policy: 'auto',
  persona: '',
  burstWaitMs: 1500,
  repliesPerHourMax: 20,
  modelId: null,
  supportNeeded: 0.6,
  consentRule: 'answer_unless_refused',
  updatedAt: null,
};

test('a shadow run is started with knowledge that is held back and without some that is in use', async () => {
  const winter = aSource({ id: '01990000-0000-7000-8000-0000000000a1', title: 'Winter' });
  const summer = aSource({ id: '01990000-0000-7000-8000-0000000000a2', title: 'Summer', live: false });
  const unread = aSource({
    id: '01990000-0000-7000-8000-0000000000a3',
    title: 'Unread',
    live: false,
    state: 'reading',
  });
  const shadowRuns = '/api/v1/assistant/shadow-runs';
  const asked = serve({
    'GET /api/v1/assistant': assistant,
    'GET /api/v1/models': { items: [], nextCursor: null },
    [`GET ${sourcesPath}`]: { items: [winter, summer, unread], nextCursor: null },
    [`GET ${shadowRuns}`]: { items: [], nextCursor: null },
    'POST /api/v1/assistant/shadow-estimates': { count: 5, inputTokens: 0, outputTokens: 0, costMicros: 0 },
  });
  const { user } = renderInApp(
    <Routes>
      <Route path="/assistant/shadow/*" element={<Shadow />} />
    </Routes>,
    { path: '/assistant/shadow', permissions: ['assistant:read', 'assistant:manage'] },
  );
  const heldBack = within(await screen.findByRole('group', { name: 'With knowledge that is held back' }));
  expect(heldBack.queryByRole('checkbox', { name: 'Unread' })).toBeNull();
  await user.click(heldBack.getByRole('checkbox', { name: 'Summer' }));
  await user.click(screen.getByText('Without knowledge that is in use', { selector: 'summary *, summary' }));
  await user.click(screen.getByRole('checkbox', { name: 'Winter' }));
  await user.click(screen.getByRole('button', { name: 'Start shadow run' }));
  await waitFor(() =>
    expect(asked.find(({ method, path }) => method === 'POST' && path === shadowRuns)?.body).toEqual({
      changes: { knowledge: { with: [summer.id], without: [winter.id] } },
      count: 50,
    }),
  );
});
