import type { Me } from '@parley/contract/tenancy';
import { screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { refuse, serve } from '../../test/fake-server.ts';
import { renderInApp } from '../../test/render.tsx';
import { setScreen, useScreen } from '../lib/store.ts';
import { SessionGate } from './session-gate.tsx';

afterEach(() => vi.unstubAllGlobals());

const workspace = {
  id: '01990000-0000-7000-8000-000000000001',
  name: 'Harbour Bakery',
  role: 'agent' as const,
  ownRole: null,
};
const me: Me = {
  kind: 'member',
  user: { id: 'ada', name: 'Ada Lovelace', email: 'ada@example.com' },
  apiKey: null,
  workspace,
  workspaces: [workspace],
  permissions: [],
  needsSecondFactor: false,
};

test('whoever has no part in the workspace that was chosen in this browser is let into one of their own', async () => {
  setScreen({ workspaceId: '01990000-0000-7000-8000-000000000002' });
  const isChosen = () => useScreen.getState().workspaceId !== null;
  serve({
    'GET /api/auth/get-session': () => ({ user: me.user }),
    'GET /api/v1/auth/me': () =>
      isChosen() ? refuse(404, 'sms.not_found', 'There is no such workspace.') : me,
  });
  renderInApp(<SessionGate>The inbox</SessionGate>);
  await screen.findByText('The inbox');
  expect(isChosen()).toBe(false);
});
