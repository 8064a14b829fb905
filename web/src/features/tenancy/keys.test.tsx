// That a key is made with no more than was chosen, is shown once, and that the focus is never lost on the way.
import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { expect, it } from 'vitest';
import { serve } from '../../../test/fake-server.ts';
import { permissionTable } from '../../../test/permissions.ts';
import { renderInApp } from '../../../test/render.tsx';
import { ApiKeys } from './api-keys.tsx';

const permissions = ['keys:manage', 'conversations:read', 'conversations:write'];
const now = Date.now();
const key = {
  id: '01990000-0000-7000-8000-00000000000b',
  name: 'The till',
  prefix: 'pk_first',
  role: 'chosen',
  ownRole: null,
  permissions: ['conversations:read'],
  createdBy: 'user',
  madeWith: null,
  createdAt: new Date(now).toISOString(),
  lastUsedAt: null,
  // A moment has gone by since it was made for 90 days.
  expiresAt: new Date(now + 90 * 86_400_000 - 5000).toISOString(),
  previous: null,
};
const server = () =>
  serve({
    'GET /api/v1/roles': { items: [] },
    'GET /api/v1/permissions': permissionTable,
    'GET /api/v1/api-keys': { items: [key], nextCursor: null },
    'POST /api/v1/api-keys': { ...key, key: 'pk_first_secret' },
    [`POST /api/v1/api-keys/${key.id}/rotation`]: { ...key, key: 'pk_second_secret' },
  });

it('a key is made of chosen permissions, and its secret has the focus, this once', async () => {
  const asked = server();
  const { container, user } = renderInApp(<ApiKeys />, { permissions });
  await screen.findByText('Expires in 90 days');
  expect((await axe.run(container)).violations).toEqual([]);
  const opener = screen.getByRole('button', { name: 'Make API key' });
  await user.click(opener);
  const dialog = await screen.findByRole('dialog', { name: 'Make API key' });
  const make = within(dialog).getByRole('button', { name: 'Make API key' });
  await user.click(make);
  const name = within(dialog).getByRole('textbox', { name: 'What it is for' });
  await waitFor(() => expect(document.activeElement).toBe(name));
  await user.type(name, 'The till');
  await user.selectOptions(within(dialog).getByRole('combobox', { name: 'What it may do' }), 'chosen');
  await user.click(await within(dialog).findByRole('checkbox', { name: 'See conversations and messages' }));
  expect((await axe.run(dialog)).violations).toEqual([]);
  await user.click(make);
  const secret = await screen.findByDisplayValue('pk_first_secret');
  expect(document.activeElement).toBe(secret);
  expect(asked.find(({ method }) => method === 'POST')?.body).toMatchObject({
    name: 'The till',
    permissions: ['conversations:read'],
  });
  await user.click(screen.getByRole('button', { name: 'Done' }));
  await waitFor(() => expect(document.activeElement).toBe(opener));
  expect(screen.queryByDisplayValue('pk_first_secret')).toBeNull();
});

it('a key gets a new secret while the one before works on', async () => {
  const asked = server();
  const { user } = renderInApp(<ApiKeys />, { permissions });
  await user.click(await screen.findByRole('button', { name: 'More about The till' }));
  await user.click(await screen.findByRole('menuitem', { name: 'New secret' }));
  const dialog = await screen.findByRole('dialog', { name: 'A new secret for “The till”' });
  expect((await axe.run(dialog)).violations).toEqual([]);
  await user.click(within(dialog).getByRole('button', { name: 'New secret' }));
  const secret = await screen.findByDisplayValue('pk_second_secret');
  expect(document.activeElement).toBe(secret);
  expect(asked.find(({ method }) => method === 'POST')?.body).toMatchObject({ overlapHours: 24 });
});
