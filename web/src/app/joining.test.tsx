// What whoever comes by the link of an invitation or of a sign-up sees, and that a link that is no good has a way on.
import { screen, waitFor } from '@testing-library/react';
import axe from 'axe-core';
import { afterEach, expect, it, vi } from 'vitest';
import { refuse, serve } from '../../test/fake-server.ts';
import { renderInApp } from '../../test/render.tsx';
import { InvitationPage } from './invitation-page.tsx';
import { MakeWorkspacePage } from './make-workspace-page.tsx';
import { SignUpPage } from './sign-up-page.tsx';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const invitation = {
  workspace: 'Harbour Bakery',
  email: 'grace@example.com',
  invitedBy: 'Ada Lovelace',
  role: 'agent',
  ownRole: null,
  expiresAt: '2026-12-07T10:00:00.000Z',
  account: 'new',
};
const nobody = { 'GET /api/auth/get-session': () => Response.json(null) };
const gone = () => refuse(400, 'link_used_up', 'The link is used up.');

it('who is new chooses a name and a password, and is told at the password when it is refused', async () => {
  const asked = serve({
    ...nobody,
    'POST /api/v1/invitation': invitation,
    'POST /api/v1/invitation/account': () => refuse(400, 'PASSWORD_TOO_SHORT', 'Too short.'),
  });
  const { container, user } = renderInApp(<InvitationPage />, { path: '/invitation#token=abc' });
  await screen.findByRole('heading', { name: 'Join Harbour Bakery' });
  screen.getByText(/Ada Lovelace invites you, as Agent/);
  expect((await axe.run(container)).violations).toEqual([]);
  await user.type(screen.getByLabelText('Your name'), 'Grace Hopper');
  const password = screen.getByLabelText('Password');
  await user.type(password, 'short');
  await user.click(screen.getByRole('button', { name: 'Join' }));
  await waitFor(() => expect(password.getAttribute('aria-invalid')).toBe('true'));
  expect(document.activeElement).toBe(password);
  expect(asked.at(-1)?.body).toEqual({ token: 'abc', name: 'Grace Hopper', password: 'short' });
});

it('who has an account gives its password alone', async () => {
  serve({ ...nobody, 'POST /api/v1/invitation': { ...invitation, account: 'known' } });
  renderInApp(<InvitationPage />, { path: '/invitation#token=abc' });
  await screen.findByLabelText('Password');
  expect(screen.queryByLabelText('Your name')).toBeNull();
});

it('an invitation that is used up says so, and so does a page without a link', async () => {
  serve({ ...nobody, 'POST /api/v1/invitation': gone });
  const { container, unmount } = renderInApp(<InvitationPage />, { path: '/invitation#token=abc' });
  await screen.findByText(/This link has been used/);
  expect((await axe.run(container)).violations).toEqual([]);
  unmount();
  renderInApp(<InvitationPage />, { path: '/invitation' });
  await screen.findByText(/This link has been used/);
});

it('whoever signs up asks for a link and is told that it is on its way', async () => {
  const asked = serve({ 'POST /api/v1/sign-up': () => new Response(null, { status: 204 }) });
  const { container, user } = renderInApp(<SignUpPage />, { path: '/sign-up' });
  expect((await axe.run(container)).violations).toEqual([]);
  await user.type(screen.getByLabelText('E-mail'), 'nora@example.com{Enter}');
  await screen.findByText(/A link is on its way/);
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({ email: 'nora@example.com' });
});

it('a link of a sign-up leads to an account; one that is used up leads to another link', async () => {
  serve({ 'POST /api/v1/sign-up/link': { email: 'nora@example.com' } });
  const { container, unmount } = renderInApp(<SignUpPage />, { path: '/sign-up#token=abc' });
  await screen.findByDisplayValue('nora@example.com');
  expect((await axe.run(container)).violations).toEqual([]);
  unmount();
  serve({ 'POST /api/v1/sign-up/link': gone });
  renderInApp(<SignUpPage />, { path: '/sign-up#token=abc' });
  const again = await screen.findByRole('link', { name: 'Ask for another link' });
  expect(again.getAttribute('href')).toBe('/sign-up');
});

it('a server that cannot answer is not blamed on the link', async () => {
  serve({ 'POST /api/v1/sign-up/link': () => refuse(503, 'unavailable', 'Not now.') });
  renderInApp(<SignUpPage />, { path: '/sign-up#token=abc' });
  await screen.findByText('Not now.');
  expect(screen.queryByText(/This link has been used/)).toBeNull();
});

it('who is a member of nothing makes a workspace', async () => {
  const asked = serve({ 'POST /api/v1/workspaces': () => refuse(403, 'email_unconfirmed', 'No.') });
  // Hundreds of them, each of which would be looked at.
  vi.spyOn(Intl, 'supportedValuesOf').mockReturnValue(['Europe/Lisbon']);
  const { container, user } = renderInApp(
    <MakeWorkspacePage first={{ account: null, onSignOut: () => undefined }} />,
  );
  expect((await axe.run({ include: container, exclude: ['option'] })).violations).toEqual([]);
  const name = screen.getByLabelText('Name');
  await user.type(name, 'Nora’s flowers');
  await user.click(screen.getByRole('button', { name: 'Make workspace' }));
  await screen.findByText(/Confirm your e-mail address first/);
  expect(document.activeElement).toBe(name);
  expect(asked.at(-1)?.body).toMatchObject({ name: 'Nora’s flowers', defaultCountry: null });
});
