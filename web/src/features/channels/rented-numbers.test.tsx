import { screen } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { setScreen } from '../../lib/store.ts';
import { RentedNumbers } from './rented-numbers.tsx';

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

const number = (phoneNumber: string) => ({
  id: phoneNumber,
  phoneNumber,
  name: 'Front desk',
  status: 'bought',
  explanation: null,
  createdAt: '2026-11-20T10:00:00.000Z',
});

test('every rented number can be reached, page by page', async () => {
  serve({
    'GET /api/v1/channels': { items: [], nextCursor: null },
    'GET /api/v1/ghost-numbers': ({ path }: { path: string }) =>
      path.includes('cursor=second')
        ? { items: [number('+12025550143')], nextCursor: null }
        : { items: [number('+12025550142')], nextCursor: 'second' },
  });
  const { user } = renderInApp(<RentedNumbers />, { permissions: ['channels:read'] });
  await screen.findByText('+1 (202) 555-0142');
  await user.click(screen.getByRole('button', { name: 'Show more' }));
  await screen.findByText('+1 (202) 555-0143');
  screen.getByText('+1 (202) 555-0142');
  expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
});
