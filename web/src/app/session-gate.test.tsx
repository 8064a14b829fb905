import type { Me } from '@parley/contract/tenancy';
import { screen } from '@testing-library/react';
import axe from 'axe-core';
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
  byCompany: false,
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

const factors = { totp: null, sms: false, passkeys: [], backupCodesLeft: null, rememberedDevices: [] };
const beta = { ...workspace, id: '01990000-0000-7000-8000-000000000003', name: 'Beta' };

test.each([
  { sms: false, said: /a phone number is verified in the workspace/ },
  { sms: true, said: /this workspace does not count them/ },
])(
  'who needs a second factor is told why codes by text are none here, and can go elsewhere: %o',
  async ({ sms, said }) => {
    serve({
      'GET /api/auth/get-session': { user: me.user },
      'GET /api/v1/auth/me': { ...me, workspaces: [workspace, beta], needsSecondFactor: true },
      'GET /api/v1/auth/second-factor': { ...factors, sms },
    });
    const { container } = renderInApp(<SessionGate>The inbox</SessionGate>);
    await screen.findByText(said);
    expect((await axe.run(container)).violations).toEqual([]);
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Go on to Parley' }).disabled).toBe(true);
    screen.getByRole('button', { name: 'Go to Beta instead' });
    expect(screen.queryByText('The inbox')).toBeNull();
  },
);

test('who came by a company that has removed them is offered no account and no new workspace: only to sign out', async () => {
  serve({
    'GET /api/auth/get-session': { user: me.user },
    'GET /api/v1/auth/me': { ...me, workspace: null, workspaces: [], byCompany: true },
  });
  renderInApp(<SessionGate>The inbox</SessionGate>);
  await screen.findByRole('heading', { name: 'No workspace' });
  screen.getByRole('button', { name: 'Sign out' });
  expect(screen.queryByRole('button', { name: 'Account' })).toBeNull();
});

test('who is in no workspace has their account all the same, and comes back from it', async () => {
  serve({
    'GET /api/auth/get-session': { user: me.user },
    'GET /api/v1/auth/me': { ...me, workspace: null, workspaces: [] },
    'GET /api/v1/auth/second-factor': factors,
    'GET /api/v1/auth/sessions': { items: [] },
    'GET /api/v1/auth/linked-accounts': { items: [], hasPassword: true, canLink: [] },
  });
  const { user } = renderInApp(<SessionGate>The inbox</SessionGate>);
  await user.click(await screen.findByRole('button', { name: 'Account' }));
  await screen.findByRole('heading', { name: 'Password' });
  screen.getByRole('heading', { name: 'Second factor' });
  await user.click(screen.getByRole('button', { name: 'Back' }));
  await screen.findByRole('heading', { name: 'No workspace' });
});
