import type { WorkspaceErasure } from '@parley/contract/privacy';
import { screen, waitFor } from '@testing-library/react';
import axe from 'axe-core';
import { beforeEach, expect, test, vi } from 'vitest';
import { type Asked, serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { setScreen } from '../../lib/store.ts';
import { WorkspaceErasureNote, WorkspaceErasureSettings } from './workspace-erasure.tsx';

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

const path = '/api/v1/workspace/erasure';
const nothingSet: WorkspaceErasure = { set: null, obstacle: null, numbers: [] };
const set = {
  by: { kind: 'member' as const, id: 'user' },
  at: '2026-12-01T10:00:00.000Z',
  beginsAt: '2026-12-08T10:00:00.000Z',
};

function open(first: WorkspaceErasure, permissions = ['privacy:read', 'workspace:erase']) {
  let now = first;
  const named: unknown[] = [];
  serve({
    [`GET ${path}`]: () => now,
    [`PUT ${path}`]: ({ body }: Asked) => {
      named.push(body);
      now = { ...nothingSet, set };
      return now;
    },
    [`DELETE ${path}`]: () => {
      now = nothingSet;
      return null;
    },
  });
  const page = (
    <>
      <WorkspaceErasureNote />
      <WorkspaceErasureSettings />
    </>
  );
  return { ...renderInApp(page, { permissions }), named };
}

test('the workspace is erased only with its name, and kept by one button until then', async () => {
  const { user, named } = open(nothingSet);
  await user.click(await screen.findByRole('button', { name: 'Erase this workspace…' }));
  const field = await screen.findByRole('textbox', { name: 'Type “Harbour Bakery” to confirm' });
  expect((await axe.run(document.body)).violations).toEqual([]);
  await user.type(field, 'harbour bakery');
  await user.click(screen.getByRole('button', { name: 'Erase in seven days' }));
  await screen.findByText('This is not the name of the workspace.');
  expect(named).toEqual([]);
  await user.clear(field);
  await user.type(field, 'Harbour Bakery');
  await user.click(screen.getByRole('button', { name: 'Erase in seven days' }));
  await screen.findByRole('status');
  expect(named).toEqual([{ name: 'Harbour Bakery' }]);
  await user.click(screen.getByRole('button', { name: 'Keep the workspace' }));
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Keep the workspace' })).toBeNull());
});

test('what stands against it is said, and the button waits', async () => {
  const { container } = open({ set: null, obstacle: 'numbers_rented', numbers: ['+15550100123'] });
  await screen.findByText(/Release the rented numbers first/);
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Erase this workspace…' }).disabled).toBe(
    true,
  );
  expect((await axe.run(container)).violations).toEqual([]);
});

test('who is no owner sees when it begins, and no button', async () => {
  open({ ...nothingSet, set }, ['privacy:read']);
  await screen.findByRole('status');
  await screen.findByText('Only owners can erase the workspace.');
  for (const name of ['Keep the workspace', 'Erase this workspace…'])
    expect(screen.queryByRole('button', { name })).toBeNull();
});
