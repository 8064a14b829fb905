import type { OpenSession } from '@parley/contract/sessions';
import { screen, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { type Asked, serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { setScreen } from '../../lib/store.ts';
import { Sessions } from './sessions.tsx';

const path = '/api/v1/auth/sessions';
const session = (id: string, more: Partial<OpenSession> = {}): OpenSession => ({
  id,
  kind: 'session',
  device: 'Firefox · Linux',
  network: '203.0.113.0/24',
  place: { kind: 'known', country: 'ES', city: 'Madrid' },
  createdAt: '2026-11-20T10:00:00.000Z',
  lastUsedAt: '2026-11-30T10:00:00.000Z',
  current: false,
  ...more,
});
const own = session('own', { current: true, place: { kind: 'this_network', country: null, city: null } });
const phone = session('phone', { kind: 'tokens', device: 'Ana’s phone' });

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

function open(items: OpenSession[]) {
  let kept = items;
  const end = ({ path: asked }: Asked) => {
    kept = kept.filter(({ id, current }) => (asked === path ? current : !asked.endsWith(`/${id}`)));
    return new Response(null, { status: 204 });
  };
  const asked = serve({
    [`GET ${path}`]: () => ({ items: kept }),
    [`DELETE ${path}`]: end,
    ...Object.fromEntries(items.map(({ id }) => [`DELETE ${path}/${id}`, end])),
  });
  return { ...renderInApp(<Sessions />, { permissions: [] }), asked };
}
const row = async (text: string) => (await screen.findByText(text)).closest('li') as HTMLElement;

test('each says its device, its place and its last use; one’s own is marked and has no button', async () => {
  open([own, phone]);
  const mine = within(await row('This device'));
  expect(mine.getByText('This network · 203.0.113.0/24')).toBeDefined();
  expect(mine.queryByRole('button')).toBeNull();
  const program = within(await row('Ana’s phone'));
  expect(program.getByText('Program')).toBeDefined();
  expect(program.getByText('Madrid, Spain · 203.0.113.0/24')).toBeDefined();
});

test('one is signed out after a question, and is gone', async () => {
  const { user, asked } = open([own, phone]);
  await user.click(await screen.findByRole('button', { name: 'Sign out: Ana’s phone' }));
  const dialog = within(await screen.findByRole('dialog'));
  expect(asked.some(({ method }) => method === 'DELETE')).toBe(false);
  await user.click(dialog.getByRole('button', { name: 'Sign out' }));
  await screen.findByText('That device is signed out.');
  expect(asked).toContainEqual(expect.objectContaining({ method: 'DELETE', path: `${path}/phone` }));
  expect(screen.queryByText('Ana’s phone')).toBeNull();
});

test('all others are signed out after a question, and where there is none nothing is asked', async () => {
  const { user } = open([own, phone, session('other')]);
  await user.click(await screen.findByRole('button', { name: 'Sign out everywhere else' }));
  const dialog = within(await screen.findByRole('dialog'));
  await user.click(dialog.getByRole('button', { name: 'Sign out everywhere else' }));
  await screen.findByText('Every other device is signed out.');
  expect(screen.getAllByRole('listitem').filter((item) => item.textContent?.includes('Used'))).toHaveLength(
    1,
  );
  expect(screen.queryByRole('button', { name: 'Sign out everywhere else' })).toBeNull();
});
