// That somebody is invited, that whoever has not come yet is seen, and that a link which is not mailed is shown to hand over.
import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { expect, it } from 'vitest';
import { serve } from '../../../test/fake-server.ts';
import { permissionTable } from '../../../test/permissions.ts';
import { renderInApp } from '../../../test/render.tsx';
import { Members } from './members.tsx';

const permissions = permissionTable.items.map(({ name }) => name).concat('members:manage');
const weekMs = 7 * 86_400_000;
const invitation = {
  id: '01990000-0000-7000-8000-00000000000c',
  email: 'grace@example.com',
  role: 'agent',
  ownRole: null,
  invitedBy: 'user',
  createdAt: new Date().toISOString(),
  expiresAt: new Date(Date.now() + weekMs - 5000).toISOString(),
};
const server = (link: string | null) => {
  const items: unknown[] = [];
  return serve({
    'GET /api/v1/roles': { items: [] },
    'GET /api/v1/permissions': permissionTable,
    'GET /api/v1/members': { items: [] },
    'GET /api/v1/invitations': () => ({ items }),
    'POST /api/v1/invitations': () => {
      items.push(invitation);
      return { ...invitation, link };
    },
  });
};
const invite = async (user: ReturnType<typeof renderInApp>['user']) => {
  await user.click(await screen.findByRole('button', { name: 'Invite' }));
  const dialog = await screen.findByRole('dialog', { name: 'Invite' });
  const email = within(dialog).getByRole('textbox', { name: 'E-mail' });
  await user.click(within(dialog).getByRole('button', { name: 'Send invitation' }));
  await within(dialog).findByText(/This is no e-mail address/);
  await waitFor(() => expect(document.activeElement).toBe(email));
  expect((await axe.run(dialog)).violations).toEqual([]);
  await user.type(email, 'grace@example.com');
  await user.click(within(dialog).getByRole('button', { name: 'Send invitation' }));
};

it('who was invited is in a list of their own until they come, with the days that are left', async () => {
  const asked = server(null);
  const { container, user } = renderInApp(<Members />, { permissions });
  await invite(user);
  const list = await screen.findByRole('table', { name: 'Invited, and not here yet' });
  within(list).getByText('grace@example.com');
  within(list).getByText('Expires in 7 days');
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    email: 'grace@example.com',
    role: 'agent',
  });
  expect((await axe.run(container)).violations).toEqual([]);
});

it('where no mail is sent, the link is shown to hand over', async () => {
  server('https://parley.example/invitation#token=abc');
  const { user } = renderInApp(<Members />, { permissions });
  await invite(user);
  const dialog = await screen.findByRole('dialog', { name: 'The link for grace@example.com' });
  within(dialog).getByDisplayValue('https://parley.example/invitation#token=abc');
  expect((await axe.run(dialog)).violations).toEqual([]);
});
