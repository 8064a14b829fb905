// That roles are shown as they are, that a role is made of what one has oneself, and that both can be read and used by all.
import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { expect, it } from 'vitest';
import { refuse, serve } from '../../../test/fake-server.ts';
import { permissionTable } from '../../../test/permissions.ts';
import { renderInApp } from '../../../test/render.tsx';
import { RoleMatrix } from './role-matrix.tsx';

const permissions = ['roles:manage', 'conversations:read', 'conversations:write'];
const role = {
  id: '01990000-0000-7000-8000-00000000000a',
  name: 'Evening shift',
  description: 'Answers after six',
  permissions: ['conversations:read'],
  inUse: { members: 1, invitations: 0, apiKeys: 0 },
  createdAt: '2026-11-30T10:00:00.000Z',
  updatedAt: '2026-11-30T10:00:00.000Z',
};
const answers = {
  'GET /api/v1/roles': { items: [role] },
  'GET /api/v1/permissions': permissionTable,
};

it('each role says of each permission whether it is allowed, and what most may comes first', async () => {
  serve(answers);
  const { container } = renderInApp(<RoleMatrix />, { permissions });
  const row = await screen.findByRole('row', { name: /See conversations and messages/ });
  expect(within(row).getAllByRole('img', { name: 'Allowed' })).toHaveLength(5);
  const change = screen.getByRole('row', { name: /Take over/ });
  expect(within(change).getAllByRole('img', { name: 'Not allowed' })).toHaveLength(2);
  expect(row.compareDocumentPosition(change)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  expect((await axe.run(container)).violations).toEqual([]);
});

it('a role is made of what one has oneself; what one has not is shown and cannot be chosen', async () => {
  const asked = serve({ ...answers, 'POST /api/v1/roles': { ...role, name: 'Counter' } });
  const { user } = renderInApp(<RoleMatrix />, { permissions });
  await user.click(await screen.findByRole('button', { name: 'Make role' }));
  const dialog = await screen.findByRole('dialog', { name: 'Make role' });
  const make = within(dialog).getByRole('button', { name: 'Make role' });
  await user.click(make);
  const name = within(dialog).getByRole('textbox', { name: 'Name' });
  await within(dialog).findByText('Give the role a name.');
  await waitFor(() => expect(document.activeElement).toBe(name));
  expect((await axe.run(dialog)).violations).toEqual([]);

  await user.type(name, 'Counter');
  const channels = within(dialog).getByRole('checkbox', { name: /See channels/ });
  expect(channels).toHaveProperty('disabled', true);
  await user.click(within(dialog).getByRole('checkbox', { name: 'See conversations and messages' }));
  await within(dialog).findByText('1 chosen');
  await user.click(make);
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    name: 'Counter',
    description: '',
    permissions: ['conversations:read'],
  });
});

it('a name that is taken is said at the name', async () => {
  serve({ ...answers, 'POST /api/v1/roles': () => refuse(409, 'role_exists', 'There is one.') });
  const { user } = renderInApp(<RoleMatrix />, { permissions });
  await user.click(await screen.findByRole('button', { name: 'Make role' }));
  const dialog = await screen.findByRole('dialog', { name: 'Make role' });
  const name = within(dialog).getByRole('textbox', { name: 'Name' });
  await user.type(name, 'Evening shift');
  await user.click(within(dialog).getByRole('button', { name: 'Make role' }));
  await within(dialog).findByText('There is a role of that name already.');
  await waitFor(() => expect(document.activeElement).toBe(name));
});

it('roles that cannot be read say so, with a way on', async () => {
  serve({ 'GET /api/v1/roles': answers['GET /api/v1/roles'] });
  renderInApp(<RoleMatrix />, { permissions });
  await screen.findByText('The roles could not be read.');
  screen.getByRole('button', { name: /again/i });
});
